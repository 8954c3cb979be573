import ArgumentParser
import Foundation
import MessageSchema
import Sentences

/// What restricted subscribers cost: service requests projected, without a broker.
struct BenchProject: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "project", abstract: Help.Command.benchProject.spoken, discussion: Help.Command.benchProjectMore.spoken)
    }

    @Option(help: .saying(Help.Option.benchSize))
    var size = 1024

    @Option(help: .saying(Help.Option.benchCaseMilliseconds))
    var milliseconds = 500

    @OptionGroup var shipped: BenchSchemas
    @OptionGroup var options: CommonOptions

    private static let documentCount = 1000

    /// Rules as agreements have them, by the name that the table gives them.
    static let rules: [(name: String, rules: FieldRules)] = [
        ("masked", FieldRules(masks: ["citizenId": .last4, "fullName": .redact, "phone": .redact, "dueDate": .year])),
        ("hashed", FieldRules(masks: ["citizenId": .hash, "fullName": .drop])),
        ("allowed", FieldRules(allow: ["requestId", "procedure", "channel", "ward", "submittedAt", "note"])),
        ("hidden", FieldRules(allow: ["requestId", "note"], conditions: ["ward": ["nowhere"]])),
    ]

    func validate() throws {
        guard milliseconds > 0 else { throw ValidationError(Help.Usage.benchMillisecondsRange) }
        guard BenchDocument.sizes.contains(size) else {
            throw ValidationError(.outOfRange("--size", lowest: BenchDocument.sizes.lowerBound, highest: BenchDocument.sizes.upperBound))
        }
    }

    func run() throws {
        var report = Report(columns: [
            .init("rules", .columnName), .init("format", .columnSchemaType), .init("documentBytes", .columnDocumentBytes),
            .init("megabytesPerSecond", .columnCoreByteRate), .init("nanosecondsPerDocument", .columnDocumentNanoseconds),
        ])
        for format in SchemaFormat.allCases {
            let schema = try shipped.compile(.serviceRequest, format)
            let documents = (0..<Self.documentCount).map { BenchDocument.serviceRequest($0, size: size, format: format) }
            for (name, rules) in Self.rules {
                let projection = try Projection(rules, of: schema, hashKey: HashKey("no secret: what is measured is thrown away".utf8))
                try measure(name, format, projection, documents, &report)
            }
        }
        report.write(as: options.output, in: options.language)
    }

    private func measure(
        _ name: String, _ format: SchemaFormat, _ projection: Projection, _ documents: [[UInt8]], _ report: inout Report
    ) throws {
        var output = ProjectionBuffer(capacity: 2 * size)
        var withheld = 0
        let seconds = BenchPasses.median(over: documents, milliseconds: milliseconds) { document in
            output.removeAll()
            if case .withheld = projection.apply(document, into: &output) { withheld += 1 }
        }
        guard withheld == 0 else { throw CommandFailure.refused(.documentsRefused(withheld)) }
        let bytes = documents.reduce(0) { $0 + $1.count }
        report.add([
            .string(name), .string(format.rawValue), .integer(Int64(bytes / documents.count)), .number((Double(bytes) / seconds / 1e6).rounded()),
            .integer(Int64(seconds * 1e9 / Double(documents.count))),
        ])
    }
}
