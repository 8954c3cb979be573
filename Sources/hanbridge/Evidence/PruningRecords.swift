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

    private let offsets: Range<Int64>
    /// The setting that let it go.
    private let setting: String

    /// nil where the event is of something else than the evidence of this log.
    /// - Parameter topicID: the topic's, which a log that was reopened has not.
    init?(_ event: [UInt8], of log: LogOrigin.Log, topicID: String) {
        guard case .partition(let topic, _, let partition) = log, let event = AuditEvent(event), event.action == EvidencePruning.action,
            event.isOf(topic, topicID, partition),
            let from = event.details["from"].flatMap({ Int64($0) }), let before = event.details["before"].flatMap({ Int64($0) }), 0 <= from, from < before
        else { return nil }
        offsets = from..<before
        setting = event.details["policy"] ?? ""
    }

    /// The lines for one log, read by an auditor.
    static func lines(of log: LogReader, _ client: KafkaClient) async throws -> [UInt8] {
        var found: [DeliveredRecord] = []
        let own = LogOrigin.Log.partition(topic: log.topic, topicID: log.logID, partition: log.partition)
        try await client.readToEnd(of: AuditTopic.access, from: nil) { delivered in
            let value = delivered.record.value.map { Array($0.readableBytesView) } ?? []
            if PruningRecord(value, of: own, topicID: log.topicID) != nil { found.append(delivered) }
        }
        guard !found.isEmpty, let audit = try await log.http.logs(of: AuditTopic.access, partition: 0, purpose: nil).first else { return [] }
        var lines: [UInt8] = []
        for delivered in found { lines += Array(try JSONEncoder().encode(try await ProvenRecord(delivered, of: audit))) + [UInt8(ascii: "\n")] }
        return lines
    }

    /// What the lines justify; one that does not prove itself justifies nothing.
    static func justifications(_ lines: [UInt8]?, of origin: KeyName, topicID: String?, _ keys: LogKeys, _ policy: TrustPolicy) -> [Audit.Justification] {
        guard let origin = LogOrigin(origin.text), case .partition(_, let logID, _) = origin.log else { return [] }
        return (lines ?? []).split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let proven = try? JSONDecoder().decode(ProvenRecord.self, from: Data(line)),
                let (value, place) = proven.proven(of: AuditTopic.access, host: origin.host, keys, policy),
                let record = PruningRecord(value, of: origin.log, topicID: topicID ?? logID)
            else { return nil }
            return Audit.Justification(.pruned, record.offsets, reference: "\(record.setting), \(place)")
        }
    }
}

/// What a record of the audit topic says, as far as evidence needs it.
struct AuditEvent {
    private struct Document: Decodable {
        struct Contents: Decodable {
            let node: String
            let action: String
            let details: [String: String]?
        }
        let subject: String
        let time: String
        let data: Contents
    }

    let action: String
    let details: [String: String]
    /// What it is about.
    let subject: String
    let node: String
    /// RFC 3339
    let time: String

    init?(_ value: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(value)) else { return nil }
        (action, details, subject) = (document.data.action, document.data.details ?? [:], document.subject)
        (node, time) = (document.data.node, document.time)
    }

    func isOf(_ topic: String, _ topicID: String, _ partition: Int32) -> Bool {
        subject == "topic:\(topic)" && details["topicId"] == topicID && details["partition"] == String(partition)
    }
}
