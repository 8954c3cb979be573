/// The judgement of what an audit begins with: is this checkpoint the log's, vouched for, and not behind what was seen before.
public enum AuditHead {
    /// What keeps a checkpoint from being a head, as findings over the offsets that are lost with it; none where it may be one.
    ///
    /// - Parameters:
    ///   - origin: the log that is asked for.
    ///   - saved: the last audit's head, nil at a first audit. That the head continues it is checked with the tree (`Audit`).
    public static func findings(
        _ head: SignedCheckpoint, of origin: KeyName, log: PinnedLog, policy: TrustPolicy, saved: Checkpoint?
    ) -> [AuditFinding] {
        let checkpoint = head.checkpoint
        if let saved, saved.origin != origin || checkpoint.origin != origin {
            // Deleted and re-created, or another log in its place: of the one that was audited nothing is shown.
            return [AuditFinding(.missing, .otherLog, 0..<max(saved.size, 1))]
        }
        let all = 0..<max(checkpoint.size, 1)
        guard checkpoint.origin == origin, log.owns(origin) else { return [AuditFinding(.altered, .otherLog, all)] }
        switch log.verification(of: head) {
        case .signed: break
        case .unsigned: return [AuditFinding(.altered, .logUnsigned, all)]
        case .forged: return [AuditFinding(.altered, .logSignatureForged, all)]
        }
        guard checkpoint.isPlausible else { return [AuditFinding(.altered, .notInTree, all)] }
        let judgement = policy.judge(head)
        if judgement.isForged { return [AuditFinding(.altered, .cosignatureForged, all)] }
        if !judgement.isQuorum { return [AuditFinding(.altered, .quorumMissing, all)] }
        guard let saved else { return [] }
        if checkpoint.size < saved.size { return [AuditFinding(.missing, .shorterThanBefore, checkpoint.size..<saved.size)] }
        if checkpoint.size == saved.size, checkpoint.root != saved.root {
            return [AuditFinding(.altered, .otherHistory(checkpointSize: saved.size), all)]
        }
        return []
    }
}
