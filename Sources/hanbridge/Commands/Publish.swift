import ArgumentParser
import Foundation
import KafkaWire
import RecordText
import Sentences

struct Publish: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            abstract: Help.Command.publish.spoken,
            discussion: Help.Command.publishMore.spoken)
    }

    @Argument(help: .saying(Help.Option.topicOne))
    var topic: String

    @Argument(help: .saying(Help.Option.recordFile, valueName: "file"))
    var file: String?

    @Option(help: .saying(Help.Option.format))
    var format: InputFormat?

    @Option(help: .saying(Help.Option.keyField, valueName: "field"))
    var key: String?

    @Option(help: .saying(Help.Option.compression))
    var compression: CompressionName = .lz4

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let source = RecordSource(path: file, format: format, keyField: key)
        do {
            if source.sizeBytes != nil { try await source.read { _, _ in } }
            try await BrokerSession.run(options, action: .publishing(topic)) { session in
                try await publish(source, session)
            }
        } catch let error as InputError {
            throw CommandFailure.refused(.inputRefused(file ?? "stdin", line: error.line, why: error.sentence))
        }
    }

    private func publish(_ source: RecordSource, _ session: BrokerSession) async throws {
        var settings = RecordProducer.Settings()
        settings.codec = compression.codec
        let producer = try await RecordProducer.start(session.client, topic: topic, settings: settings)
        var progress = ProgressBar(total: source.sizeBytes)
        try await source.read { records, bytesRead in
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            for record in records { try await producer.send(key: record.key, value: record.value, timestamp: now) }
            // What comes slowly, from a pipe, is sent as it comes.
            if source.sizeBytes == nil { _ = try await producer.flush() }
            progress.advance(to: bytesRead)
        }
        let summary = try await producer.flush()
        progress.finish()
        report(summary, session)
    }

    private func report(_ summary: RecordProducer.Summary, _ session: BrokerSession) {
        switch session.output {
        case .table: session.say(.published(summary.records, topic: topic))
        case .json:
            let offsets = summary.lastOffsets.sorted { $0.key < $1.key }.map { (String($0.key), JSONText.integer($0.value)) }
            let fields: [(String, JSONText)] = [
                ("topic", .string(topic)), ("records", .integer(Int64(summary.records))), ("lastOffsets", .object(offsets)),
            ]
            StandardStream.output.writeLine(JSONText.object(fields).description)
        }
    }
}

/// A codec by the name that Kafka's tools use.
enum CompressionName: String, CaseIterable, ExpressibleByArgument, Sendable {
    case none, gzip, snappy, lz4, zstd

    var codec: Codec {
        switch self {
        case .none: .none
        case .gzip: .gzip
        case .snappy: .snappy
        case .lz4: .lz4
        case .zstd: .zstd
        }
    }
}
