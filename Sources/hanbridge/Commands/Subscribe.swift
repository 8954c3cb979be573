import ArgumentParser
import Foundation
import KafkaWire
import Sentences
import UnixSignals

struct Subscribe: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.subscribe.spoken,
            discussion: Help.Command.subscribeMore.spoken)
    }

    @Argument(help: .saying(Help.Option.topicOne))
    var topic: String

    @Option(help: .saying(Help.Option.subscribedGroup))
    var group: String?

    @Option(help: .saying(Help.Option.from))
    var from: StartPosition = .position(.latest)

    @Option(help: .saying(Help.Option.purpose))
    var purpose: String?

    @Option(help: .saying(Help.Option.max))
    var max: Int?

    @Flag(help: .saying(Help.Option.untilEnd))
    var untilEnd = false

    @OptionGroup var options: CommonOptions

    func validate() throws {
        if let max, max < 1 { throw ValidationError(Help.Usage.maxTooSmall) }
        if untilEnd && group != nil { throw ValidationError(Help.Usage.untilEndWithGroup) }
        if let purpose, !Self.isPurpose(purpose) {
            throw ValidationError(Help.Usage.purposeCharacters)
        }
    }

    static func isPurpose(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    func run() async throws {
        let purpose = try purpose ?? options.loadProfile().purpose
        let clientID = purpose.map { "hanbridge-cli;purpose=\($0);" } ?? "hanbridge-cli"
        try await AdministrationClient.run(options) { http in
            try await BrokerSession.run(options, action: .subscribing(topic), clientID: clientID) { session in
                try await explainingPurpose(purpose, asking: http) {
                    let typing = try await session.client.typing(of: topic)
                    let output = RecordOutput(session, RecordDecoder(typing, RegistryReader(http: http)))
                    // Ctrl-C ends the reading, not the process: a group's member says goodbye and commits first.
                    try await endingOnSignal {
                        if let group { try await readAsMember(group, session, output) } else { try await readAlone(session, output) }
                    }
                }
            }
        }
    }

    private func endingOnSignal(_ body: @escaping () async throws -> Void) async throws {
        let watch = Task { for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return } }
        let reading = SignalFlag()
        let stopper = Task {
            await watch.value
            reading.raise()
        }
        defer {
            watch.cancel()
            stopper.cancel()
        }
        try await SignalFlag.$current.withValue(reading) { try await body() }
    }

    private func readAsMember(_ group: String, _ session: BrokerSession, _ output: RecordOutput) async throws {
        // A broker that is not there now is said to be so at once; one that goes away later is waited for.
        _ = try await session.client.connection()
        var settings = GroupConsumer.Settings()
        settings.start = from
        var consumer = GroupConsumer(session.client, group: group, topics: [topic], settings: settings)
        var printed = 0
        do {
            while !SignalFlag.current.isRaised, printed < max ?? .max {
                for record in try await consumer.next() where printed < max ?? .max {
                    try await output.write(record)
                    consumer.dealtWith(record)
                    printed += 1
                }
            }
        } catch {
            await consumer.leave()
            throw error
        }
        await consumer.leave()
    }

    private func readAlone(_ session: BrokerSession, _ output: RecordOutput) async throws {
        var reader = LoneReader(client: session.client, topic: topic, start: from)
        reader.untilEnd = untilEnd
        reader.recordsMax = max ?? .max
        reader.offline = { [topic] partition in
            StandardStream.error.writeLine(Sentence.partitionNotRead("\(topic)-\(partition)").text(in: session.language))
        }
        try await reader.run { try await output.write($0) }
    }
}
