import Testing

@testable import MessageSchema

#if canImport(Glibc)
import Glibc
#endif

/// The JSON Schema Test Suite, where a copy of it lies beside the clone (`../shared/data/json-schema-tests`) or where
/// `HANBRIDGE_JSON_SCHEMA_TESTS` says. Without one these tests pass with a note; `KeywordTests` covers the same keywords.
@Suite struct OfficialSuiteTests {
    @Test("The official suite passes whole", arguments: ["draft2020-12", "draft2019-09", "draft7"])
    func officialSuite(_ draft: String) throws {
        guard let root = Self.root, let files = Self.list("\(root)/\(draft)"), !files.isEmpty else {
            print("note: no copy of the JSON Schema Test Suite for \(draft) was found; its tests are skipped")
            return
        }
        let remotes = Self.remotes("\(root)/remotes", "http://localhost:1234/", draft)
        var count = 0
        for file in files where file.hasSuffix(".json") {
            count += try run("\(root)/\(draft)/\(file)", draft, assertsFormats: false, remotes)
        }
        #expect(count > 0)
        for file in Self.list("\(root)/\(draft)/optional/format") ?? [] where Self.formats.contains(file) {
            _ = try run("\(root)/\(draft)/optional/format/\(file)", draft, assertsFormats: true, remotes)
        }
    }

    /// The formats that are asserted: all but the internationalised ones.
    private static let formats = Set(StringFormat.allCases.map { "\($0.rawValue).json" })

    private func run(_ path: String, _ draft: String, assertsFormats: Bool, _ remotes: [SchemaSource.Reference]) throws -> Int {
        let suite = try TestJSON(text: #require(Self.read(path)))
        var count = 0
        var valid = 0
        var accepted = 0
        defer { print("\(path.split(separator: "/").last ?? ""): \(accepted) of \(valid) valid documents accepted in one pass") }
        for group in suite.elements {
            var options = SchemaOptions()
            options.assertsFormats = assertsFormats
            options.allowsBacktrackingPatterns = true
            var text = group["schema"].text
            // The suite's older drafts leave `$schema` out.
            if draft != "draft2020-12", !text.contains("\"$schema\""), text.hasPrefix("{") {
                let uri = draft == "draft7" ? Dialect.Draft.draft7.uri : Dialect.Draft.draft2019.uri
                text = text == "{}" ? "{\"$schema\":\"\(uri)\"}" : "{\"$schema\":\"\(uri)\",\(text.dropFirst())"
            }
            // Internationalised names are not checked.
            if assertsFormats, group["description"].string.contains("A-label") { continue }
            let source = SchemaSource(format: .json, text: text, references: text.hasPrefix("{") ? remotes : [])
            let title = "\(path.split(separator: "/").last ?? ""): \(group["description"].string)"
            let schema: JSONSchemaProgram
            do {
                schema = try JSONSchemaProgram(compiling: source, options: options) { _ in nil }
            } catch {
                Issue.record("\(title): \(error)")
                continue
            }
            for test in group["tests"].elements {
                let bytes = Array(test["data"].text.utf8)
                let violations = bytes.withUnsafeBytes { schema.violationsByEvaluation(in: $0, violationsMax: 20) }
                // The fast walk may leave a document to the evaluation; it may not think otherwise.
                let isAccepted = bytes.withUnsafeBytes { schema.acceptsFast($0) }
                if isAccepted, !violations.isEmpty { Issue.record("\(title): the fast walk accepts \(test["data"].text.prefix(200))") }
                if violations.isEmpty { valid += 1 }
                if isAccepted { accepted += 1 }
                let expected = test["valid"].text == "true"
                if violations.isEmpty != expected {
                    Issue.record("\(title): \(test["description"].string): \(test["data"].text.prefix(200)) should be \(expected): \(violations.map(\.rule))")
                }
                count += 1
            }
        }
        return count
    }

    // MARK: files

    private static let root: String? = {
        if let named = getenv("HANBRIDGE_JSON_SCHEMA_TESTS") { return String(cString: named) }
        var folder = #filePath[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            let candidate = "\(folder)/shared/data/json-schema-tests"
            if access(candidate, R_OK) == 0 { return candidate }
        }
        return nil
    }()

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func list(_ path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func remotes(_ path: String, _ uri: String, _ draft: String) -> [SchemaSource.Reference] {
        // Remotes of other drafts do not say so (`$schema` is left out), and would be read as this one's.
        (list(path) ?? []).filter { !$0.hasPrefix("draft") && $0 != "v1" || $0 == draft }.flatMap { name -> [SchemaSource.Reference] in
            if name.hasSuffix(".json") { return read("\(path)/\(name)").map { [SchemaSource.Reference(name: uri + name, text: $0)] } ?? [] }
            return remotes("\(path)/\(name)", "\(uri)\(name)/", draft)
        }
    }
}
