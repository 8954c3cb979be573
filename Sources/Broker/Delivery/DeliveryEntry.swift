import AccessPolicy
import Foundation
import NIOCore
import Storage

/// One end of a connection, as entries name it.
struct DeliverySession: Hashable, Sendable {
    enum Interface: String, Hashable, Sendable { case kafka, https }

    let id: String
    let node: String
    let certificate: String
    let address: String
    let interface: String
}

/// What becomes one record of `_audit.delivery`.
struct DeliveryEntry: Sendable {
    let kind: DeliveryEvent.Kind
    /// ms since 1970
    let time: Int64
    var session: DeliverySession?
    var items: [DeliveryEvent.Item] = []
    /// The windows that `items` reserve.
    var opens: [UInt64] = []
    var closes: [UInt64] = []
    var ended: [DeliveryEvent.Ending] = []
    /// ms since 1970
    var possiblyMissing: ClosedRange<Int64>?
    /// It tells of reads of `_audit.*` and of nothing else.
    var isQuiet = false

    /// About how large it gets.
    var bytes: Int { 400 + items.reduce(0) { $0 + $1.estimatedBytes } + 40 * closes.count + 320 * ended.count }

    func encoded(source: String, run: String, number: UInt64) -> ByteBuffer {
        let event = DeliveryEvent(
            id: "\(run)/\(number)", source: source, type: DeliveryEvent.typePrefix + kind.rawValue, time: AuditEntry.timeText(time),
            subject: session.map { "node:\($0.node)" } ?? "ledger",
            data: DeliveryEvent.Contents(
                run: run, session: session?.id, node: session?.node, certificate: session?.certificate, address: session?.address,
                interface: session?.interface, deliveries: items.isEmpty ? nil : items,
                closes: closes.isEmpty ? nil : closes.map { Self.windowName($0, run) }, ended: ended.isEmpty ? nil : ended,
                possiblyMissing: possiblyMissing.map {
                    DeliveryEvent.Interval(from: AuditEntry.timeText($0.lowerBound), to: AuditEntry.timeText($0.upperBound))
                }))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return ByteBuffer(bytes: try encoder.encode(event))
        } catch {
            preconditionFailure("an entry of texts and numbers did not become JSON: \(error)")
        }
    }

    static func windowName(_ window: UInt64, _ run: String) -> String { "\(run)/w\(window)" }
}

extension DeliveryEvent.Item {
    init(
        _ stream: DeliveryStream, _ grounds: DeliveryGrounds, citation: String, fields: [String]?, offsets: OffsetRuns, bytes: Int? = nil,
        schemaIDs: [Int32] = [], window: String? = nil, since: Int64? = nil
    ) {
        self.init(
            topic: stream.topic.name, topicId: stream.topic.id.kafkaText, partition: stream.partition.partition, offsets: offsets.text,
            records: offsets.count, bytes: bytes, schemaIds: schemaIDs.isEmpty ? nil : schemaIDs,
            fields: fields.map { $0.prefix(Self.fieldsMax).map { $0.cut(to: AuditEntry.textBytesMax) } },
            purpose: grounds.purpose?.id, purposeImplied: grounds.purpose?.isImplied == true ? true : nil,
            action: grounds.question.auditWords.action, citation: citation.cut(to: AuditEntry.detailBytesMax), policyVersion: grounds.policyVersion,
            window: window, since: since.map(AuditEntry.timeText))
    }

    private static let fieldsMax = 100

    fileprivate var estimatedBytes: Int {
        360 + topic.utf8.count + offsets.utf8.count + citation.utf8.count + (fields ?? []).reduce(0) { $0 + $1.utf8.count + 3 }
    }
}
