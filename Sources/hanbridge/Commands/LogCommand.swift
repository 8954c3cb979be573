import ArgumentParser
import Foundation
import Listeners
import Sentences

/// What an operator does to a log itself.
struct LogCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "log", abstract: Help.Command.log.spoken, subcommands: [LogReopen.self, LogReopenJournal.self])
    }
}

/// The way out for a log that is not the one that others know (EVIDENCE.md, the fail-stop rule).
struct LogReopen: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "reopen", abstract: Help.Command.logReopen.spoken, discussion: Help.Command.logReopenMore.spoken)
    }

    @Argument(help: .saying(Help.Option.topicOne))
    var topic: String

    @Option(help: .saying(Help.Option.partitionOne))
    var partition: Int32 = 0

    @Option(help: .saying(Help.Option.holdReason))
    var reason: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let body = JSONText.object(reason.map { [("reason", .string($0))] } ?? [])
        let answer = try await AdministrationClient.run(options) {
            try await $0.send(.post, "/v1/topics/\(topic)/partitions/\(partition)/reopen", body: body)
        }
        guard options.output == .table else { return StandardStream.output.writeLine(answer.text) }
        let reopened = try JSONDecoder().decode(ReopenedLogDocument.self, from: Data(answer.text.utf8))
        StandardStream.output.writeLine(
            Sentence.logReopened("\(topic)/\(partition)", closed: reopened.closedLog, size: reopened.closedSize, as: reopened.log).text(in: options.language))
    }
}

/// The same for the journal that is time-stamped.
struct LogReopenJournal: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "reopen-journal", abstract: Help.Command.logReopenJournal.spoken)
    }

    @Option(help: .saying(Help.Option.holdReason))
    var reason: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let body = JSONText.object(reason.map { [("reason", .string($0))] } ?? [])
        let answer = try await AdministrationClient.run(options) { try await $0.send(.post, "/v1/journal/reopen", body: body) }
        guard options.output == .table else { return StandardStream.output.writeLine(answer.text) }
        let reopened = try JSONDecoder().decode(ReopenedJournalDocument.self, from: Data(answer.text.utf8))
        StandardStream.output.writeLine(
            Sentence.journalReopened(reopened.closedJournal, size: reopened.size, as: reopened.journal).text(in: options.language))
    }
}
