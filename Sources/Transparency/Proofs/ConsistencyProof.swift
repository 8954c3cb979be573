/// Shows that a tree is an earlier one with leaves added, and none changed (RFC 6962, section 2.1.2; RFC 9162, section 2.1.4).
public enum ConsistencyProof {
    /// The ranges of leaves whose hashes are the proof.
    /// - Precondition: 0 < oldSize <= size. From nothing to something there is nothing to prove.
    public static func ranges(from oldSize: Int64, to size: Int64) -> [Range<Int64>] {
        precondition(oldSize > 0 && oldSize <= size, "a tree of \(size) after one of \(oldSize)")
        var ranges: [Range<Int64>] = []
        var range = 0..<size
        while range.upperBound != oldSize {
            let split = range.lowerBound + range.largestPowerBelow
            if oldSize <= split {
                ranges.append(split..<range.upperBound)
                range = range.lowerBound..<split
            } else {
                ranges.append(range.lowerBound..<split)
                range = split..<range.upperBound
            }
        }
        // A whole old tree needs no hash of its own: the verifier has its root.
        if range.lowerBound > 0 { ranges.append(range) }
        return ranges.reversed()
    }

    public static func prove<Levels: LevelHashes>(
        from oldSize: Int64, to size: Int64, from levels: inout Levels
    ) throws(Levels.Failure) -> [TreeHash] {
        var proof: [TreeHash] = []
        for range in ranges(from: oldSize, to: size) { proof.append(try levels.hash(of: range)) }
        return proof
    }

    /// RFC 9162, section 2.1.4.2. Of an empty old tree nothing can be verified: false, unless both are empty and equal.
    public static func verify(_ proof: [TreeHash], from oldSize: Int64, _ oldRoot: TreeHash, to size: Int64, _ root: TreeHash) -> Bool {
        guard oldSize >= 0, oldSize <= size else { return false }
        if oldSize == size { return proof.isEmpty && oldRoot == root }
        guard oldSize > 0, !proof.isEmpty else { return false }
        var hashes = proof[...]
        // An old tree of a power of two is a subtree of the new one.
        if oldSize & (oldSize - 1) == 0 { hashes = [oldRoot] + hashes }
        guard let first = hashes.popFirst() else { return false }
        var (place, last) = (oldSize - 1, size - 1)
        while place & 1 == 1 {
            place >>= 1
            last >>= 1
        }
        var (old, new) = (first, first)
        for sibling in hashes {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                old = TreeHashing.node(sibling, old)
                new = TreeHashing.node(sibling, new)
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                new = TreeHashing.node(new, sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && old == oldRoot && new == root
    }
}
