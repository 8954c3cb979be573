/// What witnesses saw of a log, as an audit uses it: moments to hold append times against, and trees that must be in the log's history. Only what
/// the log's own key signed and enough witnesses cosigned is taken up; all else anybody could have written.
public struct WitnessedHistory: Hashable, Sendable {
    private let origin: KeyName
    private let log: PinnedLog
    private let policy: TrustPolicy
    public private(set) var checkpoints: [Checkpoint] = []
    private var moments: [CosigningTimes.Moment] = []

    public init(of origin: KeyName, log: PinnedLog, policy: TrustPolicy) {
        self.origin = origin
        self.log = log
        self.policy = policy
    }

    public var times: CosigningTimes { CosigningTimes(moments) }

    /// A checkpoint with its cosignatures, as the log or a folder shows it.
    /// - Returns: whether a quorum vouches for it.
    @discardableResult
    public mutating func take(_ note: SignedCheckpoint) -> Bool {
        guard note.checkpoint.origin == origin, log.verification(of: note) == .signed, let window = policy.window(of: note) else { return false }
        checkpoints.append(note.checkpoint)
        moments += [.init(size: note.checkpoint.size, time: window.from), .init(size: note.checkpoint.size, time: window.to)]
        return true
    }

    /// What one witness itself shows of the log: one honest witness is enough to notice another history.
    /// - Returns: false where it is not signed by the log and by that witness.
    public mutating func take(_ note: SignedCheckpoint, shownBy witness: TrustPolicy.Witness) -> Bool {
        let isCosigned = note.note.signatures.contains { Cosignature.time(of: $0, on: note.checkpoint, by: witness.key) != nil }
        guard note.checkpoint.origin == origin, log.verification(of: note) == .signed, isCosigned else { return false }
        checkpoints.append(note.checkpoint)
        return true
    }

    /// Where the head is behind what witnesses cosigned.
    public func findings(head: Checkpoint) -> [AuditFinding] {
        guard let newest = checkpoints.map(\.size).max(), newest > head.size else { return [] }
        return [AuditFinding(.missing, .behindWitnesses(checkpointSize: newest), head.size..<newest)]
    }
}
