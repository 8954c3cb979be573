import KafkaWire
import NIOConcurrencyHelpers
import Storage
import Testing

@testable import CommitLog

/// What the store does at its two ends, beside its records.
@Suite struct OpeningAndClosingTests {
    @Test("As many segment files are kept open as the limit; one more closes those used longest ago, but none that somebody holds")
    func openFiles() throws {
        let disk = SimulatedDisk()
        try disk.makeDirectory("store")
        let files = OpenFiles(disk: disk, countMax: 8)
        for number in 0..<10 { _ = try disk.open("store/\(number)", .create) }
        for number in 0..<8 { _ = try files.file("store/\(number)") }
        let held = try files.file("store/1")
        #expect(disk.openFiles == 8)
        _ = try files.file("store/0")
        let opens = disk.counts.opens
        _ = try files.file("store/8")
        #expect(disk.openFiles <= 9 && disk.openFiles >= 8)
        // Used last, so still there.
        _ = try files.file("store/0")
        #expect(disk.counts.opens == opens + 1)
        for number in 2..<10 { _ = try files.file("store/\(number)") }
        #expect(disk.openFiles <= 9)
        #expect(try held.size() == 0)
    }

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

    @Test("After a kill a start reads what came since the last marks of all partitions, however little of it each partition has")
    func marksOfManyPartitions() throws {
        let settings = Bench.settings {
            $0.checkpointBytesInAll = 64 << 10
            $0.writeAheadBytesMin = 512
            $0.writeAheadBytesMax = 512
        }
        let bench = try Bench(settings: settings)
        let partitions = try (0..<20).map { try bench.partition($0) }
        for round in 0..<60 {
            for partition in partitions { bench.append(partition, Batches.make(["r\(round)"], valueBytes: 1_000)) }
            bench.log.step()
        }
        let killed = bench.disk.copy()
        let stored = killed.paths().filter { $0.hasSuffix(".log") }.reduce(0) { $0 + killed.contents($1).count }
        #expect(stored > 1_200_000)
        let after = try Bench(disk: killed, settings: settings)
        let journal = Int(settings.journalStretchBytes) * settings.journalStretches
        // Beside it what each partition has of its own: manifest, header, index, zeros written ahead.
        #expect(killed.counts.readBytes < 2 * (64 << 10) + 2 * journal + 20 * 6_000, "\(killed.counts.readBytes) bytes")
        for number in 0..<20 as Range<Int32> { #expect(try after.keys(after.partition(number)).count == 60) }
    }

    @Test("A stop syncs its partitions side by side: each costs four syncs, and none of them a wait of its own")
    func stopSyncsSideBySide() async throws {
        let disk = SimulatedDisk()
        let bench = try Bench(disk: disk, isStepped: false)
        let partitions = try (0..<40).map { try bench.partition($0) }
        let tickets = partitions.map { bench.append($0, Batches.make(["a"])) }
        while tickets.contains(where: { bench.outcomes[$0] == nil }) { await Task.yield() }
        disk.syncGate.shut(for: 4)
        await bench.log.shutDown()
        let (syncs, rounds) = disk.syncGate.counts
        #expect(syncs == 160)
        #expect(rounds < 60, "\(rounds) rounds of syncs")
        #expect(try StoreCheck(disk: disk, layout: StoreLayout(root: "store"), progress: { _ in }).run().isClean)
        // The marks are at the end: the next start has nothing to look at, and finds everything after a power loss, too.
        for seed in UInt64(0)..<4 {
            let again = try Bench(disk: disk.afterPowerLoss(seed: seed))
            for number in 0..<40 as Range<Int32> { #expect(try again.keys(try again.partition(number)) == [0: "a"], "seed \(seed)") }
        }
    }

    @Test("A sync that fails at the stop costs its partition the mark, and no other one", arguments: 1...12)
    func failingSyncAtStop(nth: Int) throws {
        let bench = try Bench()
        let partitions = try (0..<4).map { try bench.partition($0) }
        for partition in partitions { bench.append(partition, Batches.make(["a"])) }
        bench.log.step()
        bench.disk.set { [syncs = bench.disk.counts.fileSyncs] in $0.failingSync = syncs + nth }
        bench.log.close()
        let again = try Bench(disk: bench.disk.copy())
        for number in 0..<4 as Range<Int32> {
            let partition = try again.partition(number)
            #expect(partition.bounds.state == .online)
            #expect(try again.keys(partition) == [0: "a"])
        }
    }

    @Test("After a failed sync of closed segments what is served and what the next start finds are what the files hold")
    func repairedClosedSegments() throws {
        for nth in 1...80 {
            let bench = try Bench()
            // So many that their groups go through the journal: a segment is then closed before anybody has synced it.
            let partitions = try (0..<5).map { try bench.partition($0, PartitionSettings(segmentBytes: 4000)) }
            bench.disk.set { [syncs = bench.disk.counts.fileSyncs] in $0.failingSync = syncs + nth }
            for round in 0..<32 {
                for partition in partitions { bench.append(partition, Batches.make(["r\(round)"], valueBytes: 300)) }
                bench.log.step()
            }
            var keys: [Int32: [Int64: String]] = [:]
            for partition in partitions {
                #expect(partition.bounds.state == .online, "sync \(nth)")
                let segments = partition.view.withLockedValue { $0.segments }
                for (segment, next) in zip(segments, segments.dropFirst()) {
                    #expect(segment.facts.endOffset == next.facts.baseOffset, "sync \(nth): segments neither leave a gap nor overlap")
                }
                for segment in segments {
                    let end = segment.gathered?.position ?? segment.facts.endPosition
                    #expect(Int64(bench.disk.contents(segment.path).count) >= end, "sync \(nth)")
                }
                keys[partition.id.partition] = try bench.keys(partition)
            }
            bench.log.close()
            #expect(try StoreCheck(disk: bench.disk, layout: StoreLayout(root: "store"), progress: { _ in }).run().isClean, "sync \(nth)")
            let again = try Bench(disk: bench.disk.copy())
            for number in 0..<5 as Range<Int32> { #expect(try again.keys(try again.partition(number)) == keys[number], "sync \(nth)") }
        }
    }
}
