import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import hanbridge

/// How a replay reads ahead, without a broker.
@Suite struct RoundsAheadTests {
    private static func records(_ offsets: Range<Int64>) -> [DeliveredRecord] {
        offsets.map { DeliveredRecord(partition: TopicPartition(topic: "permits", partition: 0), record: Record(offset: $0, timestamp: 0)) }
    }

    /// Brings ten records a round, from where a batch of ten begins.
    private static func round(_ offset: Int64) -> RoundsAhead.Round {
        let end = (offset / 10 + 1) * 10
        return RoundsAhead.Round(records: records(offset / 10 * 10..<end), next: end)
    }

    private static func offsets(_ records: some Sequence<DeliveredRecord>) -> [Int64] { records.map(\.record.offset) }

    @Test("Every record of the range comes once, in order, and none beside it", arguments: [0..<100, 3..<97, 5..<6, 40..<50, 7..<7] as [Range<Int64>])
    func all(_ offsets: Range<Int64>) async throws {
        let rounds = RoundsAhead(offsets) { Self.round($0) }
        var come: [Int64] = []
        while let round = try await rounds.next() { come += Self.offsets(round.records) }
        #expect(come == Array(offsets))
        #expect(try await rounds.next() == nil)
    }

    @Test("Rounds are fetched one after the other, so many ahead of their use and never one more")
    func ahead() async throws {
        let (asked, running) = (NIOLockedValueBox<[Int64]>([]), NIOLockedValueBox(0))
        let rounds = RoundsAhead(0..<100) { offset in
            #expect(running.withLockedValue { $0 += 1; return $0 } == 1)
            asked.withLockedValue { $0.append(offset) }
            await Task.yield()
            running.withLockedValue { $0 -= 1 }
            return Self.round(offset)
        }
        for _ in 0..<100 { await Task.yield() }
        #expect(asked.withLockedValue { $0 } == [])
        var taken = 0
        while try await rounds.next() != nil {
            taken += 1
            let due = min(taken + RoundsAhead.aheadMax, 10)
            while asked.withLockedValue({ $0.count }) < due { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            #expect(asked.withLockedValue { $0.count } == due)
        }
        #expect(taken == 10 && asked.withLockedValue { $0 } == Array(stride(from: 0, to: 100, by: 10)))
    }

    @Test("Behind a round of more bytes than the limit none is fetched until it has been used; one of as many is as any other", arguments: [0, 1])
    func large(_ beyond: Int) async throws {
        let value = ByteBuffer(repeating: 1, count: RoundsAhead.roundBytesMax + beyond)
        let asked = NIOLockedValueBox(0)
        let rounds = RoundsAhead(0..<200) { offset in
            asked.withLockedValue { $0 += 1 }
            var round = Self.round(offset)
            round.records[0] = DeliveredRecord(
                partition: round.records[0].partition, record: Record(offset: round.records[0].record.offset, timestamp: 0, value: value))
            return round
        }
        var taken = 0
        while try await rounds.next() != nil {
            taken += 1
            for _ in 0..<100 { await Task.yield() }
            // What was asked for before the first one came.
            let expected = beyond == 0 ? min(taken + RoundsAhead.aheadMax, 20) : max(taken, 1 + RoundsAhead.aheadMax)
            #expect(asked.withLockedValue { $0 } <= expected)
            if beyond == 0 { while asked.withLockedValue({ $0 }) < expected { await Task.yield() } }
        }
        #expect(taken == 20 && asked.withLockedValue { $0 } == 20)
    }

    @Test("A fetch that fails ends the reading behind the rounds before it")
    func failure() async throws {
        struct Failure: Error {}
        let rounds = RoundsAhead(0..<100) { offset in
            guard offset < 20 else { throw Failure() }
            return Self.round(offset)
        }
        #expect(try await Self.offsets(rounds.next()?.records ?? []) == Array(0..<10))
        #expect(try await Self.offsets(rounds.next()?.records ?? []) == Array(10..<20))
        await #expect(throws: Failure.self) { _ = try await rounds.next() }
    }

    @Test("A round that brings nothing does not end the reading, one that jumps over what is gone goes on behind it")
    func gaps() async throws {
        let isFirst = NIOLockedValueBox(true)
        let rounds = RoundsAhead(0..<30) { offset in
            if isFirst.withLockedValue({ let was = $0; $0 = false; return was }) { return RoundsAhead.Round(next: offset) }
            return offset < 20 ? RoundsAhead.Round(next: 20) : Self.round(offset)
        }
        var come: [Int64] = []
        while let round = try await rounds.next() { come += Self.offsets(round.records) }
        #expect(come == Array(20..<30))
    }

    @Test("Rounds of any size are handed over bundle by bundle, each once it is whole", arguments: [1, 100, 256, 257, 5000] as [Int64])
    func bundles(_ size: Int64) throws {
        var parts = BundleParts()
        var come: [[Int64]] = []
        for start in stride(from: 10 as Int64, to: 1000, by: Int64.Stride(size)) {
            let end = min(start + size, 1000)
            let whole = parts.take(Self.records(start..<end), before: end < 1000 ? end : .max).map { Self.offsets($0) }
            #expect(whole.allSatisfy { ($0.last ?? 0) < end && (end == 1000 || (($0.last ?? 0) >> 8 + 1) << 8 <= end) })
            come += whole
        }
        #expect(come == [Array(10..<256), Array(256..<512), Array(512..<768), Array(768..<1000)])
    }

    @Test("A bundle whose last offsets have no records is whole when reading has come behind them")
    func holes() {
        var parts = BundleParts()
        #expect(parts.take(Self.records(250..<255), before: 255).isEmpty)
        #expect(parts.take([], before: 256).map { Self.offsets($0) } == [Array(250..<255)])
        #expect(parts.take(Self.records(300..<301), before: 301).isEmpty)
        #expect(parts.take(Self.records(900..<901), before: .max).map { Self.offsets($0) } == [[300], [900]])
    }
}
