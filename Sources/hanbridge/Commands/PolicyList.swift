import ArgumentParser
import Listeners
import Sentences

struct PolicyList: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: Help.Command.policyList.spoken)
    }

    @Flag(help: .saying(Help.Option.agreementVersions))
    var versions = false

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let report = try await AdministrationClient.run(options) { versions ? try await history($0) : try await agreements($0) }
        report.write(as: options.output, in: options.language)
    }

    private func agreements(_ client: AdministrationClient) async throws -> Report {
        let set = try await client.ask("/v1/agreements", as: AgreementSetDocument.self)
        var report = Report(columns: [
            .init("id", .columnAgreement), .init("topic", .columnTopic), .init("owner", .columnOwner), .init("delegates", .columnDelegates), .init("from", .columnFrom),
            .init("until", .columnUntil), .init("standing", .columnStanding), .init("version", .columnVersion), .init("signed", .columnSigned), .init("unsigned", .columnUnsigned),
        ])
        for agreement in set.agreements {
            report.add([
                .string(agreement.id), .string(agreement.topic), .string(agreement.owner), .optional(agreement.delegates), .optional(agreement.from),
                .optional(agreement.until), .word(agreement.standing, .standing(agreement.standing), options), .integer(set.version), .array(agreement.signed.map(JSONText.string)), .array(agreement.unsigned.map(JSONText.string)),
            ])
        }
        return report
    }

    /// Every version that was applied, newest first.
    private func history(_ client: AdministrationClient) async throws -> Report {
        struct Answer: Decodable { var versions: [AgreementVersionDocument] }
        let answer = try await client.ask("/v1/agreements/versions", as: Answer.self)
        var report = Report(columns: [.init("version", .columnVersion), .init("appliedAt", .columnAppliedAt), .init("appliedBy", .columnAppliedBy)])
        for version in answer.versions {
            report.add([.integer(version.version), .string(Instant.text(version.appliedAt)), .string(version.appliedBy)])
        }
        return report
    }
}
