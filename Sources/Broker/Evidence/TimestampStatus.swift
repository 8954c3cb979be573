import NIOConcurrencyHelpers

/// How time-stamping stands: what the metrics show, and what topics marked strict go by. Written by the ``CheckpointTimestamper`` alone.
public final class TimestampStatus: Sendable {
    public struct Facts: Hashable, Sendable {
        /// ms since 1970: since when something signed waits for its token. nil while nothing waits.
        public var waitingSince: Int64?
        /// ms since 1970: when the last token came.
        public var lastStampedAt: Int64?
        /// Why the last attempt failed; nil where it did not.
        public var failure: String?
        /// The journal is not the one that witnesses know: nothing is stamped until it goes on under another name.
        public var isContradicted = false
    }

    private struct State {
        /// nil where no authority is configured.
        var outageMilliseconds: Int64?
        var facts = Facts()
    }

    private let state = NIOLockedValueBox(State())

    public init() {}

    /// nil where no authority is configured.
    public var facts: Facts? { state.withLockedValue { $0.outageMilliseconds == nil ? nil : $0.facts } }

    public var outageMilliseconds: Int64? { state.withLockedValue { $0.outageMilliseconds } }

    func configure(outageMilliseconds: Int64) { state.withLockedValue { $0.outageMilliseconds = outageMilliseconds } }

    func update(_ change: (inout Facts) -> Void) { state.withLockedValue { change(&$0.facts) } }

    /// Why topics that are strict about time-stamps take no records, if they do not.
    func obstacle(at now: Int64) -> String? {
        state.withLockedValue { state in
            guard let most = state.outageMilliseconds else { return "the topic is strict about time-stamps, and this broker has no time-stamp authority" }
            guard let since = state.facts.waitingSince, now - since > most else { return nil }
            return "the topic is strict about time-stamps, and none has come for \((now - since) / 60_000) minutes"
        }
    }
}
