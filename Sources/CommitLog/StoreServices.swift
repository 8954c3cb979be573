import CLinux
import Logging
import NIOConcurrencyHelpers
import Storage

/// What the parts of the store share. The log thread and the control plane meet here; every field is constant.
final class StoreServices: Sendable {
    let disk: any Disk
    let layout: StoreLayout
    let settings: CommitLogSettings
    let clock: @Sendable () -> Int64
    let logger: Logger
    let metrics = LogMetrics()
    let files: OpenFiles
    let zeros = ZeroPages()
    let queue: AppendQueue
    let gathering: GatheringRoom
    let core = CoreBox()
    /// Manifests, the syncs behind the journal, everything that the control plane asks for.
    let upkeep: WorkThreads
    /// Scrubbing, wiping: what gives way to everybody.
    let care: WorkThreads
    /// Reads that wait for the device.
    let readers: WorkThreads
    let syncCrew: SyncCrew
    /// Writes the journal while the log thread writes segments.
    let journalThread: WorkThreads
    let isStepped: Bool
    /// Stretches of the journal whose segments are to be synced.
    let fullStretches = NIOLockedValueBox<[FullStretch]>([])
    let spares: SpareSegments
    let replaced = ReplacedFiles()
    /// Makes the trees.
    let evidence: EvidenceKeeper

    init(
        disk: any Disk, layout: StoreLayout, settings: CommitLogSettings, clock: @escaping @Sendable () -> Int64,
        logger: Logger, isStepped: Bool
    ) {
        self.disk = disk
        self.layout = layout
        self.settings = settings
        self.clock = clock
        self.logger = logger
        files = OpenFiles(disk: disk, countMax: settings.openFilesMax)
        gathering = GatheringRoom(settings)
        queue = AppendQueue(bytesMax: settings.queueBytesMax, countMax: settings.queueCountMax)
        func threads(_ name: String, _ count: Int, _ countMax: Int, lowPriority: Bool = false) -> WorkThreads {
            WorkThreads(
                name: name, countMax: countMax, running: isStepped ? .stepped : .threads(count: count, lowPriority: lowPriority))
        }
        upkeep = threads("log-upkeep", 1, 1 << 20)
        care = threads("log-care", 1, 1024, lowPriority: true)
        readers = threads("log-read", max(1, settings.readerThreads), settings.readsWaitingMax)
        self.isStepped = isStepped
        journalThread = threads("log-journal", 1, 4)
        syncCrew = SyncCrew(isStepped: isStepped)
        evidence = EvidenceKeeper(logger: logger, isStepped: isStepped)
        spares = SpareSegments(disk: disk, layout: layout, zeros: zeros, settings: settings)
    }

    /// Runs work of the control plane off Swift's threads, which must not wait for disks.
    func onUpkeep<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws(StorageError) -> T {
        let result: Result<T, StorageError> = await withCheckedContinuation { continuation in
            let isTaken = upkeep.submit {
                do {
                    continuation.resume(returning: .success(try work()))
                } catch let error as StorageError {
                    continuation.resume(returning: .failure(error))
                } catch let error as DiskError {
                    continuation.resume(returning: .failure(error.storageError))
                } catch {
                    preconditionFailure("work of the store failed with something that is not a storage error: \(error)")
                }
            }
            if !isTaken { continuation.resume(returning: .failure(.shutDown)) }
        }
        return try result.get()
    }

    // MARK: Space

    /// Whether an append of so many bytes would reach into the space that is kept for the broker's own topics and for other
    /// stores on the disk. Where the disk cannot say, the write itself will.
    func isBelowReserve(for bytes: Int64, space: DiskSpace?) -> Bool {
        guard let space else { return false }
        let reserve = min(UInt64(max(0, settings.reserveBytes)), space.totalBytes / 16)
        return space.availableBytes < reserve + UInt64(bytes)
    }

    /// Whether space may be taken before it is needed.
    func isRoomy(_ space: DiskSpace) -> Bool {
        space.availableBytes > 16 * UInt64(settings.reserveAheadBytes + settings.writeAheadBytesMax)
    }

    var hasRoomToSpare: Bool { (try? disk.space(at: layout.root)).map(isRoomy) ?? false }

    /// How a run's file is prepared ahead of it, so that its sync need not commit the file system's journal too.
    enum Ahead: Hashable, Sendable {
        case nothing
        /// Small commits: zeros, written. It grows with use.
        case zeros(Int)
        /// Large ones: blocks, reserved.
        case blocks(Int64)
    }

    func ahead(of active: ActiveSegment, end: Int64, runBytes: Int, segmentBytes: Int64, space: DiskSpace?) -> Ahead {
        guard end > active.preparedEnd else { return .nothing }
        let room = max(0, segmentBytes - end)
        // Not where the disk is about to fill: others need the space more.
        guard let space, isRoomy(space) else { return .nothing }
        guard runBytes < 256 << 10 else { return .blocks(min(settings.reserveAheadBytes, room)) }
        defer { active.aheadBytes = min(active.aheadBytes * 2, settings.writeAheadBytesMax) }
        return .zeros(Int(min(active.aheadBytes, settings.writeAheadBytesMax, room)))
    }

    // MARK: Segments

    func beginSegment(for tail: PartitionTail) throws(DiskError) -> ActiveSegment {
        let facts = SegmentFacts(
            baseOffset: tail.end.offset, generation: tail.nextGeneration(), previousChecksum: tail.end.checksum,
            endOffset: tail.end.offset, endPosition: Int64(SegmentHeader.sizeBytes), lastChecksum: tail.end.checksum,
            firstAppendTime: tail.end.appendTime, lastAppendTime: tail.end.appendTime)
        let segment = Segment(facts: facts, partition: tail.partition.id, layout: layout, index: SparseIndex())
        let prepared = try spares.take(for: segment)
        if prepared == 0 { files.keep(try disk.open(segment.path, .create), segment.path) }
        return ActiveSegment(
            segment: segment, facts: facts, preparedEnd: prepared, aheadBytes: settings.writeAheadBytesMin, isNameSynced: false,
            header: SegmentHeader(
                identity: segment.identity, baseOffset: facts.baseOffset, previousChecksum: facts.previousChecksum,
                durableOffset: tail.durableOffset))
    }

    /// A segment that came to nothing. Where it cannot be removed now, recovery will.
    func discard(_ segment: Segment) {
        files.forget(segment.path)
        try? disk.remove(segment.path)
    }

    /// The index of a segment: of a closed one from its file, or rebuilt from the frames where that is missing or wrong.
    func index(of segment: Segment) throws(DiskError) -> SparseIndex {
        if let index = segment.state.withLockedValue({ $0.index }) { return index }
        let facts = segment.facts
        let stored = try storedIndex(of: segment, facts: facts)
        let index: SparseIndex
        if let stored { index = stored } else { index = try rebuildIndex(of: segment, facts: facts) }
        segment.state.withLockedValue { $0.index = index }
        return index
    }

    func storedIndex(of segment: Segment, facts: SegmentFacts) throws(DiskError) -> SparseIndex? {
        guard let file = try? disk.open(segment.indexPath, .read) else { return nil }
        let bytes = try file.read(Int(min(try file.size(), 1 << 20)), at: 0)
        return SparseIndex(bytes, generation: facts.generation, endPosition: facts.endPosition)
    }

    private func rebuildIndex(of segment: Segment, facts: SegmentFacts) throws(DiskError) -> SparseIndex {
        var index = SparseIndex()
        var maxTimestamp = Int64.min
        var walker = FrameWalker(
            file: try contents(of: segment), identity: segment.identity, from: Int64(SegmentHeader.sizeBytes),
            limit: facts.endPosition, depth: .headers)
        while case .frame(let frame, let position) = try walker.next() {
            index.add(
                SparseIndex.Entry(
                    offset: frame.header.baseOffset, position: position, appendTime: frame.header.appendTime,
                    maxTimestampBefore: maxTimestamp))
            maxTimestamp = max(maxTimestamp, frame.maxTimestamp)
        }
        return index
    }
}
