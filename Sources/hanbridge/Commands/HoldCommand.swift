import ArgumentParser
import Foundation
import Listeners
import Sentences

/// Legal holds by case: nothing of a held topic goes.
struct HoldCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "hold", abstract: Help.Command.hold.spoken, discussion: Help.Command.holdMore.spoken,
            subcommands: [HoldPlace.self, HoldRelease.self, HoldList.self])
    }

    static func body(_ caseID: String, _ topics: [String]?, _ reason: String?) -> JSONText {
        var fields: [(String, JSONText)] = [("case", .string(caseID))]
        if let topics { fields.append(("topics", .array(topics.map(JSONText.string)))) }
        if let reason { fields.append(("reason", .string(reason))) }
        return .object(fields)
    }

    static func say(_ answer: AdministrationClient.Answer, _ options: CommonOptions) throws {
        guard options.output == .table else { return StandardStream.output.writeLine(answer.text) }
        let hold = try JSONDecoder().decode(HoldDocument.self, from: Data(answer.text.utf8))
        StandardStream.output.writeLine(Sentence.held(by: hold.caseID, hold.topics).text(in: options.language))
    }
}

struct HoldPlace: AsyncParsableCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: "place", abstract: Help.Command.holdPlace.spoken) }

    @Argument(help: .saying(Help.Option.holdCase))
    var caseID: String

    @Argument(help: .saying(Help.Option.heldTopics))
    var topics: [String]

    @Option(help: .saying(Help.Option.holdReason))
    var reason: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let answer = try await AdministrationClient.run(options) {
            try await $0.send(.post, "/v1/holds", body: HoldCommand.body(caseID, topics, reason))
        }
        try HoldCommand.say(answer, options)
    }
}

struct HoldRelease: AsyncParsableCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: "release", abstract: Help.Command.holdRelease.spoken) }

    @Argument(help: .saying(Help.Option.holdCase))
    var caseID: String

    @Argument(help: .saying(Help.Option.releasedTopics))
    var topics: [String] = []

    @Option(help: .saying(Help.Option.holdReason))
    var reason: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let answer = try await AdministrationClient.run(options) {
            try await $0.send(.post, "/v1/holds/release", body: HoldCommand.body(caseID, topics.isEmpty ? nil : topics, reason))
        }
        try HoldCommand.say(answer, options)
    }
}

struct HoldList: AsyncParsableCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: "list", abstract: Help.Command.holdList.spoken) }

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let answer = try await AdministrationClient.run(options) { try await $0.ask("/v1/holds", as: HoldsDocument.self) }
        var report = Report(columns: [.init("case", .columnCase), .init("topic", .columnTopic)])
        for hold in answer.holds { for topic in hold.topics { report.add([.string(hold.caseID), .string(topic)]) } }
        report.write(as: options.output, in: options.language)
    }
}
