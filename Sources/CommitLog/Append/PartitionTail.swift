import KafkaWire
import NIOCore
import Storage

/// The end of a partition's log: where the next frame goes and what it must follow. Between commit groups everything here is
/// durable; within one it runs ahead, and `saved` takes it back if the group fails. Owner: the log thread.
final class PartitionTail {
    let partition: Partition
    var settings: PartitionSettings
    /// What the next frame follows, staged ones included.
    var end: LogEnd
    /// Every offset below it is synced.
    var durableOffset: Int64
    let leaderEpoch: Int32
    var epochs: [EpochStart]
    var producers: ProducerStates
    /// How many of them the core has counted.
    var producersCounted = 0
    var active: ActiveSegment?
    /// Segments before the active one.
    var closed: [Segment]
    /// How many of `closed`, from the first, are known to be synced.
    var markedCount: Int
    var logStart: Int64
    /// Why the partition takes nothing.
    var outOfService: String?
    var revision: UInt64
    /// Since the last manifest.
    var bytesSinceCheckpoint: Int64 = 0
    /// `bytesSinceCheckpoint` when maintenance last looked.
    var bytesAtLastRound: Int64 = 0
    /// Segments begun so far: the upper half of each one's generation, so that of two files with one base offset the later
    /// is known (the earlier came to nothing, and its removal may be undone by a power loss).
    var segmentOrdinal: UInt32
    /// The active segment is not to be continued.
    var mustRoll: Bool

    // The group in hand.
    var runs: [SegmentRun] = []
    var pending: [(append: QueuedAppend, outcome: AppendOutcome)] = []
    private var saved: Saved?

    private struct Saved {
        var end: LogEnd
        var epochCount: Int
        var active: ActiveSegment?
        var facts: SegmentFacts?
        var closedCount: Int
        var producers: [(id: Int64, entry: ProducerStates.Entry?)] = []
    }

    init(partition: Partition, settings: PartitionSettings, leaderEpoch: Int32, recovered: RecoveredLog) {
        self.partition = partition
        self.settings = settings
        self.end = recovered.end
        self.durableOffset = recovered.end.offset
        self.leaderEpoch = max(leaderEpoch, recovered.epochs.last?.epoch ?? 0)
        self.epochs = recovered.epochs
        self.producers = recovered.producers
        self.closed = recovered.closed
        self.markedCount = recovered.closed.count
        self.active = recovered.active
        self.logStart = recovered.logStart
        self.outOfService = recovered.outOfService
        self.revision = recovered.revision
        self.segmentOrdinal = recovered.segmentOrdinal
        self.mustRoll = recovered.mustRoll
    }

    /// How far a clock that steps back is made up for; beyond it evidence topics take no records (EVIDENCE.md, "Witnesses and time").
    private static let clockStepMillisecondsMax: Int64 = 1000

    var isTouched: Bool { saved != nil }
    var stagedBytes: Int { runs.reduce(0) { $0 + $1.bytes } }

    /// What a frame can meet before it has a place.
    enum Placement {
        /// In the group; its outcome comes with it.
        case staged
        case settled(AppendOutcome)
    }

    func nextGeneration() -> UInt64 {
        segmentOrdinal += 1
        var generator = SystemRandomNumberGenerator()
        return UInt64(segmentOrdinal) << 32 | UInt64(generator.next() as UInt32)
    }

    /// Gives the batch its offset and place. `beginSegment` makes the file of a new segment.
    func stage(
        _ append: QueuedAppend, now: Int64, beginSegment: (PartitionTail) throws(DiskError) -> ActiveSegment
    ) -> Placement {
        if let outOfService { return .settled(.failed(.offline(outOfService))) }
        let draft = append.draft
        if draft.header.producerID >= 0 {
            switch producers.judge(
                producerID: draft.header.producerID, epoch: draft.header.producerEpoch,
                firstSequence: draft.header.firstSequence, lastSequence: draft.header.lastSequence)
            {
            case .next: break
            case .outOfOrder: return .settled(.outOfOrderSequence)
            case .staleEpoch: return .settled(.staleProducerEpoch)
            case .duplicate(let batch):
                let outcome = AppendOutcome.duplicate(
                    base: Offset(batch.baseOffset), appendTime: batch.appendTime, logStart: Offset(logStart))
                // The first may be in this very group: then its durability is this answer's too.
                guard batch.baseOffset >= durableOffset else { return .settled(outcome) }
                pending.append((append, outcome))
                return .staged
            }
        }
        // Time as witnesses will see it must not lag behind the records'.
        if settings.recordsLeaves, end.appendTime - now > Self.clockStepMillisecondsMax {
            return .settled(.failed(.offline("the clock is \(end.appendTime - now) ms behind the last record of partition \(partition.id); set it right")))
        }
        save()
        do throws(DiskError) {
            if needsNewSegment(for: append.frameBytes, now: now) { try roll(beginSegment) }
        } catch {
            return .settled(.failed(error.storageError))
        }
        guard let active else { preconditionFailure("a partition without an active segment stages a frame") }
        place(append, in: active, now: now)
        return .staged
    }

    private func save() {
        guard saved == nil else { return }
        saved = Saved(
            end: end, epochCount: epochs.count, active: active, facts: active?.facts, closedCount: closed.count)
    }

    private func needsNewSegment(for frameBytes: Int, now: Int64) -> Bool {
        guard let active, !mustRoll else { return true }
        guard !active.facts.isEmpty else { return false }
        return active.facts.endPosition + Int64(frameBytes) > settings.segmentBytes
            || now - active.facts.firstAppendTime > settings.segmentMilliseconds
    }

    private func roll(_ beginSegment: (PartitionTail) throws(DiskError) -> ActiveSegment) throws(DiskError) {
        let next = try beginSegment(self)
        if let active { closed.append(active.segment) }
        active = next
        mustRoll = false
    }

    private func place(_ append: QueuedAppend, in active: ActiveSegment, now: Int64) {
        let draft = append.draft
        let position = active.facts.endPosition
        let appendTime = max(now, end.appendTime)
        let index = SparseIndex.Entry(
            offset: end.offset, position: position, appendTime: appendTime,
            maxTimestampBefore: active.facts.isEmpty ? .min : active.facts.maxTimestamp)
        draft.place(
            after: end, at: position, of: active.segment.identity, appendTime: appendTime, leaderEpoch: leaderEpoch,
            durableOffset: durableOffset)
        if runs.last?.active !== active { beginRun(in: active) }
        let last = runs.count - 1
        runs[last].append(UnsafeRawBufferPointer(draft.prefix))
        runs[last].append(Self.payload(of: draft.batch))
        runs[last].append(UnsafeRawBufferPointer(draft.endMark))
        runs[last].index.append(index)
        remember(draft)
        active.facts.add(draft.header, maxTimestamp: draft.indexedTimestamp)
        end = LogEnd(offset: draft.header.nextOffset, checksum: draft.header.checksum, appendTime: appendTime)
        pending.append(
            (append, .appended(base: Offset(draft.header.baseOffset), appendTime: appendTime, logStart: Offset(logStart))))
    }

    private func beginRun(in active: ActiveSegment) {
        if let header = active.pendingHeader {
            var run = SegmentRun(active: active, position: 0)
            run.append(UnsafeRawBufferPointer(header))
            runs.append(run)
        } else {
            runs.append(SegmentRun(active: active, position: active.facts.endPosition))
        }
    }

    private func remember(_ draft: FrameDraft) {
        let header = draft.header
        if epochs.last?.epoch != leaderEpoch { epochs.append(EpochStart(epoch: leaderEpoch, offset: header.baseOffset)) }
        guard header.producerID >= 0 else { return }
        let before = producers.record(
            producerID: header.producerID, epoch: header.producerEpoch,
            batch: ProducerStates.Batch(
                firstSequence: header.firstSequence, lastSequence: header.lastSequence, baseOffset: header.baseOffset,
                appendTime: header.appendTime))
        saved?.producers.append((header.producerID, before))
    }

    /// The batch behind its first 61 bytes. The pointer outlives the closure because the group holds the draft, the draft the
    /// buffer, and nobody writes to a shared `ByteBuffer`'s storage.
    private static func payload(of batch: ByteBuffer) -> UnsafeRawBufferPointer {
        batch.withUnsafeReadableBytesWithStorageManagement { bytes, _ in
            UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.sizeBytes...])
        }
    }

    /// The group is durable: what was staged is the log.
    func commit(_ settle: (_ append: QueuedAppend, _ outcome: AppendOutcome) -> Void) {
        for run in runs {
            bytesSinceCheckpoint += Int64(run.bytes)
            run.active.headerWritten()
            // Of several runs the last has the final facts of its segment; an earlier run's segment was finished by it.
            run.active.segment.raise(to: run.active.facts, indexing: run.index, gathered: run.active.gathered)
        }
        durableOffset = end.offset
        for (append, outcome) in pending { settle(append, outcome) }
        endGroup()
    }

    /// The group is not in the log: back to where it began. The caller sees to the files.
    func takeBack() -> (settled: [(append: QueuedAppend, outcome: AppendOutcome)], abandoned: [ActiveSegment]) {
        let settled = pending
        guard let saved else {
            endGroup()
            return (settled, [])
        }
        let abandoned = runs.map(\.active).filter { $0 !== saved.active }
        if !abandoned.isEmpty { mustRoll = true }
        end = saved.end
        epochs.removeLast(epochs.count - saved.epochCount)
        active = saved.active
        if let facts = saved.facts {
            active?.facts = facts
            active?.takeBackGathered(toEnd: facts.endPosition)
        }
        closed.removeLast(closed.count - saved.closedCount)
        for (id, entry) in saved.producers.reversed() { producers.restore(producerID: id, to: entry) }
        endGroup()
        return (settled, abandoned)
    }

    /// Over many partitions each has little in a group: the arrays are kept for the next one.
    private func endGroup() {
        pending.removeAll(keepingCapacity: true)
        runs.removeAll(keepingCapacity: true)
        saved = nil
    }
}
