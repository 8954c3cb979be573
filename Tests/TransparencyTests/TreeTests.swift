import Testing
import Transparency

@Suite struct TreeTests {
    private static let sizes = Array(0...70) + [255, 256, 257, 511, 512, 513, 1000]

    @Test("The root is RFC 6962's, however the leaves arrive", arguments: sizes)
    func roots(_ size: Int) {
        var random = SplitMix64(seed: UInt64(size))
        let leaves = (0..<size).map { _ in random.hash() }
        let expected = naiveRoot(leaves[...])
        #expect(MerkleTree.root(of: leaves) == expected)
        var state = TreeState()
        var rest = leaves[...]
        while !rest.isEmpty {
            let batch = rest.prefix(1 + random.below(40))
            state.append(Array(batch))
            rest = rest.dropFirst(batch.count)
        }
        #expect(state.root == expected)
        #expect(state.size == Int64(size))
    }

    @Test("Appending no leaves changes nothing")
    func nothing() {
        var state = TreeState()
        #expect(state.append([]).isEmpty)
        #expect(state.root.description == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("The level files hold the hashes of whole subtrees, and the tree is read back from them at every size")
    func levels() throws {
        var random = SplitMix64(seed: 7)
        var log = SampleLog(0, using: &random)
        let leaves = (0..<70_000).map { _ in random.hash() }
        var rest = leaves[...]
        while !rest.isEmpty {
            let batch = rest.prefix(1 + random.below(3000))
            log.grow(Array(batch))
            rest = rest.dropFirst(batch.count)
        }
        #expect(log.levels.map(\.count) == [70_000, 273, 1])
        #expect(log.levels[0] == leaves)
        #expect(log.levels[1][5] == naiveRoot(leaves[1280..<1536]))
        #expect(log.levels[2][0] == naiveRoot(leaves[..<65_536]))
        for size in [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000] + (0..<20).map({ _ in random.below(70_000) }) {
            let state = TreeState(size: Int64(size), from: &log)
            #expect(state.root == naiveRoot(leaves[..<size]), "size \(size)")
            var grown = state
            grown.append(Array(leaves[size...]))
            #expect(grown == log.state, "size \(size)")
        }
    }

    @Test("Every inclusion proof of a small tree verifies, and for nothing else")
    func inclusion() {
        var random = SplitMix64(seed: 1)
        var log = SampleLog(67, using: &random)
        for size in 1...Int64(67) {
            let root = TreeState(size: size, from: &log).root
            for index in 0..<size {
                let proof = InclusionProof.prove(index: index, size: size, from: &log)
                let leaf = log.levels[0][Int(index)]
                #expect(InclusionProof.verify(proof, leaf: leaf, index: index, size: size, root: root))
                #expect(!InclusionProof.verify(proof, leaf: leaf, index: (index + 1) % size, size: size, root: root) || size == 1)
                #expect(!InclusionProof.verify(proof + [leaf], leaf: leaf, index: index, size: size, root: root))
                #expect(!InclusionProof.verify(Array(proof.dropLast()), leaf: leaf, index: index, size: size, root: root) || proof.isEmpty)
            }
        }
    }

    @Test("Every consistency proof of a small tree verifies, and for nothing else")
    func consistency() {
        var random = SplitMix64(seed: 2)
        var log = SampleLog(67, using: &random)
        let roots = (0...Int64(67)).map { TreeState(size: $0, from: &log).root }
        for size in 1...67 {
            for old in 1...size {
                let proof = ConsistencyProof.prove(from: Int64(old), to: Int64(size), from: &log)
                #expect(ConsistencyProof.verify(proof, from: Int64(old), roots[old], to: Int64(size), roots[size]))
                #expect(!ConsistencyProof.verify(proof, from: Int64(old), roots[old - 1], to: Int64(size), roots[size]))
                #expect(!ConsistencyProof.verify(proof, from: Int64(old), roots[old], to: Int64(size), roots[size - 1]))
                #expect(!ConsistencyProof.verify(proof + [roots[1]], from: Int64(old), roots[old], to: Int64(size), roots[size]))
            }
        }
    }

    @Test("No single changed bit of a proof, leaf or root passes", arguments: [3, 4, 5] as [UInt64])
    func flippedBits(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var log = SampleLog(1 + random.below(3000), using: &random)
        let size = log.size
        func flipped(_ hash: TreeHash, _ bit: Int) -> TreeHash {
            var bytes = hash.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            return TreeHash(bytes: bytes) ?? hash
        }
        let index = Int64(random.below(Int(size)))
        let (leaf, root) = (log.levels[0][Int(index)], log.state.root)
        let proof = InclusionProof.prove(index: index, size: size, from: &log)
        #expect(InclusionProof.verify(proof, leaf: leaf, index: index, size: size, root: root))
        let old = Int64(1 + random.below(Int(size)))
        let oldRoot = TreeState(size: old, from: &log).root
        let consistency = ConsistencyProof.prove(from: old, to: size, from: &log)
        #expect(ConsistencyProof.verify(consistency, from: old, oldRoot, to: size, root), "seed \(seed)")
        for bit in 0..<256 {
            #expect(!InclusionProof.verify(proof, leaf: flipped(leaf, bit), index: index, size: size, root: root))
            #expect(!InclusionProof.verify(proof, leaf: leaf, index: index, size: size, root: flipped(root, bit)))
            #expect(!ConsistencyProof.verify(consistency, from: old, flipped(oldRoot, bit), to: size, root))
            #expect(!ConsistencyProof.verify(consistency, from: old, oldRoot, to: size, flipped(root, bit)))
            for place in proof.indices {
                var changed = proof
                changed[place] = flipped(proof[place], bit)
                #expect(!InclusionProof.verify(changed, leaf: leaf, index: index, size: size, root: root))
            }
            for place in consistency.indices {
                var changed = consistency
                changed[place] = flipped(consistency[place], bit)
                #expect(!ConsistencyProof.verify(changed, from: old, oldRoot, to: size, root))
            }
        }
    }

    @Test("Sizes and places that no tree has verify nothing")
    func impossible() {
        let hash = TreeHashing.emptyRoot
        for (index, size) in [(-1, 1), (0, 0), (1, 1), (5, 4), (Int64.max, 1), (0, -1)] as [(Int64, Int64)] {
            #expect(!InclusionProof.verify([], leaf: hash, index: index, size: size, root: hash))
        }
        for (old, size) in [(-1, 1), (2, 1), (0, 1), (Int64.max, 0)] as [(Int64, Int64)] {
            #expect(!ConsistencyProof.verify([hash], from: old, hash, to: size, hash))
            #expect(!ConsistencyProof.verify([], from: old, hash, to: size, hash))
        }
        #expect(ConsistencyProof.verify([], from: 0, hash, to: 0, hash))
        // The largest tree: as many steps as the limit of a proof's hashes.
        #expect(InclusionProof.ranges(index: 0, size: .max).count == TransparencyLimits.proofHashesMax)
        #expect(!InclusionProof.verify(Array(repeating: hash, count: 63), leaf: hash, index: 0, size: .max, root: hash))
        // One more than the limit would come at 2^63 - 1 leaves, which no log has.
        #expect(ConsistencyProof.ranges(from: 1 << 61 - 1, to: 1 << 62).count <= TransparencyLimits.proofHashesMax)
        #expect(ConsistencyProof.ranges(from: .max, to: .max).isEmpty)
    }
}
