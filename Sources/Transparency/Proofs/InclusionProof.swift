/// Shows that a leaf is in a tree: the hashes from the leaf's sibling up to the root's child (RFC 6962, section 2.1.1; RFC 9162,
/// section 2.1.3).
public enum InclusionProof {
    /// The ranges of leaves whose hashes are the proof, from the leaf's sibling up.
    /// - Precondition: 0 <= index < size.
    public static func ranges(index: Int64, size: Int64) -> [Range<Int64>] {
        precondition(index >= 0 && index < size, "leaf \(index) of a tree of \(size)")
        var ranges: [Range<Int64>] = []
        var range = 0..<size
        while range.upperBound - range.lowerBound > 1 {
            let split = range.lowerBound + range.largestPowerBelow
            if index < split {
                ranges.append(split..<range.upperBound)
                range = range.lowerBound..<split
            } else {
                ranges.append(range.lowerBound..<split)
                range = split..<range.upperBound
            }
        }
        return ranges.reversed()
    }

    public static func prove<Levels: LevelHashes>(
        index: Int64, size: Int64, from levels: inout Levels
    ) throws(Levels.Failure) -> [TreeHash] {
        var proof: [TreeHash] = []
        for range in ranges(index: index, size: size) { proof.append(try levels.hash(of: range)) }
        return proof
    }

    /// RFC 9162, section 2.1.3.2.
    public static func verify(_ proof: [TreeHash], leaf: TreeHash, index: Int64, size: Int64, root: TreeHash) -> Bool {
        guard index >= 0, index < size else { return false }
        var (place, last) = (index, size - 1)
        var hash = leaf
        for sibling in proof {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                hash = TreeHashing.node(sibling, hash)
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = TreeHashing.node(hash, sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }
}

extension Range<Int64> {
    /// The largest power of two below the range's length, where RFC 6962 splits it.
    /// - Precondition: the range has two elements at least.
    var largestPowerBelow: Int64 { 1 << (upperBound - lowerBound - 1).leftmostBit }
}
