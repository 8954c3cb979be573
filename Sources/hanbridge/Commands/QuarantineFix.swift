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
            let record = try record(document, entry, encoder)
            let earlier = try await earlierCorrection(of: entry, session)
            let isPublished: Bool
            let published: QuarantinePlace
            switch earlier {
            case .found(let place): (isPublished, published) = (true, place)
            case .none(let isCertain):
                if !isCertain { warn(.correctionsNotAllSeen(entry.place.description, topic: entry.originTopic), session) }
                (isPublished, published) = (false, try await publish(record, of: entry, isRepeatable: isCertain, session))
            }
            do {
                try await Quarantine.resolve(entry, Resolution(.fixed, record: published.description), session)
            } catch {
                warn(.fixedAndStillOpen(entry.place.description, published.description), session)
                throw error
            }
            report(entry, published, wasPublished: isPublished, session)
        }
    }

    private func warn(_ sentence: Sentence, _ session: BrokerSession) { StandardStream.error.writeLine(sentence.text(in: session.language)) }

    /// Who may publish to a topic does not always read it.
    private func earlierCorrection(of entry: QuarantinedRecord, _ session: BrokerSession) async throws(ClientError) -> QuarantineReader.Correction {
        do throws(ClientError) {
            return try await QuarantineReader(client: session.client).correction(of: entry)
        } catch {
            if case .refused(.topicAuthorizationFailed, _) = error { return .none(isCertain: false) }
            throw error
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

    /// - Parameter isRepeatable: another try sees what this one published.
    /// - Returns: where the corrected record is.
    private func publish(
        _ record: OutgoingRecord, of entry: QuarantinedRecord, isRepeatable: Bool, _ session: BrokerSession
    ) async throws -> QuarantinePlace {
        let topic = entry.originTopic
        let refused = RefusedRecords(topic, session)
        let producer = try await RecordProducer.start(session.client, topic: topic) { refused.add($0) }
        try await producer.send(record)
        do {
            let summary = try await producer.flush()
            if let (partition, offset) = summary.lastOffsets.first { return QuarantinePlace(topic: topic, partition: partition, offset: offset) }
            // Stored by a try whose answer was lost: the broker no longer says where.
            if summary.records > 0, case .found(let place) = try await earlierCorrection(of: entry, session) { return place }
            guard summary.records == 0 else { throw ClientError.refused(.duplicateSequenceNumber, message: nil) }
        } catch {
            warn(isRepeatable ? .perhapsFixed(entry.place.description) : .perhapsFixedUnseen(entry.place.description, topic: topic), session)
            throw error
        }
        refused.finish()
        throw CommandFailure.refused(.correctionRefused(entry.place.description))
    }

    private func report(_ entry: QuarantinedRecord, _ published: QuarantinePlace, wasPublished: Bool, _ session: BrokerSession) {
        let (place, record) = (entry.place.description, published.description)
        switch session.output {
        case .table: session.say(wasPublished ? .entryWasFixed(place, record) : .entryFixed(place, record))
        case .json:
            let fields: [(String, JSONText)] = [("entry", .string(place)), ("record", .string(record))]
            StandardStream.output.writeLine(JSONText.object(fields).description)
        }
    }
}
