import Foundation
import Testing
import Transparency

/// The vectors of transparency-dev/merkle, where a copy lies beside the clone (`../shared/data/merkle-vectors`) or where
/// `HANBRIDGE_MERKLE_VECTORS` says.
@Suite struct MerkleVectorTests {
    private struct Vector: Decodable {
        let leafIdx: UInt64?
        let treeSize: UInt64?
        let leafHash: Data?
        let root: Data?
        let size1: UInt64?
        let size2: UInt64?
        let root1: Data?
        let root2: Data?
        let proof: [Data]?
        let wantErr: Bool
    }

    private static let folder: URL? = {
        if let named = ProcessInfo.processInfo.environment["HANBRIDGE_MERKLE_VECTORS"] { return URL(filePath: named) }
        var folder = URL(filePath: #filePath)
        while folder.path() != "/" {
            folder = folder.deletingLastPathComponent()
            let candidate = folder.appending(path: "shared/data/merkle-vectors")
            if FileManager.default.fileExists(atPath: candidate.path()) { return candidate }
        }
        return nil
    }()

    private static func vectors(_ kind: String) throws -> [(name: String, vector: Vector)] {
        guard let base = folder?.appending(path: "testdata/\(kind)") else { return [] }
        let names = FileManager.default.enumerator(atPath: base.path())?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".json") }.sorted().map {
            ($0, try JSONDecoder().decode(Vector.self, from: try Data(contentsOf: base.appending(path: $0))))
        }
    }

    private static func hash(_ data: Data?) -> TreeHash? { data.flatMap { TreeHash(bytes: $0) } }

    /// What is not a hash cannot be in a proof of ours: such a vector is refused before it is verified.
    private static func proof(_ data: [Data]?) -> [TreeHash]? {
        let hashes = (data ?? []).map { hash($0) }
        return hashes.contains(nil) ? nil : hashes.compactMap { $0 }
    }

    @Test("Inclusion proofs, good and bad", .enabled(if: folder != nil))
    func inclusion() throws {
        let vectors = try Self.vectors("inclusion")
        #expect(vectors.count > 50)
        for (name, vector) in vectors {
            var isVerified = false
            if let index = Int64(exactly: vector.leafIdx ?? 0), let size = Int64(exactly: vector.treeSize ?? 0), let leaf = Self.hash(vector.leafHash),
                let root = Self.hash(vector.root), let proof = Self.proof(vector.proof)
            {
                isVerified = InclusionProof.verify(proof, leaf: leaf, index: index, size: size, root: root)
            }
            #expect(isVerified == !vector.wantErr, "\(name)")
        }
    }

    @Test("Consistency proofs, good and bad", .enabled(if: folder != nil))
    func consistency() throws {
        let vectors = try Self.vectors("consistency")
        #expect(vectors.count > 50)
        for (name, vector) in vectors {
            var isVerified = false
            if let old = Int64(exactly: vector.size1 ?? 0), let size = Int64(exactly: vector.size2 ?? 0), let oldRoot = Self.hash(vector.root1),
                let root = Self.hash(vector.root2), let proof = Self.proof(vector.proof)
            {
                isVerified = ConsistencyProof.verify(proof, from: old, oldRoot, to: size, root)
            }
            // Two equal roots that are no hashes pass there, where a root is any bytes.
            let hasRoots = Self.hash(vector.root1) != nil && Self.hash(vector.root2) != nil
            #expect(isVerified == !vector.wantErr || !hasRoots, "\(name)")
        }
    }
}
