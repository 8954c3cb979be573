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

    static func compile(_ type: String, _ file: String, _ format: SchemaFormat) throws -> CompiledSchema {
        try CompiledSchema(compiling: SchemaSource(format: format, text: read(type, file)), codeList: codeList)
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
