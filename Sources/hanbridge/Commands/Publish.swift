import ArgumentParser
import Foundation
import KafkaWire
import MessageSchema
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

    @Option(help: .saying(Help.Option.receipts, valueName: "file"))
    var receipts: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let source = RecordSource(path: file, format: format, keyField: key)
        do {
            try await BrokerSession.run(options, action: .publishing(topic)) { session in
                let typing = try await session.client.typing(of: topic)
                // Raw bytes are whatever their publisher says they are, frame included.
                let encoder = source.format == .raw ? .asItIs : try await RecordEncoder.of(topic, typing, options)
                if source.sizeBytes != nil { try await source.read(columns: encoder.columns) { _, _ in } }
                try await publish(source, encoder, typing, session)
            }
        } catch let error as InputError {
            throw CommandFailure.refused(.inputRefused(file ?? "stdin", line: error.line, why: error.sentence))
        }
    }

    private func publish(_ source: RecordSource, _ encoder: RecordEncoder, _ typing: TopicTyping, _ session: BrokerSession) async throws {
        var settings = RecordProducer.Settings()
        settings.codec = compression.codec
        settings.keepsPlaces = receipts != nil
        if let bytesMax = typing.messageBytesMax { settings.batchBytes = min(settings.batchBytes, bytesMax / 2) }
        let refused = RefusedRecords(topic, session)
        let producer = try await RecordProducer.start(session.client, topic: topic, settings: settings) { refused.add($0) }
        let summary: RecordProducer.Summary
        do {
            summary = try await send(source, encoder, to: producer, refused)
        } catch {
            // What was taken before it is not lost with it, and whoever mends the input has to know how far it went.
            let isFlushed = (try? await producer.flush()) != nil
            refused.finish()
            report(stopped: await producer.summary, isExact: isFlushed, refused: refused.count, session)
            throw error
        }
        refused.finish()
        report(summary, refused: refused.count, session)
        if let receipts { try await ReceiptFile(path: receipts).write(summary.places, of: topic, options) }
        if refused.count > 0 { throw CommandFailure.refused(.recordsRefused(refused.count, published: summary.records, topic: topic)) }
    }

    private func send(
        _ source: RecordSource, _ encoder: RecordEncoder, to producer: RecordProducer, _ refused: RefusedRecords
    ) async throws -> RecordProducer.Summary {
        var progress = ProgressBar(total: source.sizeBytes)
        try await source.read(columns: encoder.columns) { records, bytesRead in
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            for record in records {
                let outgoing: OutgoingRecord
                do throws(Violation) {
                    outgoing = OutgoingRecord(
                        key: try encoder.key(record.key, document: record.keyDocument), value: try encoder.value(record.value),
                        timestamp: now, line: record.line)
                } catch {
                    refused.add(RefusedRecord(line: record.line, reason: RefusalReason(error)))
                    continue
                }
                try await producer.send(outgoing)
            }
            // What comes slowly, from a pipe, is sent as it comes.
            if source.sizeBytes == nil { _ = try await producer.flush() }
            progress.advance(to: bytesRead)
        }
        let summary = try await producer.flush()
        progress.finish()
        return summary
    }

    /// - Parameter isExact: nothing is on its way any more whose fate is not known.
    private func report(stopped summary: RecordProducer.Summary, isExact: Bool, refused: Int, _ session: BrokerSession) {
        switch session.output {
        case .table:
            let sentence = Sentence.publishedBeforeFailure(summary.records, topic: topic, isExact: isExact)
            StandardStream.error.writeLine(sentence.text(in: session.language))
        case .json: report(summary, refused: refused, session)
        }
    }

    private func report(_ summary: RecordProducer.Summary, refused: Int, _ session: BrokerSession) {
        switch session.output {
        case .table: session.say(.published(summary.records, topic: topic))
        case .json:
            let offsets = summary.lastOffsets.sorted { $0.key < $1.key }.map { (String($0.key), JSONText.integer($0.value)) }
            let fields: [(String, JSONText)] = [
                ("topic", .string(topic)), ("records", .integer(Int64(summary.records))), ("refused", .integer(Int64(refused))),
                ("lastOffsets", .object(offsets)),
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
