import Foundation
import MessageSchema
import Testing

/// The shipped kinds of record in Protobuf. Tests/Differential/test_protobuf.py holds the valid examples to those in JSON.
@Suite struct ProtoSampleTests {
    static let kinds = ShippedSchemaTests.types

    private static func schema(_ kind: String) throws -> CompiledSchema {
        try ShippedSchemaTests.compile(kind, "schema.proto", .protobuf)
    }

    @Test("Each kind has valid examples for those in JSON", arguments: kinds)
    func valid(_ kind: String) throws {
        let schema = try Self.schema(kind)
        let lines = try ShippedSchemaTests.read(kind, "valid.protobuf.hex").split(separator: "\n")
        #expect(lines.count == (try ShippedSchemaTests.read(kind, "valid.jsonl").split(separator: "\n").count))
        for line in lines { #expect(Protobuf.verdict(Protobuf.bytes(String(line)), under: schema) == []) }
    }

    @Test("The valid examples say the same after they were JSON", arguments: kinds)
    func asJSON(_ kind: String) throws {
        let schema = try Self.schema(kind)
        for line in try ShippedSchemaTests.read(kind, "valid.protobuf.hex").split(separator: "\n") {
            let json = try schema.json(of: Protobuf.bytes(String(line)))
            let payload = try schema.payload(ofJSON: json)
            #expect(Protobuf.verdict(payload, under: schema) == [])
            #expect(try schema.json(of: payload) == json, "\(String(decoding: json, as: UTF8.self))")
        }
    }

    @Test("Invalid examples are refused with the path and the rule that they name", arguments: kinds)
    func invalid(_ kind: String) throws {
        let schema = try Self.schema(kind)
        let lines = try ShippedSchemaTests.read(kind, "invalid.protobuf.jsonl").split(separator: "\n")
        #expect(lines.count >= 3)
        for line in lines {
            let example = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
            let verdict = Protobuf.verdict(Protobuf.bytes(example["document"] ?? ""), under: schema)
            #expect(verdict == ["\(example["path"] ?? "") \(example["rule"] ?? "")"], "\(line)")
        }
    }

    @Test("The same fields are tagged as in the JSON Schema", arguments: kinds)
    func tags(_ kind: String) throws {
        let json = try ShippedSchemaTests.compile(kind, "schema.json", .json)
        #expect(Set(try Self.schema(kind).taggedFields) == Set(json.taggedFields))
    }

    @Test("A schema stays compatible with its own text and descriptor", arguments: kinds)
    func forms(_ kind: String) throws {
        let schema = try Self.schema(kind)
        for text in [schema.canonicalText, schema.normalizedText, try #require(schema.serializedText)] {
            let same = try CompiledSchema(compiling: SchemaSource(format: .protobuf, text: text), codeList: ShippedSchemaTests.codeList)
            #expect(same.incompatibilities(with: [schema], at: .full) == [])
            #expect(same.taggedFields == schema.taggedFields)
        }
    }

    @Test("The options file that is shipped for compilers is the built-in one")
    func options() throws {
        let shipped = try CompiledSchema(compiling: SchemaSource(format: .protobuf, text: ShippedSchemaTests.read("hanbridge", "options.proto")))
        let extensions = shipped.canonicalText.split(separator: "\n").filter { $0.hasPrefix("  ") }
        #expect(extensions == ["  bool personal = 58401;", "  string sensitivity = 58402;", "  string codelist = 58403;"])
    }
}
