/// The body of `POST /witness/add-checkpoint`: `old <size>`, proof lines, an empty line, a checkpoint (C2SP tlog-witness).
public struct WitnessRequest: Hashable, Sendable {
    public let oldSize: Int64
    public let proof: [TreeHash]
    public let checkpoint: SignedCheckpoint

    public init(oldSize: Int64, proof: [TreeHash], checkpoint: SignedCheckpoint) {
        self.oldSize = oldSize
        self.proof = proof
        self.checkpoint = checkpoint
    }

    public var bytes: [UInt8] {
        var text = TextBuilder()
        text.line("old \(oldSize)")
        for hash in proof { text.line(Base64.encode(hash.bytes)) }
        text.line("")
        return text.bytes + checkpoint.bytes
    }

    public init(_ bytes: [UInt8]) throws(FormatFault) {
        guard bytes.count <= TransparencyLimits.proofBytesMax else { throw FormatFault(.tooLong, at: TransparencyLimits.proofBytesMax) }
        var lines = TextLines(bytes)
        let old = try lines.next(after: "old ")
        guard let oldSize = Decimal.decode(old) else { throw FormatFault(.malformedNumber, at: old.startIndex) }
        self.oldSize = oldSize
        proof = try lines.hashes(max: TransparencyLimits.proofHashesMax)
        let start = lines.position
        do {
            checkpoint = try SignedCheckpoint(Array(bytes[start...]))
        } catch {
            throw error.moved(by: start)
        }
    }
}

/// What a witness answers, by what it knows of the log. The caller persists a checkpoint before it cosigns it, and does both together:
/// between the judgement and that, nothing else of this log may be answered.
public enum WitnessDecision: Hashable, Sendable {
    /// 200: persist the checkpoint, then cosign it.
    case cosign(Checkpoint)
    /// 400: the old size is beyond the checkpoint's.
    case malformed
    /// 403: no valid signature of a pinned key.
    case unsigned
    /// 404
    case unknownOrigin
    /// 409, with the size of the last cosigned checkpoint.
    case conflict(size: Int64)
    /// 422: it does not continue the last cosigned checkpoint. The log signed it: keep it as evidence of a fork.
    case inconsistent

    public var status: Int {
        switch self {
        case .cosign: 200
        case .malformed: 400
        case .unsigned: 403
        case .unknownOrigin: 404
        case .conflict: 409
        case .inconsistent: 422
        }
    }

    /// The checks of C2SP tlog-witness, "add-checkpoint", in its order.
    /// - Parameters:
    ///   - log: the pinned peer that owns the origin, nil for none.
    ///   - latest: the last checkpoint of this origin that was cosigned, nil for none.
    public static func judge(_ request: WitnessRequest, log: PinnedLog?, latest: Checkpoint?) -> WitnessDecision {
        let checkpoint = request.checkpoint.checkpoint
        guard let log, log.owns(checkpoint.origin) else { return .unknownOrigin }
        guard log.verification(of: request.checkpoint) == .signed else { return .unsigned }
        guard request.oldSize <= checkpoint.size else { return .malformed }
        let latestSize = latest?.size ?? 0
        guard request.oldSize == latestSize else { return .conflict(size: latestSize) }
        guard checkpoint.isPlausible else { return .inconsistent }
        guard let latest, latest.size > 0 else { return request.proof.isEmpty ? .cosign(checkpoint) : .inconsistent }
        let isConsistent = ConsistencyProof.verify(
            request.proof, from: latest.size, latest.root, to: checkpoint.size, checkpoint.root)
        return isConsistent ? .cosign(checkpoint) : .inconsistent
    }
}
