/// A proof that a leaf is in a log, with the checkpoint and cosignatures that make it one: C2SP tlog-proof, `.tlog-proof`.
public struct ProofFile: Hashable, Sendable {
    /// Not authenticated by itself: only what hashes to the proved leaf is.
    public let extra: [UInt8]?
    public let index: Int64
    public let proof: [TreeHash]
    public let checkpoint: SignedCheckpoint

    static let header = "c2sp.org/tlog-proof@v1"

    public init(extra: [UInt8]?, index: Int64, proof: [TreeHash], checkpoint: SignedCheckpoint) {
        self.extra = extra
        self.index = index
        self.proof = proof
        self.checkpoint = checkpoint
    }

    public var bytes: [UInt8] {
        var text = TextBuilder()
        text.line(Self.header)
        if let extra { text.line(Array("extra ".utf8) + Base64.encode(extra)) }
        text.line("index \(index)")
        for hash in proof { text.line(Base64.encode(hash.bytes)) }
        text.line("")
        return text.bytes + checkpoint.bytes
    }

    public init(_ bytes: [UInt8]) throws(FormatFault) {
        guard bytes.count <= TransparencyLimits.proofBytesMax else { throw FormatFault(.tooLong, at: TransparencyLimits.proofBytesMax) }
        var lines = TextLines(bytes)
        guard try lines.next().elementsEqual(Self.header.utf8) else { throw FormatFault(.unknownVersion, at: 0) }
        var line = try lines.next()
        if line.starts(with: "extra ".utf8) {
            let encoded = line.dropFirst(6)
            guard encoded.count <= (TransparencyLimits.proofExtraBytesMax + 2) / 3 * 4 else { throw FormatFault(.tooLong, at: encoded.startIndex) }
            guard let extra = Base64.decode(encoded) else { throw FormatFault(.malformedBase64, at: encoded.startIndex) }
            guard extra.count <= TransparencyLimits.proofExtraBytesMax else { throw FormatFault(.tooLong, at: encoded.startIndex) }
            self.extra = extra
            line = try lines.next()
        } else {
            extra = nil
        }
        guard line.starts(with: "index ".utf8) else { throw FormatFault(.malformedLine, at: line.startIndex) }
        guard let index = Decimal.decode(line.dropFirst(6)) else { throw FormatFault(.malformedNumber, at: line.startIndex + 6) }
        self.index = index
        proof = try lines.hashes(max: TransparencyLimits.proofHashesMax)
        let start = lines.position
        do {
            checkpoint = try SignedCheckpoint(Array(bytes[start...]))
        } catch {
            throw error.moved(by: start)
        }
    }
}
