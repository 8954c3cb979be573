/// A log's tree as it grows: the hashes of its whole subtrees at the right edge, at most 63. From it the root follows, and what each
/// new leaf adds to the level files.
public struct TreeState: Hashable, Sendable {
    /// Leaves so far.
    public private(set) var size: Int64 = 0
    /// At h the hash of the whole subtree of 2^h leaves that waits for its sibling, where bit h of `size` is set.
    private var waiting: [TreeHash] = []

    /// The tree of nothing.
    public init() {}

    /// The tree of `size` leaves whose level files are at hand; reads at most 63 × 128 hashes of them.
    public init<Levels: LevelHashes>(size: Int64, from levels: inout Levels) throws(Levels.Failure) {
        precondition(size >= 0, "a tree of \(size) leaves")
        self.size = size
        for node in TreeNode.covering(0..<size) { setWaiting(try levels.hash(of: node), at: node.height) }
    }

    public var root: TreeHash {
        MerkleTree.folded(waiting.indices.reversed().filter { size & (1 << $0) != 0 }.map { waiting[$0] })
    }

    /// Hashes to append to a level's file.
    public struct LevelGrowth: Hashable, Sendable {
        /// The tile level: hashes of height 8 × level.
        public let level: Int
        /// How many hashes the level had.
        public let start: Int64
        public let hashes: [TreeHash]
    }

    /// Appends leaves and answers what they add to each tile level, the lowest first.
    @discardableResult
    public mutating func append(_ leaves: [TreeHash]) -> [LevelGrowth] {
        precondition(Int64(leaves.count) <= TransparencyLimits.treeSizeMax - size, "a tree grows beyond 2^63 - 1 leaves")
        var growth: [LevelGrowth] = []
        var arriving = leaves
        var height = 0
        while !arriving.isEmpty {
            if height.isMultiple(of: Tile.height) {
                growth.append(LevelGrowth(level: height / Tile.height, start: size >> height, hashes: arriving))
            }
            // Pairs at this height, the one that waits included; a last one without a partner waits.
            let isWaiting = size & (1 << height) != 0
            if isWaiting { arriving.insert(waiting[height], at: 0) }
            if !arriving.count.isMultiple(of: 2) { setWaiting(arriving.removeLast(), at: height) }
            arriving = TreeHashing.nodes(arriving)
            height += 1
        }
        size += Int64(leaves.count)
        return growth
    }

    private mutating func setWaiting(_ hash: TreeHash, at height: Int) {
        while waiting.count <= height { waiting.append(.zero) }
        waiting[height] = hash
    }

    public static func == (left: TreeState, right: TreeState) -> Bool { left.size == right.size && left.root == right.root }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(size)
        hasher.combine(root)
    }
}
