import NIOConcurrencyHelpers

/// What must hold before the broker takes work, by name: `/readyz` answers 200 when nothing is missing, and else says what is.
public final class Readiness: Sendable {
    private let missing: NIOLockedValueBox<[String: String]>
    private let checks = NIOLockedValueBox<[@Sendable () -> [String: String]]>([])

    /// - Parameter missing: what is not ready yet, and why, at the start.
    public init(waitingFor missing: [String: String] = ["start": "the broker is starting"]) {
        self.missing = NIOLockedValueBox(missing)
    }

    public func isReady(_ part: String) { missing.withLockedValue { $0[part] = nil } }
    public func isNotReady(_ part: String, because why: String) { missing.withLockedValue { $0[part] = why } }

    /// Something to look at on each question: an empty answer means that it is well.
    public func check(_ check: @escaping @Sendable () -> [String: String]) { checks.withLockedValue { $0.append(check) } }

    /// Parts that are not ready, with the reason. Empty: ready.
    public func complaints() -> [String: String] {
        var all = missing.withLockedValue { $0 }
        for check in checks.withLockedValue({ $0 }) { all.merge(check()) { first, _ in first } }
        return all
    }
}
