import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import hanbridge

@Suite("The producer", .timeLimit(.minutes(1)))
struct RecordProducerTests {
    private static func record(_ key: String?, line: Int = 1) -> OutgoingRecord {
        OutgoingRecord(key: key.map { Array($0.utf8) }, value: Array("{}".utf8), timestamp: 1_000, line: line)
    }

    /// Keys of a topic of four partitions, by partition.
    private static let keys = Dictionary(grouping: (0..<40).map { "key-\($0)" }) { Murmur2.partition(forKey: Array($0.utf8), count: 4) }

    private static func start(_ broker: FakeBroker, clock: any Clock<Duration> = ContinuousClock()) async throws -> RecordProducer {
        try await RecordProducer.start(broker.client, topic: FakeBroker.topic, clock: clock) { _ in }
    }

    @Test("a partition that is offline does not move the keys of the others", arguments: [0, 3] as [Int32])
    func keysStay(offline: Int32) async throws {
        try await FakeBroker.run(4) { broker in
            broker.set(\.isOffline, true, of: offline)
            let producer = try await Self.start(broker)
            for (partition, keys) in Self.keys where partition != offline { for key in keys { try await producer.send(Self.record(key)) } }
            _ = try await producer.flush()
            for (partition, keys) in Self.keys { #expect(broker.storedKeys[partition] == (partition == offline ? [] : keys)) }
        }
    }

    @Test("what is bound to a partition that is offline waits for it")
    func partitionComesBack() async throws {
        try await FakeBroker.run(4) { broker in
            broker.set(\.isOffline, true, of: 1)
            let clock = LeapingClock { if $0 == 3 { broker.set(\.isOffline, false, of: 1) } }
            let producer = try await Self.start(broker, clock: clock)
            let keys = try #require(Self.keys[1])
            for key in keys { try await producer.send(Self.record(key)) }
            #expect(try await producer.flush().records == keys.count)
            #expect(broker.storedKeys[1] == keys)
        }
    }

    @Test("it waits no longer than the delivery time-out, and what is for other partitions is stored meanwhile")
    func partitionStaysAway() async throws {
        try await FakeBroker.run(4) { broker in
            broker.set(\.isOffline, true, of: 0)
            let producer = try await Self.start(broker, clock: LeapingClock())
            for key in Self.keys.values.joined() { try await producer.send(Self.record(key)) }
            await #expect {
                try await producer.flush()
            } throws: {
                if case ClientError.refused(.leaderNotAvailable, _) = $0 { true } else { false }
            }
            #expect(broker.storedKeys.values.joined().count == 40 - (Self.keys[0]?.count ?? 0))
        }
    }

    @Test("a partition that goes offline while records are on their way is waited for as well")
    func partitionGoes() async throws {
        try await FakeBroker.run(2) { broker in
            let clock = LeapingClock { if $0 == 4 { broker.set(\.isOffline, false, of: 0) } }
            let producer = try await Self.start(broker, clock: clock)
            broker.set(\.isOffline, true, of: 0)
            broker.state.withLockedValue { $0.produceErrors = [.notLeaderOrFollower] }
            var record = Self.record("a")
            record.partition = 0
            try await producer.send(record)
            #expect(try await producer.flush().records == 1)
            #expect(clock.sleeps >= 4)
        }
    }

    @Test("records without a key go to a partition that is there; one that the topic does not have is refused")
    func withoutKey() async throws {
        try await FakeBroker.run(2) { broker in
            broker.set(\.isOffline, true, of: 0)
            let producer = try await Self.start(broker)
            try await producer.send(Self.record(nil))
            #expect(try await producer.flush().lastOffsets == [1: 0])
            var stray = Self.record(nil)
            stray.partition = 2
            let refused = stray
            await #expect(throws: ClientError.self) { try await producer.send(refused) }
        }
    }

    @Test("answers count in the order in which they came: a record that is too large ends nothing of what is behind it")
    func refusalBeforeOthers() async throws {
        for _ in 0..<20 {
            try await FakeBroker.run(1) { broker in
                broker.state.withLockedValue { $0.produceErrors = [.messageTooLarge] }
                var settings = RecordProducer.Settings()
                settings.batchBytes = 1
                let refused = NIOLockedValueBox<[Int]>([])
                let producer = try await RecordProducer.start(broker.client, topic: FakeBroker.topic, settings: settings, clock: LeapingClock()) { record in
                    refused.withLockedValue { $0.append(record.line) }
                }
                for line in 1...8 { try await producer.send(Self.record("\(line)", line: line)) }
                #expect(try await producer.flush().records == 7)
                #expect(refused.withLockedValue { $0 } == [1])
                #expect(broker.storedKeys[0] == (2...8).map(String.init))
            }
        }
    }
}
