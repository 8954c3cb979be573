import Foundation
import Testing

@testable import MessageSchema

/// The message types that are shipped in `Schemas/`, with the documents that stand beside each.
@Suite struct ShippedSchemaTests {
    static let folder: URL? = {
        // The folder of this file may be reached by a link; `Schemas` lies beside `Tests`, or beside what `Tests` links to.
        var place = URL(filePath: #filePath).resolvingSymlinksInPath()
        while place.path != "/" {
            place.deleteLastPathComponent()
            let candidate = place.appending(path: "Schemas")
            if FileManager.default.fileExists(atPath: candidate.appending(path: "README.md").path) { return candidate }
        }
        return nil
    }()

    static let types = [
        "air-quality", "business-registration", "public-order-incident", "satisfaction-survey", "school-enrolment", "service-request",
        "service-request-status", "traffic-count", "vaccination",
    ]

    static func read(_ type: String, _ file: String) throws -> String {
        try String(contentsOf: #require(folder).appending(path: "\(type)/\(file)"), encoding: .utf8)
    }

    /// The code lists that the types refer to, in their first versions.
    static func codeList(_ name: CodeListName) -> CodeList? {
        guard name.version == 1, let text = try? read("codelists/\(name.subject)", "schema.json") else { return nil }
        return try? CodeList(parsing: text)
    }

    static func compile(
        _ type: String, _ file: String, _ format: SchemaFormat, codeList: (CodeListName) -> CodeList? = codeList
    ) throws -> CompiledSchema {
        try CompiledSchema(compiling: SchemaSource(format: format, text: read(type, file)), codeList: codeList)
    }

    /// The rules after which a payload cannot be read any further.
    static let unreadable: Set<String> = ["utf8", "union", "truncated", "trailing-bytes", "enum", "wire-type"]

    @Test(
        "Who has a schema without its code lists reads and judges by the rest of it",
        arguments: types, [("schema.avsc", "avro", SchemaFormat.avro), ("schema.proto", "protobuf", .protobuf)])
    func unknownLists(_ type: String, _ file: (schema: String, name: String, format: SchemaFormat)) throws {
        let known = try Self.compile(type, file.schema, file.format)
        let schema = try Self.compile(type, file.schema, file.format) { _ in .unknown }
        #expect(schema.codeLists == known.codeLists)
        for line in try Self.read(type, "valid.\(file.name).hex").split(separator: "\n") {
            let payload = Protobuf.bytes(String(line))
            #expect(schema.faults(payload) == [])
            #expect(try schema.json(of: payload) == known.json(of: payload))
        }
        for line in try Self.read(type, "invalid.\(file.name).jsonl").split(separator: "\n") {
            let example = try TestJSON(text: String(line))
            let payload = Protobuf.bytes(example["document"].string)
            let rule = example["rule"].string
            if rule == "x-codelist" { #expect(schema.faults(payload) == [], "\(line)") }
            // A record that was refused can be looked at, as far as its bytes can be read.
            for schema in [schema, known] {
                if Self.unreadable.contains(rule) {
                    #expect(throws: Violation.self, "\(line)") { try schema.json(of: payload) }
                } else {
                    #expect(throws: Never.self, "\(line)") { try JSONDocument(parsing: schema.json(of: payload)) }
                }
            }
        }
    }

    @Test("A JSON Schema without its code lists takes any code, also within alternatives")
    func unknownListsOfJSON() throws {
        let text = #"{"properties":{"a":{"anyOf":[{"type":"string","x-codelist":"wards@1"},{"type":"null"}]},"b":{"x-codelist":"wards@1"}}}"#
        let schema = try CompiledSchema(compiling: SchemaSource(format: .json, text: text)) { _ in .unknown }
        #expect(schema.codeLists.map(\.description) == ["wards@1"])
        #expect(schema.violations(in: #"{"a":"x","b":"y"}"#) == [])
        #expect(schema.violations(in: #"{"a":null,"b":5}"#) == [])
        #expect(schema.violations(in: #"{"a":5}"#).map(\.rule) == ["anyOf"])
    }

    @Test("Every ward and every agency is a code of a list, in all three formats", arguments: types)
    func codeLists(_ type: String) throws {
        let names: Set = type == "public-order-incident" ? ["wards@1", "agencies@1"] : ["wards@1"]
        for (file, format) in [("schema.json", SchemaFormat.json), ("schema.avsc", .avro), ("schema.proto", .protobuf)] {
            #expect(Set(try Self.compile(type, file, format).codeLists.map(\.description)) == names, "\(file)")
        }
    }

    @Test("Each valid example is accepted, and each invalid one is refused at its place by its rule", arguments: types)
    func examples(_ type: String) throws {
        let schema = try Self.compile(type, "schema.json", .json)
        for line in try Self.read(type, "valid.jsonl").split(separator: "\n") {
            #expect(schema.violations(in: String(line)) == [], "\(line)")
        }
        for line in try Self.read(type, "invalid.jsonl").split(separator: "\n") {
            let example = try TestJSON(text: String(line))
            let violations = schema.violations(in: example["document"].text)
            let isFound = violations.contains { $0.path == example["path"].string && $0.rule == example["rule"].string }
            #expect(isFound, "\(line): \(violations)")
        }
    }

    @Test("Fields about a person are recorded")
    func taggedFields() throws {
        let schema = try Self.compile("service-request", "schema.json", .json)
        #expect(
            schema.taggedFields == [
                TaggedField(path: "/citizenId", isPersonal: true, sensitivity: "high"),
                TaggedField(path: "/fullName", isPersonal: true, sensitivity: nil),
                TaggedField(path: "/phone", isPersonal: true, sensitivity: nil),
            ])
    }
}
