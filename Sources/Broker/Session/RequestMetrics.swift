import CoreMetrics
import KafkaWire

/// Counts and latencies of requests by API. The handles are made once; the label sets are the APIs, and no more.
final class RequestMetrics: Sendable {
    private struct Handles: Sendable {
        let requests: Counter
        let refusedFrames: Counter
        let partitionErrors: Counter
        let errors: Counter
        let duration: Timer
    }
    private let byKey: [Handles?]
    private let unreadable = Counter(label: "hanbridge_unreadable_requests_total")

    init() {
        let highest = ApiKey.allCases.map(\.rawValue).max() ?? 0
        var byKey: [Handles?] = Array(repeating: nil, count: Int(highest) + 1)
        for api in ApiKey.allCases {
            let dimensions = [("api", String(describing: api))]
            byKey[Int(api.rawValue)] = Handles(
                requests: Counter(label: "hanbridge_requests_total", dimensions: dimensions),
                refusedFrames: Counter(label: "hanbridge_requests_closed_total", dimensions: dimensions),
                partitionErrors: Counter(label: "hanbridge_partition_errors_total", dimensions: dimensions),
                errors: Counter(label: "hanbridge_request_errors_total", dimensions: dimensions),
                duration: Timer(label: "hanbridge_request_seconds", dimensions: dimensions))
        }
        self.byKey = byKey
    }

    func answered(_ api: ApiKey, nanoseconds: Int64) {
        guard let handles = byKey[Int(api.rawValue)] else { return }
        handles.requests.increment()
        handles.duration.recordNanoseconds(nanoseconds)
    }

    /// A request whose connection was closed in place of an answer.
    func closed(_ api: ApiKey) { byKey[Int(api.rawValue)]?.refusedFrames.increment() }

    /// A frame that does not say which of our APIs it is for.
    func unreadableFrame() { unreadable.increment() }

    /// Partitions of a produce or fetch request that were answered with an error.
    func partitionErrors(_ api: ApiKey, count: Int) {
        guard count > 0, let handles = byKey[Int(api.rawValue)] else { return }
        handles.partitionErrors.increment(by: count)
        handles.errors.increment(by: count)
    }

    /// Errors in an answer of the control plane: of the whole, or of a topic, partition or group in it.
    func errors(_ api: ApiKey, count: Int) {
        if count > 0 { byKey[Int(api.rawValue)]?.errors.increment(by: count) }
    }
}
