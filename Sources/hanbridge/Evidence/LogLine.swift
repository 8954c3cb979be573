import Sentences
import Transparency

/// The logs that a log goes on from: each was closed with a signed checkpoint, under a record of the audit topic, and is its beginning.
struct LogLine {
    struct Closing {
        let checkpoint: Checkpoint
        /// The closed log's id.
        let log: String
        /// The record of the audit topic, `topic/partition/offset`.
        let record: String
    }

    /// The oldest first.
    let closings: [Closing]

    /// - Throws: where a closing is not proved.
    init(_ records: [ReopeningRecord], before origin: KeyName, _ keys: LogKeys, _ policy: TrustPolicy) throws(CommandFailure) {
        var closings: [Closing] = []
        if let name = LogOrigin(origin.text), case .partition(_, let logID, _) = name.log, let first = records.first {
            for (record, next) in zip(records, records.dropFirst().map(\.closedLog) + [logID]) {
                guard let closing = record.closing(next: next, topicID: first.closedLog, of: name, keys, policy) else {
                    throw .refused(.auditReopeningUnrecorded(origin.text, closed: record.closedLog))
                }
                closings.append(Closing(checkpoint: closing.checkpoint, log: record.closedLog, record: closing.place))
            }
        }
        self.closings = closings
    }

    /// Where the log was closed to which a checkpoint belongs; nil where it is none of these.
    private func closing(of checkpoint: Checkpoint) -> Checkpoint? { closings.first { $0.checkpoint.origin == checkpoint.origin }?.checkpoint }

    func has(_ checkpoint: Checkpoint) -> Bool { closing(of: checkpoint) != nil }

    /// What an auditor has seen of a closed log and is beyond its closing.
    func findings(saved: Checkpoint?) -> [AuditFinding] {
        guard let saved, let closing = closing(of: saved), saved.size > closing.size else { return [] }
        return [AuditFinding(.missing, .shorterThanBefore, closing.size..<saved.size)]
    }

    /// What the log must have as its beginning.
    func beginnings(saved: Checkpoint?) -> [Checkpoint] {
        let closed = closings.map(\.checkpoint)
        guard let saved, let closing = closing(of: saved), saved.size <= closing.size else { return closed }
        return closed + [saved]
    }
}
