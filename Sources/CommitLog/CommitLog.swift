// CommitLog: the embedded `PartitionStore`: append-only logs on one disk, durable before they are acknowledged.
//
// Its promises are DESIGN.md's: an acknowledged record survives power loss; a torn tail is cut back to the last whole frame
// above the mark known to be synced, and nothing else is ever cut; damage is detected, named and never served; a full disk
// refuses writes, corrupts nothing and recovers by itself; offsets are dense; an idempotent producer gets neither a duplicate
// nor a gap.
//
// It knows neither topics' names nor schemas, policy or sockets: batches come admitted, with what their frames must carry.
//
// Where to start reading:
//   Format/FrameHeader.swift      what is on the disk, byte by byte; then SegmentHeader, Manifest, JournalFormat, StoreLayout
//   Append/LogCore.swift          one commit group, from the queue to the acknowledgement; its commit point
//   Append/PartitionTail.swift    offsets, idempotence, rolling
//   Journal/Journal.swift         how a group of many partitions costs one sync
//   Append/LogCore+Gathering.swift  what waits in memory meanwhile, so that its segments get it in fewer, larger writes
//   Recovery/PartitionRecovery.swift, TearJudgement.swift   what a start after a power loss believes, and why
//   Recovery/StoreServices+Repair.swift                     what follows a failed sync
//   Read/SegmentReading.swift     one read
//   Evidence/Partition+Tree.swift the tree over the records, made behind the acknowledgements
//   Disk/Disk.swift               the file seam, behind which tests put a disk that loses power
//
// Threads: one log thread, which owns every partition's tail; one for upkeep (manifests, syncs behind the journal, whatever
// the control plane asks); one of low priority (scrubbing, wiping); a few readers for what the page cache does not hold.

import CLinux
public import Logging
import KafkaWire
import NIOConcurrencyHelpers
public import Storage

public final class CommitLog: PartitionStore {
    let services: StoreServices
    /// The store's own id, made with it.
    public let id: UUIDText
    private let partitionsByID = NIOLockedValueBox<[PartitionID: Partition]>([:])
    private let lock: NIOLockedValueBox<(any AnyObject & Sendable)?>
    private let logThreadEnded = Bell()
    private let isRunning = NIOLockedValueBox(true)
    private let isStepped: Bool
    let scrubber = NIOLockedValueBox(ScrubProgress())

    /// 32 hexadecimal digits.
    public typealias UUIDText = String

    /// Opens the store in `directory`, making it where there is none, and recovers it.
    ///
    /// - Parameters:
    ///   - clock: ms since 1970; append times follow it and never decrease within a partition.
    /// - Throws: `.conflict` where another program has it open or the directory is something else; `.newerFormat`;
    ///   `.readOnly`, `.diskFull` or `.io` where the directory cannot be used. A damaged partition throws nothing: it is
    ///   out of service, and `statistics()` and its bounds say why.
    public static func open(
        directory: String, settings: CommitLogSettings = CommitLogSettings(), clock: @escaping @Sendable () -> Int64,
        logger: Logger = Logger(label: "hanbridge.log")
    ) async throws(StorageError) -> CommitLog {
        let result: Result<CommitLog, StorageError> = await withCheckedContinuation { continuation in
            startThread(name: "log-open") {
                do throws(StorageError) {
                    continuation.resume(
                        returning: .success(
                            try CommitLog(
                                directory: directory, settings: settings, clock: clock, logger: logger, disk: LinuxDisk(),
                                isStepped: false)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// - Parameter isStepped: no threads; `step()` runs what waits. For tests.
    init(
        directory: String, settings: CommitLogSettings, clock: @escaping @Sendable () -> Int64, logger: Logger, disk: any Disk,
        isStepped: Bool
    ) throws(StorageError) {
        let services = StoreServices(
            disk: disk, layout: StoreLayout(root: directory), settings: settings, clock: clock, logger: logger,
            isStepped: isStepped)
        self.services = services
        self.isStepped = isStepped
        let opening = StoreOpening(services: services)
        let opened: StoreOpening.Opened
        do throws(StorageError) {
            opened = try opening.run()
        } catch {
            services.endThreads()
            throw error
        }
        id = opened.id
        lock = NIOLockedValueBox(opened.lock)
        let partitions = opened.partitions
        partitionsByID.withLockedValue { map in
            for partition in partitions { map[partition.id] = partition }
        }
        if isStepped { isRunning.withLockedValue { $0 = false } } else { startThread(name: "log") { [self] in runLogThread() } }
    }

    private func runLogThread() {
        while let appends = services.queue.take(bytesMax: services.settings.groupBytesMax, sleeping: true) {
            commit(appends)
        }
        isRunning.withLockedValue { $0 = false }
        logThreadEnded.ring()
    }

    private func commit(_ appends: [QueuedAppend]) {
        if services.core.with({ $0.commit(appends) }) == nil {
            for append in appends { append.completions?.complete([(append.ticket, .failed(.shutDown))]) }
        }
        services.queue.giveBack(appends)
    }

    /// Runs what waits, on the calling thread: one commit group of all appends, then everything that it set off.
    func step() {
        commitWaiting()
        services.evidence.runWaiting()
        services.upkeep.runWaiting()
        services.care.runWaiting()
        services.readers.runWaiting()
    }

    /// One commit group alone, on the calling thread.
    func commitWaiting() {
        guard let appends = services.queue.take(bytesMax: services.settings.groupBytesMax, sleeping: false), !appends.isEmpty else { return }
        commit(appends)
    }

    // MARK: PartitionStore

    public func partition(_ id: PartitionID) -> (any PartitionLog)? {
        partitionsByID.withLockedValue { $0[id] }
    }

    public func create(_ id: PartitionID, settings: PartitionSettings) async throws(StorageError) -> any PartitionLog {
        try await services.onUpkeep { [self] in try make(id, settings) }
    }

    func make(_ id: PartitionID, _ settings: PartitionSettings) throws(StorageError) -> any PartitionLog {
        precondition(id.partition >= 0, "a partition's number is not negative")
        if let partition = partitionsByID.withLockedValue({ $0[id] }) {
            try services.apply(settings, to: id)
            return partition
        }
        do throws(DiskError) {
            try services.disk.makeDirectory(services.layout.directory(of: id))
            try services.disk.syncDirectory(services.layout.partitions)
            try services.write(Manifest(partition: id))
        } catch {
            throw error.storageError
        }
        let partition = Partition(id: id, services: services, recovered: RecoveredLog())
        let isOpen: Void? = services.core.with { core in
            let tail = PartitionTail(
                partition: partition, settings: settings, leaderEpoch: services.settings.leaderEpoch, recovered: RecoveredLog())
            core.tails[id] = tail
            partition.publish(tail)
        }
        guard isOpen != nil else { throw .shutDown }
        partition.settle(settings)
        partitionsByID.withLockedValue { $0[id] = partition }
        return partition
    }

    public func delete(_ id: PartitionID) async throws(StorageError) {
        try await services.onUpkeep { [self] in try removePartition(id) }
    }

    func removePartition(_ id: PartitionID) throws(StorageError) {
        guard let partition = partitionsByID.withLockedValue({ $0.removeValue(forKey: id) }) else { return }
        let segments = services.core.with { core -> [Segment] in
            let tail = core.tails.removeValue(forKey: id)
            if let tail { core.forgetProducers(of: tail) }
            core.journal?.forget(id)
            return (tail?.closed ?? []) + (tail?.active.map { [$0.segment] } ?? [])
        }
        partition.change(to: .offline("partition \(id) was deleted"))
        services.forgetFullStretches(of: segments ?? [])
        services.evidence.forget(partition)
        partition.retireTree()
        for segment in segments ?? [] {
            services.files.forget(segment.path)
            segment.forgetGathered()
        }
        let directory = services.layout.directory(of: id)
        services.replaced.forget(directory)
        let dying = directory + StoreLayout.deletedSuffix
        do throws(DiskError) {
            try services.disk.rename(directory, to: dying)
            try services.disk.syncDirectory(services.layout.partitions)
        } catch {
            throw error.storageError
        }
        services.care.submit { [services] in services.removeTree(dying) }
    }

    public func partitions() -> [PartitionID] {
        partitionsByID.withLockedValue { Array($0.keys) }
    }

    var openPartitions: [Partition] { partitionsByID.withLockedValue { Array($0.values) } }

    public func observe(_ observer: any HighWatermarkObserver) {
        _ = services.core.with { $0.observer = observer }
    }

    public func takeGrownTrees() -> [GrownTree] { services.evidence.takeGrown() }

    public func statistics() -> StoreStatistics {
        let (counted, refusal, producers) =
            services.core.with { ($0.statistics, $0.refusal, $0.producersInAll) } ?? (StoreStatistics(), nil, 0)
        var statistics = counted
        statistics.producers = producers
        let space = try? services.disk.space(at: services.layout.root)
        if let space {
            statistics.diskFreeBytes = space.availableBytes
            statistics.diskTotalBytes = space.totalBytes
        }
        statistics.isReadOnly = refusal == .readOnly
        let isRefusing = refusal.map { $0 != .readOnly && $0.holds(services, space) } ?? false
        statistics.isFull = services.isBelowReserve(for: 0, space: space) || isRefusing
        for partition in openPartitions {
            let bounds = partition.bounds
            statistics.storedBytes += UInt64(max(0, bounds.sizeBytes))
            switch bounds.state {
            case .online: break
            case .readOnly(let why), .offline(let why): statistics.offlinePartitions.append((partition.id, why))
            }
        }
        return statistics
    }

    public func maintain() async {
        _ = try? await services.onUpkeep { [self] in maintainNow() }
    }

    public func shutDown() async {
        await withCheckedContinuation { continuation in
            startThread(name: "log-close") { [self] in
                close()
                continuation.resume()
            }
        }
    }

    /// Finishes the group in flight, puts every synced mark at its log's end and lets go of everything.
    func close() {
        services.queue.close()
        while true {
            let reading = logThreadEnded.reading
            if !isRunning.withLockedValue({ $0 }) { break }
            logThreadEnded.wait(after: reading)
        }
        // Never on this thread where there are others: manifests are the upkeep thread's alone, which finishes what waits.
        if isStepped { step() }
        let unmarked = services.core.with { core in
            core.tails.values.filter { $0.bytesSinceCheckpoint > 0 && $0.outOfService == nil }.map(\.partition.id)
        }
        services.upkeep.submit { [services] in services.checkpoint(all: unmarked ?? []) }
        services.endThreads()
        // Without the zeros written ahead the next start sees from the size alone that there is nothing to look for.
        for segment in openPartitions.compactMap({ $0.lastSegmentOnline }) { services.trim(segment) }
        services.core.put(nil)
        services.files.forgetAll()
        lock.withLockedValue { $0 = nil }
    }
}
