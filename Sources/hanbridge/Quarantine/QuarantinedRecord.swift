import Foundation
import KafkaWire
import NIOCore

/// A refused record as its quarantine keeps it, taken apart into what it was and what is known of it (Sources/Broker/Quarantine).
struct QuarantinedRecord: Sendable {
    let place: QuarantinePlace
    /// The publisher's, ms since 1970.
    let timestamp: Int64
    /// The entry's own key: the same for every try.
    let digest: ByteBuffer?
    let originTopic: String
    let originPartition: Int32
    /// The principal.
    let publisher: String
    let violations: [RefusalReason.Violation]
    /// What the record was.
    let key: ByteBuffer?
    let value: ByteBuffer?
    let headers: [Record.Header]

    private static let ours = "hanbridge-"
    private static let original = "original-hanbridge-"

    /// - Returns: nil for what is no entry, such as a resolution.
    init?(_ delivered: DeliveredRecord) {
        let record = delivered.record
        guard Resolution.place(in: record) == nil, let origin = record.header("hanbridge-origin"), let publisher = record.header("hanbridge-publisher"),
            let slash = origin.lastIndex(of: "/"), let partition = Int32(origin[origin.index(after: slash)...])
        else { return nil }
        place = QuarantinePlace(topic: delivered.partition.topic, partition: delivered.partition.partition, offset: record.offset)
        timestamp = record.timestamp
        digest = record.key
        originTopic = String(origin[..<slash])
        originPartition = partition
        self.publisher = publisher
        violations = Self.violations(record.header("hanbridge-violations"))
        key = record.headers.last { $0.key == "hanbridge-key" }?.value
        value = record.value
        headers = record.headers.compactMap { header in
            if header.key.hasPrefix(Self.original) { return Record.Header(key: String(header.key.dropFirst("original-".count)), value: header.value) }
            return header.key.hasPrefix(Self.ours) ? nil : header
        }
    }

    private static func violations(_ text: String?) -> [RefusalReason.Violation] {
        struct Told: Decodable {
            let path: String
            let rule: String
            let message: String
        }
        let told = text.flatMap { try? JSONDecoder().decode([Told].self, from: Data($0.utf8)) } ?? []
        return told.map { RefusalReason.Violation(path: $0.path, rule: $0.rule, message: $0.message) }
    }
}

/// What became of an entry: a record in the quarantine behind it.
struct Resolution: Sendable, Equatable {
    enum Outcome: String, Sendable { case fixed, dropped }

    let outcome: Outcome
    /// The record that was published instead, as `topic/partition/offset`.
    var record: String?
    var reason: String?

    /// The header that names the entry, `<partition>/<offset>` of its topic.
    static let header = "hanbridge-resolves"
    /// The header of a corrected record that names the entry it comes from.
    static let linkHeader = "hanbridge-quarantined"

    init(_ outcome: Outcome, record: String? = nil, reason: String? = nil) {
        self.outcome = outcome
        self.record = record
        self.reason = reason
    }

    /// - Returns: nil for what says nothing of the kind; a resolution of others' making counts as well, as far as it can be read.
    init?(_ record: Record) {
        guard Self.place(in: record) != nil else { return nil }
        struct Said: Decodable {
            let resolution: String?
            let record: String?
            let reason: String?
        }
        let said = record.value.flatMap { try? JSONDecoder().decode(Said.self, from: Data($0.readableBytesView)) }
        outcome = said?.resolution.flatMap(Outcome.init) ?? .dropped
        self.record = said?.record
        reason = said?.reason
    }

    static func place(in record: Record) -> (partition: Int32, offset: Int64)? {
        guard let text = record.header(header) else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let partition = Int32(parts[0]), let offset = Int64(parts[1]) else { return nil }
        return (partition, offset)
    }

    /// The record that says so.
    func record(for entry: QuarantinedRecord) -> OutgoingRecord {
        let fields: [(String, JSONText)] = [
            ("resolution", .string(outcome.rawValue)), ("record", .optional(record)), ("reason", .optional(reason)),
        ]
        let place = "\(entry.place.partition)/\(entry.place.offset)"
        return OutgoingRecord(
            key: entry.digest.map { Array($0.readableBytesView) },
            value: Array(JSONText.object(fields.filter { $0.1 != .null }).description.utf8),
            headers: [Record.Header(key: Self.header, value: ByteBuffer(string: place))],
            timestamp: Int64(Date().timeIntervalSince1970 * 1000), partition: entry.place.partition)
    }
}
