import CLinux
import Logging
import NIOConcurrencyHelpers
import Transparency
public import Storage

#if canImport(Glibc)
import Glibc
#endif

/// What a backup holds.
public struct BackupSummary: Hashable, Sendable {
    public var partitions = 0
    public var bytes: Int64 = 0
    /// Each partition's end at the moment it was copied: every record below it is in the copy.
    public var highWatermarks: [PartitionID: Offset] = [:]
}

extension CommitLog {
    /// Copies the running store into an empty or new directory: each partition up to its high watermark of the moment. The copy
    /// is a store: `check` verifies it, `open` serves it.
    ///
    /// - Parameters:
    ///   - wanted: the partitions to copy; one that is deleted meanwhile is not in the copy.
    ///   - bytesPerSecond: what the copy may cost the disk; 0 for no limit.
    /// - Throws: `.conflict` where the directory holds something already; `.diskFull` before the copy would reach into the reserve
    ///   that this store keeps (on whichever disk it is made). What was copied by then stays: whoever made the directory removes it.
    public func backup(
        of wanted: Set<PartitionID>, to directory: String, bytesPerSecond: Int64 = 0,
        progress: @escaping @Sendable (StoreProgress) -> Void = { _ in }
    ) async throws(StorageError) -> BackupSummary {
        try await Self.onThread("log-backup") { [self] () throws(StorageError) in
            try copy(wanted, to: directory, bytesPerSecond: bytesPerSecond, progress: progress)
        }
    }

    /// Whether a copy of the whole store, and as many bytes beside it, fits the directory's disk above the reserve.
    public func hasRoomForBackup(besideBytes: Int64, in directory: String) throws(StorageError) -> Bool {
        let bytes = openPartitions.reduce(besideBytes) { $0 + $1.bounds.sizeBytes }
        do throws(DiskError) {
            return !services.isBelowReserve(for: bytes, space: try services.disk.space(at: directory))
        } catch {
            throw error.storageError
        }
    }

    func copy(
        _ wanted: Set<PartitionID>, to directory: String, bytesPerSecond: Int64,
        progress: @escaping @Sendable (StoreProgress) -> Void
    ) throws(StorageError) -> BackupSummary {
        let target = StoreLayout(root: directory)
        let partitions = openPartitions.filter { wanted.contains($0.id) }
        var copier = StoreCopy(
            services: services, target: target, bytesPerSecond: bytesPerSecond,
            bytesTotal: partitions.reduce(0) { $0 + $1.bounds.sizeBytes }, progress: progress)
        do throws(DiskError) {
            try services.disk.makeDirectory(directory)
            guard try services.disk.list(directory).isEmpty else {
                throw DiskError(operation: "copying the store to \(directory)", code: ENOTEMPTY)
            }
            try copier.makeSure(ofRoomFor: copier.bytesTotal)
            try services.disk.makeDirectory(target.partitions)
            for partition in partitions { try copier.copy(partition) }
            try services.disk.syncDirectory(target.partitions)
            // Last, so that a copy that was broken off is not taken for a store.
            let store = try services.disk.open(services.layout.storeFile, .read)
            try services.replace(target.storeFile, with: try store.read(4096, at: 0), directory: directory)
            services.replaced.forget(directory)
        } catch {
            if error.code == ENOTEMPTY { throw .conflict("\(directory) is not empty; choose a new directory for the copy") }
            throw error.storageError
        }
        return copier.summary
    }
}

/// Copies partitions, at a bounded rate.
struct StoreCopy {
    let services: StoreServices
    let target: StoreLayout
    let bytesPerSecond: Int64
    let bytesTotal: Int64
    let progress: @Sendable (StoreProgress) -> Void
    private(set) var summary = BackupSummary()
    private let began = hb_monotonic_nanoseconds()

    /// A segment deleted while it was being copied makes the partition begin again; so often it gives up.
    private static let attemptsMax = 16
    private static let chunkBytes: Int64 = 1 << 20
    /// How often it looks whether others have filled the disk meanwhile.
    private static let roomCheckedEveryBytes: Int64 = 16 << 20
    private var roomCheckedAt: Int64 = 0

    init(
        services: StoreServices, target: StoreLayout, bytesPerSecond: Int64, bytesTotal: Int64,
        progress: @escaping @Sendable (StoreProgress) -> Void
    ) {
        self.services = services
        self.target = target
        self.bytesPerSecond = bytesPerSecond
        self.bytesTotal = bytesTotal
        self.progress = progress
    }

    mutating func copy(_ partition: Partition) throws(DiskError) {
        for attempt in 1...Self.attemptsMax {
            if try copyOnce(partition) { return }
            services.logger.debug("partition \(partition.id) lost a segment to retention while it was copied (\(attempt))")
        }
        throw DiskError(operation: "copying partition \(partition.id), which changes too fast", code: EAGAIN)
    }

    /// False where a segment was deleted meanwhile.
    private mutating func copyOnce(_ partition: Partition) throws(DiskError) -> Bool {
        let snapshot = services.core.with { core -> Result<Manifest?, DiskError> in
            guard let tail = core.tails[partition.id] else { return .success(nil) }
            if let error = core.tryWriteGathered(of: tail) { return .failure(error) }
            return .success(tail.manifest())
        }
        let directory = target.directory(of: partition.id)
        try services.disk.makeDirectory(directory)
        for name in try services.disk.list(directory) { try services.disk.remove("\(directory)/\(name)") }
        guard let manifest = try snapshot?.get() else {
            // Deleted: no longer the backup's concern.
            try services.disk.removeDirectory(directory)
            return true
        }
        for facts in manifest.segments {
            let name = SegmentName(baseOffset: facts.baseOffset, generation: facts.generation)
            do throws(DiskError) {
                try copy(services.layout.segment(name, of: partition.id), to: target.segment(name, of: partition.id), bytes: facts.endPosition)
            } catch where error.isMissing {
                return false
            }
        }
        if partition.recordsLeaves { try copyTree(of: partition, manifest, to: directory) }
        // A file may have been wiped under our hands: then its segment is no longer the partition's.
        let present = Set(partition.view.withLockedValue { $0.segments.map(\.name) })
        guard manifest.segments.allSatisfy({ present.contains(SegmentName(baseOffset: $0.baseOffset, generation: $0.generation)) })
        else { return false }
        try services.replace("\(directory)/\(Manifest.fileName)", with: manifest.encoded(), directory: directory)
        services.replaced.forget(directory)
        summary.partitions += 1
        summary.highWatermarks[partition.id] = Offset(manifest.end.offset)
        return true
    }

    /// Entries that outlived their segments, without which the tree could not be made anew; and the tree itself, without which a start from the
    /// copy would have to.
    private mutating func copyTree(of partition: Partition, _ manifest: Manifest, to directory: String) throws(DiskError) {
        let source = services.layout.directory(of: partition.id)
        let first = manifest.segments.first?.baseOffset ?? manifest.end.offset
        if first > 0 {
            let name = "/\(TreeFiles.entriesFile)"
            try copy(source + name, to: directory + name, bytes: first * Int64(Entry.sizeBytes))
        }
        let minimum = partition.minimumIndex
        if minimum > 0 {
            let file = try services.disk.open("\(directory)/\(TreeMinimum.fileName)", .create)
            try file.write(TreeMinimum.encode(minimum), at: 0)
            try file.sync()
        }
        // What stands below a size that was reached never changes.
        let size = min(partition.head.size, manifest.end.offset)
        var files = partition.treeFiles
        guard size > 0, let state = try? TreeState(size: size, from: &files) else { return }
        for level in 0...Tile.levelMax where size >> (Tile.height * level) > 0 {
            let name = "/\(TreeFiles.levelFile(level))"
            try copy(source + name, to: directory + name, bytes: (size >> (Tile.height * level)) * Int64(TreeHash.sizeBytes))
        }
        let mark = try services.disk.open("\(directory)/\(TreeMark.fileName)", .create)
        try mark.write(TreeMark.encode(state), at: 0)
        try mark.sync()
    }

    func makeSure(ofRoomFor bytes: Int64) throws(DiskError) {
        guard services.isBelowReserve(for: bytes, space: try services.disk.space(at: target.root)) else { return }
        throw DiskError(operation: "copying the store to \(target.root)", code: ENOSPC)
    }

    private mutating func copy(_ source: String, to destination: String, bytes: Int64) throws(DiskError) {
        let from = try services.disk.open(source, .read)
        let to = try services.disk.open(destination, .create)
        var position: Int64 = 0
        while position < bytes {
            let chunk = try from.read(Int(min(Self.chunkBytes, bytes - position)), at: position)
            guard !chunk.isEmpty else { throw DiskError(operation: "reading \(source)", code: EIO) }
            if summary.bytes >= roomCheckedAt {
                try makeSure(ofRoomFor: max(Int64(chunk.count), min(Self.roomCheckedEveryBytes, bytesTotal - summary.bytes)))
                roomCheckedAt = summary.bytes + Self.roomCheckedEveryBytes
            }
            try to.write(chunk, at: position)
            from.dropCached(at: position, bytes: Int64(chunk.count))
            position += Int64(chunk.count)
            summary.bytes += Int64(chunk.count)
            progress(StoreProgress(bytesDone: min(summary.bytes, bytesTotal), bytesTotal: bytesTotal))
            pace()
        }
        try to.sync()
    }

    private func pace() {
        guard bytesPerSecond > 0 else { return }
        let due = UInt64(Double(summary.bytes) / Double(bytesPerSecond) * 1e9)
        let spent = hb_monotonic_nanoseconds() - began
        if due > spent { usleep(UInt32(min((due - spent) / 1000, 1_000_000))) }
    }
}
