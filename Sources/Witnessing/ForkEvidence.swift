public import Transparency

/// What is kept of a log that contradicted itself: signed by the log's own key both times, so it speaks for itself before whoever holds that
/// public key.
public struct ForkEvidence: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Two signed trees of one size: proof by itself.
        case twoTrees = "two-trees"
        /// What was shown is signed, and was not proved to continue what had been cosigned. Proof once the log cannot prove it either.
        case notContinued = "not-continued"
    }

    public let kind: Kind
    public let host: String
    /// ms since 1970
    public let seenAt: Int64
    /// What the witness had cosigned, with the log's signatures and its own.
    public let cosigned: SignedCheckpoint
    /// As it was sent: old size, proof, checkpoint.
    public let refused: WitnessRequest

    /// One for each tree that was shown: sent again, it is nothing new.
    public var name: String {
        let shown = refused.checkpoint.checkpoint
        let log = TreeHashing.hash(of: Array(shown.origin.text.utf8)).description.prefix(16)
        return "\(log)-\(cosigned.checkpoint.size)-\(shown.size)-\(shown.root.description.prefix(16))"
    }

    /// nil where the request contradicts nothing: a proof that does not hold of a tree that the witness itself has cosigned.
    init?(host: String, seenAt: Int64, cosigned: SignedCheckpoint, refused: WitnessRequest) {
        let (known, shown) = (cosigned.checkpoint, refused.checkpoint.checkpoint)
        if known.size == shown.size, known.root == shown.root { return nil }
        kind = known.size == shown.size ? .twoTrees : .notContinued
        self.host = host
        self.seenAt = seenAt
        self.cosigned = cosigned
        self.refused = refused
    }
}

/// Where contradictions are kept.
public protocol ForkKeeping: Sendable {
    /// - Returns: whether it was new.
    func keep(_ fork: ForkEvidence) throws -> Bool
    /// How many are kept of a peer.
    func count(ofHost host: String) -> Int
}
