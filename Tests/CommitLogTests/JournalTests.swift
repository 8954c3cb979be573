import NIOConcurrencyHelpers
import Storage
import Testing

@testable import CommitLog

@Suite struct JournalTests {
    private func filled(
        _ partitions: Int32, rounds: Int, _ settings: CommitLogSettings = Bench.settings()
    ) throws -> (bench: Bench, keys: [Int32: [Int64: String]]) {
        let bench = try Bench(settings: settings)
        let made = try (0..<partitions).map { try bench.partition($0) }
        var keys: [Int32: [Int64: String]] = [:]
        for round in 0..<rounds {
            let tickets = made.map { ($0.id.partition, bench.append($0, Batches.make(["r\(round)"]))) }
            bench.log.step()
            for (number, ticket) in tickets { keys[number, default: [:]][try #require(bench.outcomes[ticket]?.base)] = "r\(round)" }
        }
        return (bench, keys)
    }

    @Test("A group of many partitions costs one sync, not one each")
    func oneSync() throws {
        let (bench, _) = try filled(8, rounds: 2)
        let partitions = try (0..<8).map { try bench.partition($0) }
        let syncs = bench.disk.counts.fileSyncs
        for partition in partitions { bench.append(partition, Batches.make(["x"])) }
        let appends = bench.log.services.queue.take(bytesMax: 1 << 20, sleeping: false)
        bench.log.services.core.with { $0.commit(appends ?? []) }
        #expect(bench.disk.counts.fileSyncs == syncs + 1)
    }

    @Test("Where segments may find no room, nothing is made durable in the journal before them")
    func noRoom() throws {
        let (bench, _) = try filled(8, rounds: 2)
        let partitions = try (0..<8).map { try bench.partition($0) }
        for (free, syncs) in [(UInt64(17 << 20), 1), (16 << 20, 8)] {
            bench.disk.leaveFree(free)
            for partition in partitions { bench.append(partition, Batches.make(["x"])) }
            let before = bench.disk.counts.fileSyncs
            let appends = bench.log.services.queue.take(bytesMax: 1 << 20, sleeping: false)
            bench.log.services.core.with { $0.commit(appends ?? []) }
            #expect(bench.disk.counts.fileSyncs == before + syncs)
        }
    }

    @Test("What only the journal made durable is in the segments after a power loss, however often it came round")
    func replays() throws {
        for rounds in [2, 3, 7, 30] {
            let (bench, keys) = try filled(6, rounds: rounds)
            for seed in UInt64(0)..<6 {
                let after = try Bench(disk: bench.disk.afterPowerLoss(seed: seed))
                for number in 0..<6 as Range<Int32> {
                    #expect(try after.keys(after.partition(number)) == keys[number], "rounds \(rounds), seed \(seed)")
                }
            }
        }
    }

    @Test("Written beside its segments, and recovered on several threads, it holds what was acknowledged")
    func threads() async throws {
        let settings = Bench.settings { $0.journalStretchBytes = 4 << 20 }
        let bench = try Bench(settings: settings, isStepped: false)
        let partitions = try (0..<12).map { try bench.partition($0) }
        var keys: [[Int64: String]] = Array(repeating: [:], count: partitions.count)
        for round in 0..<8 {
            // Together more than a megabyte, and less a partition than a sync is worth.
            let tickets = partitions.map { bench.append($0, Batches.make(["r\(round)"], valueBytes: 100_000)) }
            while tickets.contains(where: { bench.outcomes[$0] == nil }) { await Task.yield() }
            for (index, ticket) in tickets.enumerated() { keys[index][try #require(bench.outcomes[ticket]?.base)] = "r\(round)" }
        }
        for seed in UInt64(0)..<3 {
            let after = try Bench(disk: bench.disk.afterPowerLoss(seed: seed), settings: settings, isStepped: false)
            for (index, expected) in keys.enumerated() { #expect(try after.keys(after.partition(Int32(index))) == expected, "seed \(seed)") }
            await after.log.shutDown()
        }
        await bench.log.shutDown()
    }

    @Test(
        "Frames in the journal that could not be written to their segment are not taken for what took their place, even if the journal failed too",
        arguments: 1...5, 1...2)
    func takenBack(at: Int, failures: Int) throws {
        // Each group to its segments at once.
        let (bench, _) = try filled(4, rounds: 2, Bench.settings { $0.gatheredSegmentBytes = 0 })
        let partitions = try (0..<4).map { try bench.partition($0) }
        // The first write is the journal's, those of the four segments follow.
        let written = bench.disk.counts.writes
        bench.disk.set {
            $0.fullAtWrite = written + at
            $0.fullUntilWrite = written + at + failures
        }
        var keys = try partitions.map { try bench.keys($0) }
        var refused = 0
        for (round, bytes) in [300, 20, 100].enumerated() {
            let tickets = partitions.map { bench.append($0, Batches.make(["n\(round)"], valueBytes: bytes)) }
            bench.log.step()
            for (index, ticket) in tickets.enumerated() {
                if let base = try #require(bench.outcomes[ticket]).base { keys[index][base] = "n\(round)" } else { refused += 1 }
            }
        }
        #expect(refused == (at == 1 ? failures - 1 : min(failures, 6 - at)))
        for seed in UInt64(0)..<6 {
            let after = try Bench(disk: bench.disk.afterPowerLoss(seed: seed))
            for (index, partition) in partitions.enumerated() {
                #expect(try after.keys(after.partition(partition.id.partition)) == keys[index], "write \(at), failures \(failures), seed \(seed)")
            }
        }
    }

    @Test("Records whose segment could not be synced stay in the journal until they are read back")
    func keptForFenced() throws {
        var fencings = 0
        for failing in 1...40 {
            let (bench, _) = try filled(6, rounds: 2)
            let partitions = try (0..<6).map { try bench.partition($0) }
            var keys = try partitions.map { try bench.keys($0) }
            let sick = try #require(partitions[0].view.withLockedValue { $0.segments.last?.path })
            // One sync fails, and the first partition cannot be read back either.
            let synced = bench.disk.counts.fileSyncs
            bench.disk.set {
                $0.failingSync = synced + failing
                $0.unreadableSuffix = sick
            }
            for round in 0..<20 {
                let tickets = partitions.map { bench.append($0, Batches.make(["n\(round)"], valueBytes: 100)) }
                bench.log.step()
                for (index, ticket) in tickets.enumerated() {
                    if let base = try #require(bench.outcomes[ticket]).base { keys[index][base] = "n\(round)" }
                }
            }
            if partitions[0].bounds.state != .online { fencings += 1 }
            let disk = bench.disk.afterPowerLoss(seed: UInt64(failing))
            disk.set { $0.unreadableSuffix = nil }
            let after = try Bench(disk: disk)
            for (index, expected) in keys.enumerated() {
                #expect(try after.keys(after.partition(Int32(index))) == expected, "sync \(failing) failed, partition \(index)")
            }
        }
        #expect(fencings > 0)
    }

    @Test("The journal of a partition that is out of service is kept until it can be recovered")
    func keptForOffline() throws {
        let (bench, keys) = try filled(6, rounds: 3)
        let disk = bench.disk.afterPowerLoss(seed: 0)
        disk.set { $0.unreadableSuffix = "-3/manifest" }
        let sick = try Bench(disk: disk)
        #expect(sick.log.statistics().offlinePartitions.map(\.id) == [Bench.id(3)])
        sick.log.close()
        disk.set { $0.unreadableSuffix = nil }
        let well = try Bench(disk: disk)
        for number in 0..<6 as Range<Int32> { #expect(try well.keys(well.partition(number)) == keys[number]) }
        well.log.close()
        #expect(!disk.paths().contains { $0.contains("journal.kept") })
    }

    @Test("A group takes whole blocks, its last run fills up, and the block's last byte is used")
    func wholeBlocks() {
        // Headers of the group, of the run and of what fills up.
        let headers = 32 + 56 + 56
        for (bytes, blocks) in [(1, 1), (4096 - headers, 1), (4096 - headers + 1, 2), (8192 - headers, 2)] {
            let run = JournalFormat.Run(partition: Bench.id(0), generation: 7, baseOffset: 0, position: 0, bytes: bytes)
            let header = JournalFormat.groupHeader(epoch: 1, sequence: 1, runs: [run])
            #expect(header.count == headers)
            #expect(JournalFormat.groupBytes(runs: 1, bytes: bytes) == blocks * 4096)
            header.withUnsafeBytes { raw in
                let filler = JournalFormat.run(in: raw, at: 32 + 56)
                #expect(filler.partition == JournalFormat.nobody)
                #expect(headers + bytes + filler.bytes == blocks * 4096)
                #expect(raw.integer(at: 28, as: UInt32.self) == UInt32(blocks * 4096))
            }
        }
    }

    @Test("A group that fills its stretch to the last byte has room, one byte more goes to the next, and more than a stretch has none")
    func fullStretch() throws {
        let header = JournalFormat.Header(stretches: 2, stretchBytes: 16 << 10, epoch: 1)
        let bench = try Bench()
        let file = try bench.disk.open(bench.log.services.layout.journal, .createOrOpen)
        let most = (16 << 10) - (32 + 56 + 56)
        var sealed: [Int] = []
        let journal = Journal(file: file, header: header)
        #expect(journal.makeRoom(runs: 1, bytes: most) { stretch, _ in sealed.append(stretch) })
        #expect(!journal.makeRoom(runs: 1, bytes: most + 1) { stretch, _ in sealed.append(stretch) })
        #expect(sealed.isEmpty)
        let facts = SegmentFacts(
            baseOffset: 0, generation: 1, previousChecksum: 0, endOffset: 0, endPosition: 512, lastChecksum: 0, firstAppendTime: 0,
            lastAppendTime: 0)
        let active = ActiveSegment(
            segment: Segment(facts: facts, partition: Bench.id(0), layout: StoreLayout(root: "store"), index: nil), facts: facts,
            preparedEnd: 512, aheadBytes: 0, isNameSynced: true, header: nil)
        func fill() throws {
            try [UInt8](repeating: 9, count: most).withUnsafeBytes { raw in
                var run = SegmentRun(active: active, position: 512)
                run.append(raw)
                try journal.write([(run, Bench.id(0))], beside: nil) {}
            }
        }
        try fill()
        #expect(journal.unsyncedBytes == 16 << 10)
        #expect(journal.makeRoom(runs: 1, bytes: 1) { stretch, _ in sealed.append(stretch) })
        #expect(sealed == [0])
        // The other stretch is not synced yet: a group that does not fit behind the one here syncs its segments itself.
        try fill()
        #expect(!journal.makeRoom(runs: 1, bytes: 1) { stretch, _ in sealed.append(stretch) })
        journal.stretchSynced(0)
        #expect(journal.makeRoom(runs: 1, bytes: 1) { stretch, _ in sealed.append(stretch) })
        #expect(sealed == [0, 1])
    }

    @Test("A deleted segment is closed at once: the journal, behind which it was to be synced, lets go of it", arguments: [false, true])
    func closesDeleted(wholePartitions: Bool) throws {
        let bench = try Bench(
            settings: Bench.settings {
                $0.journalStretchBytes = 4 << 20
                $0.spareSegmentsMax = 0
            })
        let partitions = try (0..<4).map { try bench.partition($0, PartitionSettings(segmentBytes: 2000)) }
        for round in 0..<10 {
            for partition in partitions { bench.append(partition, Batches.make(["r\(round)"], valueBytes: 300)) }
            bench.log.step()
        }
        #expect(bench.log.services.core.with { ($0.journal?.unsyncedBytes ?? 0) > 0 } == true)
        for partition in partitions {
            if wholePartitions {
                try bench.log.removePartition(partition.id)
            } else {
                _ = try bench.log.services.truncateHead(partition, before: 9)
            }
        }
        bench.log.step()
        #expect(bench.disk.bytesHeldOpen == 0)
    }

    @Test("A group is journalled exactly where that is cheaper")
    func choice() {
        #expect(!Journal.isWorthwhile(runs: 1, bytes: 10))
        #expect(Journal.isWorthwhile(runs: 2, bytes: Journal.bytesPerSyncSaved))
        #expect(!Journal.isWorthwhile(runs: 2, bytes: Journal.bytesPerSyncSaved + 1))
    }

    @Test("A thousand partitions: idle ones have no file, and a group over all of them is one sync")
    func thousandPartitions() throws {
        let bench = try Bench(settings: Bench.settings { $0.journalStretchBytes = 4 << 20 })
        let partitions = try (0..<1000).map { try bench.partition($0) }
        #expect(!bench.disk.paths().contains { $0.hasSuffix(".log") })
        for partition in partitions.prefix(2) { bench.append(partition, Batches.make(["x"])) }
        bench.log.step()
        let syncs = bench.disk.counts.fileSyncs
        let tickets = partitions.map { bench.append($0, Batches.make(["y"])) }
        let appends = bench.log.services.queue.take(bytesMax: 16 << 20, sleeping: false)
        bench.log.services.core.with { $0.commit(appends ?? []) }
        #expect(bench.disk.counts.fileSyncs == syncs + 1)
        #expect(tickets.allSatisfy { bench.outcomes[$0]?.base != nil })
        let after = try Bench(disk: bench.disk.afterPowerLoss(seed: 3), settings: Bench.settings { $0.journalStretchBytes = 4 << 20 })
        #expect(try (0..<1000).allSatisfy { try !after.keys(after.partition($0)).isEmpty })
    }
}
