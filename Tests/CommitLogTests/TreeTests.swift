import KafkaWire
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Storage
import Testing
import Transparency

@testable import CommitLog

@Suite struct TreeTests {
    private static let settings = PartitionSettings(segmentBytes: 6000, recordsLeaves: true)

    private func partition(_ bench: Bench, _ number: Int32 = 0) throws -> Partition { try bench.partition(number, Self.settings) }

    /// The root over what the records say, made from the entries alone.
    private func root(_ partition: Partition, _ size: Int64) throws -> TreeHash {
        guard size > 0 else { return TreeHashing.emptyRoot }
        let entries = try partition.entries(0..<size)
        return MerkleTree.root(of: entries.withUnsafeBytes { TreeHashing.leaves(of: $0) })
    }

    private func fill(_ bench: Bench, _ partition: Partition, _ batches: Int, codec: Codec = .none) {
        for index in 0..<batches { _ = bench.appendNow(partition, Batches.make(["a\(index)", "b\(index)", "c"], valueBytes: 90, codec: codec)) }
    }

    @Test("Every acknowledged record becomes a leaf, and the entry says what the frame says", arguments: [Codec.none, .zstd, .gzip, .lz4, .snappy])
    func leaves(_ codec: Codec) throws {
        let bench = try Bench()
        let partition = try partition(bench)
        fill(bench, partition, 7, codec: codec)
        _ = bench.appendNow(partition, Batches.make(["x", "y"], codec: codec, schemaIDs: .each([5, -1]), timestamps: [70, 30]))
        #expect(partition.head.size == 23)
        #expect(try partition.head.root == root(partition, 23))
        let bytes = try partition.entries(22..<23)
        let entry = try Entry(bytes)
        #expect(entry.facts.offset == 22 && entry.facts.createTime == 30 && entry.facts.schemaID == -1 && entry.facts.flags == [])
        #expect(entry.facts.appendTime == bench.clock.now)
        #expect(entry.facts.writer.bytes == Digest256((1, 2, 3, 4)).bytes)
        #expect(try Entry(try partition.entries(21..<22)).facts.schemaID == 5)
        // The commitment is to the content as it was produced, under the frame's salt.
        let value = (0..<20).map { UInt8(truncatingIfNeeded: 1 + ($0 &* 31 &+ 1) % 255) }
        let content = try #require(RecordFields(key: Array("y".utf8), value: value).content)
        #expect(Int(entry.facts.contentLength) == content.count)
        let salts = try salts(partition, 22..<23)
        #expect(entry.commitment == Commitment.of(content: content, salt: salts))
    }

    @Test("What a log says of records besides them makes their entries, with the records as they were produced", arguments: [Codec.none, .zstd])
    func facts(_ codec: Codec) async throws {
        let bench = try Bench()
        let partition = try partition(bench)
        fill(bench, partition, 7, codec: codec)
        _ = bench.appendNow(partition, Batches.make(["x", "y"], codec: codec, schemaIDs: .each([5, -1]), timestamps: [70, 30]))
        _ = bench.appendNow(partition, Batches.make(["z"], codec: codec, stampsAppendTime: true))
        #expect(partition.head.size == 24)
        for offsets in [0..<23, 0..<24, 1..<5, 22..<23, 4..<5] as [Range<Int64>] {
            let bytes = try #require(try await stepped(bench) { try await partition.facts(of: offsets) })
            let runs = try LeafFacts.decode(bytes)
            // Of the last one the producer's time is told to nobody.
            #expect(runs.flatMap { Array($0.offsets) } == Array(offsets.clamped(to: 0..<23)))
            let salts = try salts(partition, offsets)
            for run in runs {
                for offset in run.offsets {
                    let entry = try Entry(try partition.entries(offset..<offset + 1))
                    let (facts, salt) = run.withFacts(of: offset, createTime: entry.facts.createTime, isNull: false) { ($0, Array($1)) }
                    var expected = entry.facts
                    expected.contentLength = 0
                    #expect(facts == expected)
                    #expect(salt == Array(salts[Int(offset - offsets.lowerBound) * 16..<Int(offset - offsets.lowerBound + 1) * 16]))
                    let opening = try await stepped(bench) { try await partition.opening(of: offset) }
                    #expect(opening == EntryOpening(entry: entry.bytes, salt: salt))
                }
            }
        }
        #expect(try await partition.facts(of: 20..<25) == nil, "past the tree")
        #expect(try await partition.opening(of: 24) == nil)
        #expect(try await stepped(bench) { try await partition.facts(of: 23..<24) } == nil)
    }

    /// Waits for what the readers' threads do, which the store steps through.
    private func stepped<T: Sendable>(_ bench: Bench, _ body: @escaping @Sendable () async throws -> T) async throws -> T {
        let isDone = NIOLockedValueBox(false)
        let task = Task {
            defer { isDone.withLockedValue { $0 = true } }
            return try await body()
        }
        while !isDone.withLockedValue({ $0 }) {
            bench.log.step()
            await Task.yield()
        }
        return try await task.value
    }

    private func salts(_ partition: Partition, _ offsets: Range<Int64>) throws -> [UInt8] {
        var salts: [UInt8] = []
        _ = try SegmentFrames(partition).walk(offsets, from: nil) { (frame) throws(EvidenceTrouble) in
            let all = Array(frame.variablePart.suffix(Int(frame.header.recordCount) * 16))
            for offset in offsets where offset >= frame.header.baseOffset && offset < frame.header.nextOffset {
                let start = Int(offset - frame.header.baseOffset) * 16
                salts += all[start..<start + 16]
            }
            return true
        }
        return salts
    }

    @Test("Who signs is told of the trees that grew, once each")
    func grown() throws {
        let bench = try Bench()
        let (one, two) = (try partition(bench, 0), try partition(bench, 1))
        let untold = try bench.partition(2)
        #expect(bench.log.takeGrownTrees().isEmpty)
        fill(bench, one, 2)
        fill(bench, two, 1)
        fill(bench, untold, 1)
        #expect(Set(bench.log.takeGrownTrees().map { "\($0.partition.partition):\($0.head.size)" }) == ["0:6", "1:3"])
        #expect(bench.log.takeGrownTrees().isEmpty)
        fill(bench, two, 1)
        #expect(bench.log.takeGrownTrees().map(\.head.size) == [6])
        #expect(untold.evidence == nil)
    }

    @Test("A partition that has much to hash takes turns with the others, and is told after each")
    func turns() throws {
        let bench = try Bench(settings: Bench.settings { $0.treeLeavesPerTurn = 4 })
        let (long, short) = (try partition(bench, 0), try partition(bench, 1))
        for index in 0..<5 { bench.append(long, Batches.make(["a\(index)", "b", "c"])) }
        bench.append(short, Batches.make(["x"]))
        bench.log.commitWaiting()
        var maker = FrameEntries()
        func turn() -> (hasMore: Bool, told: Set<String>) {
            let hasMore = bench.log.services.evidence.growWaiting(&maker)
            return (hasMore, Set(bench.log.takeGrownTrees().map { "\($0.partition.partition):\($0.head.size)" }))
        }
        #expect(turn() == (true, ["0:4", "1:1"]))
        #expect(turn() == (true, ["0:8"]))
        #expect(turn() == (true, ["0:12"]))
        #expect(turn() == (false, ["0:15"]))
        #expect(turn() == (false, []))
        #expect(try long.head.root == root(long, 15))
    }

    @Test("After a clean stop the tree is there without a frame being read; after a kill it is made anew where it lags")
    func restarts() throws {
        let bench = try Bench()
        let first = try partition(bench)
        fill(bench, first, 6)
        let killed = bench.disk.copy()
        let head = first.head
        bench.log.close()
        let after = try Bench(disk: bench.disk)
        let again = try partition(after)
        after.log.step()
        #expect(again.head == head && again.tree.withLockedValue { $0.growing == nil })
        let revived = try Bench(disk: killed)
        let third = try partition(revived)
        revived.log.step()
        #expect(third.head == head)
        fill(revived, third, 2)
        #expect(try third.head == TreeHead(size: 24, root: root(third, 24)))
    }

    @Test("Level files that hold anything else behind a power loss are not believed", arguments: 1...30 as ClosedRange<UInt64>)
    func powerLoss(_ seed: UInt64) throws {
        let bench = try Bench()
        let first = try partition(bench)
        for round in 0..<6 {
            fill(bench, first, 4)
            if round % 2 == 1 { bench.log.maintainNow(); bench.log.maintainNow(); bench.log.step() }
        }
        let head = first.head
        let after = try Bench(disk: bench.disk.afterPowerLoss(seed: seed))
        let partition = try partition(after)
        after.log.step()
        #expect(partition.head == head)
        #expect(try partition.agrees(with: head))
        after.log.close()
        let report = try StoreCheck(disk: after.disk, layout: StoreLayout(root: "store"), progress: { _ in }).run()
        #expect(report.isClean, "\(report.problems)")
    }

    @Test("A log that is shorter than a signed checkpoint, or another one, does not agree with it")
    func failStop() throws {
        let bench = try Bench()
        let partition = try partition(bench)
        fill(bench, partition, 3)
        let signed = partition.head
        #expect(try partition.agrees(with: signed))
        #expect(try !partition.agrees(with: TreeHead(size: signed.size + 1, root: signed.root)))
        fill(bench, partition, 3)
        #expect(try partition.agrees(with: signed))
        #expect(try !partition.agrees(with: TreeHead(size: 4, root: signed.root)))
        let other = try Bench()
        let another = try self.partition(other)
        fill(other, another, 3)
        #expect(try !another.agrees(with: signed), "the same records with other salts are another log")
    }

    @Test("A log that was contradicted tells what of it was signed, and serves again once it goes on under another name")
    func reopened() async throws {
        let bench = try Bench()
        let partition = try partition(bench)
        fill(bench, partition, 3)
        let signed = partition.head
        fill(bench, partition, 2)
        _ = bench.log.takeGrownTrees()
        partition.contradicted("others know another log")
        bench.log.step()
        guard case .offline = partition.bounds.state else { return #expect(Bool(false), "it goes on serving") }
        #expect(bench.appendNow(partition, Batches.make(["x"]))?.error != nil)
        let other = TreeHead(size: 12, root: signed.root)
        #expect(try partition.firstInTree([TreeHead(size: 99, root: signed.root), other, signed]) == signed)
        #expect(try partition.firstInTree([other]) == nil)
        async let reopening: Void = partition.reopen()
        while partition.contradiction != nil {
            bench.log.step()
            await Task.yield()
        }
        try await reopening
        bench.log.step()
        #expect(partition.bounds.state == .online && bench.log.takeGrownTrees().map(\.head.size) == [15])
        #expect(bench.appendNow(partition, Batches.make(["x"]))?.base == 15)
        #expect(try partition.agrees(with: signed))
    }

    @Test("Witnesses that contradict a log at the same moment do not keep it from going on")
    func contradictedTwice() async throws {
        let bench = try Bench(isStepped: false)
        let partition = try partition(bench)
        for round in 0..<200 {
            await withTaskGroup(of: Void.self) { group in
                for witness in 0..<4 { group.addTask { partition.contradicted("round \(round): witness \(witness) knows another log") } }
            }
            try await partition.reopen()
            #expect(partition.bounds.state == .online)
        }
        await bench.log.shutDown()
    }

    @Test("A flipped bit of a level file is repaired from the records when the signed checkpoint is held against it")
    func repaired() throws {
        let bench = try Bench()
        let first = try partition(bench)
        fill(bench, first, 5)
        let head = first.head
        bench.log.close()
        bench.disk.alter("\(StoreLayout(root: "store").directory(of: Bench.id(0)))/tree-0") { $0[5] ^= 1 }
        let after = try Bench(disk: bench.disk)
        let partition = try partition(after)
        #expect(try partition.agrees(with: head))
        #expect(partition.head == head)
    }

    @Test("Retention keeps the entries of what it deletes, and the tree goes on")
    func retention() async throws {
        let bench = try Bench()
        let partition = try partition(bench)
        fill(bench, partition, 80)
        let (head, entries) = (partition.head, try partition.entries(0..<240))
        var settings = Self.settings
        settings.retentionBytes = 6000
        try bench.log.services.apply(settings, to: partition.id)
        bench.log.maintainNow()
        bench.log.step()
        let start = partition.bounds.logStart.rawValue
        #expect(start > 100 && partition.keptEnd == start)
        #expect(try partition.entries(0..<240) == entries)
        #expect(try partition.entries(start - 3..<start + 3) == Array(entries[Int(start - 3) * 104..<Int(start + 3) * 104]))
        let runs = try #require(try await stepped(bench) { try await partition.facts(of: start - 3..<start + 3) })
        #expect(try LeafFacts.decode(runs).map(\.offsets) == [start..<start + 3])
        #expect(try await partition.facts(of: start - 3..<start) == nil)
        let gone = try await stepped(bench) { try await partition.opening(of: start - 1) }
        #expect(gone == EntryOpening(entry: Array(entries[Int(start - 1) * 104..<Int(start) * 104]), salt: nil))
        #expect(try await stepped(bench) { try await partition.opening(of: start)?.salt } != nil)
        #expect(try partition.agrees(with: head))
        bench.log.close()
        #expect(try StoreCheck(disk: bench.disk, layout: StoreLayout(root: "store"), progress: { _ in }).run().isClean)
        // Made anew of kept entries and frames.
        for name in ["tree-0", "tree-mark"] { try bench.disk.remove("\(StoreLayout(root: "store").directory(of: Bench.id(0)))/\(name)") }
        let after = try Bench(disk: bench.disk)
        let again = try bench2(after)
        #expect(again.head == head && again.bounds.logStart.rawValue == start)
        // The last segment goes too where all of it is due.
        after.clock.advance(1000)
        settings.retentionMilliseconds = 0
        try after.log.services.apply(settings, to: again.id)
        after.log.maintainNow()
        after.log.step()
        #expect(again.bounds.logStart.rawValue == 240)
        #expect(try again.entries(0..<240) == entries)
        fill(after, again, 1)
        #expect(try again.head == TreeHead(size: 243, root: root(again, 243)))
    }

    private func bench2(_ bench: Bench) throws -> Partition {
        let partition = try partition(bench)
        bench.log.step()
        return partition
    }

    @Test("The check names every flipped byte of the tree's files and of kept entries")
    func check() throws {
        let bench = try Bench()
        let partition = try partition(bench)
        fill(bench, partition, 60)
        var settings = Self.settings
        settings.retentionBytes = 6000
        try bench.log.services.apply(settings, to: partition.id)
        bench.log.maintainNow()
        bench.log.close()
        let layout = StoreLayout(root: "store")
        func report(_ disk: SimulatedDisk) throws -> StoreReport { try StoreCheck(disk: disk, layout: layout, progress: { _ in }).run() }
        #expect(try report(bench.disk).problems == [])
        let directory = layout.directory(of: partition.id)
        for name in ["tree-0", "tree-mark", "entries"] {
            let count = name == "entries" ? Int(partition.keptEnd) * 104 : bench.disk.contents("\(directory)/\(name)").count
            #expect(count > 0)
            for position in stride(from: 0, to: count, by: name == "entries" ? 101 : 7) {
                let disk = bench.disk.copy()
                disk.alter("\(directory)/\(name)") { $0[position] ^= 0x10 }
                #expect(try !report(disk).isClean, "\(name), byte \(position)")
            }
        }
    }

    @Test("A backup of a log with kept entries is a store whose tree has the same root")
    func backup() throws {
        let bench = try Bench()
        let partition = try partition(bench)
        fill(bench, partition, 60)
        var settings = Self.settings
        settings.retentionBytes = 6000
        try bench.log.services.apply(settings, to: partition.id)
        bench.log.maintainNow()
        _ = try bench.log.copy([partition.id], to: "copy", bytesPerSecond: 0, progress: { _ in })
        #expect(try StoreCheck(disk: bench.disk, layout: StoreLayout(root: "copy"), progress: { _ in }).run().problems == [])
        #expect(bench.disk.paths().filter { $0.hasPrefix("copy/") && $0.contains("tree-") }.count == 2)
        let copy = try Bench(disk: bench.disk, directory: "copy")
        #expect(try bench2(copy).head == partition.head)
    }

    /// A log of 900 records, of which the first 600 or so are deleted.
    private func expired(_ bench: Bench) throws -> Partition {
        let partition = try partition(bench)
        for _ in 0..<3 {
            fill(bench, partition, 100)
            bench.clock.advance(1000)
        }
        var settings = Self.settings
        settings.retentionBytes = 30_000
        try bench.log.services.apply(settings, to: partition.id)
        bench.log.maintainNow()
        bench.log.step()
        return partition
    }

    @Test("Pruning goes as far as the audit retention in whole tiles, and never into records that are there; what is left leads to the same root")
    func pruning() throws {
        let bench = try Bench()
        let began = bench.clock.now
        let partition = try expired(bench)
        let (head, start) = (partition.head, partition.bounds.logStart.rawValue)
        let entries = try partition.entries(0..<900)
        #expect(start > 512 && start < 768)
        #expect(try partition.prunable(before: began) == 0)
        #expect(try partition.prunable(before: began + 500) == 256, "300 records are of the first second")
        #expect(try partition.prunable(before: .max) == 512, "records that are there keep their entries")
        try partition.pruneTree(before: 256)
        #expect(partition.minimumIndex == 256 && partition.head == head)
        try partition.pruneTree(before: 512)
        try partition.pruneTree(before: 256)
        #expect(partition.minimumIndex == 512)
        #expect(try partition.entries(512..<900) == Array(entries[(512 * 104)...]))
        let directory = StoreLayout(root: "store").directory(of: partition.id)
        #expect(bench.disk.contents("\(directory)/entries").prefix(512 * 104).allSatisfy { $0 == 0 })
        #expect(bench.disk.contents("\(directory)/tree-0").prefix(512 * 32).allSatisfy { $0 == 0 })
        // Every leaf that is left is proven to be in every tree from there on.
        var files = partition.treeFiles
        for size in [513, 768, 900] as [Int64] {
            let root = MerkleTree.root(of: entries.prefix(Int(size) * 104).withUnsafeBytes { TreeHashing.leaves(of: $0) })
            #expect(try TreeState(size: size, from: &files).root == root)
            for index in Swift.stride(from: 512, to: size, by: 61) {
                let leaf = TreeHashing.leaf(of: Array(entries[Int(index) * 104..<Int(index + 1) * 104]))
                let proof = try InclusionProof.prove(index: index, size: size, from: &files)
                #expect(InclusionProof.verify(proof, leaf: leaf, index: index, size: size, root: root))
            }
        }
        #expect(try partition.agrees(with: head))
        fill(bench, partition, 5)
        let grown = partition.head
        #expect(grown.size == 915)
        bench.log.close()
        #expect(try StoreCheck(disk: bench.disk, layout: StoreLayout(root: "store"), progress: { _ in }).run().problems == [])
        // After a start, and with the mark lost.
        for name in ["", "tree-mark"] {
            let disk = bench.disk.copy()
            if !name.isEmpty { try disk.remove("\(directory)/\(name)") }
            let after = try Bench(disk: disk)
            let again = try bench2(after)
            #expect(again.minimumIndex == 512 && again.head == grown)
            #expect(try again.agrees(with: grown) && again.prunable(before: .max) == 512)
        }
        let last = try Bench(disk: bench.disk)
        _ = try bench2(last)
        _ = try last.log.copy([partition.id], to: "copy", bytesPerSecond: 0, progress: { _ in })
        #expect(try StoreCheck(disk: bench.disk, layout: StoreLayout(root: "copy"), progress: { _ in }).run().problems == [])
    }

    @Test("What was pruned is served to nobody: not an entry, not a whole tile, while the tiles above them are")
    func prunedServed() async throws {
        let bench = try Bench()
        let partition = try expired(bench)
        try partition.pruneTree(before: 512)
        #expect(try await partition.entries(of: 0..<256) == nil)
        #expect(try await partition.entries(of: 511..<512) == nil)
        #expect(try await partition.hashes(level: 0, 256..<512) == nil)
    }

    @Test("A flipped byte of the minimum is named by the check")
    func prunedCheck() throws {
        let bench = try Bench()
        let partition = try expired(bench)
        try partition.pruneTree(before: 512)
        bench.log.close()
        let layout = StoreLayout(root: "store")
        for position in 0..<TreeMinimum.sizeBytes {
            let disk = bench.disk.copy()
            disk.alter("\(layout.directory(of: partition.id))/\(TreeMinimum.fileName)") { $0[position] ^= 0x10 }
            #expect(try !StoreCheck(disk: disk, layout: layout, progress: { _ in }).run().isClean, "byte \(position)")
        }
    }

    @Test("A power loss at any write of a pruning leaves a log that agrees with what was signed", arguments: 1...40 as ClosedRange<Int>)
    func prunedPowerLoss(step: Int) throws {
        let bench = try Bench()
        let partition = try expired(bench)
        let head = partition.head
        try partition.markTree()
        let before = bench.disk.counts.changes
        bench.disk.set { $0.powerLossAtChange = before + step }
        try? partition.pruneTree(before: 512)
        let after = try Bench(disk: bench.disk.afterPowerLoss(seed: UInt64(step)))
        let again = try bench2(after)
        #expect(try again.agrees(with: head))
        #expect([0, 512].contains(again.minimumIndex))
        if again.minimumIndex == 0 { #expect(try again.entries(0..<512).count == 512 * 104) }
        try again.pruneTree(before: 512)
        #expect(try again.agrees(with: head))
    }

    @Test("A clock that steps back by more than a second stops the records of evidence topics until it is right again")
    func clock() throws {
        let bench = try Bench()
        let (partition, other) = (try partition(bench), try bench.partition(1))
        fill(bench, partition, 1)
        fill(bench, other, 1)
        bench.clock.advance(-1000)
        #expect(bench.appendNow(partition, Batches.make(["a"]))?.base == 3)
        bench.clock.advance(-1)
        #expect(bench.appendNow(partition, Batches.make(["b"]))?.error != nil)
        #expect(bench.appendNow(other, Batches.make(["b"]))?.base == 3)
        bench.clock.advance(1)
        #expect(bench.appendNow(partition, Batches.make(["c"]))?.base == 4)
    }

    @Test("A tree that cannot grow says so once until it is tried again, however much comes in, and grows when it can")
    func trouble() throws {
        let lines = NIOLockedValueBox(0)
        let bench = try Bench(logger: Logger(label: "test") { _ in TreeTrouble(lines: lines) })
        let partition = try partition(bench)
        fill(bench, partition, 1)
        bench.disk.set { $0.unreadableSuffix = ".log" }
        fill(bench, partition, 5)
        #expect(partition.head.size == 3 && lines.withLockedValue { $0 } == 1)
        bench.log.services.evidence.maintain()
        bench.log.step()
        fill(bench, partition, 5)
        #expect(partition.head.size == 3 && lines.withLockedValue { $0 } == 2)
        bench.disk.set { $0.unreadableSuffix = nil }
        bench.log.services.evidence.maintain()
        bench.log.step()
        #expect(partition.head.size == 33)
        #expect(try partition.head.root == root(partition, 33))
    }

    @Test("A deleted partition's tree goes with it")
    func deleted() throws {
        let bench = try Bench()
        let partition = try partition(bench)
        fill(bench, partition, 3)
        try bench.log.removePartition(partition.id)
        bench.log.step()
        #expect(bench.log.takeGrownTrees().isEmpty)
        #expect(bench.disk.paths().filter { $0.contains("tree-") } == [])
    }
}

/// Counts what is said of trees that do not grow.
private struct TreeTrouble: LogHandler {
    let lines: NIOLockedValueBox<Int>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.error

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if event.message.description.contains("the tree does not grow") { lines.withLockedValue { $0 += 1 } }
    }
}
