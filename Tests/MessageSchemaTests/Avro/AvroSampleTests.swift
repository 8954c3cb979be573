import Foundation
import MessageSchema
import Testing

/// The shipped kinds of record in Avro. Tests/Differential/test_avro.py holds the valid examples to those in JSON.
@Suite("Avro samples")
struct AvroSampleTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Schemas")
    private static let kinds = [
        "air-quality", "business-registration", "public-order-incident", "satisfaction-survey", "school-enrolment", "service-request",
        "service-request-status", "traffic-count", "vaccination",
    ]

    private static func text(_ kind: String, _ file: String) throws -> String {
        try String(contentsOf: folder.appending(path: "\(kind)/\(file)"), encoding: .utf8)
    }

    private static func lines(_ kind: String, _ file: String) throws -> [String] {
        try text(kind, file).split(separator: "\n").map(String.init)
    }

    private static func bytes(_ digits: String) throws -> [UInt8] {
        let digits = Array(digits)
        #expect(digits.count.isMultiple(of: 2))
        return try stride(from: 0, to: digits.count, by: 2).map { try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16)) }
    }

    private static func schema(_ kind: String) throws -> CompiledSchema {
        try ShippedSchemaTests.compile(kind, "schema.avsc", .avro)
    }

    @Test("Each kind has its schema, and valid examples for those in JSON", arguments: kinds)
    func valid(kind: String) throws {
        let schema = try Self.schema(kind)
        let documents = try Self.lines(kind, "valid.avro.hex")
        #expect(documents.count == (try Self.lines(kind, "valid.jsonl").count))
        for document in documents {
            #expect(schema.faults(try Self.bytes(document)) == [])
        }
    }

    @Test("The valid examples are the same bytes after they were JSON", arguments: kinds)
    func asJSON(kind: String) throws {
        let schema = try Self.schema(kind)
        for digits in try Self.lines(kind, "valid.avro.hex") {
            let document = try Self.bytes(digits)
            let json = try schema.json(of: document)
            #expect(try schema.payload(ofJSON: json) == document, "\(String(decoding: json, as: UTF8.self))")
        }
    }

    @Test("Invalid examples are refused with the path and the rule that they name", arguments: kinds)
    func invalid(kind: String) throws {
        let schema = try Self.schema(kind)
        let lines = try Self.lines(kind, "invalid.avro.jsonl")
        #expect(lines.count >= 3)
        for line in lines {
            let example = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
            let document = try Self.bytes(example["document"] ?? "")
            #expect(schema.faults(document) == ["\(example["path"] ?? "") \(example["rule"] ?? "")"], "\(line)")
        }
    }

    @Test("The same fields are tagged as in the JSON Schema, and the same ones are required", arguments: kinds)
    func tags(kind: String) throws {
        let json = try #require(JSONSerialization.jsonObject(with: Data(Self.text(kind, "schema.json").utf8)) as? [String: Any])
        let properties = try #require(json["properties"] as? [String: [String: Any]])
        let tagged = properties.compactMap { name, property in
            let tag = TaggedField(path: "/\(name)", isPersonal: property["x-personal"] as? Bool ?? false, sensitivity: property["x-sensitivity"] as? String)
            return tag.isPersonal || tag.sensitivity != nil ? tag : nil
        }
        #expect(Set(try Self.schema(kind).taggedFields) == Set(tagged))

        let avro = try #require(JSONSerialization.jsonObject(with: Data(Self.text(kind, "schema.avsc").utf8)) as? [String: Any])
        let fields = try #require(avro["fields"] as? [[String: Any]])
        #expect(Set(fields.compactMap { $0["name"] as? String }) == Set(properties.keys))
        #expect(Set(fields.filter { $0["default"] == nil }.compactMap { $0["name"] as? String }) == Set(json["required"] as? [String] ?? []))
    }
}
