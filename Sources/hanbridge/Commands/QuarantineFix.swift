import ArgumentParser
import Foundation
import KafkaWire
import MessageSchema
import NIOCore
import RecordText
import Sentences

struct QuarantineFix: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "fix", abstract: Help.Command.quarantineFix.spoken, discussion: Help.Command.quarantineFixMore.spoken)
    }

    @Argument(help: .saying(Help.Option.quarantineEntry))
    var entry: QuarantinePlace

    @Argument(help: .saying(Help.Option.correctedFile, valueName: "file"))
    var file: String = "-"

    @Option(help: .saying(Help.Option.correctedKey, valueName: "field"))
    var key: String?

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let document = try read()
        try await BrokerSession.run(options, action: .resolvingEntry(entry.description)) { session in
            let entry = try await Quarantine.openEntry(entry, session)
            let typing = try await session.client.typing(of: entry.originTopic)
            let encoder = try await RecordEncoder.of(entry.originTopic, typing, options)
            let published = try await publish(try record(document, entry, encoder), to: entry.originTopic, session)
            do {
                try await Quarantine.resolve(entry, Resolution(.fixed, record: published.description), session)
            } catch {
                StandardStream.error.writeLine(Sentence.fixedAndStillOpen(entry.place.description, published.description).text(in: session.language))
                throw error
            }
            report(entry, published, session)
        }
    }

    /// One JSON document, on as many lines as its author likes.
    private func read() throws(CommandFailure) -> [UInt8] {
        let data = file == "-" ? try? FileHandle.standardInput.readToEnd() ?? Data() : FileManager.default.contents(atPath: file)
        guard let data else { throw .wrongUsage(.fileUnreadable(file)) }
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        let start = data.drop(while: isSpace)
        return Array(start.prefix(upTo: start.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start.startIndex))
    }

    private func record(_ document: [UInt8], _ entry: QuarantinedRecord, _ encoder: RecordEncoder) throws(CommandFailure) -> OutgoingRecord {
        let input: InputRecord
        do throws(InputError) {
            input = try RecordSplitter.record(document, keyField: key, line: 1)
        } catch {
            throw .refused(.inputRefused(file, line: error.line, why: error.sentence))
        }
        do throws(Violation) {
            var record = OutgoingRecord(
                key: entry.key.map { Array($0.readableBytesView) }, value: try encoder.judgedValue(input.value), headers: entry.headers,
                timestamp: entry.timestamp, line: 1, partition: entry.originPartition)
            if key != nil {
                record.key = try encoder.key(input.key, document: input.keyDocument)
                record.partition = nil
            }
            record.headers.append(Record.Header(key: Resolution.linkHeader, value: ByteBuffer(string: entry.place.description)))
            return record
        } catch {
            throw .refused(.correctionInvalid(entry.place.description, path: error.path.isEmpty ? "/" : error.path, rule: error.rule, why: error.message))
        }
    }

    /// - Returns: where the corrected record is.
    private func publish(_ record: OutgoingRecord, to topic: String, _ session: BrokerSession) async throws -> QuarantinePlace {
        let refused = RefusedRecords(topic, session)
        let producer = try await RecordProducer.start(session.client, topic: topic) { refused.add($0) }
        try await producer.send(record)
        let summary = try await producer.flush()
        guard let (partition, offset) = summary.lastOffsets.first else {
            refused.finish()
            throw CommandFailure.refused(.correctionRefused(entry.description))
        }
        return QuarantinePlace(topic: topic, partition: partition, offset: offset)
    }

    private func report(_ entry: QuarantinedRecord, _ published: QuarantinePlace, _ session: BrokerSession) {
        switch session.output {
        case .table: session.say(.entryFixed(entry.place.description, published.description))
        case .json:
            let fields: [(String, JSONText)] = [("entry", .string(entry.place.description)), ("record", .string(published.description))]
            StandardStream.output.writeLine(JSONText.object(fields).description)
        }
    }
}
