import AccessPolicy
import ArgumentParser
import Foundation
import Listeners
import Sentences

struct PolicyRehearse: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "rehearse", abstract: Help.Command.policyRehearse.spoken, discussion: Help.Command.policyRehearseMore.spoken)
    }

    @Argument(help: .saying(Help.Option.agreementSet))
    var paths: [String]

    @Option(help: .saying(Help.Option.rehearsedDays))
    var days = 7

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let files = try AgreementFiles(paths)
        _ = try files.check(options)
        let answer = try await AdministrationClient.run(options) {
            try await $0.send(.post, "/v1/agreements/rehearse?days=\(days)", body: files.body)
        }
        switch options.output {
        case .json: StandardStream.output.writeLine(answer.text)
        case .table:
            guard let document = try? JSONDecoder().decode(RehearsalDocument.self, from: Data(answer.text.utf8)) else {
                throw CommandFailure.refused(.answerMalformed("/v1/agreements/rehearse"))
            }
            show(document)
        }
    }

    private func show(_ rehearsal: RehearsalDocument) {
        func say(_ sentence: Sentence) { StandardStream.output.writeLine(sentence.text(in: options.language)) }
        for effect in rehearsal.effects {
            let nodes = effect.count > 1 ? "\(effect.nodes) (\(effect.count))" : effect.nodes
            let reading = "\(effect.topic) (\(effect.purpose.map { "\(effect.right), \($0)" } ?? effect.right))"
            switch effect.kind {
            case "loses": say(.wouldLose(nodes, reading, why: .decidedBy(effect.reason ?? "")))
            case "gains": say(.wouldGain(nodes, reading, by: effect.after ?? ""))
            default:
                for field in effect.fields { say(.wouldSee(nodes, field.name, before: field.before, after: field.after, reading)) }
                if let rows = effect.rowsAfter { say(.wouldSeeRows(nodes, reading, only: rows.map(Self.text))) }
            }
        }
        if rehearsal.effects.isEmpty { say(.nothingWouldChange) }
        if !rehearsal.unused.isEmpty { say(.agreementsUnused(rehearsal.unused)) }
        say(.rehearsed(rehearsal.accesses, since: Instant.text(rehearsal.since), version: rehearsal.version))
        if rehearsal.cut { say(.rehearsalCut) }
    }

    private static func text(_ conditions: [String: [String]]) -> String {
        conditions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.joined(separator: ","))" }.joined(separator: " ")
    }
}
