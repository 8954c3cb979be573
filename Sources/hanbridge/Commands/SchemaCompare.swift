import ArgumentParser
import MessageSchema
import Sentences

struct SchemaCompare: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "compare", abstract: Help.Command.schemaCompare.spoken, discussion: Help.Command.schemaCompareMore.spoken)
    }

    @Option(help: .saying(Help.Option.newSchema, valueName: "file"))
    var schema: String

    @Option(help: .saying(Help.Option.earlierSchema, valueName: "file"))
    var earlier: [String]

    @Option(help: .saying(Help.Option.referencedByAll, valueName: "uri=file"))
    var ref: [String] = []

    @Option(help: .saying(Help.Option.compatibilityLevel))
    var level = CompatibilityLevel.backward.rawValue

    @Option(help: .saying(Help.Option.schemasFormat))
    var format: SchemaValidate.Format = .json

    @OptionGroup var options: CommonOptions

    func run() throws {
        guard let level = CompatibilityLevel(rawValue: level.uppercased()) else {
            let known = CompatibilityLevel.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure.wrongUsage(.compatibilityLevelUnknown(level, known: known))
        }
        let found = try compile(schema).incompatibilities(with: try earlier.map(compile), at: level)
        if found.isEmpty {
            if options.output == .table { StandardStream.output.writeLine(Sentence.schemasCompatible(level.rawValue).text(in: options.language)) }
            return
        }
        var report = Report(columns: [.init("path", .columnPath), .init("rule", .columnRule), .init("message", .columnWhy)])
        for incompatibility in found {
            report.add([.string(incompatibility.path), .string(incompatibility.rule), .word(incompatibility.message, .told(incompatibility.message), options)])
        }
        report.write(as: options.output, in: options.language)
        throw CommandFailure.refused(.schemasIncompatible(found.count, level: level.rawValue))
    }

    /// Code lists do not count: which codes there are changes no one's way of reading.
    private func compile(_ file: String) throws -> CompiledSchema {
        let references = try ref.map { argument in
            let (name, file) = try SchemaValidate.pair(argument)
            return SchemaSource.Reference(name: name, text: try SchemaValidate.text(of: file))
        }
        let source = SchemaSource(format: format.schemaFormat, text: try SchemaValidate.text(of: file), references: references)
        do {
            return try CompiledSchema(compiling: source) { _ in CodeList(codes: []) }
        } catch {
            throw CommandFailure.refused(.schemaRefused(file, why: error.description))
        }
    }
}
