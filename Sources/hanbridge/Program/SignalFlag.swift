import Atomics

/// Says to a loop that somebody pressed Ctrl-C.
final class SignalFlag: Sendable {
    /// That of the command running; one that is never raised where nobody asked for it.
    @TaskLocal static var current = SignalFlag()

    private let raised = ManagedAtomic(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }
    func raise() { raised.store(true, ordering: .relaxed) }
}
