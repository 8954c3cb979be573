import KafkaWire
import Logging
import Storage

/// What happens to a partition after a failed sync. The kernel has marked its pages clean, so asking it again proves nothing:
/// the log is read back past the page cache, and what was acknowledged and is not on the device is written to a new segment
/// from wherever a verified copy is left, the page cache or the journal. Records that were not acknowledged are dropped: their
/// producers were told.
extension StoreServices {
    func repairLater(_ id: PartitionID) {
        upkeep.submit { [self] in repair(id) }
    }

    func repair(_ id: PartitionID) {
        let snapshot = core.with { core -> (manifest: Manifest, markedCount: Int)? in
            guard let tail = core.tails[id] else { return nil }
            // So that there is a copy of it in the page cache too; where that fails the journal has the only one.
            _ = core.tryWriteGathered(of: tail)
            return (tail.manifest(), tail.markedCount)
        }
        guard case .some(.some(let (manifest, markedCount))) = snapshot else { return }
        do throws(DiskError) {
            guard let mended = try readBack(manifest, markedCount: markedCount) else {
                return takeOutOfService(id, "partition \(id) is out of service: acknowledged records are not on the disk any more")
            }
            try write(mended)
            unmarkFenced(id)
            returnToService(id, mended)
        } catch {
            logger.error("partition \(id) goes on taking no records: \(error.sentence); restart the broker when the disk is well")
        }
    }

    /// Says to the next start that the page cache is not to be believed. It lives as long as the page cache does, so nothing is synced.
    func markFenced(_ id: PartitionID) {
        do throws(DiskError) {
            _ = try disk.open(layout.fenceMark(of: id), .createOrOpen)
        } catch {
            logger.error(
                "partition \(id) cannot be marked for the next start (\(error.sentence)): unless it is read back before, restart the machine with the broker")
        }
    }

    /// A mark that cannot be looked for is taken to be there: reading past the page cache for nothing costs time, believing it wrongly records.
    func isMarkedFenced(_ id: PartitionID) -> Bool {
        do throws(DiskError) {
            _ = try disk.open(layout.fenceMark(of: id), .read)
            return true
        } catch {
            return !error.isMissing
        }
    }

    /// What its manifest says is on the device.
    func unmarkFenced(_ id: PartitionID) {
        do throws(DiskError) {
            try disk.remove(layout.fenceMark(of: id))
        } catch {
            // The next start looks again, which costs time and nothing else.
            logger.debug("partition \(id) keeps its mark: \(error.sentence)")
        }
    }

    private func takeOutOfService(_ id: PartitionID, _ sentence: String) {
        logger.error("\(sentence); restore it from a backup")
        _ = core.with { core in
            core.tails[id]?.outOfService = sentence
            core.tails[id]?.partition.change(to: .offline(sentence))
        }
    }

    /// The manifest with every acknowledged record on the device; nil where some are nowhere to be had.
    private func readBack(_ manifest: Manifest, markedCount: Int) throws(DiskError) -> Manifest? {
        var mended = manifest
        for index in manifest.segments.indices.dropFirst(markedCount) {
            let facts = manifest.segments[index]
            let found = try verifiedOnDevice(facts, partition: manifest.partition)
            guard found.endOffset < facts.endOffset else { continue }
            guard
                let rewritten = try rewrite(
                    from: found, segments: Array(manifest.segments[index...]), partition: manifest.partition)
            else { return nil }
            mended.segments = manifest.segments[..<index] + (found.isEmpty ? [] : [found]) + [rewritten]
            return mended
        }
        return mended
    }

    /// The segment as far as the device holds it.
    private func verifiedOnDevice(_ facts: SegmentFacts, partition: PartitionID) throws(DiskError) -> SegmentFacts {
        let segment = Segment(facts: facts, partition: partition, layout: layout, index: nil)
        var found = SegmentFacts(
            baseOffset: facts.baseOffset, generation: facts.generation, previousChecksum: facts.previousChecksum,
            endOffset: facts.baseOffset, endPosition: Int64(SegmentHeader.sizeBytes), lastChecksum: facts.previousChecksum,
            firstAppendTime: facts.firstAppendTime, lastAppendTime: facts.firstAppendTime)
        let file: any DiskFile
        do throws(DiskError) {
            // Opened anew: what an earlier descriptor has been told is not told again.
            file = try disk.open(segment.path, .read)
        } catch where error.isMissing {
            return found
        }
        let header = UnsafeMutableRawBufferPointer.allocate(byteCount: SegmentHeader.sizeBytes, alignment: 8)
        defer { header.deallocate() }
        guard try file.readDevice(into: header, at: 0) == header.count,
            case .header = SegmentHeader.read(Array(header), partition: partition)
        else { return found }
        var walker = FrameWalker(
            file: file, identity: segment.identity, from: found.endPosition, limit: facts.endPosition, depth: .everything,
            source: .device)
        while case .frame(let frame, _) = try walker.next(), frame.header.previousChecksum == found.lastChecksum {
            found.add(frame.header, maxTimestamp: frame.maxTimestamp)
        }
        return found
    }

    /// Copies the frames behind `begin` to a new segment, re-chained and synced. nil where one is nowhere to be had.
    private func rewrite(
        from begin: SegmentFacts, segments: [SegmentFacts], partition: PartitionID
    ) throws(DiskError) -> SegmentFacts? {
        var replay = JournalReplay()
        if let journal = try? disk.open(layout.journal, .read) { try replay.add(journal) }
        var generator = SystemRandomNumberGenerator()
        let ordinal = (segments.map { $0.generation >> 32 }.max() ?? 0) + 1
        var facts = SegmentFacts(
            baseOffset: begin.endOffset, generation: ordinal << 32 | UInt64(generator.next() as UInt32),
            previousChecksum: begin.lastChecksum, endOffset: begin.endOffset, endPosition: Int64(SegmentHeader.sizeBytes),
            lastChecksum: begin.lastChecksum, firstAppendTime: begin.lastAppendTime, lastAppendTime: begin.lastAppendTime)
        let new = SegmentIdentity(partition: partition, generation: facts.generation)
        let path = layout.segment(SegmentName(baseOffset: facts.baseOffset, generation: facts.generation), of: partition)
        // Under its name only once it is whole: to the next start a segment that follows others is the log's end, and what stands in the
        // journal for those before it is over.
        let temporary = path + StoreLayout.temporarySuffix
        do throws(DiskError) {
            let target = try disk.open(temporary, .create)
            let header = SegmentHeader(
                identity: new, baseOffset: facts.baseOffset, previousChecksum: facts.previousChecksum, durableOffset: facts.baseOffset)
            try target.write(header.bytes, at: 0)
            guard try copy(segments, from: begin, to: target, of: new, replay, &facts) else {
                try? disk.remove(temporary)
                return nil
            }
            try target.sync()
            try disk.rename(temporary, to: path)
            try disk.syncDirectory(layout.directory(of: partition))
            return facts
        } catch {
            try? disk.remove(temporary)
            throw error
        }
    }

    /// - Returns: false where a frame is nowhere to be had.
    private func copy(
        _ segments: [SegmentFacts], from begin: SegmentFacts, to target: any DiskFile, of new: SegmentIdentity, _ replay: JournalReplay,
        _ facts: inout SegmentFacts
    ) throws(DiskError) -> Bool {
        for old in segments {
            let source = Segment(facts: old, partition: new.partition, layout: layout, index: nil)
            let file = try disk.open(source.path, .read)
            var position = old.generation == begin.generation ? begin.endPosition : Int64(SegmentHeader.sizeBytes)
            while position < old.endPosition {
                guard var frame = try copy(at: position, of: source.identity, file: file, replay) else { return false }
                position += Int64(frame.count)
                let (header, maxTimestamp) = Self.rechain(&frame, after: facts.lastChecksum, at: facts.endPosition, of: new)
                try target.write(frame, at: facts.endPosition)
                facts.add(header, maxTimestamp: maxTimestamp)
            }
        }
        return true
    }

    /// A verified frame from the page cache or the journal.
    private func copy(
        at position: Int64, of segment: SegmentIdentity, file: any DiskFile, _ replay: JournalReplay
    ) throws(DiskError) -> [UInt8]? {
        var walker = FrameWalker(file: file, identity: segment, from: position, limit: .max, depth: .everything)
        if case .frame(let frame, _) = try walker.next() {
            return Array(UnsafeRawBufferPointer(rebasing: frame.bytes[..<frame.header.frameBytes]))
        }
        guard let frames = try replay.frames(of: segment, at: position) else { return nil }
        return frames.withUnsafeBytes { raw in
            guard case .frame(let frame) = FrameView.read(raw, at: position, of: segment, depth: .everything) else { return nil }
            return Array(UnsafeRawBufferPointer(rebasing: frame.bytes[..<frame.header.frameBytes]))
        }
    }

    private static func rechain(
        _ frame: inout [UInt8], after checksum: UInt32, at position: Int64, of segment: SegmentIdentity
    ) -> (header: FrameHeader, maxTimestamp: Int64) {
        frame.withUnsafeMutableBytes { raw in
            guard var header = FrameHeader(verified: UnsafeRawBufferPointer(rebasing: raw[..<FrameHeader.sizeBytes])) else {
                preconditionFailure("a verified frame's header cannot be read")
            }
            header.previousChecksum = checksum
            header.write(to: raw)
            header.checksum = segment.checksum(of: UnsafeRawBufferPointer(rebasing: raw[4..<FrameHeader.sizeBytes]), at: position)
            raw.store(header.checksum, at: 0)
            return (header, UnsafeRawBufferPointer(raw).integer(at: header.batchStart + BatchLayout.maxTimestamp))
        }
    }

    private func returnToService(_ id: PartitionID, _ manifest: Manifest) {
        let known = Set(manifest.segments.map { SegmentName(baseOffset: $0.baseOffset, generation: $0.generation) })
        _ = core.with { core in
            guard let tail = core.tails[id] else { return }
            core.journal?.forget(id)
            let segments = manifest.segments.map { facts in
                // Not one whose end was lost: it says more than its file holds.
                tail.closed.first { $0.facts == facts } ?? Segment(facts: facts, partition: id, layout: layout, index: nil)
            }
            for name in tail.closed.map(\.path) + (tail.active.map { [$0.segment.path] } ?? []) { files.forget(name) }
            tail.closed = segments
            tail.active = nil
            tail.markedCount = segments.count
            tail.end = LogEnd(offset: tail.durableOffset, checksum: manifest.end.checksum, appendTime: manifest.end.appendTime)
            tail.segmentOrdinal = max(tail.segmentOrdinal, segments.map { UInt32($0.name.generation >> 32) }.max() ?? 0) + 1
            tail.mustRoll = true
            tail.outOfService = nil
            tail.partition.publish(tail)
        }
        let names = (try? disk.list(layout.directory(of: id))) ?? []
        for name in names.compactMap({ SegmentName(file: $0) }) where !known.contains(name) {
            try? disk.remove(layout.segment(name, of: id))
        }
        logger.notice("partition \(id) was read back from the disk after a failed sync and is in service again")
    }
}
