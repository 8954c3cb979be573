/// The tree of RFC 6962, section 2.1, over leaf hashes that are all at hand.
public enum MerkleTree {
    /// The root over leaf hashes. Level by level: a last one without a partner goes up as it is, which is the same tree as RFC 6962's
    /// split at the largest power of two.
    public static func root(of leaves: [TreeHash]) -> TreeHash {
        guard !leaves.isEmpty else { return TreeHashing.emptyRoot }
        var level = leaves
        while level.count > 1 {
            let single = level.count.isMultiple(of: 2) ? nil : level.removeLast()
            level = TreeHashing.nodes(level)
            if let single { level.append(single) }
        }
        return level[0]
    }

    /// The root over whole subtrees of decreasing height.
    static func folded(_ subtrees: [TreeHash]) -> TreeHash {
        guard var root = subtrees.last else { return TreeHashing.emptyRoot }
        for left in subtrees.dropLast().reversed() { root = TreeHashing.node(left, root) }
        return root
    }
}
