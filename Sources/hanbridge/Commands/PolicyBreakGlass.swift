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
        case (nil, nil): try await list()
        case (_?, _?): throw CommandFailure.wrongUsage(.emergencyFileOrID)
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

    private func list() async throws {
        let (document, text) = try await AdministrationClient.run(options) { try await waiting($0) }
        guard options.output == .table else { return StandardStream.output.writeLine(text) }
        guard !document.emergencies.isEmpty else {
            return StandardStream.output.writeLine(Sentence.noEmergencyWaits.text(in: options.language))
        }
        for emergency in document.emergencies { show(emergency) }
    }

    /// What is confirmed is what is printed here: the broker opens nothing else.
    private func open(_ id: String) async throws {
        let answer = try await AdministrationClient.run(options) { client in
            let emergency = try await waiting(client).document.emergencies.first { $0.agreement == id }
            if let emergency, options.output == .table { show(emergency) }
            return try await client.send(
                .post, "/v1/emergencies/\(SchemaGet.escaped(id))/confirm", body: .object([("file", .string(emergency?.file ?? ""))]))
        }
        guard options.output == .table else { return StandardStream.output.writeLine(answer.text) }
        let document = try JSONDecoder().decode(EmergencyOpenedDocument.self, from: Data(answer.text.utf8))
        StandardStream.output.writeLine(Sentence.emergencyOpen(document.agreement, version: document.version).text(in: options.language))
    }

    private func waiting(_ client: AdministrationClient) async throws -> (document: EmergenciesDocument, text: String) {
        let text = try await client.send(.get, "/v1/emergencies", body: nil).text
        return (try JSONDecoder().decode(EmergenciesDocument.self, from: Data(text.utf8)), text)
    }

    private func show(_ emergency: EmergenciesDocument.Waiting) {
        let sentence = Sentence.emergencyWaits(emergency.agreement, by: emergency.askedBy, confirmBy: Instant.text(emergency.confirmBy))
        StandardStream.output.writeLine(sentence.text(in: options.language))
        StandardStream.output.writeLine(emergency.file.hasSuffix("\n") ? String(emergency.file.dropLast()) : emergency.file)
    }
}
