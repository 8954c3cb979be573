import Foundation
import KafkaWire
import MessageSchema
import NIOCore

/// A record on its way to a topic.
struct OutgoingRecord: Sendable {
    var key: [UInt8]?
    var value: [UInt8]
    var headers: [Record.Header] = []
    /// ms since 1970.
    var timestamp: Int64
    /// Where it comes from: the line of a file, from 1. Refusals name it.
    var line = 0
    /// Where it must go; nil where its key, or nothing, decides.
    var partition: Int32?

    /// As it counts against the size of a batch: with length fields and offsets of at most so many bytes.
    var estimatedBytes: Int {
        headers.reduce(24 + (key?.count ?? 0) + value.count) { $0 + 10 + $1.key.utf8.count + ($1.value?.readableBytes ?? 0) }
    }
}

/// A record that the broker did not take, while it took others of its batch.
struct RefusedRecord: Equatable, Sendable {
    /// ``OutgoingRecord/line``
    let line: Int
    let reason: RefusalReason
}

/// Why a record was refused: the broker's words about one record (KIP-467) taken apart again.
///
///     /count: the number is below the minimum 0 (minimum); /ward: … (type); kept as portal.quarantine/0/17
struct RefusalReason: Equatable, Sendable {
    struct Violation: Equatable, Sendable {
        /// A JSON Pointer into the document; empty for the whole, `key:` in front where it leads into the key.
        let path: String
        let rule: String
        let message: String
    }

    var violations: [Violation] = []
    /// The quarantine's entry that keeps it, as `topic/partition/offset`.
    var entry: String?

    /// - Parameter words: what they have of no violation's form is one without path and rule: another broker's words.
    init(_ words: String) {
        var rest = Substring(words)
        if let range = rest.range(of: Self.keptWords, options: .backwards), QuarantinePlace(String(rest[range.upperBound...])) != nil {
            entry = String(rest[range.upperBound...])
            rest = rest[..<range.lowerBound]
        }
        while let end = rest.firstMatch(of: /\((?<rule>[A-Za-z0-9$@._-]+)\)(?:; |$)/) {
            violations.append(Self.violation(rest[..<end.range.lowerBound], rule: String(end.output.rule)))
            rest = rest[end.range.upperBound...]
        }
        if !rest.isEmpty { violations.append(Violation(path: "", rule: "", message: String(rest))) }
    }

    init(_ violations: [Violation]) { self.violations = violations }

    /// What could not even be written in the schema's format.
    init(_ violation: MessageSchema.Violation) {
        violations = [Violation(path: violation.path, rule: violation.rule, message: violation.message)]
    }

    private static let keptWords = "; kept as "

    private static func violation(_ words: Substring, rule: String) -> Violation {
        let words = words.hasSuffix(" ") ? words.dropLast() : words
        guard words.hasPrefix("/") || words.hasPrefix("key:"), let colon = words.firstRange(of: ": ") else {
            return Violation(path: "", rule: rule, message: String(words))
        }
        return Violation(path: String(words[..<colon.lowerBound]), rule: rule, message: String(words[colon.upperBound...]))
    }
}
