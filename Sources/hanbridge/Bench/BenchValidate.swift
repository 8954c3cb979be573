import ArgumentParser
import Foundation
import MessageSchema
import Sentences

/// The validators alone, without a broker.
struct BenchValidate: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "validate", abstract: Help.Command.benchValidate.spoken, discussion: Help.Command.benchValidateMore.spoken)
    }

    @Option(help: .saying(Help.Option.benchSize))
    var size = 1024

    @Option(help: .saying(Help.Option.benchCaseMilliseconds))
    var milliseconds = 500

    @OptionGroup var shipped: BenchSchemas
    @OptionGroup var options: CommonOptions

    private static let documentCount = 1000

    func validate() throws {
        guard milliseconds > 0 else { throw ValidationError(Help.Usage.benchMillisecondsRange) }
        guard BenchDocument.sizes.contains(size) else {
            throw ValidationError(.outOfRange("--size", lowest: BenchDocument.sizes.lowerBound, highest: BenchDocument.sizes.upperBound))
        }
    }

    func run() throws {
        var report = Report(columns: [
            .init("kind", .columnName), .init("format", .columnSchemaType), .init("documentBytes", .columnDocumentBytes),
            .init("megabytesPerSecond", .columnCoreByteRate), .init("nanosecondsPerDocument", .columnDocumentNanoseconds),
        ])
        for format in SchemaFormat.allCases {
            for kind in SampleKind.allCases {
                let schema = try shipped.compile(kind, format)
                try measure(kind.rawValue, format, schema, documents(kind, format), &report)
                guard kind == .serviceRequest else { continue }
                let documents = (0..<Self.documentCount).map { BenchDocument.serviceRequest($0, size: size, format: format) }
                try measure("\(kind.rawValue), \(size) B", format, schema, documents, &report)
            }
        }
        report.write(as: options.output, in: options.language)
    }

    /// Generated in JSON, and the shipped examples in the others.
    private func documents(_ kind: SampleKind, _ format: SchemaFormat) throws -> [[UInt8]] {
        guard format != .json else { return (0..<Self.documentCount).map { Array(kind.record($0, seed: 7).description.utf8) } }
        let path = "\(shipped.schemas)/\(kind.rawValue)/valid.\(format == .avro ? "avro" : "protobuf").hex"
        let examples = try SchemaValidate.text(of: path).split(separator: "\n").map { line in
            guard let document = SchemaValidate.bytes(hexadecimal: Array(line.utf8)) else { throw CommandFailure.wrongUsage(.fileUnreadable(path)) }
            return document
        }
        return (0..<Self.documentCount).map { examples[$0 % examples.count] }
    }

    private func measure(
        _ name: String, _ format: SchemaFormat, _ schema: CompiledSchema, _ documents: [[UInt8]], _ report: inout Report
    ) throws {
        var refused = 0
        for document in documents where !document.withUnsafeBytes({ schema.violations(in: $0) }).isEmpty { refused += 1 }
        guard refused == 0 else { throw CommandFailure.refused(.documentsRefused(refused)) }
        let seconds = BenchPasses.median(over: documents, milliseconds: milliseconds) { _ = schema.violations(in: $0, violationsMax: 1) }
        let bytes = documents.reduce(0) { $0 + $1.count }
        report.add([
            .string(name), .string(format.rawValue), .integer(Int64(bytes / documents.count)), .number((Double(bytes) / seconds / 1e6).rounded()),
            .integer(Int64(seconds * 1e9 / Double(documents.count))),
        ])
    }
}
