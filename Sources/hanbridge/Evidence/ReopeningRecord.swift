import Broker
import Foundation
import KafkaWire
import NIOCore
import Transparency

/// What links a log to the one before it (EVIDENCE.md, the fail-stop rule): the record of the audit topic that says where this was closed, and
/// the checkpoint that it was closed with.
struct ReopeningRecord: Codable, Hashable {
    let closedLog: String
    let closedSize: Int64
    /// nil where the audit topic has none, or whoever asks may not read it.
    let record: ProvenRecord?
    /// The closed log's last signed note; nil where nothing was signed that all have.
    let checkpoint: String?

    /// In a folder: a JSON line each, the oldest first.
    static let file = "reopened"
    static let fileBytesMax = 256 << 20

    /// What the audit topic has of the logs of a partition.
    static func events(of log: LogReader, _ client: KafkaClient) async throws -> [DeliveredRecord] {
        var found: [DeliveredRecord] = []
        try await client.readToEnd(of: AuditTopic.access, from: nil) { delivered in
            let event = AuditEvent(delivered.record.value.map { Array($0.readableBytesView) } ?? [])
            if event?.action == Administration.reopeningAction, event?.isOf(log.topic, log.topicID, log.partition) == true { found.append(delivered) }
        }
        return found
    }

    /// A line for each log before this one.
    static func lines(of log: LogReader, _ events: [DeliveredRecord]) async throws -> [UInt8] {
        let audit = try await log.http.logs(of: AuditTopic.access, partition: 0, purpose: nil).first
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines: [UInt8] = []
        for (closed, next) in zip(log.line, log.line.dropFirst()) {
            guard let size = next.closedBefore.last?.size else { continue }
            var record: ProvenRecord?
            let event = events.last { links($0.record.value.map { Array($0.readableBytesView) } ?? [], closed.logID, size, next.logID) }
            if let event, let audit { record = try await ProvenRecord(event, of: audit) }
            let note = try await closed.read("checkpoint").map { String(decoding: $0, as: UTF8.self) }
            lines += Array(try encoder.encode(ReopeningRecord(closedLog: closed.logID, closedSize: size, record: record, checkpoint: note)))
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }

    private static func links(_ event: [UInt8], _ closed: String, _ size: Int64, _ next: String) -> Bool {
        let details = AuditEvent(event)?.details ?? [:]
        return details["closedLog"] == closed && details["closedSize"] == String(size) && details["log"] == next
    }

    static func read(_ bytes: [UInt8]?) -> [ReopeningRecord] {
        (bytes ?? []).split(separator: UInt8(ascii: "\n")).compactMap { try? JSONDecoder().decode(ReopeningRecord.self, from: Data($0)) }
    }

    /// What the next log must have as its beginning, and the place of the record that says so. nil where none proves itself, or where the closed
    /// log's key did not sign what it says.
    /// - Parameters:
    ///   - next: the id of the log that goes on from this one; `origin` is of a log of the same partition.
    ///   - topicID: the topic's, which was the first log's.
    func closing(
        next: String, topicID: String, of origin: LogOrigin, _ keys: LogKeys, _ policy: TrustPolicy
    ) -> (checkpoint: Checkpoint, place: String)? {
        guard case .partition(let topic, _, let partition) = origin.log,
            let name = LogOrigin(host: origin.host, .partition(topic: topic, topicID: closedLog, partition: partition))?.name,
            let (value, place) = record?.proven(of: AuditTopic.access, host: origin.host, keys, policy), let event = AuditEvent(value),
            event.action == Administration.reopeningAction, event.isOf(topic, topicID, partition), Self.links(value, closedLog, closedSize, next)
        else { return nil }
        guard closedSize > 0 else { return (Checkpoint(origin: name, size: 0, root: TreeHashing.emptyRoot), place) }
        guard let checkpoint, let note = try? SignedCheckpoint(Array(checkpoint.utf8)), note.checkpoint.origin == name,
            note.checkpoint.size == closedSize, note.checkpoint.root.noteText == event.details["closedRoot"],
            keys.log(of: name)?.verification(of: note) == .signed
        else { return nil }
        return (note.checkpoint, place)
    }
}
