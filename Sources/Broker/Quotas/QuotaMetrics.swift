import CoreMetrics
import NIOConcurrencyHelpers

/// What quotas held back, by agency and quota. The labels are bounded: agencies that come later than the first hundred are counted together.
final class QuotaMetrics: Sendable {
    private struct Handles: Sendable {
        let throttled: Counter
        let pauses: Counter
        let refusals: Counter
    }

    private struct Key: Hashable {
        let agency: String
        let quota: QuotaKey
    }

    static let agenciesMax = 100
    /// No agency's name has a space.
    static let others = "all others"

    private struct State {
        var agencies: Set<String> = []
        var handles: [Key: Handles] = [:]
    }
    private let state = NIOLockedValueBox(State())

    /// A connection or a client was told to pause.
    func throttled(_ agency: String, _ quota: QuotaKey, nanoseconds: UInt64) {
        let handles = handles(agency, quota)
        handles.pauses.increment()
        handles.throttled.increment(by: Int64(clamping: nanoseconds / 1_000))
    }

    /// Something was not done.
    func refused(_ agency: String, _ quota: QuotaKey) { handles(agency, quota).refusals.increment() }

    /// The agency's own, or those of the others together.
    func label(_ agency: String) -> String {
        state.withLockedValue { state in
            if state.agencies.contains(agency) { return agency }
            guard state.agencies.count < Self.agenciesMax else { return Self.others }
            state.agencies.insert(agency)
            return agency
        }
    }

    private func handles(_ agency: String, _ quota: QuotaKey) -> Handles {
        let key = Key(agency: label(agency), quota: quota)
        return state.withLockedValue { state in
            if let handles = state.handles[key] { return handles }
            let dimensions = [("agency", key.agency), ("quota", quota.rawValue)]
            let handles = Handles(
                throttled: Counter(label: "hanbridge_quota_throttled_microseconds_total", dimensions: dimensions),
                pauses: Counter(label: "hanbridge_quota_pauses_total", dimensions: dimensions),
                refusals: Counter(label: "hanbridge_quota_refusals_total", dimensions: dimensions))
            state.handles[key] = handles
            return handles
        }
    }
}
