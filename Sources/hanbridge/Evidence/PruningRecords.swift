import Broker
import Foundation
import KafkaWire
import NIOCore
import Sentences
import Transparency

/// What the audit topic says of evidence that was pruned: what justifies offsets of which nothing is left (EVIDENCE.md, "What the auditor is
/// told").
struct PruningRecord {
    /// In a folder: a ``ProvenRecord`` a line, as JSON.
    static let file = "pruned"
    static let fileBytesMax = 256 << 20

    private struct Event: Decodable {
        struct Contents: Decodable {
            let action: String
            let details: [String: String]?
        }
        let subject: String
        let data: Contents
    }

    private let offsets: Range<Int64>
    /// The setting that let it go.
    private let setting: String

    /// nil where the event is of something else than the evidence of this log.
    init?(_ event: [UInt8], of log: LogOrigin.Log) {
        guard case .partition(let topic, let topicID, let partition) = log, let event = try? JSONDecoder().decode(Event.self, from: Data(event)),
            event.data.action == EvidencePruning.action, event.subject == "topic:\(topic)", let details = event.data.details,
            details["topicId"] == topicID, details["partition"] == String(partition),
            let from = details["from"].flatMap({ Int64($0) }), let before = details["before"].flatMap({ Int64($0) }), 0 <= from, from < before
        else { return nil }
        offsets = from..<before
        setting = details["policy"] ?? ""
    }

    /// The lines for one log, read by an auditor.
    static func lines(of log: LogReader, _ client: KafkaClient) async throws -> [UInt8] {
        var found: [DeliveredRecord] = []
        try await client.readToEnd(of: AuditTopic.access, from: nil) { delivered in
            let value = delivered.record.value.map { Array($0.readableBytesView) } ?? []
            if PruningRecord(value, of: .partition(topic: log.topic, topicID: log.topicID, partition: log.partition)) != nil { found.append(delivered) }
        }
        guard !found.isEmpty, let audit = try await log.http.logs(of: AuditTopic.access, partition: 0, purpose: nil).first else { return [] }
        var lines: [UInt8] = []
        for delivered in found { lines += Array(try JSONEncoder().encode(try await ProvenRecord(delivered, of: audit))) + [UInt8(ascii: "\n")] }
        return lines
    }

    /// What the lines justify; one that does not prove itself justifies nothing.
    static func justifications(_ lines: [UInt8]?, of origin: KeyName, _ keys: LogKeys, _ policy: TrustPolicy) -> [Audit.Justification] {
        guard let origin = LogOrigin(origin.text) else { return [] }
        return (lines ?? []).split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let proven = try? JSONDecoder().decode(ProvenRecord.self, from: Data(line)),
                let (value, place) = proven.proven(of: AuditTopic.access, host: origin.host, keys, policy),
                let record = PruningRecord(value, of: origin.log)
            else { return nil }
            return Audit.Justification(.pruned, record.offsets, reference: "\(record.setting), \(place)")
        }
    }
}
