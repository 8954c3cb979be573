import ArgumentParser
import Foundation
import Listeners
import Sentences

struct PolicyBreakGlass: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "break-glass", abstract: Help.Command.policyBreakGlass.spoken, discussion: Help.Command.policyBreakGlassMore.spoken)
    }

    @Argument(help: .saying(Help.Option.emergencyFile))
    var file: String?

    @Option(help: .saying(Help.Option.emergencyConfirmed))
    var confirm: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        switch (file, confirm) {
        case (let file?, nil): try await ask(file)
        case (nil, let id?): try await open(id)
        default: throw CommandFailure.wrongUsage(.emergencyFileOrID)
        }
    }

    private func ask(_ file: String) async throws {
        guard let data = FileManager.default.contents(atPath: file), let text = String(bytes: data, encoding: .utf8) else {
            throw CommandFailure.wrongUsage(.fileUnreadable(file))
        }
        let answer = try await AdministrationClient.run(options) {
            try await $0.send(.post, "/v1/emergencies", body: .object([("file", .string(text))]))
        }
        guard options.output == .table else { return StandardStream.output.writeLine(answer.text) }
        let document = try JSONDecoder().decode(EmergencyAskedDocument.self, from: Data(answer.text.utf8))
        StandardStream.output.writeLine(
            Sentence.emergencyAsked(document.agreement, confirmBy: Instant.text(document.confirmBy)).text(in: options.language))
    }

    private func open(_ id: String) async throws {
        let answer = try await AdministrationClient.run(options) {
            try await $0.send(.post, "/v1/emergencies/\(SchemaGet.escaped(id))/confirm", body: .object([]))
        }
        guard options.output == .table else { return StandardStream.output.writeLine(answer.text) }
        let document = try JSONDecoder().decode(EmergencyOpenedDocument.self, from: Data(answer.text.utf8))
        StandardStream.output.writeLine(Sentence.emergencyOpen(document.agreement, version: document.version).text(in: options.language))
    }
}
