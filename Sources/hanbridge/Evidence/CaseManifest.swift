import Foundation
import Transparency

/// What a case file says of itself, as `case.json`. Nobody signs it: it says where to look, and what is found there is judged.
struct CaseManifest: Codable, Sendable {
    static let name = "case.json"
    static let formatNow = "hanbridge.case/v1"
    static let bytesMax = 8 << 20
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
    var logs: [Log] = []
    /// Parts that could not be had, and why.
    var lacks: [String: String] = [:]

    /// Where a log's files are.
    static func folder(of partition: Int32) -> String { "\(partition)/" }

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
            Set(manifest.logs.map(\.partition)).count == manifest.logs.count,
            manifest.logs.allSatisfy({ $0.partition >= 0 && 0 <= $0.from && $0.from <= $0.to && $0.to <= $0.size })
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
