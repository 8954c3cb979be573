import ArgumentParser
import Foundation
import Listeners
import MessageSchema
import Sentences

struct Schema: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check, register and read the schemas of messages.",
        subcommands: [SchemaRegister.self, SchemaCheck.self, SchemaValidate.self, SchemaCompare.self, SchemaList.self, SchemaGet.self])
}

struct SchemaCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a directory of schemas, offline.",
        discussion: "The directory has a \(SchemaSet.manifestName), which names each subject, its file and what it refers to.")

    @Argument(help: "The directory.")
    var directory: String

    @OptionGroup var options: CommonOptions

    func run() throws {
        let set = try SchemaSet(directory: directory)
        let findings = set.check()
        var report = Report(columns: [
            .init("subject", .columnSchemaSubject), .init("type", .columnSchemaType), .init("file", .columnFile),
            .init("error", .columnSchemaError),
        ])
        for (entry, error) in findings {
            report.add([.string(entry.subject), .string(entry.format.rawValue), .string(entry.file), .optional(error)])
        }
        report.write(as: options.output, in: options.language)
        let faulty = findings.count { $0.error != nil }
        guard faulty == 0 else { throw CommandFailure.refused(.schemasInvalid(faulty)) }
    }
}

struct SchemaRegister: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register", abstract: "Register schemas: a directory as git keeps it, all or none, or one file.")

    @Argument(help: "A directory with a \(SchemaSet.manifestName), or one schema's file.")
    var path: String

    @Option(help: "The subject of the file.")
    var subject: String?

    @Option(help: ArgumentHelp("What the file refers to, by the name it has there; may be repeated.", valueName: "name=subject[@version]"))
    var reference: [SchemaReferenceArgument] = []

    @Flag(help: "Allow patterns with look-around and back-references, under a step limit.")
    var allowBacktracking = false

    @Flag(help: "Only say what it would do.")
    var dryRun = false

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let entries = try entries()
        let body = JSONText.object([("schemas", .array(entries.map(\.json)))])
        let answer = try await AdministrationClient.run(options) { client in
            try await client.send(.post, "/v1/schemas?dry-run=\(dryRun)", body: body)
        }
        let found: SchemaSetAnswer
        do {
            found = try JSONDecoder().decode(SchemaSetAnswer.self, from: Data(answer.text.utf8))
        } catch {
            throw CommandFailure.refused(.answerMalformed("/v1/schemas: \(error)"))
        }
        var report = Report(columns: [
            .init("subject", .columnSchemaSubject), .init("version", .columnVersion), .init("id", .columnSchemaID),
            .init("outcome", .columnOutcome),
        ])
        for entry in found.schemas {
            let outcome = entry.registered ? (dryRun ? "would-register" : "registered") : "unchanged"
            report.add([
                .string(entry.subject), .integer(Int64(entry.version)), .integer(Int64(entry.id)),
                .word(outcome, .schemaOutcome(outcome), options),
            ])
        }
        report.write(as: options.output, in: options.language)
    }

    private func entries() throws -> [SchemaSet.Entry] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw CommandFailure.wrongUsage(.fileUnreadable(path))
        }
        if isDirectory.boolValue {
            guard subject == nil, reference.isEmpty else { throw CommandFailure.wrongUsage(.schemaSubjectOfDirectory) }
            let set = try SchemaSet(directory: path)
            // What is wrong for certain is told with its file, before anything is asked.
            let faulty = set.check().filter { $0.error != nil }
            for (entry, error) in faulty { StandardStream.error.writeLine("\(entry.file): \(error ?? "")") }
            guard faulty.isEmpty else { throw CommandFailure.refused(.schemasInvalid(faulty.count)) }
            return set.entries
        }
        guard let subject else { throw CommandFailure.wrongUsage(.schemaSubjectMissing) }
        return [
            try SchemaSet.Entry(
                subject: subject, file: path, in: nil, format: nil, references: reference.map(\.reference), level: nil,
                allowsBacktracking: allowBacktracking)
        ]
    }
}

/// `name=subject` or `name=subject@version`.
struct SchemaReferenceArgument: ExpressibleByArgument, Sendable {
    let reference: SchemaSet.Reference

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        reference = SchemaSet.Reference(name: String(argument[..<equals]), target: String(argument[argument.index(after: equals)...]))
        guard !reference.subject.isEmpty else { return nil }
    }
}

struct SchemaList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the schemas that you may read.")

    @Option(help: "Only subjects whose name begins so.")
    var prefix: String = ""

    @Flag(help: "Every version, and not only the latest of each subject.")
    var allVersions = false

    @Flag(help: "The softly deleted too.")
    var deleted = false

    @OptionGroup var options: CommonOptions

    func run() async throws {
        var report = Report(columns: [
            .init("subject", .columnSchemaSubject), .init("version", .columnVersion), .init("id", .columnSchemaID),
            .init("type", .columnSchemaType), .init("deleted", .columnDeleted),
        ])
        try await AdministrationClient.run(options) { client in
            var offset = 0
            while true {
                let query = "subjectPrefix=\(SchemaGet.escaped(prefix))&latestOnly=\(!allVersions)&deleted=\(deleted)&offset=\(offset)"
                let page = try await client.ask("/schemas?\(query)", as: [SchemaVersionAnswer].self)
                for version in page {
                    report.add([
                        .string(version.subject), .integer(version.version), .integer(version.id), .string(version.schemaType ?? "AVRO"),
                        .bool(version.deleted ?? false),
                    ])
                }
                // A page may end early at its bytes; an empty one is the end.
                guard !page.isEmpty else { return }
                offset += page.count
            }
        }
        report.write(as: options.output, in: options.language)
    }
}

struct SchemaGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "get", abstract: "Print a schema.")

    @Argument(help: "The subject.")
    var subject: String?

    @Option(name: [.long, .customLong("schema-version")], help: "A version of the subject (default: latest).")
    var number: String = "latest"

    @Option(help: "The schema's id, in place of a subject.")
    var id: Int32?

    @OptionGroup var options: CommonOptions

    func validate() throws {
        guard (subject == nil) != (id == nil) else { throw ValidationError("Name a subject, or give --id.") }
    }

    func run() async throws {
        let path =
            id.map { "/schemas/ids/\($0)" }
            ?? "/subjects/\(Self.escaped(subject ?? ""))/versions/\(Self.escaped(number))"
        let answer = try await AdministrationClient.run(options) { try await $0.send(.get, path, body: nil) }
        switch options.output {
        case .json: StandardStream.output.writeLine(answer.text)
        case .table:
            guard let text = answer.object?["schema"] as? String else { throw CommandFailure.refused(.answerMalformed(path)) }
            StandardStream.output.write(text.hasSuffix("\n") ? text : text + "\n")
        }
    }

    /// As one segment of a path, or one value of a query.
    static func escaped(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}

/// A version as `/schemas` lists it.
private struct SchemaVersionAnswer: Decodable {
    let subject: String
    let version: Int64
    let id: Int64
    let schemaType: String?
    let deleted: Bool?
}
