/// What `checkpoints/<size>.tsr` answers: a time-stamp token, and the path from a partition's checkpoint to what it stamps (EVIDENCE.md,
/// "Witnesses and time"). The token is over the signed note of a checkpoint of the node's journal, whose leaves are partitions' notes.
///
/// ```
/// hanbridge/checkpoint-timestamp@v1
/// token <base64 of the authority's answer>
/// note <base64 of the partition's signed note, before cosignatures>
/// index <leaf of the journal>
/// <base64 of a hash of the inclusion proof>   as many as there are
///
/// <the journal's signed note, to its end>
/// ```
public struct CheckpointTimestamp: Hashable, Sendable {
    static let header = "hanbridge/checkpoint-timestamp@v1"
    /// RFC 3161's TimeStampResp, DER.
    public let token: [UInt8]
    public let checkpoint: SignedCheckpoint
    public let index: Int64
    public let proof: [TreeHash]
    /// The journal's: its exact bytes are what is stamped.
    public let journal: SignedCheckpoint

    public init(token: [UInt8], checkpoint: SignedCheckpoint, index: Int64, proof: [TreeHash], journal: SignedCheckpoint) {
        self.token = token
        self.checkpoint = checkpoint
        self.index = index
        self.proof = proof
        self.journal = journal
    }

    public var bytes: [UInt8] {
        var text = TextBuilder()
        text.line(Self.header)
        text.line("token \(Base64.text(token))")
        text.line("note \(Base64.text(checkpoint.bytes))")
        text.line("index \(index)")
        for hash in proof { text.line(Base64.encode(hash.bytes)) }
        text.line("")
        return text.bytes + journal.bytes
    }

    public init(_ bytes: [UInt8]) throws(FormatFault) {
        guard bytes.count <= TransparencyLimits.timestampBytesMax else { throw FormatFault(.tooLong, at: TransparencyLimits.timestampBytesMax) }
        var lines = TextLines(bytes)
        guard try lines.next().elementsEqual(Self.header.utf8) else { throw FormatFault(.malformedLine, at: 0) }
        token = try Self.encoded("token ", &lines)
        checkpoint = try SignedCheckpoint(try Self.encoded("note ", &lines))
        let line = try lines.next()
        guard line.starts(with: "index ".utf8), let index = Decimal.decode(line.dropFirst("index ".utf8.count)) else {
            throw FormatFault(.malformedNumber, at: line.startIndex)
        }
        self.index = index
        proof = try lines.hashes(max: TransparencyLimits.proofHashesMax)
        journal = try SignedCheckpoint(Array(bytes[lines.position...]))
    }

    private static func encoded(_ word: String, _ lines: inout TextLines) throws(FormatFault) -> [UInt8] {
        let line = try lines.next()
        guard line.starts(with: word.utf8) else { throw FormatFault(.malformedLine, at: line.startIndex) }
        let encoded = line.dropFirst(word.utf8.count)
        guard let bytes = Base64.decode(encoded) else { throw FormatFault(.malformedBase64, at: encoded.startIndex) }
        return bytes
    }

    /// SHA-256 of the stamped note: what the token has to be about.
    public var imprint: [UInt8] { TreeHashing.hash(of: journal.bytes).bytes }

    /// Whether the path holds: both checkpoints are of the pinned node, and the one is in the other. The token is for who knows authorities.
    public func holds(for log: PinnedLog) -> Bool {
        guard log.owns(journal.checkpoint.origin), log.verification(of: journal) == .signed, log.verification(of: checkpoint) == .signed,
            case .journal? = LogOrigin(journal.checkpoint.origin.text)?.log
        else { return false }
        let tree = journal.checkpoint
        return InclusionProof.verify(
            proof, leaf: TreeHashing.leaf(of: checkpoint.bytes), index: index, size: tree.size, root: tree.root)
    }
}

extension SignedCheckpoint {
    /// As the log signed it: without what witnesses added since. What the journal of checkpoints has as its entry.
    public var withoutCosignatures: SignedCheckpoint {
        let own = note.signatures.filter { $0.name == checkpoint.origin }
        // A note that parsed once parses without some of its lines.
        return (try? SignedCheckpoint(note: SignedNote(text: note.text, signatures: own))) ?? self
    }
}
