import NIOConcurrencyHelpers
import Storage
import Testing

@testable import CommitLog

#if canImport(Glibc)
import Glibc
#endif

/// Frames that the journal has made durable wait in memory for a larger write to their segment.
@Suite("Gathered frames")
struct GatheringTests {
    /// A store whose journal is there, its partitions, and what was acknowledged so far.
    private final class City {
        let bench: Bench
        let partitions: [Partition]
        var keys: [[Int64: String]]
        private(set) var refused = 0
        private var round = 0

        init(_ count: Int32 = 4, _ change: (inout CommitLogSettings) -> Void = { _ in }) throws {
            bench = try Bench(
                settings: Bench.settings {
                    $0.journalStretchBytes = 64 << 10
                    $0.gatheredSegmentBytes = 4096
                    change(&$0)
                })
            let bench = bench
            partitions = try (0..<count).map { try bench.partition($0) }
            keys = Array(repeating: [:], count: Int(count))
            // The first asks for the journal.
            try append()
        }

        func append(valueBytes: Int = 300) throws {
            round += 1
            let key = "r\(round)"
            let tickets = partitions.map { bench.append($0, Batches.make([key], valueBytes: valueBytes)) }
            bench.log.step()
            for (index, ticket) in tickets.enumerated() {
                let outcome = try #require(bench.outcomes[ticket])
                if let base = outcome.base { keys[index][base] = key } else { refused += 1 }
                if let error = outcome.error { #expect(error == .diskFull) }
            }
        }

        func expectAll(in bench: Bench, _ comment: Comment) throws {
            for (index, expected) in keys.enumerated() { #expect(try bench.keys(bench.partition(Int32(index))) == expected, comment) }
        }

        func segment(_ index: Int = 0) throws -> Segment {
            try #require(partitions[index].view.withLockedValue { $0.segments.last })
        }

        /// Of the segment's records, what its file lacks.
        func lacking(_ index: Int = 0) throws -> Int64 {
            let segment = try segment(index)
            return segment.facts.endPosition - Int64(bench.disk.contents(segment.path).count)
        }

        var gatheredBytes: Int { bench.log.services.gathering.bytes }
    }

    @Test("They are read from memory, whatever the page cache holds, and the file gets a block of them in one write once it is full")
    func gathers() throws {
        // Nothing written ahead, so that a file's size says what it holds.
        let city = try City(4) { $0.writeAheadBytesMax = 0 }
        let frame = try city.segment().facts.endPosition - Int64(SegmentHeader.sizeBytes)
        let written = try city.segment().facts.endPosition
        while try city.segment().facts.endPosition + frame <= 4096 {
            let writes = city.bench.disk.counts.writes
            try city.append()
            #expect(city.bench.disk.counts.writes == writes + 1, "the journal's alone")
            #expect(try city.lacking() == city.segment().facts.endPosition - written)
            try city.expectAll(in: city.bench, "in memory")
        }
        city.bench.disk.set { $0.nothingIsCached = true }
        try city.expectAll(in: city.bench, "nothing cached")
        let writes = city.bench.disk.counts.writes
        try city.append()
        // The journal's, and one for each segment.
        #expect(city.bench.disk.counts.writes == writes + 1 + 4)
        #expect(try city.bench.disk.contents(city.segment().path).count == 4096)
        #expect(try city.lacking() == city.segment().facts.endPosition - 4096)
        #expect(city.gatheredBytes == 4 * 4096)
        try city.expectAll(in: city.bench, "the last frame half in the file and half in memory")
    }

    @Test("What is left of a block is gathered, and not one byte more")
    func block() throws {
        let room = GatheringRoom(Bench.settings { $0.gatheredSegmentBytes = 4096 })
        #expect(room.isOneBlock(512..<4096))
        #expect(!room.isOneBlock(512..<4097))
        #expect(room.isOneBlock(4096..<8192))
        #expect([0, 4095, 4096, 9000].map { room.blockBorder(below: $0) } == [0, 0, 4096, 8192])
        let gathered = try #require(room.begin(at: 512))
        var bytes = [UInt8](repeating: 1, count: 3584)
        bytes.withUnsafeMutableBytes { raw in
            #expect(!gathered.add([iovec(iov_base: raw.baseAddress, iov_len: 3584)] + [iovec(iov_base: raw.baseAddress, iov_len: 1)], bytes: 3585))
            #expect(gathered.add([iovec(iov_base: raw.baseAddress, iov_len: 3584)], bytes: 3584))
            #expect(!gathered.add([iovec(iov_base: raw.baseAddress, iov_len: 1)], bytes: 1))
        }
        let none = GatheringRoom(Bench.settings { $0.gatheredSegmentBytes = 0 })
        #expect(none.begin(at: 512) == nil)
        #expect(!none.isOneBlock(512..<513))
    }

    @Test("A frame over the border of two blocks is whole after a kill and a power loss, wherever the border falls")
    func border() throws {
        for rounds in 1...8 {
            let city = try City(4) { $0.gatheredSegmentBytes = 1024 }
            for round in 0..<rounds { try city.append(valueBytes: 100 + 311 * (round % 5)) }
            try city.expectAll(in: city.bench, "rounds \(rounds)")
            try city.expectAll(in: Bench(disk: city.bench.disk.afterKill()), "killed, rounds \(rounds)")
            for seed in UInt64(0)..<4 { try city.expectAll(in: Bench(disk: city.bench.disk.afterPowerLoss(seed: seed)), "rounds \(rounds), seed \(seed)") }
        }
    }

    @Test("A group that is taken back once a part of it was written leaves what was gathered before it, whichever write fails")
    func borderTakenBack() throws {
        var refusals: Set<Int> = []
        // The journal's own is the first; then come those of the blocks, then of what is left of them.
        for failing in 2...9 {
            let city = try City(4) { $0.gatheredSegmentBytes = 1024 }
            for _ in 0..<2 { try city.append(valueBytes: 200) }
            let counts = city.bench.disk.counts
            // The journal's sync fails, and a write behind that.
            city.bench.disk.set {
                $0.failingSync = counts.fileSyncs + 1
                $0.fullAtWrite = counts.writes + failing
                $0.fullUntilWrite = counts.writes + failing + 2
            }
            try city.append(valueBytes: 700)
            refusals.insert(city.refused)
            try city.expectAll(in: city.bench, "write \(failing)")
            for seed in UInt64(0)..<2 { try city.expectAll(in: Bench(disk: city.bench.disk.afterPowerLoss(seed: seed)), "write \(failing), seed \(seed)") }
            for _ in 0..<3 { try city.append() }
            try city.expectAll(in: city.bench, "after write \(failing)")
            try city.expectAll(in: Bench(disk: city.bench.disk.afterKill()), "killed after write \(failing)")
            for seed in UInt64(0)..<2 { try city.expectAll(in: Bench(disk: city.bench.disk.afterPowerLoss(seed: seed)), "after write \(failing), seed \(seed)") }
        }
        #expect(refusals.count > 1, "some writes must have failed: \(refusals)")
    }

    @Test("Memory for so many segments and no more: at the limit the others are written at once, and room comes back")
    func limit() throws {
        let city = try City(4) { $0.gatheredBytesMax = 2 * 4096 + 4095 }
        try city.append()
        #expect(city.gatheredBytes == 2 * 4096)
        #expect(try (0..<4).filter { try city.segment($0).gathered != nil }.count == 2)
        try city.append()
        #expect(city.gatheredBytes == 2 * 4096)
        // Partitions at rest get their synced mark, and hold no memory from then on.
        for _ in 0..<2 {
            city.bench.log.maintainNow()
            city.bench.log.step()
        }
        #expect(city.gatheredBytes == 0)
        try city.append()
        #expect(city.gatheredBytes == 2 * 4096)
        for partition in city.partitions { try city.bench.log.removePartition(partition.id) }
        city.bench.log.step()
        #expect(city.gatheredBytes == 0)
    }

    @Test("A group of few partitions finds what was gathered before and writes both, in order")
    func few() throws {
        let city = try City()
        try city.append()
        #expect(try city.segment().gathered != nil)
        for index in 0..<2 {
            let base = try #require(city.bench.appendNow(city.partitions[0], Batches.make(["few\(index)"]))?.base)
            city.keys[0][base] = "few\(index)"
        }
        #expect(try city.segment().gathered == nil)
        for seed in UInt64(0)..<6 { try city.expectAll(in: Bench(disk: city.bench.disk.afterPowerLoss(seed: seed)), "seed \(seed)") }
    }

    @Test("A kill takes them from memory: the check counts them, tree and all, and the next start has them, a new segment's among them")
    func kill() throws {
        for rounds in [0, 1, 3, 9, 20] {
            let city = try City(4) { $0.spareSegmentsMax = 0 }
            for partition in city.partitions { city.bench.log.services.evidence.note(partition) }
            for _ in 0..<rounds { try city.append() }
            city.bench.log.step()
            let report = try StoreCheck(disk: city.bench.disk.afterKill(), layout: StoreLayout(root: "store"), progress: { _ in }).run()
            #expect(report.problems == [], "rounds \(rounds)")
            #expect(report.records == Int64(city.keys.reduce(0) { $0 + $1.count }), "rounds \(rounds)")
            let after = try Bench(disk: city.bench.disk.afterKill())
            try city.expectAll(in: after, "rounds \(rounds)")
            after.log.close()
            let clean = try StoreCheck(disk: after.disk, layout: StoreLayout(root: "store"), progress: { _ in }).run()
            #expect(clean.problems == [])
        }
    }

    @Test("Segments of which the journal alone has the begin are found by the check and by the start")
    func begun() throws {
        let bench = try Bench(settings: Bench.settings { $0.journalStretchBytes = 64 << 10 })
        let first = try (0..<2).map { try bench.partition($0) }
        for partition in first { bench.append(partition, Batches.make(["x"])) }
        bench.log.step()
        let partitions = try (2..<6).map { try bench.partition($0) }
        for partition in partitions { bench.append(partition, Batches.make(["y"])) }
        bench.log.step()
        let path = try #require(partitions[0].view.withLockedValue { $0.segments.last?.path })
        #expect(bench.disk.contents(path).isEmpty)
        let report = try StoreCheck(disk: bench.disk.afterKill(), layout: StoreLayout(root: "store"), progress: { _ in }).run()
        #expect(report.problems == [])
        #expect(report.records == 6)
        let after = try Bench(disk: bench.disk.afterKill())
        for partition in partitions { #expect(try after.keys(after.partition(partition.id.partition)) == [0: "y"]) }
    }

    @Test("However often the journal comes round, and however little each partition gets, nothing is lost with the power")
    func journalReuse() throws {
        for rounds in [5, 17, 40] {
            let city = try City(6) {
                $0.journalStretchBytes = 16 << 10
                $0.gatheredSegmentBytes = 1 << 20
            }
            for round in 0..<rounds { try city.append(valueBytes: 20 + 37 * (round % 9)) }
            for seed in UInt64(0)..<6 {
                try city.expectAll(in: Bench(disk: city.bench.disk.afterPowerLoss(seed: seed)), "rounds \(rounds), seed \(seed)")
            }
        }
    }

    @Test("Where the segments find no room what is gathered stays, is served, and keeps its stretch of the journal, until there is room again")
    func diskFull() throws {
        let city = try City(4) {
            $0.journalStretchBytes = 8 << 10
            $0.journalStretches = 2
        }
        city.bench.disk.set { $0.fullSuffix = StoreLayout.segmentSuffix }
        for round in 0..<30 {
            try city.append()
            try city.expectAll(in: city.bench, "round \(round)")
            if round % 7 == 0 { city.bench.log.maintainNow() }
        }
        #expect(city.refused > 0)
        for seed in UInt64(0)..<6 {
            let disk = city.bench.disk.afterPowerLoss(seed: seed)
            disk.set { $0.fullSuffix = nil }
            try city.expectAll(in: Bench(disk: disk), "full, seed \(seed)")
        }
        city.bench.disk.set { $0.fullSuffix = nil }
        city.bench.log.maintainNow()
        city.bench.log.step()
        let refused = city.refused
        for _ in 0..<30 { try city.append() }
        #expect(city.refused == refused)
        // Its stretches are free again: a group over all partitions is one sync.
        let syncs = city.bench.disk.counts.fileSyncs
        try city.append(valueBytes: 20)
        #expect(city.bench.disk.counts.fileSyncs <= syncs + 1 + 4)
        try city.expectAll(in: city.bench, "after")
        for seed in UInt64(0)..<6 { try city.expectAll(in: Bench(disk: city.bench.disk.afterPowerLoss(seed: seed)), "after, seed \(seed)") }
    }

    @Test("When the journal fails the group goes to its segments, with all that was gathered before it")
    func journalFails() throws {
        let city = try City()
        try city.append()
        // The next sync is the journal's.
        let synced = city.bench.disk.counts.fileSyncs
        city.bench.disk.set { $0.failingSync = synced + 1 }
        try city.append()
        #expect(city.refused == 0)
        #expect(try city.segment().gathered == nil)
        try city.append()
        for seed in UInt64(0)..<6 { try city.expectAll(in: Bench(disk: city.bench.disk.afterPowerLoss(seed: seed)), "seed \(seed)") }
    }

    @Test("When the journal fails and the segments have no room, the group is refused and what was gathered before it stays")
    func journalFailsOnFullDisk() throws {
        let city = try City()
        try city.append()
        let synced = city.bench.disk.counts.fileSyncs
        city.bench.disk.set {
            $0.failingSync = synced + 1
            $0.fullSuffix = StoreLayout.segmentSuffix
        }
        try city.append()
        #expect(city.refused == 4)
        try city.expectAll(in: city.bench, "full")
        city.bench.disk.set { $0.fullSuffix = nil }
        for _ in 0..<3 { try city.append() }
        #expect(city.refused == 4)
        for seed in UInt64(0)..<6 { try city.expectAll(in: Bench(disk: city.bench.disk.afterPowerLoss(seed: seed)), "seed \(seed)") }
    }

    @Test("A backup and a synced mark have them; the head can be cut where they are")
    func markAndBackup() throws {
        let city = try City()
        for _ in 0..<3 { try city.append() }
        _ = try city.bench.log.copy([city.partitions[0].id, city.partitions[1].id], to: "copy", bytesPerSecond: 0) { _ in }
        let copy = try Bench(disk: city.bench.disk, directory: "copy")
        for index in 0..<2 as Range<Int32> { #expect(try copy.keys(copy.partition(index)) == city.keys[Int(index)]) }
        copy.log.close()
        #expect(try city.segment(2).gathered != nil)
        _ = try city.bench.log.services.truncateHead(city.partitions[2], before: 2)
        #expect(try city.segment(2).gathered == nil)
        #expect(try city.bench.keys(city.partitions[2]) == city.keys[2].filter { $0.key >= 2 })
    }

    @Test("Whoever follows the log while frames are gathered and written reads every record once, in order")
    func followers() async throws {
        let settings = Bench.settings {
            $0.journalStretchBytes = 128 << 10
            $0.gatheredSegmentBytes = 4096
            $0.readerThreads = 2
        }
        let bench = try Bench(settings: settings, isStepped: false)
        let partitions = try (0..<6).map { try bench.partition($0) }
        let rounds = 300
        let readers = partitions.map { partition in
            Task.detached {
                var next: Int64 = 0
                while next < Int64(rounds) {
                    let from = next
                    let slice = await withCheckedContinuation { continuation in
                        partition.read(LogReadRequest(from: Offset(from), bytesMax: 1 << 20, firstBatchWhole: true)) {
                            continuation.resume(returning: $0)
                        }
                    }
                    for batch in try slice.get().batches {
                        guard batch.baseOffset.rawValue == next else { return next }
                        next = batch.lastOffset.rawValue + 1
                    }
                    await Task.yield()
                }
                return next
            }
        }
        for round in 0..<rounds {
            let tickets = partitions.map { bench.append($0, Batches.make(["r\(round)"], valueBytes: 100 + round)) }
            while tickets.contains(where: { bench.outcomes[$0] == nil }) { await Task.yield() }
        }
        for reader in readers { #expect(try await reader.value == Int64(rounds)) }
        await bench.log.shutDown()
    }
}
