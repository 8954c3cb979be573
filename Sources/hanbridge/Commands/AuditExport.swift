import ArgumentParser
import Foundation
import Sentences
import Transparency

/// Makes a case of a topic, or of a range of it: a zip file, or a folder with the same names; for `audit verify` and for others' verifiers.
struct AuditExport: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "export", abstract: Help.Command.auditExport.spoken, discussion: Help.Command.auditExportMore.spoken)
    }

    @Argument(help: .saying(Help.Option.topicOne))
    var topic: String

    @Option(help: .saying(Help.Option.partitionOne))
    var partition: Int32?

    @Option(help: .saying(Help.Option.exportOut, valueName: "file.zip|folder"))
    var out: String

    @Option(help: .saying(Help.Option.replayFrom))
    var from: StartPosition = .position(.earliest)

    @Option(help: .saying(Help.Option.replayTo))
    var to: StartPosition = .position(.latest)

    @Flag(help: .saying(Help.Option.withRecords))
    var records = false

    @Flag(help: .saying(Help.Option.maskedRecords))
    var masked = false

    @Option(help: .saying(Help.Option.rulesOf, valueName: "time"))
    var rulesOf: Moment?

    @Option(name: .customLong("as"), help: .saying(Help.Option.maskedAs, valueName: "agency/unit/node"))
    var shownTo: String?

    @Option(help: .saying(Help.Option.purpose))
    var purpose: String?

    @OptionGroup var options: CommonOptions

    func validate() throws {
        if records, masked { throw ValidationError(Help.Usage.recordsAndMasked) }
        if rulesOf != nil || shownTo != nil, !masked { throw ValidationError(Help.Usage.rulesOfMasked) }
    }

    func run() async throws {
        let purpose = try purpose ?? options.loadProfile().purpose
        try await AdministrationClient.run(options) { http in
            let logs = try await http.logs(of: topic, partition: partition, purpose: purpose)
            let output: any EvidenceOutput = out.hasSuffix(".zip") ? try CaseFileOutput(out) : EvidenceFolderOutput(out)
            func export(_ client: KafkaClient) async throws {
                let contents: LogExport.Contents = records ? .whole(client) : masked ? .masked(ShownRules(time: rulesOf?.milliseconds, node: shownTo)) : .none
                let export = CaseExport(
                    http: http, output: DigestedOutput(output), contents: contents, ledger: client, range: (from, to),
                    prunings: { try await LogFolders.prunings(of: $0, options) }, reopenings: { try await LogFolders.reopenings(of: $0, options) })
                let lacks = try await export.run(logs) { try tell($0, count: $1) }
                // Told while somebody who may see it can still be asked, not when the case is opened.
                for (name, why) in lacks.sorted(by: { $0.key < $1.key }) {
                    StandardStream.error.writeLine(Sentence.caseLacks(name, why: why).text(in: options.language))
                }
            }
            let clientID = purpose.map { "hanbridge-cli;purpose=\($0);" } ?? "hanbridge-cli"
            try await BrokerSession.run(options, action: .subscribing(topic), clientID: clientID) { try await export($0.client) }
        }
    }

    private func tell(_ log: LogReader, count: Int64) throws {
        switch options.output {
        case .table:
            StandardStream.output.writeLine(Sentence.logExported("\(log.topic)/\(log.partition)", size: count, folder: out).text(in: options.language))
        case .json:
            StandardStream.output.writeLine(
                JSONText.object([
                    ("topic", .string(log.topic)), ("partition", .integer(Int64(log.partition))), ("size", .integer(count)), ("out", .string(out)),
                ]).description)
        }
    }
}

/// The logs of a topic, each in a folder with its partition's number.
enum LogFolders {
    static func export(
        _ topic: String, _ partition: Int32?, records: Bool, purpose: String?, to folder: String, policy: TrustPolicy = .withoutWitnesses,
        withTimestamps: Bool,
        _ options: CommonOptions, before: (LogReader) async throws -> Void = { _ in }, unshown: (LogReader) throws -> Void,
        _ done: (LogReader, String, Int64) throws -> Void
    ) async throws {
        let clientID = purpose.map { "hanbridge-cli;purpose=\($0);" } ?? "hanbridge-cli"
        try await AdministrationClient.run(options) { http in
            let logs = try await http.logs(of: topic, partition: partition, purpose: purpose)
            func export(_ client: KafkaClient?) async throws {
                for var log in logs.flatMap(\.line) {
                    log.policy = policy
                    try await before(log)
                    let own = "\(folder)/\(log.partition)-\(log.logID)"
                    let export = LogExport(
                        log: log, output: EvidenceFolderOutput(own), folder: "", contents: client.map { .whole($0) } ?? .none,
                        prunings: { try await prunings(of: $0, options) }, reopenings: { try await reopenings(of: $0, options) },
                        withTimestamps: withTimestamps)
                    if let size = try await export.run() { try done(log, own, size) } else { try unshown(log) }
                }
            }
            guard records else { return try await export(nil) }
            try await BrokerSession.run(options, action: .subscribing(topic), clientID: clientID) { try await export($0.client) }
        }
    }

    /// An auditor reads them; to others the audit topic is closed, and what is gone is missing for them.
    static func prunings(of log: LogReader, _ options: CommonOptions) async throws -> [UInt8] {
        try await fromAudit(options) { try await PruningRecord.lines(of: log, $0) }
    }

    static func reopenings(of log: LogReader, _ options: CommonOptions) async throws -> [UInt8] {
        try await ReopeningRecord.lines(of: log, try await fromAudit(options) { try await ReopeningRecord.events(of: log, $0) })
    }

    private static func fromAudit<Found>(_ options: CommonOptions, _ read: (KafkaClient) async throws -> [Found]) async throws -> [Found] {
        var found: [Found] = []
        do {
            try await BrokerSession.run(options, action: .readingAudit) { found = try await read($0.client) }
        } catch let failure as CommandFailure where failure.status == .refused {
            StandardStream.error.writeLine(Sentence.prunedUnknown(failure.sentence.text(in: options.language)).text(in: options.language))
        }
        return found
    }
}
