import KafkaWire
import NIOConcurrencyHelpers
import Storage
import Testing

@testable import CommitLog

/// What the store does at its two ends, beside its records.
@Suite struct OpeningAndClosingTests {
    @Test("A store made in a directory of its own is there after a power loss: its name in the directory above is synced too")
    func directoryAbove() throws {
        for seed in UInt64(0)..<12 {
            let disk = SimulatedDisk()
            try disk.makeDirectory("mount")
            let bench = try Bench(disk: disk, directory: "mount/log")
            #expect(bench.appendNow(try bench.partition(0), Batches.make(["a"]))?.base == 0)
            let after = try Bench(disk: disk.afterPowerLoss(seed: seed), directory: "mount/log")
            #expect(try after.keys(try after.partition(0)) == [0: "a"], "seed \(seed)")
        }
    }

    @Test("Manifests are one thread's alone, while the store runs and while it closes: none overtakes another")
    func manifestsHaveOneWriter() async throws {
        let disk = SimulatedDisk()
        let bench = try Bench(disk: disk, settings: Bench.settings { $0.checkpointBytes = 400 }, isStepped: false)
        let partitions = try (0..<8).map { try bench.partition($0) }
        disk.forgetManifestWriters()
        for round in 0..<20 {
            let tickets = partitions.map { bench.append($0, Batches.make(["r\(round)"], valueBytes: 300)) }
            while tickets.contains(where: { bench.outcomes[$0] == nil }) { await Task.yield() }
        }
        // Marks are being put down while it closes, and each partition gets a last one.
        for partition in partitions { bench.append(partition, Batches.make(["last"])) }
        await bench.log.shutDown()
        #expect(disk.manifestWriters.count == 1)
        let report = try StoreCheck(disk: disk, layout: StoreLayout(root: "store"), progress: { _ in }).run()
        #expect(report.isClean && report.records == 8 * 21)
        let again = try Bench(disk: disk.copy())
        for number in 0..<8 as Range<Int32> { #expect(try again.partition(number).bounds.highWatermark == Offset(21)) }
    }

    @Test("After a failed sync of closed segments what is served and what the next start finds are what the files hold")
    func repairedClosedSegments() throws {
        for nth in 1...12 {
            let bench = try Bench()
            let partition = try bench.partition(0, PartitionSettings(segmentBytes: 1500))
            for index in 0..<6 { _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 300)) }
            // One group over several segments: some of them are closed and not marked when the sync fails.
            for index in 6..<14 { bench.append(partition, Batches.make(["k\(index)"], valueBytes: 300)) }
            bench.disk.set { [syncs = bench.disk.counts.fileSyncs] in $0.failingSync = syncs + nth }
            bench.log.step()
            bench.disk.set { $0.failingSync = nil }
            for index in 14..<18 { _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 300)) }
            #expect(partition.bounds.state == .online, "sync \(nth)")
            let view = partition.view.withLockedValue { $0 }
            for (segment, next) in zip(view.segments, view.segments.dropFirst()) {
                #expect(segment.facts.endOffset == next.facts.baseOffset, "sync \(nth): the segments leave no gap and do not overlap")
                #expect(Int64(bench.disk.contents(segment.path).count) >= segment.facts.endPosition, "sync \(nth)")
            }
            let keys = try bench.keys(partition)
            bench.log.close()
            #expect(try StoreCheck(disk: bench.disk, layout: StoreLayout(root: "store"), progress: { _ in }).run().isClean, "sync \(nth)")
            let again = try Bench(disk: bench.disk.copy())
            #expect(try again.keys(try again.partition(0)) == keys, "sync \(nth)")
        }
    }
}
