import ArgumentParser
import Foundation
import Listeners
import MessageSchema
import Sentences

struct Schema: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.schema.spoken,
            subcommands: [
                SchemaRegister.self, SchemaCheck.self, SchemaValidate.self, SchemaCompare.self, SchemaList.self, SchemaGet.self,
            ])
    }
}

struct SchemaCheck: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check", abstract: Help.Command.schemaCheck.spoken,
            discussion: Help.Command.schemaCheckMore(manifest: SchemaSet.manifestName).spoken)
    }

    @Argument(help: .saying(Help.Option.schemaDirectory))
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
            report.add([.string(entry.subject), .string(entry.format.rawValue), .string(entry.file), .optional(error.map { Sentence.told($0).text(in: options.language) })])
        }
        report.write(as: options.output, in: options.language)
        let faulty = findings.count { $0.error != nil }
        guard faulty == 0 else { throw CommandFailure.refused(.schemasInvalid(faulty)) }
    }
}

struct SchemaRegister: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "register", abstract: Help.Command.schemaRegister.spoken)
    }

    @Argument(help: .saying(Help.Option.schemaPath(manifest: SchemaSet.manifestName)))
    var path: String

    @Option(help: .saying(Help.Option.schemaSubject))
    var subject: String?

    @Option(help: .saying(Help.Option.schemaReference, valueName: "name=subject[@version]"))
    var reference: [SchemaReferenceArgument] = []

    @Flag(help: .saying(Help.Option.allowBacktracking))
    var allowBacktracking = false

    @Flag(help: .saying(Help.Option.schemaDryRun))
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
            for (entry, error) in faulty { StandardStream.error.writeLine("\(entry.file): \(Sentence.told(error ?? "").text(in: options.language))") }
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
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: Help.Command.schemaList.spoken)
    }

    @Option(help: .saying(Help.Option.schemaPrefix))
    var prefix: String = ""

    @Flag(help: .saying(Help.Option.schemaAllVersions))
    var allVersions = false

    @Flag(help: .saying(Help.Option.schemaDeleted))
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
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "get", abstract: Help.Command.schemaGet.spoken)
    }

    @Argument(help: .saying(Help.Option.schemaName))
    var subject: String?

    @Option(name: [.long, .customLong("schema-version")], help: .saying(Help.Option.schemaVersion))
    var number: String = "latest"

    @Option(help: .saying(Help.Option.schemaID))
    var id: Int32?

    @OptionGroup var options: CommonOptions

    func validate() throws {
        guard (subject == nil) != (id == nil) else { throw ValidationError(Help.Usage.schemaUnnamed) }
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
