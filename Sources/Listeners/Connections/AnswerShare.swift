import Broker

/// One connection's part in the budgets of answer bytes, of its node and of all nodes.
///
/// A node that holds nothing gets what its smallest answer needs even where the others have used up everything: clients that do
/// not read can make honest ones slow, and never starve them. So all together may pass the budget by one batch a node.
final class AnswerShare: AnswerRoom {
    private let node: ByteBudget
    private let all: ByteBudget
    /// Room came back, perhaps.
    private let freed: () -> Void
    /// The session waits for room; the listener is to ask `isRoomForWanted` from time to time.
    private let wanted: () -> Void
    private var wantedBytes: Int?

    init(node: ByteBudget, all: ByteBudget, freed: @escaping () -> Void, wanted: @escaping () -> Void) {
        self.node = node
        self.all = all
        self.freed = freed
        self.wanted = wanted
    }

    /// Whether a request may be begun. Its answer cannot be known yet; Fetches leave an eighth for those of the others.
    var mayBegin: Bool { node.bytesTaken == 0 || !node.isExceeded && !all.isExceeded }

    func take(atLeast bytesMin: Int, upTo bytesMax: Int) -> Int {
        let ofNode = node.take(atLeast: bytesMin, upTo: bytesMax, leaving: Self.keptForOthers(node))
        if ofNode > 0 {
            let ofAll = all.take(atLeast: bytesMin, upTo: ofNode, leaving: Self.keptForOthers(all))
            node.giveBack(ofNode - ofAll)
            if ofAll > 0 { return ofAll }
        }
        guard node.takeIfUnused(bytesMin) else { return 0 }
        all.charge(bytesMin)
        return bytesMin
    }

    func charge(_ bytes: Int) {
        node.charge(bytes)
        all.charge(bytes)
    }

    func giveBack(_ bytes: Int) {
        guard bytes > 0 else { return }
        node.giveBack(bytes)
        all.giveBack(bytes)
        freed()
    }

    func tellWhenThereIsRoom(for bytes: Int) {
        wantedBytes = bytes
        wanted()
    }

    var isWanted: Bool { wantedBytes != nil }

    /// Whether the session's wish can be met now; it is forgotten then.
    func takeWish() -> Bool {
        guard let bytes = wantedBytes, hasRoom(for: bytes) else { return false }
        wantedBytes = nil
        return true
    }

    private func hasRoom(for bytes: Int) -> Bool {
        node.bytesTaken == 0 || Self.hasRoom(for: bytes, in: node) && Self.hasRoom(for: bytes, in: all)
    }

    private static func hasRoom(for bytes: Int, in budget: ByteBudget) -> Bool {
        budget.bytesTaken + bytes <= budget.bytesMax - keptForOthers(budget)
    }

    private static func keptForOthers(_ budget: ByteBudget) -> Int { budget.bytesMax / 8 }
}
