import CLinux
import CoreMetrics
import Logging
import Storage

/// What the log thread owns: every partition's tail and the journal. One commit group at a time goes through `commit`.
///
/// The commit point of a group is the return of its syncs: the journal's, or those of its segments. Before it nothing is
/// published; after it nothing can fail.
final class LogCore {
    let services: StoreServices
    var tails: [PartitionID: PartitionTail] = [:]
    var journal: Journal?
    /// Asked for once, made in the background at the first group that would use it.
    var isJournalAsked = false
    var observer: (any HighWatermarkObserver)?
    var statistics = StoreStatistics()
    private var touched: [PartitionTail] = []
    private var recent: RecentWrites
    private var isFull = false
    /// Why the disk takes no records, where it does not.
    private(set) var refusal: WriteRefusal?
    /// Idempotent producers of all tails.
    var producersInAll = 0
    private var space: DiskSpace?
    /// Appended since all partitions were last given synced marks.
    private var bytesSinceMarks: Int64 = 0

    init(services: StoreServices) {
        self.services = services
        recent = RecentWrites(bytesMax: services.settings.recentBytesMax)
    }

    /// Makes a group durable and answers it.
    func commit(_ appends: [QueuedAppend]) {
        var outcomes = GroupOutcomes()
        stage(appends, &outcomes)
        let runs = touched.reduce(0) { $0 + $1.runs.count }
        let bytes = touched.reduce(0) { $0 + $1.stagedBytes }
        let isOfMany = Journal.isWorthwhile(runs: runs, bytes: bytes)
        let nanoseconds =
            if isOfMany, isRoomy(for: bytes), makeRoomInJournal(runs: runs, bytes: bytes) {
                writeAndJournal(bytes: bytes, &outcomes)
            } else {
                writeAndSync(preparesAhead: !isOfMany, &outcomes)
            }
        publish(&outcomes)
        count(appends, nanoseconds: nanoseconds)
        outcomes.deliver()
        letGoOfOldWrites()
    }

    /// Whether the segments will have room for what the journal, which has its space already, would make durable before them: frames that
    /// are refused after that come back with the next start.
    private func isRoomy(for bytes: Int) -> Bool {
        space.map { $0.availableBytes > UInt64(2 * bytes + services.gathering.bytes + Self.roomBytesMin) } ?? false
    }

    private static let roomBytesMin = 16 << 20

    // MARK: Places

    private func stage(_ appends: [QueuedAppend], _ outcomes: inout GroupOutcomes) {
        let now = services.clock()
        space = try? services.disk.space(at: services.layout.root)
        let bytes = appends.reduce(0) { $0 + Int64($1.frameBytes) }
        isFull = services.isBelowReserve(for: bytes, space: space)
        if let refusal, !refusal.holds(services, space) { self.refusal = nil }
        for append in appends {
            guard let tail = tails[append.partition] else {
                outcomes.add(append, .failed(.unknownPartition(append.partition)))
                continue
            }
            if isFull, !tail.settings.mayUseReserve {
                services.metrics.refusedFull.increment()
                refusal = .reserve(bytes: bytes)
                outcomes.add(append, .failed(.diskFull))
                continue
            }
            let wasTouched = tail.isTouched
            let placement = tail.stage(append, now: now, beginSegment: beginSegment(for:))
            if !wasTouched, tail.isTouched { touched.append(tail) }
            switch placement {
            case .staged: break
            case .settled(let outcome):
                if case .failed(let error) = outcome { note(error) }
                outcomes.add(append, outcome)
            }
        }
    }

    /// The one before it is finished, so it is in its file.
    private func beginSegment(for tail: PartitionTail) throws(DiskError) -> ActiveSegment {
        try writeGathered(of: tail)
        return try services.beginSegment(for: tail)
    }

    private func note(_ error: StorageError) { refusal = WriteRefusal(error, space) ?? refusal }

    // MARK: Writing

    /// A group of this size is written to its segments while its journal is written: the device has its work for about as long.
    private static let besideBytesMin = 1 << 20

    /// Few partitions. Returns how long the sync took.
    private func writeAndSync(preparesAhead: Bool, _ outcomes: inout GroupOutcomes) -> UInt64 {
        writeSegments(preparesAhead: preparesAhead, gathers: false, &outcomes)
        let began = hb_monotonic_nanoseconds()
        syncSegments(&outcomes)
        return hb_monotonic_nanoseconds() - began
    }

    /// Many partitions: the journal makes them durable, and the segments get them unsynced, together with later ones where it is little.
    /// Returns how long that took.
    private func writeAndJournal(bytes: Int, _ outcomes: inout GroupOutcomes) -> UInt64 {
        let began = hb_monotonic_nanoseconds()
        let isBeside = bytes >= Self.besideBytesMin && !services.isStepped
        let group = touched
        let isDurable = writeToJournal(beside: isBeside ? services.journalThread : nil) {
            writeSegments(preparesAhead: false, gathers: true, &outcomes)
        }
        if !isDurable {
            writeGathered(&outcomes)
            syncSegments(&outcomes)
        }
        // Frames taken back are in the journal all the same. What takes their place begins a new segment, which recovery prefers
        // to what the journal has for the old one.
        for tail in group where !tail.isTouched { tail.mustRoll = true }
        return hb_monotonic_nanoseconds() - began
    }

    /// Writes every partition's frames to its segments, unsynced.
    private func writeSegments(preparesAhead: Bool, gathers: Bool, _ outcomes: inout GroupOutcomes) {
        forEachTouched(&outcomes) { (tail) throws(DiskError) in
            if !gathers || !isHeldOpen(tail) { try openFiles(of: tail) }
            if gathers, gather(tail) { return }
            try openFiles(of: tail)
            if gathers, try writeWholeBlocks(tail) { return }
            for run in tail.runs { try write(run, segmentBytes: tail.settings.segmentBytes, preparesAhead: preparesAhead) }
        }
    }

    /// The journal failed: the segments have to hold the group after all.
    private func writeGathered(_ outcomes: inout GroupOutcomes) {
        forEachTouched(&outcomes) { (tail) throws(DiskError) in
            try openFiles(of: tail)
            try writeGathered(of: tail)
        }
    }

    /// The journal holds its files open for a sync to come: nothing opens them for frames that are only gathered.
    private func isHeldOpen(_ tail: PartitionTail) -> Bool {
        guard let journal else { return false }
        return tail.runs.allSatisfy { journal.awaitsSync($0.active.segment) }
    }

    private func openFiles(of tail: PartitionTail) throws(DiskError) {
        for index in tail.runs.indices where tail.runs[index].file == nil {
            tail.runs[index].file = try services.files.file(tail.runs[index].active.segment.path)
        }
    }

    private func forEachTouched(_ outcomes: inout GroupOutcomes, _ body: (PartitionTail) throws(DiskError) -> Void) {
        for tail in touched {
            do throws(DiskError) {
                try body(tail)
            } catch {
                note(error.storageError)
                takeBack(tail, because: error, &outcomes)
            }
        }
        touched.removeAll { !$0.isTouched }
    }

    /// - Parameter preparesAhead: not in a group of many partitions, even where the journal has no room for it: zeros for each of
    ///   them would be more than the group itself.
    private func write(_ run: SegmentRun, segmentBytes: Int64, preparesAhead: Bool) throws(DiskError) {
        guard let file = run.file else { preconditionFailure("a run is written to a file that is not open") }
        let active = run.active
        let end = run.position + Int64(run.bytes)
        var prepared = end
        if preparesAhead {
            let ahead = services.ahead(of: active, end: end, runBytes: run.bytes, segmentBytes: segmentBytes, space: space)
            prepared = try prepare(file, ahead, end: end, run)
        }
        // With what waited for it.
        let (pieces, position) = active.gathered.map { ([$0.piece] + run.pieces, $0.position) } ?? (run.pieces, run.position)
        try file.write(pieces, at: position)
        active.gatheredWritten(to: prepared)
    }

    /// Returns up to where the file is prepared. Too little space to prepare may still be enough to write, and what else is
    /// wrong shows again in the write itself.
    private func prepare(_ file: any DiskFile, _ ahead: StoreServices.Ahead, end: Int64, _ run: SegmentRun) throws(DiskError) -> Int64 {
        do throws(DiskError) {
            switch ahead {
            case .nothing: return end
            case .zeros(let count):
                try services.zeros.write(count, to: file, at: end)
                return end + Int64(count)
            case .blocks(let count):
                try file.reserve(Int64(run.bytes) + count, at: run.position)
                return end + count
            }
        } catch {
            try file.resize(to: run.active.preparedEnd)
            return end
        }
    }

    /// The frames are not in the log: the files go back to where the group began, so that no part of them can be taken for
    /// damage later. A file that cannot be cut back takes its partition out of service.
    private func takeBack(_ tail: PartitionTail, because error: DiskError, _ outcomes: inout GroupOutcomes) {
        // A run whose file could not even be opened has written nothing.
        let written = tail.runs.compactMap { run in run.file.map { (active: run.active, file: $0, position: run.position) } }
        let (settled, abandoned) = tail.takeBack()
        for (append, _) in settled { outcomes.add(append, .failed(error.storageError)) }
        for active in abandoned { services.discard(active.segment) }
        for (active, file, position) in written where active === tail.active {
            // A segment's own begin is a run at 0 whose header is still to come.
            let end = active.gathered?.position ?? position
            do throws(DiskError) {
                try file.resize(to: end)
                // So that no power loss brings back a mixture of this attempt and the next one.
                try file.sync()
                active.preparedEnd = end
            } catch {
                stopWriting(tail, "its unfinished frames cannot be cut off (\(error.sentence)); restart the broker")
            }
        }
    }

    // MARK: Syncing

    private func makeRoomInJournal(runs: Int, bytes: Int) -> Bool {
        guard let journal else {
            if !isJournalAsked {
                isJournalAsked = true
                services.askForJournal()
            }
            return false
        }
        return journal.makeRoom(runs: runs, bytes: bytes) { stretch, unsynced in
            services.syncStretch(stretch, unsynced)
        }
    }

    /// False where the journal failed: its segments are intact in memory, so they are synced instead.
    private func writeToJournal(beside thread: WorkThreads?, _ writeSegments: () -> Void) -> Bool {
        guard let journal else { preconditionFailure("a group has room in a journal that is not there") }
        let runs = touched.flatMap { tail in tail.runs.map { (run: $0, partition: tail.partition.id) } }
        do throws(DiskError) {
            try journal.write(runs, beside: thread, work: writeSegments)
        } catch {
            services.logger.error("the journal failed and is not used until the next start: \(error.sentence)")
            return false
        }
        for tail in touched { noteUnsynced(tail, in: journal) }
        services.metrics.journalGroups.increment()
        return true
    }

    private func noteUnsynced(_ tail: PartitionTail, in journal: Journal) {
        for index in tail.runs.indices {
            let active = tail.runs[index].active
            guard let file = tail.runs[index].file, !journal.awaitsSync(active.segment) else { continue }
            journal.note(
                Journal.Unsynced(
                    partition: tail.partition.id, segment: active.segment, file: file,
                    directory: active.isNameSynced ? nil : services.layout.directory(of: tail.partition.id)))
        }
    }

    private func syncSegments(_ outcomes: inout GroupOutcomes) {
        var failures = services.syncCrew.sync(touched.flatMap { $0.runs.compactMap(\.file) })[...]
        for tail in touched {
            let failuresOfTail = failures.prefix(tail.runs.lazy.filter { $0.file != nil }.count)
            failures = failures.dropFirst(failuresOfTail.count)
            do throws(DiskError) {
                for case let error? in failuresOfTail { throw error }
                for run in tail.runs {
                    if !run.active.isNameSynced {
                        try services.disk.syncDirectory(services.layout.directory(of: tail.partition.id))
                        run.active.isNameSynced = true
                    }
                }
            } catch {
                fence(tail, because: error, &outcomes)
            }
        }
        touched.removeAll { !$0.isTouched }
    }

    /// After a failed sync nobody knows what the device holds, and asking again would answer "all is well" about pages that the
    /// kernel has dropped: the partition is fenced until it has been read back past the page cache (`repair`).
    private func fence(_ tail: PartitionTail, because error: DiskError, _ outcomes: inout GroupOutcomes) {
        let (settled, _) = tail.takeBack()
        for (append, _) in settled { outcomes.add(append, .failed(error.storageError)) }
        fence(tail, because: error)
    }

    func fence(_ tail: PartitionTail, because error: DiskError) {
        stopWriting(tail, "a sync failed (\(error.sentence)); what the disk holds is being read back")
        services.repairLater(tail.partition.id)
    }

    /// What was durable before is served: each frame is verified by every read.
    private func stopWriting(_ tail: PartitionTail, _ why: String) {
        let sentence = "partition \(tail.partition.id) takes no records: \(why)"
        services.logger.error("\(sentence)")
        tail.outOfService = sentence
        tail.partition.change(to: .readOnly(sentence))
        services.markFenced(tail.partition.id)
    }

    // MARK: Answers

    private func publish(_ outcomes: inout GroupOutcomes) {
        var risen: [PartitionID] = []
        risen.reserveCapacity(touched.count)
        var appended = 0
        var bytes = 0
        for tail in touched {
            let before = tail.durableOffset
            bytes += tail.stagedBytes
            tail.commit { append, outcome in
                outcomes.add(append, outcome)
                if case .appended = outcome { appended += 1 }
            }
            boundProducers(of: tail)
            tail.partition.publish(tail)
            if let stretch = tail.active?.takeRecent() { recent.add(stretch) }
            if tail.durableOffset > before {
                risen.append(tail.partition.id)
                if tail.settings.recordsLeaves { services.evidence.note(tail.partition) }
            }
            if tail.bytesSinceCheckpoint >= services.settings.checkpointBytes {
                tail.bytesSinceCheckpoint = 0
                services.checkpointLater(tail.partition.id)
            }
        }
        touched.removeAll(keepingCapacity: true)
        bytesSinceMarks += Int64(bytes)
        if bytesSinceMarks >= services.settings.checkpointBytesInAll { markAll() }
        boundProducersInAll()
        if appended > 0, refusal?.endsWithAWrite == true { refusal = nil }
        statistics.appendedBytes += UInt64(bytes)
        services.metrics.appendedBytes.increment(by: bytes)
        statistics.appendedBatches += UInt64(appended)
        services.metrics.appendedBatches.increment(by: appended)
        if !risen.isEmpty { observer?.highWatermarkRose(risen) }
    }

    private func markAll() {
        bytesSinceMarks = 0
        let unmarked = tails.values.filter { $0.bytesSinceCheckpoint > 0 && $0.outOfService == nil }.map(\.partition.id)
        services.upkeep.submit { [services] in services.checkpoint(all: unmarked) }
    }

    /// After the answers: nobody waits for it. A segment that cannot be opened was deleted, and its pages went with it.
    private func letGoOfOldWrites() {
        let unsyncedBytes = journal?.unsyncedBytes ?? 0
        while let old = recent.takeOld(unsyncedBytes: unsyncedBytes) {
            old.segment.noteLetGo(below: old.position + old.bytes)
            (try? services.files.file(old.segment.path))?.dropCached(at: old.position, bytes: old.bytes)
        }
    }

    private func count(_ appends: [QueuedAppend], nanoseconds: UInt64) {
        statistics.commitGroups += 1
        statistics.syncNanoseconds += nanoseconds
        statistics.isFull = isFull
        services.metrics.commitGroups.increment()
        services.metrics.groupBatches.record(appends.count)
        services.metrics.syncTime.recordNanoseconds(nanoseconds)
        services.metrics.queueDepth.record(services.queue.depth.count)
    }
}
