import ArgumentParser
import Foundation
import Listeners
import Sentences

struct QuotaCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "quota", abstract: Help.Command.quota.spoken, discussion: Help.Command.quotaMore.spoken,
            subcommands: [QuotaList.self, QuotaSet.self, QuotaClear.self])
    }
}

/// The entity's name as people write it: the default is a word of its own, because an empty argument is easily made by mistake.
private func entity(_ name: String) -> JSONText { name == "default" ? .null : .string(name) }

struct QuotaList: AsyncParsableCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: "list", abstract: Help.Command.quotaList.spoken) }

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let answer = try await AdministrationClient.run(options) { try await $0.ask("/v1/quotas", as: QuotasDocument.self) }
        var report = Report(columns: [.init("entity", .columnEntity), .init("quota", .columnQuota), .init("value", .columnValue)])
        for quota in answer.quotas {
            for (name, value) in quota.values.sorted(by: { $0.key < $1.key }) {
                report.add([.string(quota.entity ?? "default"), .string(name), .number(value)])
            }
        }
        report.write(as: options.output, in: options.language)
    }
}

struct QuotaSet: AsyncParsableCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: "set", abstract: Help.Command.quotaSet.spoken) }

    @Argument(help: .saying(Help.Option.quotaEntity))
    var entity: String

    @Argument(help: .saying(Help.Option.quotaValues))
    var values: [QuotaValue]

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await alter(entity, set: values.map { ($0.name, .number($0.value)) }, clear: [], options)
    }
}

struct QuotaClear: AsyncParsableCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: "clear", abstract: Help.Command.quotaClear.spoken) }

    @Argument(help: .saying(Help.Option.quotaEntity))
    var entity: String

    @Argument(help: .saying(Help.Option.quotaNames))
    var names: [String]

    @OptionGroup var options: CommonOptions

    func run() async throws { try await alter(entity, set: [], clear: names, options) }
}

private func alter(_ name: String, set: [(String, JSONText)], clear: [String], _ options: CommonOptions) async throws {
    let body = JSONText.object([("entity", entity(name)), ("set", .object(set)), ("clear", .array(clear.map(JSONText.string)))])
    let answer = try await AdministrationClient.run(options) { try await $0.send(.post, "/v1/quotas", body: body) }
    switch options.output {
    case .table: StandardStream.output.writeLine(Sentence.quotasChanged(name).text(in: options.language))
    case .json: StandardStream.output.writeLine(answer.text)
    }
}

/// `producer_byte_rate=1000000` on the command line.
struct QuotaValue: ExpressibleByArgument, Sendable {
    let name: String
    let value: Double

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let value = Double(parts[1]) else { return nil }
        (name, self.value) = (String(parts[0]), value)
    }
}
