import AccessPolicy
import ArgumentParser
import Foundation
import Listeners
import Sentences

struct Policy: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.policy.spoken,
            subcommands: [PolicyCheck.self, PolicyApply.self, PolicyList.self, PolicyExplain.self, PolicyEnd.self])
    }
}

/// Agreements files as `policy check` and `policy apply` take them: files, or directories with `.yaml` files.
struct AgreementFiles: Sendable {
    /// Text by file name.
    let texts: [String: String]

    init(_ paths: [String]) throws(CommandFailure) {
        var texts: [String: String] = [:]
        for path in paths {
            for file in try Self.files(path) {
                let name = (file as NSString).lastPathComponent
                guard let data = FileManager.default.contents(atPath: file), data.count <= AgreementsLimits.fileBytesMax,
                    let text = String(bytes: data, encoding: .utf8)
                else { throw .wrongUsage(.fileUnreadable(file)) }
                guard texts.updateValue(text, forKey: name) == nil else { throw .wrongUsage(.fileNamedTwice(name)) }
            }
        }
        self.texts = texts
    }

    private static func files(_ path: String) throws(CommandFailure) -> [String] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { throw .wrongUsage(.fileUnreadable(path)) }
        guard isDirectory.boolValue else { return [path] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { throw .wrongUsage(.fileUnreadable(path)) }
        let found = names.filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !$0.hasPrefix(".") }.sorted()
        guard !found.isEmpty else { throw .wrongUsage(.noAgreementFiles(path)) }
        return found.map { "\(path)/\($0)" }
    }

    /// Judges the set and prints what is wrong or notable.
    /// - Throws: exit status 1 when the set would be refused.
    func check(_ options: CommonOptions) throws(CommandFailure) -> AgreementsCheck {
        let check = AgreementsCheck(files: texts, at: Int64(Date().timeIntervalSince1970 * 1000))
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
