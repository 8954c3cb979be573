import Foundation
import KafkaWire
import NIOCore
import Sentences

/// Prints records as they come: their values for people, one a line, or envelopes for programs.
struct RecordOutput: Sendable {
    private let format: OutputFormat
    private let language: Language
    private let decoder: RecordDecoder

    /// - Parameter format: nil for what the command line says.
    init(_ session: BrokerSession, _ decoder: RecordDecoder, format: OutputFormat? = nil) {
        self.format = format ?? session.output
        language = session.language
        self.decoder = decoder
    }

    func write(_ delivered: DeliveredRecord) async throws {
        switch format {
        case .table: try await writeValue(delivered)
        case .json: try StandardStream.output.write(contentsOf: Array((await envelope(delivered).description + "\n").utf8))
        }
    }

    private func writeValue(_ delivered: DeliveredRecord) async throws {
        if let corrected = delivered.record.corrects {
            // Beside the values and not among them: what reads them from a pipe reads values.
            let place = "\(delivered.partition.partition)/\(delivered.record.offset)"
            StandardStream.error.writeLine(Sentence.recordCorrects(place, corrected).text(in: language))
        }
        var line: [UInt8] = []
        if let payload = delivered.record.value {
            let (shown, schemaID) = await decoder.value(payload)
            switch (shown, schemaID) {
            case (.document(let bytes), _), (.bytes(let bytes), nil): line = bytes
            case (.bytes(let bytes), let id?):
                line = Array(JSONText.object([("base64", Self.base64(bytes)), ("schemaId", .integer(Int64(id)))]).description.utf8)
            }
        }
        line.append(UInt8(ascii: "\n"))
        try StandardStream.output.write(contentsOf: line)
    }

    private func envelope(_ delivered: DeliveredRecord) async -> JSONText {
        let record = delivered.record
        var fields: [(String, JSONText)] = [
            ("topic", .string(delivered.partition.topic)), ("partition", .integer(Int64(delivered.partition.partition))),
            ("offset", .integer(record.offset)), ("timestamp", .integer(record.timestamp)),
        ]
        if let key = record.key { fields.append(("key", Self.text(await decoder.key(key)))) } else { fields.append(("key", .null)) }
        guard let payload = record.value else { return .object(fields + [("value", .null)] + corrections(record)) }
        let (shown, schemaID) = await decoder.value(payload)
        fields.append(("value", Self.value(shown)))
        if let schemaID { fields.append(("schemaId", .integer(Int64(schemaID)))) }
        return .object(fields + corrections(record))
    }

    private func corrections(_ record: Record) -> [(String, JSONText)] { record.corrects.map { [("corrects", .string($0))] } ?? [] }

    /// A JSON document on one line stays what it is.
    static func value(_ shown: RecordDecoder.Shown) -> JSONText {
        switch shown {
        case .document(let bytes) where !bytes.contains(UInt8(ascii: "\n")): .raw(String(decoding: bytes, as: UTF8.self))
        case .document(let bytes), .bytes(let bytes): text(ByteBuffer(bytes: bytes))
        }
    }

    /// Text as text; other bytes as Base64 in an object, so that the two cannot be confused.
    static func text(_ bytes: ByteBuffer) -> JSONText {
        if let text = String(validating: bytes.readableBytesView, as: UTF8.self) { return .string(text) }
        return .object([("base64", base64(Array(bytes.readableBytesView)))])
    }

    private static func base64(_ bytes: [UInt8]) -> JSONText { .string(Data(bytes).base64EncodedString()) }
}

extension Record {
    /// The last value of a header, as text.
    func header(_ name: String) -> String? {
        headers.last { $0.key == name }?.value.flatMap { String(validating: $0.readableBytesView, as: UTF8.self) }
    }

    /// The record of its topic that it takes the place of, as `partition/offset`.
    var corrects: String? { header("hanbridge-corrects") }
}
