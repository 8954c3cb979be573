/// The memory of one HTTPS request in the budgets of its node and of all, for as long as anybody holds it: work on a request may go on
/// behind its answer.
final class RequestLease: Sendable {
    private let node: ByteBudget
    private let all: ByteBudget
    private let bytes: Int

    /// - Returns: nil where there is no room.
    init?(_ bytes: Int, node: ByteBudget, all: ByteBudget) {
        guard node.take(bytes) else { return nil }
        guard all.take(bytes) else {
            node.giveBack(bytes)
            return nil
        }
        self.node = node
        self.all = all
        self.bytes = bytes
    }

    deinit {
        node.giveBack(bytes)
        all.giveBack(bytes)
    }
}
