import ArgumentParser
import Foundation
import Sentences
import Transparency

/// Puts the logs of a topic into a folder each, for `audit verify` and for others' verifiers.
struct AuditExport: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "export", abstract: Help.Command.auditExport.spoken, discussion: Help.Command.auditExportMore.spoken)
    }

    @Argument(help: .saying(Help.Option.topicOne))
    var topic: String

    @Option(help: .saying(Help.Option.partitionOne))
    var partition: Int32?

    @Option(help: .saying(Help.Option.exportFolder, valueName: "folder"))
    var out: String

    @Flag(help: .saying(Help.Option.withRecords))
    var records = false

    @Option(help: .saying(Help.Option.purpose))
    var purpose: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let purpose = try purpose ?? options.loadProfile().purpose
        try await LogFolders.export(topic, partition, records: records, purpose: purpose, to: out, options) { log, folder, size in
            switch options.output {
            case .table:
                let sentence = Sentence.logExported("\(log.topic)/\(log.partition)", size: size, folder: folder)
                StandardStream.output.writeLine(sentence.text(in: options.language))
            case .json:
                StandardStream.output.writeLine(
                    JSONText.object([
                        ("topic", .string(log.topic)), ("partition", .integer(Int64(log.partition))), ("size", .integer(size)),
                        ("folder", .string(folder)),
                    ]).description)
            }
        }
    }
}

/// The logs of a topic, each in a folder with its partition's number.
enum LogFolders {
    static func export(
        _ topic: String, _ partition: Int32?, records: Bool, purpose: String?, to folder: String, _ options: CommonOptions,
        _ done: (LogReader, String, Int64) throws -> Void
    ) async throws {
        let clientID = purpose.map { "hanbridge-cli;purpose=\($0);" } ?? "hanbridge-cli"
        try await AdministrationClient.run(options) { http in
            let logs = try await http.logs(of: topic, partition: partition, purpose: purpose)
            func export(_ client: KafkaClient?) async throws {
                for log in logs {
                    let own = "\(folder)/\(log.partition)"
                    guard let size = try await LogExport(log: log, folder: own, records: client).run() else { continue }
                    try done(log, own, size)
                }
            }
            guard records else { return try await export(nil) }
            try await BrokerSession.run(options, action: .subscribing(topic), clientID: clientID) { try await export($0.client) }
        }
    }
}
