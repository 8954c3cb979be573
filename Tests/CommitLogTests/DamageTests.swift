import NIOConcurrencyHelpers
import NIOCore
import Storage
import Testing

@testable import CommitLog

@Suite struct DamageTests {
    /// A log of a few frames whose program was killed: nothing marked, everything acknowledged and synced.
    private func killedLog(_ count: Int = 4) throws -> (disk: SimulatedDisk, path: String, ends: [Int64], keys: [Int64: String]) {
        let bench = try Bench()
        let partition = try bench.partition(0)
        var ends: [Int64] = []
        for index in 0..<count {
            _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 40))
            ends.append(try #require(partition.view.withLockedValue { $0.segments.last }).facts.endPosition)
        }
        let path = try #require(partition.view.withLockedValue { $0.segments.last }).path
        return (bench.disk, path, ends, try bench.keys(partition))
    }

    @Test("A tail torn at any byte of the last two frames is cut back to the last whole frame")
    func tornTail() throws {
        let log = try killedLog()
        for cut in log.ends[1]..<log.ends[3] {
            // The rest of the file as if it had never been written; the bytes before as they are.
            let disk = log.disk.copy()
            disk.alter(log.path) { bytes in for index in Int(cut)..<bytes.count { bytes[index] = 0 } }
            let bench = try Bench(disk: disk)
            let partition = try bench.partition(0)
            let whole = log.ends.filter { $0 <= cut }.count
            // Frame 2 was acknowledged before frame 3 was written, and frame 3 says so: without it nobody can know.
            #expect(partition.bounds.state == .online, "cut at \(cut)")
            #expect(partition.bounds.highWatermark.rawValue == Int64(whole), "cut at \(cut)")
            #expect(bench.appendNow(partition, Batches.make(["new"]))?.base == Int64(whole), "cut at \(cut)")
            #expect(try bench.keys(partition).count == whole + 1)
        }
    }

    @Test("A file cut short in the middle of a frame is a torn tail too")
    func shortFile() throws {
        let log = try killedLog()
        for cut in log.ends[2]..<log.ends[3] {
            let disk = log.disk.copy()
            disk.alter(log.path) { bytes in bytes.removeLast(bytes.count - Int(cut)) }
            let bench = try Bench(disk: disk)
            #expect(try bench.partition(0).bounds.highWatermark == Offset(3))
        }
    }

    @Test("A bit flipped in any byte of a log that was killed is found and named, and nothing wrong is served")
    func flippedBitAfterKill() throws {
        let log = try killedLog()
        for position in 0..<Int(log.ends[3]) {
            let disk = log.disk.copy()
            disk.alter(log.path) { $0[position] ^= 1 << UInt8(position % 8) }
            let bench = try Bench(disk: disk)
            let partition = try #require(bench.log.partition(Bench.id(0)) as? Partition)
            guard case .offline(let why) = partition.bounds.state else {
                Issue.record("byte \(position): the partition is online")
                continue
            }
            #expect(why.contains("0000000000000007"), "the sentence names the partition: \(why)")
            #expect(throws: StorageError.offline(why)) { try bench.read(partition).get() }
        }
    }

    @Test("A bit flipped in any byte after a clean shutdown is found by the read that meets it, and never served")
    func flippedBitAfterShutdown() throws {
        let bench = try Bench()
        let made = try bench.partition(0)
        for index in 0..<4 { _ = bench.appendNow(made, Batches.make(["k\(index)"], valueBytes: 40)) }
        let path = try #require(made.view.withLockedValue { $0.segments.last }).path
        let end = Int(try #require(made.view.withLockedValue { $0.segments.last }).facts.endPosition)
        let written = try bench.keys(made)
        bench.log.close()
        for position in SegmentHeader.sizeBytes..<end {
            let disk = bench.disk.copy()
            disk.alter(path) { $0[position] ^= 1 << UInt8(position % 8) }
            let again = try Bench(disk: disk)
            let partition = try #require(again.log.partition(Bench.id(0)) as? Partition)
            var served: [Int64: String] = [:]
            var failure: StorageError?
            do { served = try again.keys(partition) } catch { failure = error as? StorageError }
            #expect(served.isEmpty && failure != nil, "byte \(position) was not noticed")
            guard case .corrupt(let sentence)? = failure else { continue }
            #expect(sentence.contains("offset"))
            #expect(partition.bounds.state == .offline(sentence))
        }
        #expect(written.count == 4)
    }

    @Test("check finds a bit flipped in any byte of any file of a partition, or the flip changes nothing that counts")
    func checkFindsFlips() throws {
        let bench = try Bench()
        let made = try bench.partition(0)
        for index in Int32(0)..<3 { _ = bench.appendNow(made, Batches.make(["k\(index)"], valueBytes: 40)) }
        bench.log.close()
        let layout = StoreLayout(root: "store")
        #expect(try StoreCheck(disk: bench.disk, layout: layout, progress: { _ in }).run().isClean)
        let end = try #require(made.view.withLockedValue { $0.segments.last }).facts.endPosition
        // Nor does what was replaced and stands beside it.
        let counts = { (path: String) in path.contains("partitions/") && !path.hasSuffix(".index") && !path.hasSuffix(StoreLayout.temporarySuffix) }
        for path in bench.disk.paths() where counts(path) {
            let count = path.hasSuffix(".log") ? Int(end) : bench.disk.contents(path).count
            for position in 0..<count {
                let disk = bench.disk.copy()
                disk.alter(path) { $0[position] ^= 0x10 }
                #expect(try !StoreCheck(disk: disk, layout: layout, progress: { _ in }).run().isClean, "\(path), byte \(position)")
            }
        }
    }

    @Test("Zeros where acknowledged frames stood are damage, not an end")
    func lostMiddle() throws {
        let log = try killedLog()
        let disk = log.disk.copy()
        disk.alter(log.path) { bytes in for index in Int(log.ends[0])..<Int(log.ends[1]) { bytes[index] = 0 } }
        let bench = try Bench(disk: disk)
        guard case .offline(let why) = try #require(bench.log.partition(Bench.id(0))).bounds.state else {
            Issue.record("the log was shortened")
            return
        }
        #expect(why.contains("offset 1"))
    }

    @Test("A segment that is missing takes the partition out of service")
    func missingSegment() throws {
        let bench = try Bench()
        let partition = try bench.partition(0, PartitionSettings(segmentBytes: 2048))
        for index in 0..<20 { _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 150)) }
        let first = try #require(partition.view.withLockedValue { $0.segments.first }).path
        bench.log.close()
        try bench.disk.remove(first)
        let again = try Bench(disk: bench.disk)
        guard case .offline(let why) = try #require(again.log.partition(Bench.id(0))).bounds.state else {
            Issue.record("nobody noticed")
            return
        }
        #expect(why.contains("missing"))
    }

    @Test("The old frames of a recycled segment never pass")
    func recycled() throws {
        let one = SegmentIdentity(partition: Bench.id(0), generation: 1 << 32 | 7)
        let two = SegmentIdentity(partition: Bench.id(0), generation: 2 << 32 | 7)
        let draft = FrameDraft(Batches.make(["a"]))
        draft.place(after: LogEnd(), at: 512, of: one, appendTime: 1, leaderEpoch: 0, durableOffset: 0)
        var frame = Array(draft.prefix)
        draft.batch.withUnsafeReadableBytes { frame += $0.dropFirst(61) }
        frame += Array(draft.endMark)
        func isFrame(_ segment: SegmentIdentity, _ position: Int64) -> Bool {
            frame.withUnsafeBytes { if case .frame = FrameView.read($0, at: position, of: segment, depth: .everything) { true } else { false } }
        }
        #expect(isFrame(one, 512))
        #expect(!isFrame(two, 512))
        #expect(!isFrame(one, 513))
        #expect(!isFrame(SegmentIdentity(partition: Bench.id(1), generation: 1 << 32 | 7), 512))
    }

    @Test("The scrubber finds rot that nobody reads")
    func scrubs() throws {
        let bench = try Bench()
        let partition = try bench.partition(0, PartitionSettings(segmentBytes: 2048))
        for index in 0..<20 { _ = bench.appendNow(partition, Batches.make(["k\(index)"], valueBytes: 150)) }
        let first = try #require(partition.view.withLockedValue { $0.segments.first })
        bench.disk.alter(first.path) { $0[700] ^= 4 }
        bench.log.maintainNow()
        bench.log.step()
        #expect(partition.bounds.state == .online)
        bench.clock.advance(5_000)
        bench.log.maintainNow()
        bench.log.step()
        #expect(partition.bounds.state != .online)
    }

    @Test("The scrubber reads a small store once a round, however much it may read")
    func scrubsOnce() throws {
        let bench = try Bench()
        for index in Int32(0)..<3 {
            let partition = try bench.partition(index, PartitionSettings(segmentBytes: 2048))
            for key in 0..<10 { _ = bench.appendNow(partition, Batches.make(["k\(key)"], valueBytes: 150)) }
        }
        let storedBytes = Int(bench.log.statistics().storedBytes)
        for _ in 0..<3 {
            let before = bench.disk.counts.readBytes
            bench.log.scrub(bytes: 80 << 20)
            let readBytes = bench.disk.counts.readBytes - before
            #expect(readBytes >= storedBytes / 2 && readBytes <= 4 * storedBytes)
        }
    }

    @Test("A store that closes is not kept waiting by the scrubber")
    func closesWhileScrubbing() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        for key in 0..<10 { _ = bench.appendNow(partition, Batches.make(["k\(key)"], valueBytes: 150)) }
        bench.log.services.care.close()
        let before = bench.disk.counts.readBytes
        bench.log.scrub(bytes: 80 << 20)
        #expect(bench.disk.counts.readBytes == before)
    }
}
