import Foundation

/// Counts how often a device would flush its cache: once for all syncs that are asked for at the same moment. Shut, it lets syncs through in
/// rounds of as many as it is told to wait for, or of as many as come.
///
/// `@unchecked Sendable`: everything is touched under the condition's lock.
final class SyncGate: @unchecked Sendable {
    private let condition = NSCondition()
    private var atOnce = 0
    private var waiting = 0
    private var passed = 0
    private var roundsPassed = 0
    /// A sync that nobody joins goes on alone.
    private static let patience = 0.05

    /// From now on syncs wait for one another.
    func shut(for syncsAtOnce: Int) {
        condition.withLock { atOnce = syncsAtOnce }
    }

    var counts: (syncs: Int, rounds: Int) { condition.withLock { (passed, roundsPassed) } }

    func pass() {
        condition.withLock {
            guard atOnce > 0 else { return }
            passed += 1
            waiting += 1
            let round = roundsPassed
            guard waiting < atOnce else { return open() }
            let deadline = Date(timeIntervalSinceNow: Self.patience)
            while round == roundsPassed {
                if !condition.wait(until: deadline), round == roundsPassed { open() }
            }
        }
    }

    private func open() {
        waiting = 0
        roundsPassed += 1
        condition.broadcast()
    }
}
