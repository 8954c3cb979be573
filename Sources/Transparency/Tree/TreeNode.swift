/// A whole subtree of a tree: the leaves index × 2^height ..< (index + 1) × 2^height. Its hash never changes once the tree has them.
public struct TreeNode: Hashable, Sendable {
    public let height: Int
    public let index: Int64

    public init(height: Int, index: Int64) {
        self.height = height
        self.index = index
    }

    /// The hashes of a tile level that this subtree's hash is made of: 1 to 128 of them. Tile level l holds the hashes of height 8 l.
    public var tileHashes: (level: Int, range: Range<Int64>) {
        let within = height % Tile.height
        return (height / Tile.height, index << within..<(index + 1) << within)
    }

    /// The whole subtrees that make up a range of leaves, from left to right: RFC 6962's tree hash of the range is these folded from
    /// the right, where the range begins at a multiple of the smallest power of two not below its length.
    public static func covering(_ leaves: Range<Int64>) -> [TreeNode] {
        var nodes: [TreeNode] = []
        var start = leaves.lowerBound
        while start < leaves.upperBound {
            let height = (leaves.upperBound - start).leftmostBit
            nodes.append(TreeNode(height: height, index: start >> height))
            start += 1 << height
        }
        return nodes
    }
}

extension Int64 {
    /// floor(log2 self).
    /// - Precondition: above 0.
    var leftmostBit: Int { Int64.bitWidth - 1 - leadingZeroBitCount }
}

/// The hashes of a level that a reader has: a tile's, a part of a level file.
public protocol LevelHashes {
    associatedtype Failure: Error
    /// Hashes `range` of tile level `level`, that is of the whole subtrees of height 8 × level.
    mutating func hashes(level: Int, _ range: Range<Int64>) throws(Failure) -> [TreeHash]
}

extension LevelHashes {
    public mutating func hash(of node: TreeNode) throws(Failure) -> TreeHash {
        let (level, range) = node.tileHashes
        return MerkleTree.root(of: try hashes(level: level, range))
    }

    /// RFC 6962's tree hash of a range of leaves that is part of a tree (`TreeNode.covering`).
    public mutating func hash(of leaves: Range<Int64>) throws(Failure) -> TreeHash {
        var hashes: [TreeHash] = []
        for node in TreeNode.covering(leaves) { hashes.append(try hash(of: node)) }
        return MerkleTree.folded(hashes)
    }
}
