import AccessPolicy
import ArgumentParser
import Foundation
import Listeners
import Sentences

struct PolicyExplain: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "explain", abstract: Help.Command.policyExplain.spoken, discussion: Help.Command.policyExplainMore.spoken)
    }

    @Argument(help: .saying(Help.Option.explainedNode))
    var node: String

    @Argument(help: .saying(Help.Option.explainedRight))
    var right: String

    @Argument(help: .saying(Help.Option.explainedTopic))
    var topic: String

    @Option(help: .saying(Help.Option.purpose))
    var purpose: String?

    @Option(help: .saying(Help.Option.roles))
    var role: [Role] = []

    @Option(help: .saying(Help.Option.explainedTime))
    var at: Moment?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        var components = URLComponents()
        components.queryItems = [
            ("node", node), ("right", right), ("topic", topic), ("purpose", purpose), ("at", at.map { "\($0.milliseconds)" }),
            ("role", role.isEmpty ? nil : role.map(\.rawValue).joined(separator: ",")),
        ].compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } }
        let query = components.percentEncodedQuery?.replacingOccurrences(of: "+", with: "%2B") ?? ""
        let answer = try await AdministrationClient.run(options) { try await $0.send(.get, "/v1/decisions/explain?\(query)", body: nil) }
        switch options.output {
        case .json: StandardStream.output.writeLine(answer.text)
        case .table:
            guard let document = try? JSONDecoder().decode(ExplanationDocument.self, from: Data(answer.text.utf8)) else {
                throw CommandFailure.refused(.answerMalformed("/v1/decisions/explain"))
            }
            show(document)
        }
    }

    private func show(_ answer: ExplanationDocument) {
        func say(_ sentence: Sentence) { StandardStream.output.writeLine(sentence.text(in: options.language)) }
        say(answer.allowed ? .mayDo(node, right, topic) : .mayNotDo(node, right, topic))
        say(.decidedBy(answer.reason))
        if let purpose = answer.purpose { say(.readFor(purpose, isImplied: answer.implied)) }
        say(.decidedAt(Instant.text(answer.at), version: answer.version))
        if let holdsUntil = answer.holdsUntil { say(.decidedUntil(Instant.text(holdsUntil))) }
        if !answer.allowed, !answer.owners.isEmpty { say(.whomToAsk(owners: answer.owners, stewards: answer.stewards)) }
        guard !answer.rules.isEmpty else { return }
        var report = Report(columns: [
            .init("agreement", .columnAgreement), .init("rule", .columnRule), .init("node", .columnNode), .init("verdict", .columnVerdict),
        ])
        for rule in answer.rules {
            report.add([
                .string(rule.agreement), .string("#\(rule.rule)" + (rule.source.map { "/\($0)" } ?? "")), .string(rule.node), .string(Sentence.verdict(rule.verdict).text(in: options.language)),
            ])
        }
        StandardStream.output.write("\n" + report.table(in: options.language))
    }
}

/// A time on the command line: RFC 3339, or a date alone, which is its midnight in Vietnam.
struct Moment: ExpressibleByArgument, Equatable, Sendable {
    let milliseconds: Int64

    init?(argument: String) {
        guard case .position(.time(let milliseconds)) = StartPosition(argument: argument) else { return nil }
        self.milliseconds = milliseconds
    }
}
