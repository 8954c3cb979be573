import Foundation
import Testing

@testable import KafkaWire

/// Apache's message definitions, where they are at hand; they are no part of this project.
private let definitionsFolder: URL? = {
    let folder =
        ProcessInfo.processInfo.environment["HANBRIDGE_KAFKA_MESSAGES"].map { URL(fileURLWithPath: $0) }
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/data/kafka-messages")
    return FileManager.default.fileExists(atPath: folder.appending(path: "FetchRequest.json").path) ? folder : nil
}()

@Suite struct SpecificationTests {
    @Test("every layout has the fields, types, nulls and tags of Apache's definition, at every version")
    func layouts() throws {
        guard let folder = definitionsFolder else {
            print("skipped: no message definitions; HANBRIDGE_KAFKA_MESSAGES names their folder")
            return
        }
        for api in ApiKey.allCases { try compare(api.requestType, api, folder) }
        try compare(ConsumerProtocolSubscription.self, folder)
        try compare(ConsumerProtocolAssignment.self, folder)
    }

    private func compare<Request: KafkaRequest>(_ type: Request.Type, _ api: ApiKey, _ folder: URL) throws {
        #expect(Request.apiKey == api)
        #expect(Request.versions == Request.Response.versions)
        #expect(Request.flexibleSince == Request.Response.flexibleSince)
        let request = try compare(type, folder)
        #expect(request.apiKey == api.rawValue)
        #expect(try compare(Request.Response.self, folder).apiKey == api.rawValue)
    }

    @discardableResult
    private func compare<Message: WireMessage>(_ type: Message.Type, _ folder: URL) throws -> Definition {
        let definition = try Definition(folder.appending(path: "\(type).json"))
        #expect(definition.validVersions.contains(Message.versions.lowerBound), "\(type)")
        #expect(definition.validVersions.contains(Message.versions.upperBound), "\(type)")
        #expect(Message.flexibleSince == (definition.flexibleVersions?.lowerBound ?? .max), "\(type)")
        for version in Message.versions {
            let layout = SpecificationRecorder.fields(of: type, version: version)
            #expect(layout == definition.fields(at: version), "\(type) version \(version)")
        }
        return definition
    }

    @Test("the comparison sees a field that is missing, misnamed, misplaced or of another type")
    func comparisonCanFail() {
        let fields = SpecificationRecorder.fields(of: FetchRequest.self, version: 12)
        #expect(fields != SpecificationRecorder.fields(of: FetchRequest.self, version: 11))
        #expect(fields != SpecificationRecorder.fields(of: FetchRequest.self, version: 13))
        #expect(fields.map(\.name).contains("ClusterId"))
        #expect(fields.last?.tag == 0)
    }
}

/// A message definition: JSON with comments.
private struct Definition {
    let apiKey: Int16?
    let validVersions: ClosedRange<Int16>
    let flexibleVersions: ClosedRange<Int16>?
    private let fields: [[String: Any]]
    private let commonStructures: [String: [[String: Any]]]

    struct Malformed: Error { let file: String }

    init(_ file: URL) throws {
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        let text = lines.map { line in
            guard let comment = line.range(of: "//") else { return String(line) }
            // A quote count tells a comment from two slashes in a text.
            return line[..<comment.lowerBound].count(where: { $0 == "\"" }) % 2 == 0 ? String(line[..<comment.lowerBound]) : String(line)
        }.joined(separator: "\n")
        guard let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            let fields = json["fields"] as? [[String: Any]], let versions = Self.versions(json["validVersions"])
        else { throw Malformed(file: file.lastPathComponent) }
        self.apiKey = (json["apiKey"] as? Int).map(Int16.init)
        self.validVersions = versions
        self.flexibleVersions = Self.versions(json["flexibleVersions"])
        self.fields = fields
        self.commonStructures = Dictionary(
            uniqueKeysWithValues: ((json["commonStructs"] as? [[String: Any]]) ?? []).compactMap { structure in
                guard let name = structure["name"] as? String, let fields = structure["fields"] as? [[String: Any]] else { return nil }
                return (name, fields)
            })
    }

    func fields(at version: Int16) -> [FieldSpecification] { fields(fields, at: version) }

    /// Tagged fields come last, in the order of their tags, whatever their place in the definition.
    private func fields(_ fields: [[String: Any]], at version: Int16) -> [FieldSpecification] {
        let all = fields.compactMap { field($0, at: version) }
        return all.filter { $0.tag == nil } + all.filter { $0.tag != nil }.sorted { ($0.tag ?? 0) < ($1.tag ?? 0) }
    }

    private func field(_ field: [String: Any], at version: Int16) -> FieldSpecification? {
        guard let name = field["name"] as? String, let type = field["type"] as? String,
            Self.versions(field["versions"])?.contains(version) ?? false
        else { return nil }
        let element = type.hasPrefix("[]") ? String(type.dropFirst(2)) : type
        let nested = field["fields"] as? [[String: Any]] ?? commonStructures[element] ?? []
        let isTagged = Self.versions(field["taggedVersions"])?.contains(version) ?? false
        return FieldSpecification(
            name: name, type: type, isNullable: Self.versions(field["nullableVersions"])?.contains(version) ?? false,
            tag: isTagged ? (field["tag"] as? Int).map(UInt32.init) : nil, fields: fields(nested, at: version))
    }

    /// `3+`, `0-4`, `2`, `none`.
    private static func versions(_ value: Any?) -> ClosedRange<Int16>? {
        guard let text = value as? String, text != "none" else { return nil }
        if text.hasSuffix("+"), let first = Int16(text.dropLast()) { return first ... .max }
        let ends = text.split(separator: "-").compactMap { Int16($0) }
        guard let first = ends.first, let last = ends.last else { return nil }
        return first...last
    }
}
