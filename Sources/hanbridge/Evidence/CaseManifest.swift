import Foundation
import KafkaWire
import Transparency

/// What a case file says of itself, as `case.json`. Nobody signs it: it says where to look, and what is found there is judged.
struct CaseManifest: Codable, Sendable {
    static let name = "case.json"
    static let formatNow = "hanbridge.case/v1"
    static let bytesMax = 64 << 20
    /// Beyond what a topic has.
    static let logsMax = 10_000

    enum Records: String, Codable, Sendable {
        /// Contents and salts.
        case full
        /// What rules show of them, without salts.
        case masked
        /// Entries alone: salted commitments, no content.
        case none
    }

    struct Log: Codable, Sendable {
        var partition: Int32
        var origin: String
        /// Entries that the checkpoint covers.
        var size: Int64
        /// The offsets of the case, the second not included.
        var from: Int64
        var to: Int64
        /// The log's id where it was closed, and the partition's records go on in another one, which is in the case too.
        var closed: String?

        /// Where its files are.
        var folder: String { closed.map { "\(partition)-\($0)/" } ?? Self.folder(of: partition) }

        /// Of the log that goes on.
        static func folder(of partition: Int32) -> String { "\(partition)/" }
    }

    var format = Self.formatNow
    var topic: String
    var topicID: String
    /// RFC 3339, by the clock of whoever made it.
    var madeAt: String
    var purpose: String?
    var records: Records
    /// The time whose rules masked the records, RFC 3339; nil for those of the time at which the case was made.
    var rulesOf: String?
    /// The node whose rules masked the records; nil for those of whoever made the case.
    var shownTo: String?
    var logs: [Log] = []
    /// The part of the delivery ledger's log that is in the case.
    var ledger: Log?
    /// SHA-256 of each member but those that a log's tree proves by itself: what was changed, or is gone, is told. Whoever knows of it can
    /// change both; what proves more than that is in the logs.
    var digests: [String: String] = [:]
    /// Parts that could not be had, and why.
    var lacks: [String: String] = [:]

    /// Whether an archive of this case may have a member of this name.
    func hasMember(_ name: String) -> Bool {
        let folders = logs.map(\.folder) + (ledger == nil ? [] : [CaseLedger.folder])
        return name == Self.name || digests[name] != nil || folders.contains { name.hasPrefix($0) && Self.isProven(name.dropFirst($0.count)) }
    }

    /// What a member that is not proven by a tree may have at most.
    static func bytesMax(of name: String) -> Int {
        switch name.split(separator: "/").dropFirst().first.map(String.init) ?? name {
        case CaseLedger.extract, "masked": 1 << 30
        case DocumentRecords.file, LogExport.cosigned, PruningRecord.file, ReopeningRecord.file: 256 << 20
        default: bytesMax
        }
    }

    /// Of a log's members those that its tree proves.
    static func isProven(_ name: Substring) -> Bool { ["tile/", "records/", "openings/"].contains { name.hasPrefix($0) } }

    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Strings and integers, which JSON can say.
        return Array((try? encoder.encode(self)) ?? Data()) + [UInt8(ascii: "\n")]
    }

    /// nil where it is none, or has more than a case can.
    init?(json: [UInt8]) {
        guard json.count <= Self.bytesMax, let manifest = try? JSONDecoder().decode(CaseManifest.self, from: Data(json)),
            manifest.format == Self.formatNow, manifest.logs.count <= Self.logsMax,
            Set(manifest.logs.map(\.folder)).count == manifest.logs.count,
            manifest.logs.allSatisfy({ $0.closed.map { UUID128(hex: $0) != nil } ?? true }),
            (manifest.logs + [manifest.ledger].compactMap { $0 }).allSatisfy({ $0.partition >= 0 && 0 <= $0.from && $0.from <= $0.to && $0.to <= $0.size })
        else { return nil }
        self = manifest
    }

    init(topic: String, topicID: String, madeAt: Date, purpose: String?, records: Records) {
        self.topic = topic
        self.topicID = topicID
        self.madeAt = madeAt.formatted(Date.ISO8601FormatStyle(timeZone: .gmt))
        self.purpose = purpose
        self.records = records
    }
}
