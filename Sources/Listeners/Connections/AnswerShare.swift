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
    private var wantedWhole: Int?

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

    func takeWhole(_ bytes: Int) -> Bool {
        guard bytes > 0 else { return true }
        if node.take(bytes) {
            if all.take(bytes) { return true }
            node.giveBack(bytes)
        }
        guard node.takeIfUnused(bytes) else { return false }
        all.charge(bytes)
        return true
    }

    func tellWhenThereIsRoom(for bytes: Int) {
        wantedBytes = bytes
        wanted()
    }

    func tellWhenThereIsRoom(forWhole bytes: Int) {
        wantedWhole = bytes
        wanted()
    }

    var isWanted: Bool { wantedBytes != nil || wantedWhole != nil }

    /// Whether a wish of the session's can be met now; it is forgotten then.
    func takeWish() -> Bool {
        var isMet = false
        if let bytes = wantedBytes, hasRoom(for: bytes, leaving: Self.keptForOthers) {
            wantedBytes = nil
            isMet = true
        }
        if let bytes = wantedWhole, hasRoom(for: bytes, leaving: { _ in 0 }) {
            wantedWhole = nil
            isMet = true
        }
        return isMet
    }

    private func hasRoom(for bytes: Int, leaving kept: (ByteBudget) -> Int) -> Bool {
        node.bytesTaken == 0 || [node, all].allSatisfy { $0.bytesTaken + bytes <= $0.bytesMax - kept($0) }
    }

    private static func keptForOthers(_ budget: ByteBudget) -> Int { budget.bytesMax / 8 }
}
