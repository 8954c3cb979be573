import AccessPolicy
import ArgumentParser
import Foundation
import Listeners
import MessageSchema
import Sentences

struct PolicyRequest: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "request", abstract: Help.Command.policyRequest.spoken, discussion: Help.Command.policyRequestMore.spoken)
    }

    @Argument(help: .saying(Help.Option.requestedTopic))
    var topic: String

    @Option(help: .saying(Help.Option.requestedRights))
    var right: [Right] = [.subscribe]

    @Option(help: .saying(Help.Option.requestedPurposes))
    var purpose: [String] = []

    @Option(help: .saying(Help.Option.requestedFields))
    var field: [String] = []

    @Option(help: .saying(Help.Option.requestedEnd))
    var until: String?

    @Option(help: .saying(Help.Option.requestedID))
    var id: String?

    @Option(help: .saying(Help.Option.requestFile))
    var out: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        if let bad = purpose.first(where: { !Purpose.isID($0) }) { throw CommandFailure.wrongUsage(.notAPurpose(bad)) }
        let draft = try await AdministrationClient.run(options) { client in
            let asker = try await client.ask("/v1/whoami", as: WhoAmIDocument.self)
            let topic = try await client.ask("/v1/topics/\(SchemaGet.escaped(topic))", as: TopicDocument.self)
            return AgreementDraft(
                id: id ?? "REQ-\(asker.agency)-\(topic.name)", topic: topic.name, owners: topic.stewardship?.owners ?? [],
                stewards: topic.stewardship?.stewards ?? [], node: "\(asker.agency)/\(asker.unit)/*", rights: right, purposes: purpose,
                fields: field, until: until, tagged: try await tagged(topic, client))
        }
        let text = draft.yaml(in: options.language)
        if let out {
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: out), options: .withoutOverwriting)
            } catch {
                throw CommandFailure.refused(.fileNotWritten(out, why: error.localizedDescription))
            }
        }
        switch options.output {
        case .json:
            let fields: [(String, JSONText)] = [
                ("topic", .string(draft.topic)), ("owners", .array(draft.owners.map(JSONText.string))),
                ("stewards", .array(draft.stewards.map(JSONText.string))), ("draft", .string(text)),
            ]
            StandardStream.output.writeLine(JSONText.object(fields).description)
        case .table:
            if out == nil { StandardStream.output.write(text) }
            if !draft.owners.isEmpty {
                StandardStream.error.writeLine(Sentence.whomToAsk(owners: draft.owners, stewards: draft.stewards).text(in: options.language))
            }
        }
    }

    /// What the topic's schema says of its fields, where the asker may read it.
    private func tagged(_ topic: TopicDocument, _ client: AdministrationClient) async throws -> [TaggedField] {
        try await client.schemas(of: topic).value?.taggedFields ?? []
    }
}
