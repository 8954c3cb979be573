/// What a publisher keeps: the entry of its record with the proof that it is in the log (EVIDENCE.md, `proof/<offset>`). A `tlog-proof`
/// file whose extra data is the entry's 104 bytes, and the salt's 16 behind them for whoever may read the content: with it the record
/// itself can be shown to be the one. Verifies offline, years later, with the log's public key and a policy file.
public struct Receipt: Hashable, Sendable {
    public let file: ProofFile
    public let entry: Entry
    public let salt: [UInt8]?

    /// - Precondition: the salt has 16 bytes.
    public init(entry: Entry, salt: [UInt8]?, proof: [TreeHash], checkpoint: SignedCheckpoint) {
        precondition(salt.map { $0.count == Commitment.saltBytes } ?? true, "a salt has 16 bytes")
        file = ProofFile(extra: entry.bytes + (salt ?? []), index: entry.facts.offset, proof: proof, checkpoint: checkpoint)
        self.entry = entry
        self.salt = salt
    }

    public init(_ bytes: [UInt8]) throws(FormatFault) {
        let file = try ProofFile(bytes)
        // The extra data begins behind the first line and the word.
        let place = ProofFile.header.utf8.count + 1 + "extra ".utf8.count
        guard let extra = file.extra else { throw FormatFault(.malformedLine, at: ProofFile.header.utf8.count + 1) }
        switch extra.count {
        case Entry.sizeBytes: salt = nil
        case Entry.sizeBytes + Commitment.saltBytes: salt = Array(extra[Entry.sizeBytes...])
        default: throw FormatFault(.contradiction, at: place)
        }
        do {
            entry = try Entry(Array(extra[..<Entry.sizeBytes]))
        } catch {
            throw FormatFault(error.reason, at: place)
        }
        self.file = file
    }

    public var bytes: [UInt8] { file.bytes }

    public enum Verdict: Hashable, Sendable {
        /// The entry was in the log when the witnesses cosigned; `cosigned` as `TrustPolicy.judge` says.
        case verified(cosigned: TrustPolicy.Judgement, contentChecked: Bool)
        case refused(Refusal)
    }

    public enum Refusal: String, Hashable, Sendable, CaseIterable {
        case unknownLog = "the checkpoint is of no log of the pinned node"
        case unsigned = "the checkpoint has no signature of the log's key"
        case forgedSignature = "the log's signature on the checkpoint does not hold"
        case forgedCosignature = "a witness's signature on the checkpoint does not hold"
        case missingQuorum = "too few witnesses cosigned the checkpoint"
        case otherOffset = "the entry names another offset than the proof"
        case notIncluded = "the proof does not lead from the entry to the checkpoint's root"
        case missingSalt = "the receipt has no salt, so the record cannot be checked against it"
        case otherContent = "the record is not the one that the entry stands for"
    }

    /// - Parameters:
    ///   - content: the record's `content` (EVIDENCE.md) where it is to be checked too.
    ///   - policy: whose cosignatures count. One's own witness is left out of it.
    public func verdict(log: PinnedLog, policy: TrustPolicy, content: [UInt8]? = nil) -> Verdict {
        guard log.owns(file.checkpoint.checkpoint.origin) else { return .refused(.unknownLog) }
        switch log.verification(of: file.checkpoint) {
        case .signed: break
        case .unsigned: return .refused(.unsigned)
        case .forged: return .refused(.forgedSignature)
        }
        let judgement = policy.judge(file.checkpoint)
        guard !judgement.isForged else { return .refused(.forgedCosignature) }
        guard judgement.isQuorum else { return .refused(.missingQuorum) }
        guard entry.facts.offset == file.index else { return .refused(.otherOffset) }
        let checkpoint = file.checkpoint.checkpoint
        guard InclusionProof.verify(file.proof, leaf: entry.leaf, index: file.index, size: checkpoint.size, root: checkpoint.root) else {
            return .refused(.notIncluded)
        }
        guard let content else { return .verified(cosigned: judgement, contentChecked: false) }
        guard let salt else { return .refused(.missingSalt) }
        guard Commitment.of(content: content, salt: salt) == entry.commitment else { return .refused(.otherContent) }
        return .verified(cosigned: judgement, contentChecked: true)
    }
}
