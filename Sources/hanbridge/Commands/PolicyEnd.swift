import ArgumentParser
import Foundation
import Listeners
import Sentences

struct PolicyEnd: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "end", abstract: Help.Command.policyEnd.spoken, discussion: Help.Command.policyEndMore.spoken)
    }

    @Argument(help: .saying(Help.Option.agreementID))
    var id: String

    @Option(help: .saying(Help.Option.endReason))
    var reason: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let path = "/v1/agreements/\(id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? id)/end"
        let body = JSONText.object(reason.map { [("reason", .string($0))] } ?? [])
        let answer = try await AdministrationClient.run(options) { try await $0.send(.post, path, body: body) }
        switch options.output {
        case .table:
            let version = answer.object?["version"] as? Int
            StandardStream.output.writeLine(
                Sentence.agreementEnded(id, version: version.map(String.init) ?? "?").text(in: options.language))
        case .json: StandardStream.output.writeLine(answer.text)
        }
    }
}
