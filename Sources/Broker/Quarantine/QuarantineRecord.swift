import Crypto
import Foundation
import KafkaWire
import MessageSchema
import NIOCore
import Storage

// A refused record as its quarantine keeps it: the value as it came, and what must be known of it as headers. Its own headers follow; those that
// begin with `hanbridge-` get `original-` before their name, so that nobody writes ours.
//
// | part | is |
// |---|---|
// | key | the record's digest in hexadecimal: the same for every try |
// | value | the value as it came, with its frame |
// | hanbridge-origin | `<topic>/<partition>` that it was published to |
// | hanbridge-publisher | the principal |
// | hanbridge-violations | JSON: [{"path":…,"rule":…,"message":…}] |
// | hanbridge-key | the record's own key, where it has one |

enum QuarantineRecord {
    static let origin = "hanbridge-origin"
    static let publisher = "hanbridge-publisher"
    static let violations = "hanbridge-violations"
    static let key = "hanbridge-key"
    private static let reserved = "hanbridge-"
    private static let originalPrefix = "original-"

    /// What makes two tries one: topic, publisher, key and value. Not the headers: clients put times and trace ids there.
    static func digest(_ record: RecordView, topic: Topic, principal: String) -> Digest256 {
        var hash = SHA256()
        func add(_ bytes: UnsafeRawBufferPointer?) {
            withUnsafeBytes(of: Int64(bytes?.count ?? -1).bigEndian) { hash.update(bufferPointer: $0) }
            if let bytes { hash.update(bufferPointer: bytes) }
        }
        withUnsafeBytes(of: topic.id.high.bigEndian) { add($0) }
        withUnsafeBytes(of: topic.id.low.bigEndian) { add($0) }
        var principal = principal
        principal.withUTF8 { add(UnsafeRawBufferPointer($0)) }
        add(record.key)
        add(record.value)
        guard let digest = Digest256(bytes: Array(hash.finalize())) else { preconditionFailure("SHA-256 has 32 bytes") }
        return digest
    }

    /// Of what a record is known by elsewhere.
    static func digest(of words: [String]) -> Digest256 {
        var hash = SHA256()
        for word in words { hash.update(data: Array("\(word)\n".utf8)) }
        guard let digest = Digest256(bytes: Array(hash.finalize())) else { preconditionFailure("SHA-256 has 32 bytes") }
        return digest
    }

    static func headers(
        of record: RecordView, _ violations: [Violation], topic: String, partition: Int32, principal: String
    ) -> [Record.Header] {
        let own = record.headers.map { name, value in
            Record.Header(key: String(decoding: name, as: UTF8.self), value: value.map { ByteBuffer(bytes: $0) })
        }
        return headers(key: record.key.map { ByteBuffer(bytes: $0) }, own: own, violations, topic: topic, partition: partition, principal: principal)
    }

    /// - Parameter own: the headers that the record has.
    static func headers(
        key: ByteBuffer?, own: [Record.Header], _ violations: [Violation], topic: String, partition: Int32, principal: String
    ) -> [Record.Header] {
        var headers = [
            Record.Header(key: origin, value: ByteBuffer(string: "\(topic)/\(partition)")),
            Record.Header(key: publisher, value: ByteBuffer(string: principal)),
            Record.Header(key: Self.violations, value: encoded(violations)),
        ]
        if let key { headers.append(Record.Header(key: Self.key, value: key)) }
        for header in own {
            headers.append(Record.Header(key: header.key.hasPrefix(reserved) ? originalPrefix + header.key : header.key, value: header.value))
        }
        return headers
    }

    private struct Told: Codable {
        let path: String
        let rule: String
        let message: String
    }

    private static func encoded(_ violations: [Violation]) -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let told = violations.map { Told(path: $0.path, rule: $0.rule, message: $0.message) }
        // Strings alone: they always encode.
        return ByteBuffer(bytes: (try? encoder.encode(told)) ?? Data("[]".utf8))
    }
}
