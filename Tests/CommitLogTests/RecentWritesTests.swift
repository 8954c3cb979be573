import KafkaWire
import Storage
import Testing

@testable import CommitLog

@Suite("Recent writes in the page cache")
struct RecentWritesTests {
    @Test("What is within the limit stays; one byte more lets go of the oldest stretch alone, if it can be on the device")
    func limit() {
        let segment = Segment(
            facts: SegmentFacts(
                baseOffset: 0, generation: 1, previousChecksum: 0, endOffset: 0, endPosition: 512, lastChecksum: 0,
                firstAppendTime: 0, lastAppendTime: 0),
            partition: Bench.id(0), layout: StoreLayout(root: "store"), index: nil)
        var recent = RecentWrites(bytesMax: 300)
        for position: Int64 in [0, 100, 200] { recent.add(.init(segment: segment, position: position, bytes: 100)) }
        #expect(recent.takeOld(unsyncedBytes: 0) == nil)
        recent.add(.init(segment: segment, position: 300, bytes: 1))
        #expect(recent.takeOld(unsyncedBytes: 1) == nil)
        #expect(recent.takeOld(unsyncedBytes: 0)?.position == 0)
        #expect(recent.takeOld(unsyncedBytes: 0) == nil)
        #expect(recent.bytes == 201)
        #expect(recent.count == 3)
    }

    @Test("A long run of appends lets go of what lies behind, in order and without a gap, and everything is still read")
    func longRun() throws {
        let kept: Int64 = 1 << 20
        let bench = try Bench(settings: Bench.settings { $0.recentBytesMax = kept })
        let partition = try bench.partition(0)
        for index in 0..<40 { _ = bench.appendNow(partition, Batches.make(["\(index)"], valueBytes: 100_000)) }
        let letGo = bench.disk.letGo
        #expect(!letGo.isEmpty)
        #expect(letGo.first?.range.lowerBound == Int64(SegmentHeader.sizeBytes))
        for (earlier, later) in zip(letGo, letGo.dropFirst()) { #expect(earlier.range.upperBound == later.range.lowerBound) }
        let end = partition.bounds.sizeBytes
        let rest = end - (letGo.last?.range.upperBound ?? 0)
        #expect(rest >= kept - RecentWrites.stretchBytesMin && rest <= kept + 2 * RecentWrites.stretchBytesMin)
        #expect(try bench.keys(partition).count == 40)
    }

    @Test("Partitions share the limit, and a deleted one's stretches are passed over")
    func shared() throws {
        let bench = try Bench(settings: Bench.settings { $0.recentBytesMax = 1 << 20 })
        let partitions = try (0..<2).map { try bench.partition($0) }
        for _ in 0..<4 { for partition in partitions { _ = bench.appendNow(partition, Batches.make(["x"], valueBytes: 100_000)) } }
        #expect(bench.disk.letGo.isEmpty)
        try bench.log.removePartition(partitions[0].id)
        bench.log.step()
        for _ in 0..<20 { _ = bench.appendNow(partitions[1], Batches.make(["y"], valueBytes: 100_000)) }
        #expect(!bench.disk.letGo.isEmpty)
        let directory = bench.log.services.layout.directory(of: partitions[1].id)
        #expect(bench.disk.letGo.allSatisfy { $0.path.hasPrefix("\(directory)/") })
        #expect(try bench.keys(partitions[1]).count == 24)
    }
}
