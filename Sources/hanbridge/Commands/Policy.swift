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
            subcommands: [PolicyCheck.self, PolicyApply.self, PolicyList.self, PolicySign.self, PolicyExplain.self, PolicyEnd.self])
    }
}

extension AgreementFiles {
    /// Judges the set and prints what is wrong or notable.
    /// - Throws: exit status 1 when the set would be refused.
    func check(_ options: CommonOptions) throws(CommandFailure) -> AgreementsCheck {
        // What somebody signed is judged here as far as it can be; the broker knows whom to trust.
        let signatures = SignatureRules(.recorded, judge: CertificateSignatures.byTheirWord, forgivesEnds: true)
        let check = AgreementsCheck(files: texts, at: Int64(Date().timeIntervalSince1970 * 1000), signatures: signatures)
        for (level, problems) in [("error", check.errors), ("warning", check.warnings)] {
            for problem in problems {
                switch options.output {
                case .table: StandardStream.error.writeLine(problem.located.text(in: options.language))
                case .json:
                    let fields: [(String, JSONText)] = [
                        ("level", .string(level)), ("file", .string(problem.file)), ("line", .integer(Int64(problem.line))),
                        ("column", .integer(Int64(problem.column))), ("message", .string(problem.sentence.text(in: options.language))),
                    ]
                    StandardStream.output.writeLine(JSONText.object(fields).description)
                }
            }
        }
        guard check.errors.isEmpty else { throw .refused(.agreementsInvalid(check.errors.count)) }
        return check
    }
}

struct PolicyCheck: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check", abstract: Help.Command.policyCheck.spoken)
    }

    @Argument(help: .saying(Help.Option.agreementFiles))
    var paths: [String]

    @OptionGroup var options: CommonOptions

    func run() throws {
        let check = try AgreementFiles(paths).check(options)
        if options.output == .table {
            StandardStream.output.writeLine(Sentence.agreementsValid(check.agreements.count).text(in: options.language))
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
        let body = JSONText.object([
            ("files", .object(files.texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        ])
        let answer = try await AdministrationClient.run(options) { try await $0.send(.put, "/v1/agreements", body: body) }
        let version = answer.object?["version"] as? Int
        switch options.output {
        case .table:
            StandardStream.output.writeLine(
                Sentence.agreementsApplied(check.agreements.count, version: version.map(String.init) ?? "?").text(in: options.language))
        case .json: StandardStream.output.writeLine(answer.text)
        }
    }
}
