import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Storage
import Testing

@testable import CommitLog

@Suite struct AppendAndReadTests {
    @Test("A read takes no more memory than was asked for, and says how much it took, whatever the size and wherever it begins")
    func memoryOfReads() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        for index in 0..<60 { _ = bench.appendNow(partition, Batches.make(["\(index)"], valueBytes: 50_000 + index)) }
        for isCached in [false, true] {
            bench.disk.set { $0.nothingIsCached = !isCached }
            for bytesMax in [256 << 10, 512 << 10, 1 << 20, 2 << 20] {
                for offset in [Int64(0), 3, 10] {
                    let slice = try bench.read(partition, from: offset, bytesMax: bytesMax).get()
                    #expect(slice.memoryBytes <= bytesMax && slice.memoryBytes >= slice.sizeBytes, "\(bytesMax) bytes from \(offset)")
                    #expect(slice.memoryBytes == slice.batches.first?.bytes.storageCapacity)
                }
            }
            #expect(try bench.keys(partition).count == 60)
        }
    }

    @Test("Offsets are dense from 0 and records come back as they were appended")
    func appendsAndReads() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        for index in 0..<20 {
            let outcome = bench.appendNow(partition, Batches.make(["a\(index)", "b\(index)"]))
            #expect(outcome?.base == Int64(2 * index))
        }
        #expect(partition.bounds.highWatermark == Offset(40))
        let keys = try bench.keys(partition)
        #expect(keys.count == 40)
        #expect(keys[6] == "a3")
        #expect(keys[7] == "b3")
    }

    @Test("All batches of one group share one sync, and each completion queue is called once")
    func groups() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["first"]))
        let syncs = bench.disk.counts.fileSyncs
        let calls = bench.outcomes.callCount
        for index in 0..<50 { bench.append(partition, Batches.make(["k\(index)"])) }
        bench.log.step()
        #expect(bench.disk.counts.fileSyncs == syncs + 1)
        #expect(bench.outcomes.callCount == calls + 1)
        #expect(partition.bounds.highWatermark == Offset(51))
    }

    @Test("A read that ends with its segment says that there is more, and one that ends with its bytes or the log does not")
    func readsEndWithSegments() throws {
        let bench = try Bench()
        let partition = try bench.partition(0, PartitionSettings(segmentBytes: 4000))
        for index in 0..<20 { _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 600)) }
        let segments = partition.view.withLockedValue { $0.segments }
        try #require(segments.count > 2)
        for (number, segment) in segments.enumerated() {
            let slice = try bench.read(partition, from: segment.baseOffset).get()
            #expect(slice.hasMore == (number + 1 < segments.count))
            #expect(slice.batches.last?.lastOffset.rawValue == segment.facts.endOffset - 1)
            #expect(try !bench.read(partition, from: segment.baseOffset, bytesMax: slice.sizeBytes).get().hasMore)
            #expect(try !bench.read(partition, from: segment.baseOffset, bytesMax: slice.sizeBytes - 1).get().hasMore)
        }
    }

    @Test("A read of which memory holds a part says that there is more, and the rest is then waited for")
    func readsOfPartlyCachedData() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        for index in 0..<20 { _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 600)) }
        bench.disk.set { $0.cachedBytesMax = 2000 }
        let slice = try bench.read(partition).get()
        #expect(slice.batches.count == 2)
        #expect(slice.hasMore)
        bench.disk.set { $0.nothingIsCached = true }
        let rest = try bench.read(partition, from: 2).get()
        #expect(rest.batches.count == 18)
        #expect(!rest.hasMore)
    }

    @Test("A store closed and opened again goes on where it was")
    func reopens() throws {
        let disk = SimulatedDisk()
        let first = try Bench(disk: disk)
        let partition = try first.partition(0)
        for index in 0..<10 { _ = first.appendNow(partition, Batches.make(["k\(index)"])) }
        first.log.close()
        let second = try Bench(disk: disk, clock: first.clock)
        let again = try second.partition(0)
        #expect(again.bounds.highWatermark == Offset(10))
        #expect(second.appendNow(again, Batches.make(["k10"]))?.base == 10)
        #expect(try second.keys(again).count == 11)
    }

    @Test("Append time never decreases, however the clock goes")
    func clockSteps() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["a"]))
        bench.clock.advance(-5_000)
        _ = bench.appendNow(partition, Batches.make(["b"]))
        let batches = try bench.read(partition).get().batches
        #expect(batches[1].appendTime == batches[0].appendTime)
    }

    @Test("LogAppendTime sets type bit and timestamp, and the batch's checksum holds")
    func stampsAppendTime() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["a"], timestamp: 5, stampsAppendTime: true))
        let batch = try #require(try bench.read(partition).get().batches.first)
        #expect(RecordBatches.hasValidChecksum(batch.bytes))
        let record = try #require(Array(try RecordReader(batch: batch.bytes)).first)
        #expect(record.timestamp == bench.clock.now)
    }

    @Test("What the frame carries comes back: writer and schema ids")
    func frameFacts() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["a", "b"], schemaIDs: .each([5, -1])))
        let batch = try #require(try bench.read(partition).get().batches.first)
        #expect(batch.schemaIDs == .each([5, -1]))
        #expect(batch.writer == Digest256((1, 2, 3, 4)))
    }

    @Test("A read gives whole batches up to its limit, and the first whole where that was asked for")
    func readLimits() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        for index in 0..<10 { _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 1000)) }
        #expect(try bench.read(partition, bytesMax: 1).get().batches.count == 1)
        #expect(try bench.read(partition, from: 3, bytesMax: 3_000).get().batches.first?.baseOffset == Offset(3))
        #expect(try bench.read(partition, bytesMax: 3_000).get().sizeBytes <= 3_000)
        let request = LogReadRequest(from: .zero, bytesMax: 10, firstBatchWhole: false)
        partition.read(request) { result in #expect((try? result.get().batches.isEmpty) == true) }
        #expect(try bench.read(partition, from: 10).get().batches.isEmpty)
        #expect(throws: StorageError.offsetOutOfRange(partition.bounds)) { try bench.read(partition, from: 11).get() }
    }

    @Test("Reads that the page cache cannot answer come from the reader threads")
    func coldReads() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        for index in 0..<5 { _ = bench.appendNow(partition, Batches.make(["k\(index)"])) }
        bench.disk.set { $0.nothingIsCached = true }
        #expect(try bench.keys(partition).count == 5)
    }

    @Test("Reads that wait for the disk: at the limit they are taken, one past it is refused as overloaded, and room comes back")
    func readsThatWait() throws {
        let bench = try Bench(settings: Bench.settings { $0.readsWaitingMax = 2 })
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["a"]))
        bench.disk.set { $0.nothingIsCached = true }
        let results = NIOLockedValueBox<[Bool]>([])
        func read() {
            partition.read(LogReadRequest(from: .zero, bytesMax: 1 << 20, firstBatchWhole: true)) { result in
                switch result {
                case .success: results.withLockedValue { $0.append(true) }
                case .failure(let error):
                    #expect(error == .overloaded)
                    results.withLockedValue { $0.append(false) }
                }
            }
        }
        for _ in 0..<3 { read() }
        #expect(results.withLockedValue { $0 } == [false], "one past the limit")
        bench.log.step()
        #expect(results.withLockedValue { $0 } == [false, true, true])
        read()
        bench.log.step()
        #expect(results.withLockedValue { $0 } == [false, true, true, true])
    }

    @Test("A commit group takes what its bytes allow and leaves the rest to the next, which need not fit one that is larger alone")
    func groupBytes() throws {
        let one = Batches.make(["k"], valueBytes: 1000)
        let bytes = FrameDraft(one).header.frameBytes
        for (bytesMax, groups) in [(3 * bytes, 2), (3 * bytes - 1, 3), (1, 6)] {
            let bench = try Bench(settings: Bench.settings { $0.groupBytesMax = bytesMax })
            let partition = try bench.partition(0)
            let before = bench.log.statistics().commitGroups
            let tickets = (0..<6).map { _ in bench.append(partition, one) }
            for _ in 0..<6 { bench.log.step() }
            #expect(tickets.map { bench.outcomes[$0]?.base } == (0..<6).map { Int64($0) })
            #expect(bench.log.statistics().commitGroups - before == UInt64(groups), "\(bytesMax) bytes")
        }
    }

    @Test("Segments roll by size, and reading crosses them")
    func rolls() throws {
        let bench = try Bench()
        let partition = try bench.partition(0, PartitionSettings(segmentBytes: 4096))
        for index in 0..<40 { _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 300)) }
        let segments = partition.view.withLockedValue { $0.segments }
        #expect(segments.count > 3)
        #expect(segments.dropLast().allSatisfy { $0.facts.endPosition <= 4096 })
        #expect(try bench.keys(partition).count == 40)
    }

    @Test("Beyond the queue's count an append is refused as overloaded, and at it it is taken")
    func queueLimit() throws {
        let bench = try Bench(settings: Bench.settings { $0.queueCountMax = 3 })
        let partition = try bench.partition(0)
        let tickets = (0..<4).map { bench.append(partition, Batches.make(["k\($0)"])) }
        #expect(bench.outcomes[tickets[3]]?.error == .overloaded)
        bench.log.step()
        #expect(tickets.prefix(3).map { bench.outcomes[$0]?.base } == [0, 1, 2])
    }

    @Test("Beyond the queue's bytes an append is refused as overloaded")
    func queueBytes() throws {
        let one = Batches.make(["k"], valueBytes: 1000)
        let bench = try Bench(settings: Bench.settings { $0.queueBytesMax = 2 * FrameDraft(one).header.frameBytes })
        let partition = try bench.partition(0)
        let tickets = (0..<3).map { _ in bench.append(partition, one) }
        #expect(bench.outcomes[tickets[2]]?.error == .overloaded)
        bench.log.step()
        #expect(tickets.prefix(2).map { bench.outcomes[$0]?.base } == [0, 1])
    }

    @Test("A deleted partition is gone, for appends and after a restart")
    func deletes() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["a"]))
        try bench.log.removePartition(Bench.id(0))
        #expect(bench.appendNow(partition, Batches.make(["b"]))?.error == .unknownPartition(Bench.id(0)))
        #expect(bench.log.partitions().isEmpty)
        bench.log.close()
        #expect(try Bench(disk: bench.disk).log.partitions().isEmpty)
    }

    @Test("A store of a newer format is refused with its number")
    func newerFormat() throws {
        let bench = try Bench()
        bench.log.close()
        bench.disk.alter("store/store") { $0 = Array("hanbridge store\nformat 2\nsomething new\n".utf8) }
        #expect(throws: StorageError.newerFormat(found: 2, known: 1)) { try Bench(disk: bench.disk) }
    }

    @Test("A second program on the same store gets a sentence")
    func locks() throws {
        let bench = try Bench()
        #expect(throws: StorageError.self) { try Bench(disk: bench.disk) }
        bench.log.close()
        #expect(throws: Never.self) { try Bench(disk: bench.disk) }
    }
}
