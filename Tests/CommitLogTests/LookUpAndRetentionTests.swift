import KafkaWire
import Storage
import Testing

@testable import CommitLog

@Suite struct LookUpAndRetentionTests {
    private func lookUp(_ bench: Bench, _ partition: Partition, _ query: OffsetQuery) async throws -> TimestampedOffset? {
        async let answer = partition.lookUp(query)
        // The look-up waits for a reader thread, which is this test's to run.
        while bench.log.services.readers.waitingCount == 0 { await Task.yield() }
        bench.log.step()
        return try await answer
    }

    @Test("Look-ups by record time find the first record at or after it, inside batches and across segments", arguments: [Codec.none, .gzip])
    func recordTime(codec: Codec) async throws {
        let bench = try Bench()
        let partition = try bench.partition(0, PartitionSettings(segmentBytes: 2500))
        for index in 0..<30 {
            let time = Int64(1000 + index * 10)
            _ = bench.appendNow(partition, Batches.make(["a", "b", "c"], valueBytes: 50, codec: codec, timestamps: [time, time + 3, time + 6]))
        }
        #expect(try await lookUp(bench, partition, .recordTime(atLeast: 0))?.offset == Offset(0))
        #expect(try await lookUp(bench, partition, .recordTime(atLeast: 1000))?.offset == Offset(0))
        #expect(try await lookUp(bench, partition, .recordTime(atLeast: 1001))?.offset == Offset(1))
        let middle = try await lookUp(bench, partition, .recordTime(atLeast: 1154))
        #expect(middle?.offset == Offset(47) && middle?.timestamp == 1156)
        #expect(try await lookUp(bench, partition, .recordTime(atLeast: 1297)) == nil)
        #expect(try await lookUp(bench, partition, .largestRecordTime)?.offset == Offset(89))
    }

    @Test("The largest record time may stand in the middle")
    func largest() async throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        #expect(try await lookUp(bench, partition, .largestRecordTime) == nil)
        _ = bench.appendNow(partition, Batches.make(["a", "b"], timestamps: [5, 900]))
        _ = bench.appendNow(partition, Batches.make(["c"], timestamp: 7))
        #expect(try await lookUp(bench, partition, .largestRecordTime)?.offset == Offset(1))
    }

    @Test("Look-ups by append time follow the broker's clock")
    func appendTime() async throws {
        let bench = try Bench()
        let partition = try bench.partition(0, PartitionSettings(segmentBytes: 1500))
        let start = bench.clock.now
        for _ in 0..<20 {
            _ = bench.appendNow(partition, Batches.make(["a"], valueBytes: 100))
            bench.clock.advance(100)
        }
        #expect(try await lookUp(bench, partition, .appendTime(atLeast: start + 550))?.offset == Offset(6))
        #expect(try await lookUp(bench, partition, .appendTime(atLeast: start + 5_000)) == nil)
    }

    @Test("endOffset follows the leader epochs, over restarts (KIP-101)")
    func leaderEpochs() throws {
        let disk = SimulatedDisk()
        for epoch in [1, 3, 4] as [Int32] {
            let bench = try Bench(disk: disk, settings: Bench.settings { $0.leaderEpoch = epoch })
            let partition = try bench.partition(0)
            _ = bench.appendNow(partition, Batches.make(["a", "b"]))
            bench.log.close()
        }
        let bench = try Bench(disk: disk, settings: Bench.settings { $0.leaderEpoch = 6 })
        let partition = try bench.partition(0)
        #expect(partition.bounds.leaderEpoch == 6)
        #expect(partition.endOffset(ofEpoch: 0) == nil)
        #expect(partition.endOffset(ofEpoch: 1).map { [Int64($0.epoch), $0.endOffset.rawValue] } == [1, 2])
        #expect(partition.endOffset(ofEpoch: 2).map { [Int64($0.epoch), $0.endOffset.rawValue] } == [1, 2])
        #expect(partition.endOffset(ofEpoch: 3).map { [Int64($0.epoch), $0.endOffset.rawValue] } == [3, 4])
        #expect(partition.endOffset(ofEpoch: 5).map { [Int64($0.epoch), $0.endOffset.rawValue] } == [4, 6])
        #expect(partition.endOffset(ofEpoch: 6).map { [Int64($0.epoch), $0.endOffset.rawValue] } == [6, 6])
    }

    private func filled(_ settings: PartitionSettings) throws -> (Bench, Partition) {
        let bench = try Bench()
        let partition = try bench.partition(0, settings)
        for index in 0..<30 {
            _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 300))
            bench.clock.advance(1000)
        }
        return (bench, partition)
    }

    @Test("By default nothing is ever deleted")
    func keepsByDefault() throws {
        let (bench, partition) = try filled(PartitionSettings(segmentBytes: 2500))
        bench.clock.advance(1 << 40)
        bench.log.maintainNow()
        #expect(partition.bounds.logStart == .zero)
    }

    @Test("Retention by time removes whole segments by append time, the active one too once all of it is due")
    func byTime() throws {
        let (bench, partition) = try filled(PartitionSettings(retentionMilliseconds: 10_000, segmentBytes: 2500))
        bench.log.maintainNow()
        bench.log.step()
        let start = partition.bounds.logStart.rawValue
        #expect(start > 10 && start <= 20)
        #expect(try bench.keys(partition).count == Int(30 - start))
        bench.clock.advance(60_000)
        bench.log.maintainNow()
        #expect(partition.bounds.logStart == Offset(30))
        #expect(bench.appendNow(partition, Batches.make(["new"]))?.base == 30)
        #expect(try bench.keys(partition) == [30: "new"])
    }

    @Test("Retention by size keeps at least what was asked for")
    func bySize() throws {
        let (bench, partition) = try filled(PartitionSettings(retentionBytes: 6000, segmentBytes: 2500))
        bench.log.maintainNow()
        #expect(partition.bounds.sizeBytes >= 6000 && partition.bounds.sizeBytes < 6000 + 2500 + 600)
        #expect(partition.bounds.logStart > .zero)
    }

    @Test("A raised log start survives a power loss, refuses reads below it and is never lowered")
    func truncateHead() throws {
        let (bench, partition) = try filled(PartitionSettings(segmentBytes: 2500))
        let services = bench.log.services
        #expect(try services.truncateHead(partition, before: 17) == Offset(17))
        #expect(try services.truncateHead(partition, before: 5) == Offset(17))
        #expect(throws: StorageError.offsetOutOfRange(partition.bounds)) { try services.truncateHead(partition, before: 31) }
        #expect(throws: StorageError.offsetOutOfRange(partition.bounds)) { try bench.read(partition, from: 16).get() }
        for seed in UInt64(0)..<6 {
            let after = try Bench(disk: bench.disk.afterPowerLoss(seed: seed))
            let again = try after.partition(0)
            #expect(again.bounds.logStart == Offset(17) && again.bounds.highWatermark == Offset(30))
            #expect(try after.keys(again).keys.min() == 17)
            #expect(after.appendNow(again, Batches.make(["x"]))?.base == 30)
        }
        #expect(try services.truncateHead(partition, before: 30) == Offset(30))
        #expect(try bench.keys(partition).isEmpty)
        let after = try Bench(disk: bench.disk.afterPowerLoss(seed: 1))
        #expect(after.appendNow(try after.partition(0), Batches.make(["x"]))?.base == 30)
    }

    @Test("On a disk that is filling up, deleted segments give their space back, and the spares too")
    func givesSpaceBack() throws {
        let (bench, partition) = try filled(PartitionSettings(segmentBytes: 2500))
        _ = try bench.log.services.truncateHead(partition, before: 10)
        bench.log.step()
        #expect(bench.disk.paths().contains { $0.contains("/spare/") })
        bench.disk.leaveFree(1000)
        _ = try bench.log.services.truncateHead(partition, before: 20)
        bench.log.step()
        bench.log.maintainNow()
        bench.log.step()
        #expect(!bench.disk.paths().contains { $0.contains("/spare/") })
    }

    @Test("A segment that was still written to when all of it was due goes once it is closed")
    func dueWhileActive() throws {
        let bench = try Bench()
        let partition = try bench.partition(0, PartitionSettings(retentionMilliseconds: 1000))
        _ = bench.appendNow(partition, Batches.make(["old"]))
        bench.clock.advance(5000)
        bench.log.maintainNow()
        bench.log.step()
        #expect(partition.bounds.logStart == Offset(1))
        #expect(!bench.disk.paths().contains { $0.hasSuffix(".log") && $0.contains("partitions") }, "an idle partition keeps no file")
        for seed in UInt64(0)..<4 {
            let after = try Bench(disk: bench.disk.afterPowerLoss(seed: seed))
            let again = try after.partition(0)
            #expect(again.bounds.logStart == Offset(1) && again.bounds.highWatermark == Offset(1) && again.bounds.state == .online)
            #expect(after.appendNow(again, Batches.make(["x"]))?.base == 1)
        }
        _ = bench.appendNow(partition, Batches.make(["new"]))
        bench.log.maintainNow()
        bench.log.step()
        #expect(bench.disk.paths().filter { $0.hasSuffix(".log") && $0.contains("partitions") }.count == 1)
        #expect(try bench.keys(partition) == [1: "new"])
        let after = try Bench(disk: bench.disk.afterPowerLoss(seed: 3))
        #expect(try after.keys(try after.partition(0)) == [1: "new"])
    }

    @Test("A store of before, whose idle partition kept its expired segment, loses it at the next round")
    func expiredBeforeTheStart() throws {
        let bench = try Bench()
        let partition = try bench.partition(0, PartitionSettings(retentionMilliseconds: 1000))
        _ = bench.appendNow(partition, Batches.make(["old"]))
        let services = bench.log.services
        // As it was written then: the log start above the segment, and the segment still there.
        #expect(try services.checkpoint(partition.id) { $0.logStart = 1 })
        let again = try Bench(disk: bench.disk.copy())
        let reopened = try again.partition(0, PartitionSettings(retentionMilliseconds: 1000))
        #expect(reopened.bounds.logStart == Offset(1))
        again.log.maintainNow()
        again.log.step()
        #expect(!again.disk.paths().contains { $0.hasSuffix(".log") && $0.contains("partitions") })
        #expect(again.appendNow(reopened, Batches.make(["new"]))?.base == 1)
    }

    @Test("Segments that go are wiped and used again")
    func recycles() throws {
        let (bench, partition) = try filled(PartitionSettings(segmentBytes: 2500))
        _ = try bench.log.services.truncateHead(partition, before: 20)
        bench.log.step()
        let spares = bench.disk.paths().filter { $0.contains("/spare/") }
        #expect(!spares.isEmpty)
        #expect(spares.allSatisfy { bench.disk.contents($0).allSatisfy { $0 == 0 } })
        for index in 0..<10 { _ = bench.appendNow(partition, Batches.make(["n\(index)"], valueBytes: 300)) }
        #expect(bench.disk.paths().filter { $0.contains("/spare/") }.count < spares.count)
        #expect(try bench.keys(partition).count == 20)
        let after = try Bench(disk: bench.disk.afterPowerLoss(seed: 5))
        #expect(try after.keys(try after.partition(0)).count == 20)
    }

    @Test("A backup of a running store is a store up to its high watermarks, and check finds it clean")
    func backup() throws {
        let (bench, partition) = try filled(PartitionSettings(segmentBytes: 2500))
        let summary = try bench.log.copy([Bench.id(0)], to: "copy", bytesPerSecond: 0, progress: { _ in })
        _ = bench.appendNow(partition, Batches.make(["later"]))
        #expect(summary.highWatermarks[Bench.id(0)] == Offset(30))
        let report = try StoreCheck(disk: bench.disk, layout: StoreLayout(root: "copy"), progress: { _ in }).run()
        #expect(report.isClean && report.records == 30)
        #expect(throws: StorageError.self) { try bench.log.copy([Bench.id(0)], to: "copy", bytesPerSecond: 0, progress: { _ in }) }
    }

    @Test("A backup has the partitions that were asked for, and those deleted meanwhile leave nothing in it")
    func backupOfSome() throws {
        let (bench, partition) = try filled(PartitionSettings(segmentBytes: 2500))
        let other = try bench.partition(1)
        _ = bench.appendNow(other, Batches.make(["other"]))
        let gone = try bench.partition(2)
        _ = bench.appendNow(gone, Batches.make(["gone"]))
        // It is deleted after the backup has looked which partitions there are.
        _ = bench.log.services.core.with { _ = $0.tails.removeValue(forKey: gone.id) }
        let summary = try bench.log.copy([partition.id, gone.id], to: "copy", bytesPerSecond: 0, progress: { _ in })
        #expect(Set(summary.highWatermarks.keys) == [partition.id])
        #expect(!bench.disk.paths().contains { $0.hasPrefix("copy/") && ($0.contains("-1/") || $0.contains("-2/")) })
        #expect(try StoreCheck(disk: bench.disk, layout: StoreLayout(root: "copy"), progress: { _ in }).run().isClean)
    }

    @Test("A backup onto a disk whose space it would take from the reserve is refused before a byte is copied, at the limit it is made")
    func backupLeavesTheReserve() throws {
        let bench = try Bench(settings: Bench.settings { $0.reserveBytes = 10_000 })
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["a"], valueBytes: 5000))
        let needed = UInt64(partition.bounds.sizeBytes)
        bench.disk.leaveFree(10_000 + needed - 1)
        #expect(throws: StorageError.diskFull) { try bench.log.copy([partition.id], to: "copy", bytesPerSecond: 0, progress: { _ in }) }
        #expect(!bench.disk.paths().contains { $0.hasPrefix("copy/") })
        #expect(try !bench.log.hasRoomForBackup(besideBytes: 0, in: "store"))
        bench.disk.leaveFree(10_000 + needed)
        #expect(try bench.log.hasRoomForBackup(besideBytes: 0, in: "store"))
        #expect(try !bench.log.hasRoomForBackup(besideBytes: 1, in: "store"))
        _ = try bench.log.copy([partition.id], to: "copy", bytesPerSecond: 0, progress: { _ in })
    }

    @Test("A backup during which others fill the disk ends where the reserve begins")
    func backupBesideOthers() throws {
        let bench = try Bench(settings: Bench.settings { $0.reserveBytes = 10_000 })
        let partition = try bench.partition(0, PartitionSettings(segmentBytes: 1 << 30))
        let large = Batches.make(["a"], valueBytes: 1_000_000)
        for _ in 0..<20 { _ = bench.appendNow(partition, large) }
        let disk = bench.disk
        #expect(throws: StorageError.diskFull) {
            try bench.log.copy([partition.id], to: "copy", bytesPerSecond: 0) { progress in
                if progress.bytesDone > 10 << 20 { disk.leaveFree(9_999) }
            }
        }
        #expect(!disk.paths().contains("copy/store"), "what was broken off is not taken for a store")
    }

    @Test("An index is bounded: past its limit every second entry goes, and it still leads to or before each frame")
    func indexBound() throws {
        var index = SparseIndex()
        for entry in 0..<Int64(3 * SparseIndex.entriesMax) {
            index.add(.init(offset: entry, position: entry * SparseIndex.intervalBytesMin, appendTime: entry, maxTimestampBefore: entry - 1))
            #expect(index.entries.count <= SparseIndex.entriesMax)
        }
        for offset in stride(from: 0 as Int64, to: 6000, by: 37) {
            #expect(try #require(index.position(ofOffset: offset)) <= offset * SparseIndex.intervalBytesMin)
        }
        let bytes = index.encoded(generation: 9, endPosition: 77)
        #expect(SparseIndex(bytes, generation: 9, endPosition: 77) == index)
        #expect(SparseIndex(bytes, generation: 8, endPosition: 77) == nil)
        for position in stride(from: 0, to: bytes.count, by: 101) {
            var flipped = bytes
            flipped[position] ^= 1
            #expect(SparseIndex(flipped, generation: 9, endPosition: 77) == nil)
        }
    }
}
