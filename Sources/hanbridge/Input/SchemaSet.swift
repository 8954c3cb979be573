import Foundation
import MessageSchema
import Sentences

/// A directory of schemas as git keeps it. Its manifest names the subjects, each after those that it refers to:
///
///     wards:
///       file: codelists/wards/schema.json
///     portal.service-request.v1-value:
///       file: service-request/schema.json
///       compatibility: FULL
///       references:
///         address.json: address@2        # the name in the text: the subject, and its version where it is not the latest
struct SchemaSet: Sendable {
    static let manifestName = "schemas.yaml"

    struct Reference: Sendable, Hashable {
        /// As the schema's text has it.
        let name: String
        let subject: String
        /// nil for the latest.
        let version: Int32?

        /// - Parameter target: `subject` or `subject@version`.
        init(name: String, target: String) {
            self.name = name
            if let pinned = CodeListName(target) {
                (subject, version) = (pinned.subject, pinned.version)
            } else {
                (subject, version) = (target, nil)
            }
        }
    }

    struct Entry: Sendable {
        let subject: String
        let format: SchemaFormat
        /// As people find it again.
        let file: String
        let text: String
        let references: [Reference]
        let level: CompatibilityLevel?
        let allowsBacktracking: Bool

        /// - Parameters:
        ///   - directory: where the file's path begins; nil for the working directory.
        ///   - format: nil for the one that the file's name tells.
        init(
            subject: String, file: String, in directory: String?, format: SchemaFormat?, references: [Reference],
            level: CompatibilityLevel?, allowsBacktracking: Bool
        ) throws(CommandFailure) {
            let path = directory.map { "\($0)/\(file)" } ?? file
            guard let format = format ?? Self.format(of: file) else { throw .wrongUsage(.schemaTypeUnknown(path)) }
            guard let data = FileManager.default.contents(atPath: path), let text = String(bytes: data, encoding: .utf8) else {
                throw .wrongUsage(.fileUnreadable(path))
            }
            self.subject = subject
            self.format = format
            self.file = path
            self.text = text
            self.references = references
            self.level = level
            self.allowsBacktracking = allowsBacktracking
        }

        private static func format(of file: String) -> SchemaFormat? {
            switch (file as NSString).pathExtension {
            case "json": .json
            case "avsc": .avro
            case "proto": .protobuf
            default: nil
            }
        }

        /// As `POST /v1/schemas` takes it.
        var json: JSONText {
            .object([
                ("subject", .string(subject)), ("schemaType", .string(format.rawValue)), ("schema", .string(text)),
                (
                    "references",
                    .array(
                        references.map { reference in
                            .object([
                                ("name", .string(reference.name)), ("subject", .string(reference.subject)),
                                ("version", reference.version.map { .integer(Int64($0)) } ?? .null),
                            ])
                        })
                ),
                ("compatibility", .optional(level?.rawValue)), ("allowBacktracking", .bool(allowsBacktracking)),
            ])
        }
    }

    let entries: [Entry]

    init(directory: String) throws {
        let manifest = "\(directory)/\(Self.manifestName)"
        guard let data = FileManager.default.contents(atPath: manifest), let text = String(bytes: data, encoding: .utf8) else {
            throw CommandFailure.wrongUsage(.schemaManifestMissing(manifest))
        }
        do {
            entries = try ConfigurationSection(parsing: text, file: manifest).sections().map { subject, section in
                try Self.entry(subject, section, directory)
            }
        } catch let error as ConfigurationError {
            throw CommandFailure.wrongUsage(error.located)
        }
    }

    private static func entry(_ subject: String, _ section: ConfigurationSection, _ directory: String) throws -> Entry {
        try section.allow(["file", "type", "references", "compatibility", "allowBacktracking"])
        guard let file = try section.string("file") else {
            throw ConfigurationError(file: section.file, line: section.line, sentence: .keyMissing("\(subject).file"))
        }
        let references = try section.section("references")?.scalars() ?? [:]
        return try Entry(
            subject: subject, file: file, in: directory, format: try section.word("type", SchemaFormat.self),
            references: references.sorted { $0.key < $1.key }.map { Reference(name: $0.key, target: $0.value) },
            level: try section.word("compatibility", CompatibilityLevel.self),
            allowsBacktracking: try section.string("allowBacktracking") == "true")
    }

    /// Compiles every schema with what it refers to in this set.
    /// - Returns: the entries in order, each with what is wrong with it.
    func check() -> [(entry: Entry, error: String?)] {
        var known: [String: Entry] = [:]
        return entries.map { entry in
            defer { known[entry.subject] = entry }
            do throws(SchemaError) {
                try check(entry, against: known)
                return (entry, nil)
            } catch {
                return (entry, error.description)
            }
        }
    }

    /// Every schema by its subject.
    /// - Throws: for the first that does not compile.
    func compiled() throws(CommandFailure) -> [String: CompiledSchema] {
        var known: [String: Entry] = [:]
        var compiled: [String: CompiledSchema] = [:]
        for entry in entries {
            do throws(SchemaError) {
                compiled[entry.subject] = try check(entry, against: known)
            } catch {
                throw .refused(.schemaRefused(entry.file, why: error.description))
            }
            known[entry.subject] = entry
        }
        return compiled
    }

    @discardableResult
    private func check(_ entry: Entry, against known: [String: Entry]) throws(SchemaError) -> CompiledSchema {
        var options = SchemaOptions()
        options.allowsBacktrackingPatterns = entry.allowsBacktracking
        var sources: [SchemaSource.Reference] = []
        try Self.add(entry.references, from: known, to: &sources)
        let source = SchemaSource(format: entry.format, text: entry.text, references: sources)
        return try CompiledSchema(compiling: source, options: options) { name in
            known[name.subject].flatMap { try? CodeList(parsing: $0.text) }
        }
    }

    /// Each after those that it needs. A circle cannot be: an entry knows only those before it.
    private static func add(
        _ references: [Reference], from known: [String: Entry], to sources: inout [SchemaSource.Reference]
    ) throws(SchemaError) {
        for reference in references where !sources.contains(where: { $0.name == reference.name }) {
            guard let target = known[reference.subject] else {
                throw SchemaError(
                    at: "", "“\(reference.name)” refers to subject \(reference.subject), which does not stand before it in \(manifestName)")
            }
            try add(target.references, from: known, to: &sources)
            sources.append(SchemaSource.Reference(name: reference.name, text: target.text))
        }
    }
}
