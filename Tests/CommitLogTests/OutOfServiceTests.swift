import KafkaWire
import Storage
import Testing

@testable import CommitLog

#if canImport(Glibc)
import Glibc
#endif

/// What is out of service stays so, and says so, whatever runs beside it.
@Suite struct OutOfServiceTests {
    @Test("Damage found by a reader while a commit is under way takes the partition offline for good")
    func damageBesideCommit() throws {
        let bench = try Bench()
        let partition = try bench.partition(0, PartitionSettings(segmentBytes: 2000))
        for index in 0..<8 { _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 300)) }
        let first = try #require(bench.disk.paths().filter { $0.hasSuffix(".log") }.min())
        bench.disk.alter(first) { $0[900] ^= 1 }
        let ticket = bench.append(partition, Batches.make(["beside"]))
        // Read inline; the commit comes before the upkeep thread hears of the damage.
        partition.read(LogReadRequest(from: .zero, bytesMax: 1 << 20, firstBatchWhole: true)) { _ in }
        bench.log.step()
        #expect(bench.outcomes[ticket] != nil)
        #expect(partition.bounds.state != .online)
        #expect(bench.log.statistics().offlinePartitions.count == 1)
        #expect(bench.appendNow(partition, Batches.make(["after"]))?.base == nil)
    }

    @Test("A partition fenced while its synced mark is put down keeps the old mark")
    func fencedDuringCheckpoint() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["a"]))
        let services = bench.log.services
        let before = bench.disk.contents(services.layout.manifest(of: partition.id))
        let isDown = try services.checkpoint(partition.id) { _ in
            _ = services.core.with { core in core.tails[partition.id].map { core.fence($0, because: DiskError(operation: "syncing", code: EIO)) } }
        }
        #expect(!isDown)
        #expect(bench.disk.contents(services.layout.manifest(of: partition.id)) == before)
    }

    @Test("The head of a partition that was fenced a moment ago is not cut: no manifest says so")
    func cutWhileFenced() throws {
        let bench = try Bench()
        let partition = try bench.partition(0, PartitionSettings(segmentBytes: 2000))
        for index in 0..<8 { _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 300)) }
        let services = bench.log.services
        // The view is still the one of before.
        _ = services.core.with { $0.tails[partition.id]?.outOfService = "a sync failed" }
        #expect(throws: StorageError.self) { try services.truncateHead(partition, before: 7) }
        bench.log.step()
        let again = try Bench(disk: bench.disk.copy())
        #expect(again.log.statistics().offlinePartitions.isEmpty)
        #expect(try again.keys(try again.partition(0)).count == 8)
    }

    @Test("Too few descriptors refuse appends for as long as they are too few, and put no partition out of service")
    func noDescriptors() throws {
        let bench = try Bench(settings: Bench.settings { $0.openFilesMax = 8 })
        let partitions = try (0..<20).map { try bench.partition($0) }
        for partition in partitions { #expect(bench.appendNow(partition, Batches.make(["a"]))?.base == 0) }
        bench.disk.set { $0.openingFailsWith = EMFILE }
        let refused = partitions.filter { bench.appendNow($0, Batches.make(["b"]))?.base == nil }
        #expect(!refused.isEmpty)
        bench.disk.set { $0.openingFailsWith = nil }
        #expect(bench.log.statistics().offlinePartitions.isEmpty)
        for partition in refused { #expect(bench.appendNow(partition, Batches.make(["b"]))?.base == 1) }
    }

    @Test("What a partition out of service needs of the journal is kept once, not once a start")
    func keptJournals() throws {
        let bench = try Bench()
        let partitions = try (0..<3).map { try bench.partition($0) }
        for round in 0..<3 {
            for partition in partitions { bench.append(partition, Batches.make(["r\(round)"])) }
            bench.log.step()
        }
        var disk = bench.disk.copy()
        disk.alter("store/partitions/\(Bench.id(0).topic.hex)-0/manifest") { $0[20] ^= 1 }
        for _ in 0..<4 {
            let again = try Bench(disk: disk)
            #expect(again.log.statistics().offlinePartitions.count == 1)
            for round in 0..<3 {
                for number in Int32(1)..<3 { again.append(try again.partition(number), Batches.make(["s\(round)"])) }
                again.log.step()
            }
            disk = again.disk.copy()
        }
        #expect(disk.paths().filter { $0.contains(StoreLayout.journalKeptPrefix) }.count == 1)
        disk.alter("store/partitions/\(Bench.id(0).topic.hex)-0/manifest") { $0[20] ^= 1 }
        let mended = try Bench(disk: disk)
        #expect(try mended.keys(try mended.partition(0)).count == 3)
        #expect(try mended.keys(try mended.partition(1)).count == 15)
    }
}
