import AccessPolicy
import ArgumentParser
import Foundation
import Identity
import Listeners
import Sentences

struct Policy: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.policy.spoken,
            subcommands: [PolicyCheck.self, PolicyApply.self, PolicyList.self, PolicyRequest.self, PolicySign.self, PolicyRehearse.self, PolicyExplain.self, PolicyEnd.self,
                PolicyBreakGlass.self,
            ])
    }
}

extension AgreementFiles {
    /// As the broker takes them.
    var body: JSONText {
        .object([("files", .object(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))])
    }

    /// Judges the set and prints what is wrong or notable.
    /// - Throws: exit status 1 when the set would be refused.
    func check(_ options: CommonOptions) throws(CommandFailure) -> AgreementsCheck {
        // What somebody signed is judged here as far as it can be; the broker knows whom to trust.
        let signatures = SignatureRules(.recorded, judge: CertificateSignatures.byTheirWord, forgivesEnds: true)
        let check = AgreementsCheck(files: texts, at: Int64(Date().timeIntervalSince1970 * 1000), signatures: signatures)
        for problem in check.errors { problem.tell("error", options) }
        for problem in check.warnings { problem.tell("warning", options) }
        guard check.errors.isEmpty else { throw .refused(.agreementsInvalid(check.errors.count)) }
        return check
    }
}

extension AgreementsProblem {
    /// To people on stderr, as compilers tell; to programs as a line of JSON.
    func tell(_ level: String, _ options: CommonOptions) {
        switch options.output {
        case .table: StandardStream.error.writeLine(located.text(in: options.language))
        case .json:
            let fields: [(String, JSONText)] = [
                ("level", .string(level)), ("file", .string(file)), ("line", .integer(Int64(line))), ("column", .integer(Int64(column))),
                ("message", .string(sentence.text(in: options.language))),
            ]
            StandardStream.output.writeLine(JSONText.object(fields).description)
        }
    }
}

struct PolicyApply: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "apply", abstract: Help.Command.policyApply.spoken)
    }

    @Argument(help: .saying(Help.Option.agreementSet))
    var paths: [String]

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let files = try AgreementFiles(paths)
        let check = try files.check(options)
        let answer = try await AdministrationClient.run(options) { try await $0.send(.put, "/v1/agreements", body: files.body) }
        let version = answer.object?["version"] as? Int
        switch options.output {
        case .table:
            StandardStream.output.writeLine(
                Sentence.agreementsApplied(check.agreements.count, version: version.map(String.init) ?? "?").text(in: options.language))
        case .json: StandardStream.output.writeLine(answer.text)
        }
    }
}
