import Broker
import Foundation
import KafkaWire
import NIOCore
import Sentences
import Transparency

/// What the audit topic says of evidence that was pruned: what justifies offsets of which nothing is left (EVIDENCE.md, "What the auditor is
/// told").
struct PruningRecord: Codable, Hashable {
    let from: Int64
    let before: Int64
    /// The setting that let it go.
    let policy: String
    /// The record of the audit topic, `topic/partition/offset`.
    let record: String
    let time: String

    /// In a folder: a JSON line each.
    static let file = "pruned"
    static let fileBytesMax = 16 << 20

    var justification: Audit.Justification? {
        from >= 0 && before > from ? Audit.Justification(.pruned, from..<before, reference: "\(policy), \(record)") : nil
    }

    /// All of one log, read by an auditor.
    static func all(of log: LogReader, _ client: KafkaClient) async throws -> [PruningRecord] {
        struct Event: Decodable {
            struct Contents: Decodable {
                let action: String
                let details: [String: String]?
            }
            let subject: String
            let time: String
            let data: Contents
        }
        var found: [PruningRecord] = []
        try await client.readToEnd(of: AuditTopic.access, from: nil) { delivered in
            guard let value = delivered.record.value, let event = try? JSONDecoder().decode(Event.self, from: Data(value.readableBytesView)),
                event.data.action == EvidencePruning.action, event.subject == "topic:\(log.topic)", let details = event.data.details,
                details["topicId"] == log.topicID, details["partition"] == String(log.partition),
                let from = details["from"].flatMap({ Int64($0) }), let before = details["before"].flatMap({ Int64($0) })
            else { return }
            found.append(
                PruningRecord(
                    from: from, before: before, policy: details["policy"] ?? "",
                    record: "\(AuditTopic.access)/\(delivered.partition.partition)/\(delivered.record.offset)", time: event.time))
        }
        return found
    }

    static func lines(_ records: [PruningRecord]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try records.flatMap { Array(try encoder.encode($0)) + [UInt8(ascii: "\n")] }
    }

    static func read(_ bytes: [UInt8]?) -> [PruningRecord] {
        (bytes ?? []).split(separator: UInt8(ascii: "\n")).compactMap { try? JSONDecoder().decode(PruningRecord.self, from: Data($0)) }
    }
}
