import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Storage
import Testing

@testable import Broker

@Suite("Reading pages over HTTPS")
struct RecordPagesTests {
    private func page(
        _ fixture: BrokerFixture, topic: String = BrokerFixture.topic, partition: Int32 = 0, from offset: Int64 = 0, limit: Int = 100, wait: Int = 0,
        as path: String = BrokerFixture.school
    ) async throws -> Result<RecordPage, RecordPageRefusal> {
        let wish = RecordPageWish(topic: topic, partition: partition, offset: offset, limit: limit, waitMilliseconds: wait)
        return await RecordPages(fixture.services).page(wish, for: try BrokerFixture.peer(path), on: MultiThreadedEventLoopGroup.singleton.next(), room: { UnlimitedAnswerRoom() })
    }

    private func kind(_ result: Result<RecordPage, RecordPageRefusal>) -> RecordPageRefusal.Kind? {
        if case .failure(let refusal) = result { refusal.kind } else { nil }
    }

    @Test("Pages follow each other by their cursor, from the middle of batches too, and none is lost or twice")
    func cursors() async throws {
        let fixture = try BrokerFixture()
        for _ in 0..<3 { _ = try await fixture.publish(.json("[0,1,2,3,4]")).get() }
        var offset: Int64 = 0
        var seen: [Int64] = []
        while true {
            let page = try await page(fixture, from: offset, limit: 4).get()
            #expect(page.highWatermark == 15 && page.logStart == 0)
            if page.records.isEmpty { break }
            seen += page.records.map(\.record.offset)
            offset = page.nextOffset
        }
        #expect(seen == Array(0..<15))
        #expect(try await page(fixture, from: 15).get().nextOffset == 15)
    }

    @Test("A wait at its limit is kept, a longer one shortened to it")
    func waitLimit() {
        for excess in [0, 1] {
            let wait = Limits.pageWaitMillisecondsMax + excess
            let wish = RecordPageWish(topic: BrokerFixture.topic, partition: 0, offset: 0, limit: 1, waitMilliseconds: wait)
            #expect(wish.waitMilliseconds == Limits.pageWaitMillisecondsMax)
        }
    }

    /// What a page takes of its caller's room.
    private final class CountingRoom: AnswerRoom {
        struct Counts {
            var taken = 0
            var highest = 0
        }
        let counts: NIOLockedValueBox<Counts>
        let bytesMax: Int
        init(_ counts: NIOLockedValueBox<Counts>, bytesMax: Int) { (self.counts, self.bytesMax) = (counts, bytesMax) }

        func take(atLeast bytesMin: Int, upTo bytesMax: Int) -> Int {
            let bytes = min(bytesMax, self.bytesMax)
            guard bytes >= bytesMin else { return 0 }
            charge(bytes)
            return bytes
        }
        func charge(_ bytes: Int) {
            counts.withLockedValue {
                $0.taken += bytes
                $0.highest = max($0.highest, $0.taken)
            }
        }
        func giveBack(_ bytes: Int) { counts.withLockedValue { $0.taken -= bytes } }
        func tellWhenThereIsRoom(for bytes: Int) {}
        func takeWhole(_ bytes: Int) -> Bool { take(atLeast: bytes, upTo: bytes) == bytes }
        func tellWhenThereIsRoom(forWhole bytes: Int) {}
    }

    @Test("A page has room from before it is read until it is made, and one without room for a batch is refused at once, however long it would wait for records")
    func room() async throws {
        let fixture = try BrokerFixture()
        _ = try await fixture.publish(.json("[0,1,2,3,4]")).get()
        let size = Int(fixture.log().bounds.sizeBytes)
        for (roomBytes, wait, isRoom) in [(size, 0, true), (size - 1, 0, false), (size - 1, Limits.pageWaitMillisecondsMax, false)] {
            let (loop, counts) = (MultiThreadedEventLoopGroup.singleton.next(), NIOLockedValueBox(CountingRoom.Counts()))
            let wish = RecordPageWish(topic: BrokerFixture.topic, partition: 0, offset: 0, limit: 10, waitMilliseconds: wait)
            let begin = ContinuousClock.now
            let page = await RecordPages(fixture.services).page(wish, for: try BrokerFixture.peer(BrokerFixture.school), on: loop) {
                CountingRoom(counts, bytesMax: roomBytes)
            }
            #expect(kind(page) == (isRoom ? nil : .overloaded))
            if isRoom { #expect(try page.get().records.count == 5 && page.get().nextOffset == 5) }
            #expect(begin.duration(to: .now) < .milliseconds(Limits.pageWaitMillisecondsMax))
            try await loop.submit {}.get()
            #expect(counts.withLockedValue { $0.taken } == 0)
            #expect(counts.withLockedValue { $0.highest } >= Limits.pageBytesMax + (isRoom ? size : 0))
        }
    }

    @Test("A page has as many records as it may, and not one more")
    func limit() async throws {
        let fixture = try BrokerFixture()
        _ = try await fixture.publish(.json(Array(repeating: "1", count: Limits.pageRecordsMax + 1).joined(separator: "\n"), .lines)).get()
        #expect(try await page(fixture, limit: .max).get().records.count == Limits.pageRecordsMax)
    }

    private func append(_ batch: ByteBuffer, to fixture: BrokerFixture) {
        fixture.log().append(AdmissionPipeline.admitOwn(batch, .quarantine(fixture.topic())), ticket: AppendTicket(rawValue: 0), completions: nil)
    }

    @Test("A page is bounded by what its records inflate to; its first record is given however large, and none is lost")
    func inflated() async throws {
        let fixture = try BrokerFixture()
        let record = String(repeating: "x", count: 400_000)
        for _ in 0..<2 { append(Batches.batch(Array(repeating: record, count: 5), codec: .zstd), to: fixture) }
        append(Batches.batch([String(repeating: "x", count: 3 * Limits.pageBytesMax), "y"], codec: .zstd), to: fixture)
        var counts: [Int] = []
        var offset: Int64 = 0
        while offset < 12 {
            let page = try await page(fixture, from: offset).get()
            #expect(page.records.first?.record.offset == offset)
            counts.append(page.records.count)
            offset = page.nextOffset
        }
        #expect(counts == [2, 2, 2, 2, 2, 1, 1])
    }

    @Test("Headers count too, however short")
    func headers() async throws {
        let fixture = try BrokerFixture()
        var builder = RecordBatchBuilder(codec: .zstd)
        let headers = Array(repeating: Record.Header(key: "", value: nil), count: 1000)
        for _ in 0..<500 { builder.append(key: ByteBuffer?.none, value: ByteBuffer?.none, headers: headers, timestamp: Batches.timestamp) }
        append(builder.build(), to: fixture)
        let count = try await page(fixture, limit: 500).get().records.count
        #expect(count == Limits.pageBytesMax / (1000 * MemoryLayout<Record.Header>.stride))
    }

    @Test("What cannot be read is told about, after what can")
    func unreadable() async throws {
        let fixture = try BrokerFixture()
        _ = try await fixture.publish(.json("1")).get()
        // It says that it is compressed, and is not.
        let broken = Batches.edited(Batches.batch(["one"])) { batch in
            batch.setInteger(1 as Int64, at: batch.readerIndex)
            batch.setInteger(4 as UInt16, at: batch.readerIndex + 21)
        }
        fixture.log().change { state in
            state.stored.append(
                StoredBatch(
                    bytes: broken, baseOffset: Offset(1), lastOffset: Offset(1), appendTime: InMemoryPartition.appendTime, writer: .zero, schemaIDs: .none))
            state.highWatermark = 2
        }
        let first = try await page(fixture).get()
        #expect(first.records.count == 1 && first.nextOffset == 1)
        #expect(kind(try await page(fixture, from: 1)) == .unavailable)
    }

    @Test("Without an agreement, or for what is not there, there is no page, and nothing is told")
    func refusals() async throws {
        let fixture = try BrokerFixture()
        #expect(kind(try await page(fixture, as: BrokerFixture.ward)) == .forbidden)
        #expect(kind(try await page(fixture, topic: BrokerFixture.secret)) == .forbidden)
        #expect(kind(try await page(fixture, topic: "secret.nothing")) == .forbidden)
        #expect(kind(try await page(fixture, partition: 7)) == .notFound)
        #expect(kind(try await page(fixture, from: 1)) == .outOfRange)
        #expect(fixture.audit.refusals.contains(.subscribe(topic: BrokerFixture.secret)))
    }

    @Test("A page waits for its first record, and is answered empty when its time is up")
    func waits() async throws {
        let fixture = try BrokerFixture()
        #expect(try await page(fixture, wait: 20).get().records.isEmpty)
        let (pages, peer) = (RecordPages(fixture.services), try BrokerFixture.peer(BrokerFixture.school))
        let wish = RecordPageWish(topic: BrokerFixture.topic, partition: 0, offset: 0, limit: 10, waitMilliseconds: 15_000)
        let waiting = Task { await pages.page(wish, for: peer, on: MultiThreadedEventLoopGroup.singleton.next(), room: { UnlimitedAnswerRoom() }) }
        _ = try await fixture.publish(.json("1")).get()
        #expect(try await waiting.value.get().records.count == 1)
    }
}
