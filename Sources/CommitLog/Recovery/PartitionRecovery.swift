import KafkaWire
import Logging
import NIOConcurrencyHelpers
import Storage

/// Opens one partition: believes the manifest up to its synced mark, verifies every frame behind it by the code that reads
/// always use, takes from the journal what the segments lack, and cuts back a torn tail. What was known to be synced is never
/// cut: where that is damaged, the partition stays out of service and says where.
///
/// After a sync that failed and no power loss since, the page cache may show as clean what never got to the device. So a partition that was
/// fenced is synced first, for what nobody has asked to be synced yet, and then its tail is read past the page cache.
struct PartitionRecovery {
    let id: PartitionID
    let services: StoreServices
    let replay: JournalReplay
    let source: FrameWalker.Source

    init(id: PartitionID, services: StoreServices, replay: JournalReplay) {
        self.id = id
        self.services = services
        self.replay = replay
        source = services.isMarkedFenced(id) ? .device : .file
    }

    private var wasFenced: Bool { if case .device = source { true } else { false } }

    enum Outcome {
        case found(RecoveredLog)
        /// Its creation never finished: nothing was ever acknowledged.
        case neverMade
    }

    /// Damage and device errors end here: one partition's trouble is not the store's.
    private struct Trouble: Error {
        let sentence: String
    }

    func run() throws(StorageError) -> Outcome {
        let names: [SegmentName]
        let bytes: [UInt8]
        do throws(DiskError) {
            names = try services.disk.list(services.layout.directory(of: id)).compactMap { SegmentName(file: $0) }.sorted()
            bytes = try readManifest()
        } catch where error.isMissing {
            let hasSegments = !((try? services.disk.list(services.layout.directory(of: id))) ?? []).allSatisfy {
                SegmentName(file: $0) == nil
            }
            return hasSegments ? .found(outOfService(RecoveredLog(), "its manifest is missing")) : .neverMade
        } catch {
            return .found(outOfService(RecoveredLog(), error.sentence))
        }
        switch Manifest.read(bytes, partition: id) {
        case .newerVersion(let version): throw .newerFormat(found: version, known: Int(Manifest.version))
        case .damaged: return .found(outOfService(RecoveredLog(), "its manifest is damaged"))
        case .manifest(let manifest):
            var log = begin(manifest)
            do throws(Trouble) {
                try verifyPresence(of: manifest.segments, names: names)
                try removeLeftovers(names, manifest)
                if wasFenced { try syncTail(&log, manifest, names) }
                try walkTail(&log, manifest, names)
                return .found(log)
            } catch {
                return .found(outOfService(log, error.sentence))
            }
        }
    }

    private func readManifest() throws(DiskError) -> [UInt8] {
        let file = try services.disk.open(services.layout.manifest(of: id), .read)
        return try file.read(Int(try file.size()), at: 0)
    }

    private func outOfService(_ log: RecoveredLog, _ why: String) -> RecoveredLog {
        var log = log
        log.outOfService = "partition \(id) is out of service: \(why); restore it from a backup"
        return log
    }

    private func begin(_ manifest: Manifest) -> RecoveredLog {
        var log = RecoveredLog()
        log.end = manifest.end
        log.epochs = manifest.epochs
        log.producers = manifest.producers
        log.logStart = manifest.logStart
        log.revision = manifest.revision
        log.closed = manifest.segments.map { Segment(facts: $0, partition: id, layout: services.layout, index: nil) }
        log.segmentOrdinal = manifest.segments.map { UInt32($0.generation >> 32) }.max() ?? 0
        return log
    }

    private func verifyPresence(of segments: [SegmentFacts], names: [SegmentName]) throws(Trouble) {
        let present = Set(names)
        for facts in segments {
            let name = SegmentName(baseOffset: facts.baseOffset, generation: facts.generation)
            guard present.contains(name) else { throw Trouble(sentence: "segment \(name.file) is missing") }
            let size = try onDisk { () throws(DiskError) in
                try services.disk.open(services.layout.segment(name, of: id), .read).size()
            }
            guard size >= facts.endPosition else {
                throw Trouble(sentence: "segment \(name.file) has \(size) bytes and must have \(facts.endPosition)")
            }
        }
    }

    /// Files below the synced mark that the manifest does not know: deleted or given up before a power loss.
    private func removeLeftovers(_ names: [SegmentName], _ manifest: Manifest) throws(Trouble) {
        let known = Set(manifest.segments.map { SegmentName(baseOffset: $0.baseOffset, generation: $0.generation) })
        for name in names where name.baseOffset < manifest.end.offset && !known.contains(name) {
            try onDisk { () throws(DiskError) in try services.disk.remove(services.layout.segment(name, of: id)) }
        }
    }

    // MARK: The tail

    /// What is behind the synced mark and was never asked to be synced gets to the device, so that it is found there.
    private func syncTail(_ log: inout RecoveredLog, _ manifest: Manifest, _ names: [SegmentName]) throws(Trouble) {
        // And a new mark comes down, whatever is found.
        log.isChanged = true
        let last = manifest.segments.last.map { SegmentName(baseOffset: $0.baseOffset, generation: $0.generation) }
        for name in names where name == last || name.baseOffset >= manifest.end.offset {
            try sync(try onDisk { () throws(DiskError) in try services.disk.open(services.layout.segment(name, of: id), .readWrite) })
        }
    }

    private func walkTail(_ log: inout RecoveredLog, _ manifest: Manifest, _ names: [SegmentName]) throws(Trouble) {
        var candidates = try self.candidates(names, manifest)
        log.segmentOrdinal = max(log.segmentOrdinal, candidates.map { UInt32($0.name.generation >> 32) }.max() ?? 0)
        let begun = names + candidates.map(\.name)
        var mark = manifest.end.offset
        let last = log.closed.popLast()
        let verifiedCount = log.closed.count
        if let last { try walk(last, &log, &mark, candidates) }
        while let next = successor(of: log, among: candidates) {
            candidates.removeAll { $0.name.baseOffset <= next.name.baseOffset }
            if let active = log.active { log.closed.append(active.segment) }
            log.active = nil
            let facts = SegmentFacts(
                baseOffset: next.header.baseOffset, generation: next.name.generation,
                previousChecksum: next.header.previousChecksum, endOffset: next.header.baseOffset,
                endPosition: Int64(SegmentHeader.sizeBytes), lastChecksum: next.header.previousChecksum,
                firstAppendTime: log.end.appendTime, lastAppendTime: log.end.appendTime)
            mark = max(mark, next.header.durableOffset)
            log.isChanged = true
            let segment = Segment(facts: facts, partition: id, layout: services.layout, index: SparseIndex())
            try walk(segment, &log, &mark, candidates)
        }
        mark = candidates.reduce(mark) { max($0, $1.header.durableOffset) }
        guard mark <= log.end.offset else {
            throw Trouble(sentence: "records from offset \(log.end.offset) on are missing, and offsets below \(mark) were acknowledged")
        }
        try settle(&log, begun, walkedFrom: verifiedCount)
    }

    private struct Candidate {
        var name: SegmentName
        var header: SegmentHeader
    }

    /// Segments begun after the manifest was written, those whose file is lost but stands in the journal among them.
    private func candidates(_ names: [SegmentName], _ manifest: Manifest) throws(Trouble) -> [Candidate] {
        let known = Set(manifest.segments.map { SegmentName(baseOffset: $0.baseOffset, generation: $0.generation) })
        var candidates: [Candidate] = []
        for name in Set(names + replay.segmentsBegun(in: id)).sorted()
        where !known.contains(name) && name.baseOffset >= manifest.end.offset {
            let bytes = try onDisk { () throws(DiskError) in try headerBytes(name) }
            var reading = SegmentHeader.read(bytes, partition: id)
            if case .header = reading {} else if let stored = try onDisk({ () throws(DiskError) in
                try replay.segmentHeader(name, of: id)
            }), case .header(let header) = SegmentHeader.read(stored, partition: id) {
                // Only if it is whole: the power may have gone while the group was written, and then it was not acknowledged.
                reading = .header(header)
                try onDisk { () throws(DiskError) in
                    try services.disk.open(services.layout.segment(name, of: id), .createOrOpen).write(stored, at: 0)
                }
            }
            switch reading {
            case .header(let header): candidates.append(Candidate(name: name, header: header))
            case .nothing: continue
            case .damaged, .newerVersion:
                throw Trouble(sentence: "the header of segment \(name.file) is damaged")
            }
        }
        return candidates
    }

    private func headerBytes(_ name: SegmentName) throws(DiskError) -> [UInt8] {
        do throws(DiskError) {
            return try read(try services.disk.open(services.layout.segment(name, of: id), .read), SegmentHeader.sizeBytes, at: 0)
        } catch where error.isMissing {
            return []
        }
    }

    /// The segment that goes on where the log ends. Of several the latest: the others came to nothing.
    private func successor(of log: RecoveredLog, among candidates: [Candidate]) -> Candidate? {
        candidates.last {
            $0.name.baseOffset == log.end.offset && $0.header.previousChecksum == log.end.checksum
                && $0.name.generation > (log.active?.segment.name.generation ?? 0)
        }
    }

    /// Follows one segment's frames from its synced mark on.
    private func walk(
        _ segment: Segment, _ log: inout RecoveredLog, _ mark: inout Int64, _ candidates: [Candidate]
    ) throws(Trouble) {
        var facts = segment.facts
        let file = try onDisk { () throws(DiskError) in try services.files.file(segment.path) }
        let size = try onDisk { () throws(DiskError) in try file.size() }
        if segment.state.withLockedValue({ $0.index == nil }) {
            let stored: SparseIndex? =
                facts.isEmpty
                ? SparseIndex() : try onDisk { () throws(DiskError) in try services.storedIndex(of: segment, facts: facts) }
            segment.state.withLockedValue { $0.index = stored }
        }
        var walker = FrameWalker(
            file: file, identity: segment.identity, from: facts.endPosition, limit: .max, depth: .everything, source: source)
        var replayedAt: Int64 = -1
        let hasReplay = replay.holdsAny(of: id)
        var entries: [SparseIndex.Entry] = []
        walking: while true {
            log.active = ActiveSegment(
                segment: segment, facts: facts, preparedEnd: facts.endPosition,
                aheadBytes: services.settings.writeAheadBytesMin, isNameSynced: true, header: nil)
            if successor(of: log, among: candidates) != nil { break }
            guard facts.endPosition < size || hasReplay else { break }
            let step = try onDisk { () throws(DiskError) in try walker.next() }
            switch step {
            case .frame(let frame, let position):
                guard frame.header.baseOffset == log.end.offset, frame.header.previousChecksum == log.end.checksum else {
                    throw Trouble(sentence: at(log.end, segment, position) + FrameDamage.brokenChain.rawValue)
                }
                entries.append(
                    SparseIndex.Entry(
                        offset: frame.header.baseOffset, position: position, appendTime: frame.header.appendTime,
                        maxTimestampBefore: facts.isEmpty ? .min : facts.maxTimestamp))
                take(frame, &facts, &log)
                mark = max(mark, frame.header.durableOffset)
            case .end: break walking
            case .nothing, .damaged, .notCached:
                if replayedAt != facts.endPosition, try replayFrames(of: segment, at: facts.endPosition, into: file) {
                    replayedAt = facts.endPosition
                    walker.reread()
                    log.isChanged = true
                    continue
                }
                var damage: FrameDamage?
                if case .damaged(let found) = step { damage = found }
                try judgeEnd(damage, file: file, segment: segment, position: facts.endPosition, log.end, mark)
                break walking
            }
        }
        segment.raise(to: facts, indexing: entries)
        try cut(file, segment: segment, at: facts.endPosition, &log, isActive: successor(of: log, among: candidates) == nil)
    }

    private func take(_ frame: FrameView, _ facts: inout SegmentFacts, _ log: inout RecoveredLog) {
        let header = frame.header
        facts.add(header, maxTimestamp: frame.maxTimestamp)
        log.end = LogEnd(offset: header.nextOffset, checksum: header.checksum, appendTime: header.appendTime)
        if log.epochs.last?.epoch != header.leaderEpoch {
            log.epochs.append(EpochStart(epoch: header.leaderEpoch, offset: header.baseOffset))
        }
        if header.producerID >= 0 {
            log.producers.record(
                producerID: header.producerID, epoch: header.producerEpoch,
                batch: ProducerStates.Batch(
                    firstSequence: header.firstSequence, lastSequence: header.lastSequence, baseOffset: header.baseOffset,
                    appendTime: header.appendTime))
        }
        log.isChanged = true
    }

    private func replayFrames(of segment: Segment, at position: Int64, into file: any DiskFile) throws(Trouble) -> Bool {
        guard let frames = try onDisk({ () throws(DiskError) in try replay.frames(of: segment.identity, at: position) }) else {
            return false
        }
        try onDisk { () throws(DiskError) in
            try file.write(frames, at: position)
            // They are read again from there.
            if wasFenced { try file.sync() }
        }
        return true
    }

    /// There is no frame where the next one would stand. Returns if that is the end of the log, and throws if it is damage.
    private func judgeEnd(
        _ damage: FrameDamage?, file: any DiskFile, segment: Segment, position: Int64, _ end: LogEnd, _ mark: Int64
    ) throws(Trouble) {
        let why = damage?.rawValue ?? "nothing stands there"
        var isTear = true
        if damage != nil {
            isTear = try onDisk { () throws(DiskError) in try isTearPossible(file, at: position, of: segment.identity) }
        }
        guard mark <= end.offset else {
            throw Trouble(sentence: at(end, segment, position) + "\(why), and offsets below \(mark) were acknowledged")
        }
        let later = try onDisk { () throws(DiskError) in
            try TearJudgement.laterMark(in: file, from: position, of: segment.identity)
        }
        if let later, later > end.offset {
            throw Trouble(sentence: at(end, segment, position) + "\(why), and offsets below \(later) were acknowledged")
        }
        guard isTear else { throw Trouble(sentence: at(end, segment, position) + "\(why), and it was written whole") }
    }

    private func isTearPossible(_ file: any DiskFile, at position: Int64, of segment: SegmentIdentity) throws(DiskError) -> Bool {
        var bytes = try read(file, 64 << 10, at: position)
        if bytes.count == 64 << 10, try file.size() - position > 64 << 10 {
            bytes = try read(file, Int(min(try file.size() - position, Int64(FrameHeader.frameBytesMax))), at: position)
        }
        return bytes.withUnsafeBytes { TearJudgement.isTearPossible($0, at: position, of: segment) }
    }

    private func at(_ end: LogEnd, _ segment: Segment, _ position: Int64) -> String {
        "stored bytes are damaged at offset \(end.offset) (\(segment.name.file), byte \(position)): "
    }

    /// Nothing stays behind the last whole frame but zeros.
    private func cut(
        _ file: any DiskFile, segment: Segment, at position: Int64, _ log: inout RecoveredLog, isActive: Bool
    ) throws(Trouble) {
        guard isActive else { return }
        let isClean = try onDisk { () throws(DiskError) in try isZero(file, from: position) }
        if !isClean {
            services.logger.warning(
                "partition \(id): an unfinished write behind offset \(log.end.offset) was cut off (\(segment.name.file), byte \(position))")
            try onDisk { () throws(DiskError) in try file.resize(to: position) }
            log.isChanged = true
        }
        log.active?.facts = segment.facts
        if isClean { log.active?.preparedEnd = max(position, (try? file.size()) ?? position) }
    }

    private func isZero(_ file: any DiskFile, from position: Int64) throws(DiskError) -> Bool {
        var position = position
        while true {
            let bytes = try file.read(1 << 20, at: position)
            if bytes.isEmpty { return true }
            guard bytes.allSatisfy({ $0 == 0 }) else { return false }
            position += Int64(bytes.count)
        }
    }

    /// What was found behind the manifest becomes durable in the segments, and what came to nothing goes.
    private func settle(_ log: inout RecoveredLog, _ names: [SegmentName], walkedFrom: Int) throws(Trouble) {
        let present = try onDisk { () throws(DiskError) in Set(try services.disk.list(services.layout.directory(of: id))) }
        let kept = Set((log.closed + (log.active.map { [$0.segment] } ?? [])).map(\.name))
        for name in Set(names) where !kept.contains(name) && present.contains(name.file) {
            try onDisk { () throws(DiskError) in try services.disk.remove(services.layout.segment(name, of: id)) }
            log.isChanged = true
        }
        guard log.isChanged else { return }
        for segment in log.closed[walkedFrom...] + (log.active.map { [$0.segment] } ?? []) {
            try sync(try onDisk { () throws(DiskError) in try services.files.file(segment.path) })
        }
        try onDisk { () throws(DiskError) in try services.disk.syncDirectory(services.layout.directory(of: id)) }
    }

    /// After a sync that failed the next start must not believe the page cache.
    private func sync(_ file: any DiskFile) throws(Trouble) {
        do throws(DiskError) {
            try file.sync()
        } catch {
            services.markFenced(id)
            throw Trouble(sentence: error.sentence)
        }
    }

    private func read(_ file: any DiskFile, _ count: Int, at position: Int64) throws(DiskError) -> [UInt8] {
        guard wasFenced else { return try file.read(count, at: position) }
        return try file.readDevice(count, at: position)
    }

    private func onDisk<T>(_ body: () throws(DiskError) -> T) throws(Trouble) -> T {
        do throws(DiskError) { return try body() } catch { throw Trouble(sentence: error.sentence) }
    }
}
