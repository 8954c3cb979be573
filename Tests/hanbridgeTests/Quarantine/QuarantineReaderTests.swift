import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import hanbridge

@Suite("Reading a topic to its end, and quarantines with that", .timeLimit(.minutes(1)))
struct QuarantineReaderTests {
    private static let place = QuarantinePlace(topic: "city.quarantine", partition: 0, offset: 17)

    private static func record(_ timestamp: Int64, fixes place: QuarantinePlace? = nil) -> Record {
        let headers = place.map { [Record.Header(key: Resolution.linkHeader, value: ByteBuffer(string: $0.description))] } ?? []
        return Record(offset: 0, timestamp: timestamp, key: nil, value: ByteBuffer(string: "{}"), headers: headers)
    }

    private static func entry(_ timestamp: Int64) throws -> QuarantinedRecord {
        var record = record(timestamp)
        record.offset = place.offset
        record.headers = [
            Record.Header(key: "hanbridge-origin", value: ByteBuffer(string: "\(FakeBroker.topic)/0")),
            Record.Header(key: "hanbridge-publisher", value: ByteBuffer(string: "User:ward/portal")),
        ]
        return try #require(QuarantinedRecord(DeliveredRecord(partition: TopicPartition(topic: place.topic, partition: place.partition), record: record)))
    }

    private static func correction(_ reader: QuarantineReader, _ time: Int64) async throws -> QuarantineReader.Correction {
        let entry = try Self.entry(time)
        return try await reader.correction(of: entry)
    }

    private static func fill(_ broker: FakeBroker) {
        for partition in Int32(0)..<2 { broker.set(\.records, (0..<3).map { record($0) }, of: partition) }
    }

    /// What is read, and why it ended.
    private static func read(_ broker: FakeBroker, _ clock: any Clock<Duration>) async -> (count: Int, error: ErrorCode?) {
        var count = 0
        do throws(ClientError) {
            try await broker.client.readToEnd(of: FakeBroker.topic, clock: clock) { _ in count += 1 }
            return (count, nil)
        } catch {
            if case .refused(let code, _) = error { return (count, code) }
            return (count, .unknownServerError)
        }
    }

    @Test("a partition without leader is an error and not an empty one")
    func offline() async throws {
        try await FakeBroker.run(2) { broker in
            Self.fill(broker)
            let whole = await Self.read(broker, LeapingClock())
            #expect(whole.count == 6 && whole.error == nil)
            broker.set(\.isOffline, true, of: 1)
            #expect(await Self.read(broker, LeapingClock()).error == .leaderNotAvailable)
        }
    }

    @Test("a partition that cannot be read is tried again for a while, and given up then", arguments: [3, Int.max])
    func trouble(sleeps: Int) async throws {
        try await FakeBroker.run(2) { broker in
            Self.fill(broker)
            broker.set(\.fetchError, .kafkaStorageError, of: 1)
            let clock = LeapingClock { if $0 == sleeps { broker.set(\.fetchError, .none, of: 1) } }
            let (count, error) = await Self.read(broker, clock)
            #expect(error == (sleeps == 3 ? nil : .kafkaStorageError))
            #expect(count == (sleeps == 3 ? 6 : 3))
            #expect(clock.sleeps == min(sleeps, 10))
        }
    }

    @Test("a correction that was published before is found, in whatever partition, and those of other entries are not it")
    func correction() async throws {
        try await FakeBroker.run(2) { broker in
            let other = QuarantinePlace(topic: Self.place.topic, partition: 0, offset: 1)
            broker.set(\.records, [Self.record(40), Self.record(50, fixes: other)], of: 0)
            broker.set(\.records, [Self.record(40), Self.record(60)], of: 1)
            var reader = QuarantineReader(client: broker.client)
            for time in [50, -1] as [Int64] {
                let none = try await Self.correction(reader, time)
                #expect(none == .none(isCertain: true))
            }
            broker.set(\.records, [Self.record(40), Self.record(50, fixes: Self.place), Self.record(60)], of: 1)
            let found = QuarantineReader.Correction.found(QuarantinePlace(topic: FakeBroker.topic, partition: 1, offset: 1))
            for time in [50, -1] as [Int64] { #expect(try await Self.correction(reader, time) == found) }
            reader.correctionsLookedAtMax = 1
            #expect(try await Self.correction(reader, 50) == .none(isCertain: false))
            reader.correctionsLookedAtMax = 2
            #expect(try await Self.correction(reader, 50) == found)
        }
    }
}
