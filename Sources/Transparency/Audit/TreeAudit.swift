/// What a log shows of its tree to an auditor: tiles as they are stored or served, and the leaves that its entries hash to. Neither is
/// believed; nil where it is not there.
public protocol AuditedTree {
    mutating func storedHashes(_ tile: Tile) -> [TreeHash]?
    /// The leaves of the entries of an entry bundle.
    mutating func entryLeaves(_ bundle: Tile) -> [TreeHash]?
}

/// Finds out which hashes of a log can be believed because they lead to a signed root. From the root down: a tile is believed where it
/// hashes to the hash above it; where it does not, it is made anew from below, and believed if that does. So one flipped bit costs the
/// place where it is, not the log.
public struct TreeAudit<Tree: AuditedTree> {
    public let checkpoint: Checkpoint
    public private(set) var tree: Tree
    private var findings: [AuditFinding] = []
    /// A believed tile a level, the last one asked for.
    private var believed: [Int: (tile: Tile, hashes: [TreeHash]?)] = [:]
    private let edge: [Tile: [TreeHash]]?

    public init(_ checkpoint: Checkpoint, of tree: Tree) {
        self.checkpoint = checkpoint
        var tree = tree
        let tiles = Self.edgeTiles(size: checkpoint.size)
        let stored = tiles.map { tile in Self.Variant.allCases.prefix(1).compactMap { $0.hashes(of: tile, in: &tree) } }
        edge =
            Self.edge(tiles, stored, root: checkpoint.root)
            ?? Self.edge(tiles, tiles.map { tile in Self.Variant.allCases.compactMap { $0.hashes(of: tile, in: &tree) } }, root: checkpoint.root)
        for tile in tiles {
            if let right = edge?[tile] { findings += Self.difference(tile, tree.storedHashes(tile), right, size: checkpoint.size) }
        }
        self.tree = tree
    }

    /// Whether the log leads to the signed root at all.
    public var isSupported: Bool { edge != nil }

    /// Stored hashes that are not those of the entries, found since the last call.
    public mutating func takeFindings() -> [AuditFinding] {
        defer { findings = [] }
        return findings
    }

    /// The believed leaves of an entry bundle's offsets; nil where neither tiles nor entries lead to the root.
    public mutating func leaves(_ bundle: Tile) -> [TreeHash]? {
        guard let tile = Tile(.hashes(level: 0), index: bundle.index, width: bundle.width) else { return nil }
        return hashes(tile)
    }

    /// Whether these are the leaves of an entry bundle's offsets: they lead to the signed root.
    public mutating func holds(_ leaves: [TreeHash], of bundle: Tile) -> Bool {
        guard let tile = Tile(.hashes(level: 0), index: bundle.index, width: bundle.width), leaves.count == tile.width, let edge else { return false }
        if let hashes = edge[tile] { return hashes == leaves }
        return expected(tile, 0).map { $0 == MerkleTree.root(of: leaves) } ?? false
    }

    /// Whether the tree at an earlier size had this root.
    public mutating func had(_ root: TreeHash, at size: Int64) -> Bool? {
        guard size > 0 else { return root == TreeHashing.emptyRoot }
        var hashes: [TreeHash] = []
        for node in TreeNode.covering(0..<size) {
            let (level, range) = node.tileHashes
            guard let tile = Tile(.hashes(level: level), holding: range.lowerBound, treeSize: checkpoint.size),
                let believed = self.hashes(tile)
            else { return nil }
            let start = Int(range.lowerBound - tile.range.lowerBound)
            hashes.append(MerkleTree.root(of: Array(believed[start..<start + range.count])))
        }
        return MerkleTree.folded(hashes) == root
    }

    private mutating func hashes(_ tile: Tile) -> [TreeHash]? {
        guard case .hashes(let level) = tile.content, let edge else { return nil }
        if let hashes = edge[tile] { return hashes }
        if let known = believed[level], known.tile == tile { return known.hashes }
        let hashes = believable(tile, level)
        believed[level] = (tile, hashes)
        return hashes
    }

    /// The believed hash above a whole tile.
    private mutating func expected(_ tile: Tile, _ level: Int) -> TreeHash? {
        guard !tile.isPartial, let parent = Tile(.hashes(level: level + 1), holding: tile.index, treeSize: checkpoint.size),
            let above = hashes(parent)
        else { return nil }
        return above[Int(tile.index - parent.range.lowerBound)]
    }

    private mutating func believable(_ tile: Tile, _ level: Int) -> [TreeHash]? {
        guard let expected = expected(tile, level) else { return nil }
        for variant in Variant.allCases {
            guard let hashes = variant.hashes(of: tile, in: &tree), MerkleTree.root(of: hashes) == expected else { continue }
            findings += Self.difference(tile, tree.storedHashes(tile), hashes, size: checkpoint.size)
            return hashes
        }
        return nil
    }

    // MARK: the right edge

    /// The partial tiles, whose hashes fold to the root: one a level at most.
    private static func edgeTiles(size: Int64) -> [Tile] {
        (0...Tile.levelMax).compactMap { level in
            let count = size >> (Tile.height * level)
            return Tile(.hashes(level: level), index: count >> Tile.height, width: Int(count & 255))
        }
    }

    /// Of the partial tiles' variants those that fold to the root together.
    private static func edge(_ tiles: [Tile], _ variants: [[[TreeHash]]], root: TreeHash) -> [Tile: [TreeHash]]? {
        // At most three of each of eight tiles.
        var choices: [(edge: [Tile: [TreeHash]], subtrees: [TreeHash])] = [([:], [])]
        for (tile, variants) in zip(tiles, variants).reversed() {
            choices = choices.flatMap { choice in
                variants.map { hashes in
                    let subtrees = TreeNode.covering(0..<Int64(tile.width)).map { node in
                        MerkleTree.root(of: Array(hashes[Int(node.index << node.height)..<Int((node.index + 1) << node.height)]))
                    }
                    return (choice.edge.merging([tile: hashes]) { $1 }, choice.subtrees + subtrees)
                }
            }
        }
        return choices.first { MerkleTree.folded($0.subtrees) == root }?.edge
    }

    // MARK: what a tile may be

    /// How a tile may be had, the cheapest first.
    private enum Variant: CaseIterable {
        case stored
        /// Made of the tiles below it.
        case fromTiles
        case fromEntries

        /// nil where what it is made of is not there.
        func hashes(of tile: Tile, in tree: inout Tree) -> [TreeHash]? {
            let hashes =
                switch self {
                case .stored: tree.storedHashes(tile)
                case .fromTiles: made(tile, of: &tree, withTiles: true)
                case .fromEntries: made(tile, of: &tree, withTiles: false)
                }
            return hashes?.count == tile.width ? hashes : nil
        }

        private func made(_ tile: Tile, of tree: inout Tree, withTiles: Bool) -> [TreeHash]? {
            guard case .hashes(let level) = tile.content else { return nil }
            if level == 0 { return Tile(.entries, index: tile.index, width: tile.width).flatMap { tree.entryLeaves($0) } }
            var hashes: [TreeHash] = []
            for position in tile.range {
                guard let below = Tile(.hashes(level: level - 1), index: position) else { return nil }
                let stored = withTiles ? tree.storedHashes(below) : nil
                guard let children = stored ?? made(below, of: &tree, withTiles: withTiles), children.count == below.width else { return nil }
                hashes.append(MerkleTree.root(of: children))
            }
            return hashes
        }
    }

    private static func difference(_ tile: Tile, _ stored: [TreeHash]?, _ right: [TreeHash], size: Int64) -> [AuditFinding] {
        guard case .hashes(let level) = tile.content else { return [] }
        return right.indices.compactMap { place in
            if let stored, stored.indices.contains(place), stored[place] == right[place] { return nil }
            let position = tile.range.lowerBound + Int64(place)
            let shift = Tile.height * level
            return AuditFinding(.altered, .storedHash(level: level), position << shift..<(position + 1) << shift)
        }
    }
}
