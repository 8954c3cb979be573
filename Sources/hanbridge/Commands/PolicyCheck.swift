import AccessPolicy
import ArgumentParser
import Foundation
import Listeners
import MessageSchema
import Sentences

struct PolicyCheck: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check", abstract: Help.Command.policyCheck.spoken, discussion: Help.Command.policyCheckMore.spoken)
    }

    @Argument(help: .saying(Help.Option.agreementFiles))
    var paths: [String]

    @Option(help: .saying(Help.Option.checkedSchemas))
    var schemas: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let files = try AgreementFiles(paths)
        let check = try files.check(options)
        var findings: [AgreementsProblem] = []
        if let schemas { findings += FieldFindings(try Self.topics(of: try SchemaSet(directory: schemas))).all(of: check) }
        // The environment's profile is for commands that need a broker; this one asks it only where it is told to.
        if options.profile != nil {
            findings += try await AdministrationClient.run(options) { try await Self.ask($0, about: check, files) }
        }
        for finding in findings { finding.tell("warning", options) }
        if options.output == .table {
            StandardStream.output.writeLine(Sentence.agreementsValid(check.agreements.count, findings: findings.count).text(in: options.language))
        }
    }

    /// Subjects that are named after their topic, as they are by default.
    private static func topics(of set: SchemaSet) throws -> [String: TopicSchemas] {
        let compiled = try set.compiled()
        var topics: [String: TopicSchemas] = [:]
        for (suffix, part) in [("-value", \TopicSchemas.value), ("-key", \TopicSchemas.key)] {
            for (subject, schema) in compiled where subject.hasSuffix(suffix) {
                topics[String(subject.dropLast(suffix.count)), default: TopicSchemas()][keyPath: part] = schema
            }
        }
        return topics
    }

    /// What only a broker knows: the schemas of its topics, and which agreements somebody uses.
    private static func ask(
        _ client: AdministrationClient, about check: AgreementsCheck, _ files: AgreementFiles
    ) async throws -> [AgreementsProblem] {
        struct Answer: Decodable { var topics: [TopicDocument] }
        var schemas: [String: TopicSchemas] = [:]
        for topic in try await client.ask("/v1/topics", as: Answer.self).topics {
            guard check.written.contains(where: { $0.topic.matches(topic.name) }) else { continue }
            schemas[topic.name] = try await client.schemas(of: topic)
        }
        var findings = FieldFindings(schemas).all(of: check)
        do {
            let answer = try await client.send(.post, "/v1/agreements/rehearse?days=\(usedDays)", body: files.body)
            let rehearsal = try JSONDecoder().decode(RehearsalDocument.self, from: Data(answer.text.utf8))
            findings += rehearsal.unused.map { check.problem(about: $0, "nobody has read by agreement \($0) for \(usedDays) days") }
        } catch let failure as CommandFailure where failure.status == .refused {
            // Who uses what is for operators and auditors to know.
        }
        return findings
    }

    private static let usedDays = 30
}

extension AdministrationClient {
    func schemas(of topic: TopicDocument) async throws -> TopicSchemas {
        guard !topic.name.isBrokerOwnedTopic else { return TopicSchemas() }
        var settings = topic.configuration
        settings["hanbridge.schema.subject", default: ""] += ""
        let typing = TopicTyping(of: topic.name, settings)
        return TopicSchemas(
            value: try await schema(of: typing.valueSubject, version: typing.version), key: try await schema(of: typing.keySubject, version: "latest"))
    }

    private func schema(of subject: String?, version: String) async throws -> CompiledSchema? {
        guard let subject else { return nil }
        do {
            return try await RegistryReader(http: self).schema(of: subject, version: version).compiled
        } catch let failure as CommandFailure where failure.status == .refused {
            return nil
        }
    }
}
