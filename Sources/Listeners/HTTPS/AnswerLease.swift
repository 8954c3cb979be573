import Atomics

/// The memory of one HTTPS answer in the budgets of its node and of all, from when it is made until the client has taken it or is gone.
final class AnswerLease: Sendable {
    private let node: ByteBudget?
    private let all: ByteBudget
    private let bytes: Int
    private let isOver = ManagedAtomic<Bool>(false)

    /// - Parameter node: nil for a stranger, whose answers are small and count among all.
    init(_ bytes: Int, node: ByteBudget?, all: ByteBudget) {
        self.node = node
        self.all = all
        self.bytes = bytes
        node?.charge(bytes)
        all.charge(bytes)
    }

    func end() {
        guard !isOver.exchange(true, ordering: .relaxed) else { return }
        node?.giveBack(bytes)
        all.giveBack(bytes)
    }

    // An answer that was never begun, because its connection had ended.
    deinit { end() }

    /// Whether a request of the node may be begun: as with Kafka, a node that holds nothing always may.
    static func mayBegin(node: ByteBudget, all: ByteBudget) -> Bool {
        node.bytesTaken == 0 || !node.isExceeded && !all.isExceeded
    }
}
