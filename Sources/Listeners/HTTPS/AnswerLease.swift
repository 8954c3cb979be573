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

    /// Room for an answer that is yet to be made. A node that holds nothing always gets it, as with Kafka.
    /// - Returns: nil where there is none.
    convenience init?(taking bytes: Int, node: ByteBudget, all: ByteBudget) {
        guard AnswerShare(node: node, all: all, freed: {}, wanted: {}).takeWhole(bytes) else { return nil }
        self.init(taken: bytes, node: node, all: all)
    }

    private init(taken bytes: Int, node: ByteBudget, all: ByteBudget) {
        self.node = node
        self.all = all
        self.bytes = bytes
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

/// How large the answers of one route have been lately: so much room the next one has before it is made. What it takes beyond that counts
/// once it is made, so one node's large answer does not shut the route for the others.
final class AnswerSizes: Sendable {
    /// What most answers stay below.
    static let bytesLeast = 64 << 10
    /// However large answers have been, no more is asked for before one.
    static let bytesMost = 1 << 20

    private let recentBytes = ManagedAtomic<Int>(AnswerSizes.bytesLeast)

    var bytesExpected: Int { recentBytes.load(ordering: .relaxed) }

    /// Up at once; down by an eighth of the difference with each smaller answer.
    func note(_ bytes: Int) {
        let noted = min(max(bytes, Self.bytesLeast), Self.bytesMost)
        var known = recentBytes.load(ordering: .relaxed)
        while noted != known {
            let next = noted > known ? noted : known - (known - noted + 7) / 8
            let (isPut, found) = recentBytes.weakCompareExchange(expected: known, desired: next, ordering: .relaxed)
            if isPut { return }
            known = found
        }
    }
}
