import ArgumentParser
import Foundation
import Sentences

struct Quarantine: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.quarantine.spoken, discussion: Help.Command.quarantineMore.spoken,
            subcommands: [QuarantineList.self, QuarantineShow.self, QuarantineFix.self, QuarantineDrop.self])
    }

    static func state(_ resolution: Resolution?) -> String { resolution?.outcome.rawValue ?? "open" }

    static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
    }

    /// An entry that is there and waits.
    static func openEntry(_ place: QuarantinePlace, _ session: BrokerSession) async throws -> QuarantinedRecord {
        guard let (entry, resolution) = try await QuarantineReader(client: session.client).entry(place) else {
            throw CommandFailure.refused(.noSuchEntry(place.description))
        }
        guard let resolution else { return entry }
        throw CommandFailure.refused(.entryResolved(place.description, .quarantineState(resolution.outcome.rawValue)))
    }

    /// Says in the quarantine what became of an entry.
    static func resolve(_ entry: QuarantinedRecord, _ resolution: Resolution, _ session: BrokerSession) async throws {
        let producer = try await RecordProducer.start(session.client, topic: entry.place.topic) { _ in }
        try await producer.send(resolution.record(for: entry))
        let summary = try await producer.flush()
        guard summary.records == 1 else { throw CommandFailure.refused(.resolutionRefused(entry.place.description)) }
    }
}

extension QuarantinePlace: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

struct QuarantineList: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: Help.Command.quarantineList.spoken)
    }

    @Argument(help: .saying(Help.Option.quarantineTopic))
    var topic: String

    @Flag(help: .saying(Help.Option.resolvedEntries))
    var all = false

    @Option(help: .saying(Help.Option.entriesMax))
    var max = 1_000

    @OptionGroup var options: CommonOptions

    func validate() throws {
        if max < 1 { throw ValidationError(Help.Usage.maxTooSmall) }
    }

    func run() async throws {
        try await BrokerSession.run(options, action: .readingQuarantine(topic)) { session in
            let reader = QuarantineReader(client: session.client)
            let quarantine = try await reader.quarantine(of: topic)
            let resolutions = try await reader.resolutions(in: quarantine)
            var report = Report(columns: [
                .init("entry", .columnEntry), .init("time", .columnTime), .init("origin", .columnOrigin), .init("publisher", .columnPublisher),
                .init("violations", .columnViolations), .init("state", .columnState),
            ])
            var others = 0
            try await reader.forEachEntry(of: quarantine) { entry in
                let resolution = resolutions[entry.place]
                guard all || resolution == nil, topic == quarantine || entry.originTopic == topic else { return }
                guard report.rows.count < max else { return others += 1 }
                report.add(row(entry, resolution))
            }
            session.write(report)
            if others > 0 { session.say(.moreEntries(others)) }
        }
    }

    private func row(_ entry: QuarantinedRecord, _ resolution: Resolution?) -> [JSONText] {
        let state = Quarantine.state(resolution)
        let violations: JSONText =
            switch options.output {
            case .table: .string(entry.violations.map { "\($0.path.isEmpty ? "/" : $0.path) \($0.rule)" }.joined(separator: ", "))
            case .json: RefusalReason(entry.violations).errors
            }
        return [
            .string(entry.place.description), .string(Quarantine.time(entry.timestamp)), .string("\(entry.originTopic)/\(entry.originPartition)"),
            .string(entry.publisher), violations, .word(state, .quarantineState(state), options),
        ]
    }
}

struct QuarantineShow: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: Help.Command.quarantineShow.spoken, discussion: Help.Command.quarantineShowMore.spoken)
    }

    @Argument(help: .saying(Help.Option.quarantineEntry))
    var entry: QuarantinePlace

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await AdministrationClient.run(options) { http in
            try await BrokerSession.run(options, action: .readingQuarantine(entry.topic)) { session in
                guard let (record, resolution) = try await QuarantineReader(client: session.client).entry(entry) else {
                    throw CommandFailure.refused(.noSuchEntry(entry.description))
                }
                // Whoever may read the quarantine and not describe the origin sees the bytes as they are.
                let typing = (try? await session.client.typing(of: record.originTopic)) ?? .untyped
                try await show(record, resolution, RecordDecoder(typing, RegistryReader(http: http)), session)
            }
        }
    }

    private func show(_ entry: QuarantinedRecord, _ resolution: Resolution?, _ decoder: RecordDecoder, _ session: BrokerSession) async throws {
        var value = JSONText.null
        if let payload = entry.value { value = RecordOutput.value(await decoder.value(payload).shown) }
        let state = Quarantine.state(resolution)
        guard session.output == .table else {
            let fields: [(String, JSONText)] = [
                ("entry", .string(entry.place.description)), ("time", .string(Quarantine.time(entry.timestamp))),
                ("origin", .string("\(entry.originTopic)/\(entry.originPartition)")), ("publisher", .string(entry.publisher)),
                ("violations", RefusalReason(entry.violations).errors), ("key", entry.key.map(RecordOutput.text) ?? .null), ("value", value),
                ("state", .string(state)), ("record", .optional(resolution?.record)), ("reason", .optional(resolution?.reason)),
            ]
            return try StandardStream.output.write(contentsOf: Array((JSONText.object(fields).description + "\n").utf8))
        }
        func told(_ sentence: Sentence) -> String { sentence.text(in: session.language) }
        // What is known of it beside the document: the document alone goes into a file, to be mended.
        var lines = [
            told(.entryHeading(entry.place.description, .quarantineState(state))),
            told(.entryOrigin("\(entry.originTopic)/\(entry.originPartition)", publisher: entry.publisher, time: Quarantine.time(entry.timestamp))),
        ]
        lines += entry.violations.map { "  \($0.path.isEmpty ? "/" : $0.path)  \($0.rule): \(told(.told($0.message)))" }
        if let record = resolution?.record { lines.append(told(.entryRepublished(record))) }
        if let reason = resolution?.reason { lines.append("  \(reason)") }
        for line in lines { StandardStream.error.writeLine(line) }
        if case .string(let text) = value { StandardStream.output.writeLine(text) } else { StandardStream.output.writeLine(value.description) }
    }
}

struct QuarantineDrop: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "drop", abstract: Help.Command.quarantineDrop.spoken)
    }

    @Argument(help: .saying(Help.Option.quarantineEntries))
    var entries: [QuarantinePlace]

    @Option(help: .saying(Help.Option.dropReason))
    var reason: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await BrokerSession.run(options, action: .resolvingEntry(entries[0].description)) { session in
            var open: [QuarantinedRecord] = []
            for place in entries { open.append(try await Quarantine.openEntry(place, session)) }
            for entry in open {
                try await Quarantine.resolve(entry, Resolution(.dropped, reason: reason), session)
                session.say(.entryDropped(entry.place.description))
            }
        }
    }
}
