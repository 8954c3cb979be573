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
        let stored = Self.edge(tiles, checkpoint) { tree.storedHashes($0) }
        if let stored {
            edge = stored
        } else {
            let rebuilt = Self.edge(tiles, checkpoint) { Self.rebuilt($0, checkpoint.size, &tree) }
            edge = rebuilt
            if let rebuilt {
                for tile in tiles {
                    let difference = Self.difference(tile, tree.storedHashes(tile), rebuilt[tile] ?? [], size: checkpoint.size)
                    findings += difference
                }
            }
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

    private mutating func believable(_ tile: Tile, _ level: Int) -> [TreeHash]? {
        guard !tile.isPartial, let parent = Tile(.hashes(level: level + 1), holding: tile.index, treeSize: checkpoint.size),
            let above = hashes(parent)
        else { return nil }
        let expected = above[Int(tile.index - parent.range.lowerBound)]
        let stored = tree.storedHashes(tile)
        if let stored, stored.count == tile.width, MerkleTree.root(of: stored) == expected { return stored }
        guard let rebuilt = Self.rebuilt(tile, checkpoint.size, &tree), MerkleTree.root(of: rebuilt) == expected else { return nil }
        findings += Self.difference(tile, stored, rebuilt, size: checkpoint.size)
        return rebuilt
    }

    // MARK: the right edge

    /// The partial tiles, whose hashes fold to the root: one a level at most.
    private static func edgeTiles(size: Int64) -> [Tile] {
        (0...Tile.levelMax).compactMap { level in
            let count = size >> (Tile.height * level)
            return Tile(.hashes(level: level), index: count >> Tile.height, width: Int(count & 255))
        }
    }

    private static func edge(
        _ tiles: [Tile], _ checkpoint: Checkpoint, _ read: (Tile) -> [TreeHash]?
    ) -> [Tile: [TreeHash]]? {
        var edge: [Tile: [TreeHash]] = [:]
        var subtrees: [TreeHash] = []
        for tile in tiles.reversed() {
            guard let hashes = read(tile), hashes.count == tile.width else { return nil }
            edge[tile] = hashes
            for node in TreeNode.covering(0..<Int64(tile.width)) {
                let first = Int(node.index << node.height)
                subtrees.append(MerkleTree.root(of: Array(hashes[first..<first + 1 << node.height])))
            }
        }
        return MerkleTree.folded(subtrees) == checkpoint.root ? edge : nil
    }

    /// A tile made of what is below it: of the entries, or of the tiles of the level below and where those are not there of theirs.
    private static func rebuilt(_ tile: Tile, _ size: Int64, _ tree: inout Tree) -> [TreeHash]? {
        guard case .hashes(let level) = tile.content else { return nil }
        if level == 0 {
            guard let bundle = Tile(.entries, index: tile.index, width: tile.width), let leaves = tree.entryLeaves(bundle),
                leaves.count == tile.width
            else { return nil }
            return leaves
        }
        var hashes: [TreeHash] = []
        for position in tile.range {
            guard let below = Tile(.hashes(level: level - 1), index: position) else { return nil }
            let stored = tree.storedHashes(below)
            guard let children = stored?.count == below.width ? stored : rebuilt(below, size, &tree) else { return nil }
            hashes.append(MerkleTree.root(of: children))
        }
        return hashes
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
