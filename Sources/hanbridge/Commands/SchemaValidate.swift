import ArgumentParser
import Foundation
import MessageSchema
import Sentences

struct SchemaValidate: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "validate", abstract: Help.Command.schemaValidate.spoken, discussion: Help.Command.schemaValidateMore.spoken)
    }

    @Option(help: .saying(Help.Option.schemaFile, valueName: "file"))
    var schema: String

    @Option(help: .saying(Help.Option.referencedSchema, valueName: "uri=file"))
    var ref: [String] = []

    @Option(help: .saying(Help.Option.codeList, valueName: "name@version=file"))
    var codelist: [String] = []

    @Option(help: .saying(Help.Option.schemaFormat))
    var format: Format = .json

    @Option(help: .saying(Help.Option.documentLayout))
    var documents: Documents?

    @Flag(help: .saying(Help.Option.ignoreFormats))
    var ignoreFormats = false

    @Argument(help: .saying(Help.Option.documentFile))
    var file = "-"

    @OptionGroup var options: CommonOptions

    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case json, avro, protobuf

        var schemaFormat: SchemaFormat {
            switch self {
            case .json: .json
            case .avro: .avro
            case .protobuf: .protobuf
            }
        }
    }

    enum Documents: String, ExpressibleByArgument, CaseIterable, Sendable {
        case whole, lines, hex
    }

    func run() throws {
        let schema = try compile()
        var refused = 0
        for (line, document) in try payloads() {
            let violations = document.withUnsafeBytes { schema.violations(in: $0) }
            if !violations.isEmpty { refused += 1 }
            try print(violations, line: line)
        }
        if refused > 0 { throw CommandFailure.refused(.documentsRefused(refused)) }
    }

    // MARK: the schema

    private func compile() throws -> CompiledSchema {
        let references = try ref.map { argument in
            let (name, file) = try Self.pair(argument)
            return SchemaSource.Reference(name: name, text: try Self.text(of: file))
        }
        let lists = try Dictionary(codelist.map { try codeList($0) }) { _, last in last }
        var missing: CodeListName?
        var compiling = SchemaOptions()
        compiling.assertsFormats = !ignoreFormats
        let source = SchemaSource(format: format.schemaFormat, text: try Self.text(of: schema), references: references)
        do {
            return try CompiledSchema(compiling: source, options: compiling) { name in
                if lists[name] == nil { missing = missing ?? name }
                return lists[name]
            }
        } catch {
            if let missing { throw CommandFailure.wrongUsage(.codeListNeeded(schema, list: missing.description)) }
            throw CommandFailure.refused(.schemaRefused(schema, why: error.description))
        }
    }

    private func codeList(_ argument: String) throws -> (CodeListName, CodeList) {
        let (text, file) = try Self.pair(argument)
        guard let name = CodeListName(text) else { throw CommandFailure.wrongUsage(.codeListNameWrong(text)) }
        do {
            return (name, try CodeList(parsing: Self.text(of: file)))
        } catch let error as SchemaError {
            throw CommandFailure.refused(.schemaRefused(file, why: error.description))
        }
    }

    /// `name=file`; a name may hold `=`, a file may not.
    static func pair(_ argument: String) throws(CommandFailure) -> (String, String) {
        guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex else { throw .wrongUsage(.pairWrong(argument)) }
        return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
    }

    static func text(of file: String) throws(CommandFailure) -> String {
        guard let data = FileManager.default.contents(atPath: file), let text = String(bytes: data, encoding: .utf8) else {
            throw .wrongUsage(.fileUnreadable(file))
        }
        return text
    }

    // MARK: the documents

    /// Each with the line on which it stands, from 1.
    private func payloads() throws -> [(line: Int, bytes: [UInt8])] {
        let isStandardInput = file == "-"
        guard let data = isStandardInput ? try FileHandle.standardInput.readToEnd() ?? Data() : FileManager.default.contents(atPath: file) else {
            throw CommandFailure.wrongUsage(.fileUnreadable(file))
        }
        let bytes = [UInt8](data)
        switch documents ?? (format != .json || file.hasSuffix(".json") ? .whole : .lines) {
        case .whole: return [(1, bytes)]
        case .lines: return Self.lines(bytes)
        case .hex:
            return try Self.lines(bytes).map { line, digits in
                guard let payload = Self.bytes(hexadecimal: digits) else { throw CommandFailure.wrongUsage(.inputRefused(file, line: line, why: .notHexadecimal)) }
                return (line, payload)
            }
        }
    }

    /// Empty lines are no documents.
    private static func lines(_ bytes: [UInt8]) -> [(line: Int, bytes: [UInt8])] {
        bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            let text = line.last == 0x0D ? line.dropLast() : line
            return text.isEmpty ? nil : (index + 1, Array(text))
        }
    }

    /// `.` alone is the empty payload.
    static func bytes(hexadecimal digits: [UInt8]) -> [UInt8]? {
        if digits == [UInt8(ascii: ".")] { return [] }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Character(UnicodeScalar(digits[index])).hexDigitValue, let low = Character(UnicodeScalar(digits[index + 1])).hexDigitValue
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    // MARK: the verdict

    private func print(_ violations: [Violation], line: Int) throws {
        switch options.output {
        case .table:
            let heading = Sentence.documentVerdict(line: line, isValid: violations.isEmpty).text(in: options.language)
            let rows = violations.map { "  \($0.path.isEmpty ? "/" : $0.path)  \($0.rule): \(Sentence.told($0.message).text(in: options.language))\n" }
            try StandardStream.output.write(contentsOf: Array("\(heading)\n\(rows.joined())".utf8))
        case .json:
            var fields: [(String, JSONText)] = [("valid", .bool(violations.isEmpty))]
            if !violations.isEmpty {
                let errors = violations.map { violation in
                    JSONText.object([("path", .string(violation.path)), ("rule", .string(violation.rule)), ("message", .string(violation.message))])
                }
                fields.append(("errors", .array(errors)))
            }
            try StandardStream.output.write(contentsOf: Array("\(JSONText.object(fields))\n".utf8))
        }
    }
}
