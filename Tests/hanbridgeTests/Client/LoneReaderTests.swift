import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import hanbridge

@Suite("Reading outside of groups", .timeLimit(.minutes(1)))
struct LoneReaderTests {
    private static func fill(_ broker: FakeBroker, _ partitions: Range<Int32>, _ count: Int = 3) {
        for partition in partitions {
            let records = (0..<count).map { Record(offset: 0, timestamp: Int64($0), key: ByteBuffer(string: "\(partition)/\($0)"), value: nil) }
            broker.set(\.records, records, of: partition)
        }
    }

    private struct Reading {
        var records = 0
        var offline: [Int32] = []
        var error: ErrorCode?
    }

    private static func read(
        _ broker: FakeBroker, untilEnd: Bool = true, max: Int = .max, clock: any Clock<Duration> = LeapingClock()
    ) async throws -> Reading {
        let offline = NIOLockedValueBox<[Int32]>([])
        var reading = Reading()
        var reader = LoneReader(client: broker.client, topic: FakeBroker.topic, start: .position(.earliest))
        reader.untilEnd = untilEnd
        reader.recordsMax = max
        reader.clock = clock
        reader.offline = { partition in offline.withLockedValue { $0.append(partition) } }
        do {
            try await reader.run { _ in reading.records += 1 }
        } catch ClientError.refused(let code, _) {
            reading.error = code
        }
        reading.offline = offline.withLockedValue { $0 }
        return reading
    }

    @Test("An offline partition is told of once, the others are read, and what was to be read to its end is not whole")
    func offline() async throws {
        try await FakeBroker.run(3) { broker in
            Self.fill(broker, 0..<3)
            let whole = try await Self.read(broker)
            #expect(whole.records == 9 && whole.offline.isEmpty && whole.error == nil)
            broker.set(\.isOffline, true, of: 1)
            let partial = try await Self.read(broker)
            #expect(partial.records == 6 && partial.offline == [1] && partial.error == .leaderNotAvailable)
            let few = try await Self.read(broker, untilEnd: false, max: 6)
            #expect(few.records == 6 && few.offline == [1] && few.error == nil)
        }
    }

    @Test("A topic of which every partition is offline is refused, not asked for ever")
    func allOffline() async throws {
        try await FakeBroker.run(2) { broker in
            for partition in Int32(0)..<2 { broker.set(\.isOffline, true, of: partition) }
            let reading = try await Self.read(broker, untilEnd: false)
            #expect(reading.offline == [0, 1] && reading.error == .leaderNotAvailable)
        }
    }

    @Test("A partition that goes offline on the way is told of, waited for with pauses, and read on when it is back")
    func onTheWay() async throws {
        try await FakeBroker.run(1) { broker in
            Self.fill(broker, 0..<1)
            broker.set(\.fetchError, .notLeaderOrFollower, of: 0)
            let clock = LeapingClock { count in
                if count == 2 { broker.set(\.isOffline, true, of: 0) }
                guard count == 20 else { return }
                broker.set(\.fetchError, .none, of: 0)
                broker.set(\.isOffline, false, of: 0)
            }
            let reading = try await Self.read(broker, untilEnd: false, max: 3, clock: clock)
            #expect(reading.records == 3 && reading.offline == [0] && reading.error == nil)
            #expect(clock.sleeps >= 20)
        }
    }

    @Test("What is to be read to its end is given up where it cannot be")
    func givenUp() async throws {
        try await FakeBroker.run(2) { broker in
            Self.fill(broker, 0..<2)
            broker.set(\.fetchError, .kafkaStorageError, of: 1)
            let clock = LeapingClock()
            let reading = try await Self.read(broker, clock: clock)
            #expect(reading.records == 3 && reading.error == .kafkaStorageError)
            #expect(clock.sleeps == 10)
        }
    }

    @Test("The extent of a topic names its offline partitions too")
    func extents() async throws {
        try await FakeBroker.run(3) { broker in
            Self.fill(broker, 0..<2)
            broker.set(\.isOffline, true, of: 1)
            let extents = try await broker.client.extents(of: FakeBroker.topic)
            #expect(extents.map(\.partition) == [0, 1, 2])
            #expect(extents.map(\.offsets) == [0..<3, nil, 0..<0])
            #expect(extents.map { $0.leader != nil } == [true, false, true])
            for partition in Int32(0)..<3 { broker.set(\.isOffline, true, of: partition) }
            #expect(try await broker.client.extents(of: FakeBroker.topic).allSatisfy { $0.leader == nil && $0.offsets == nil })
        }
    }
}
