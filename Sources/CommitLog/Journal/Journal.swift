import Storage

/// The disk's one recycled journal: a commit group of many partitions costs one write and one sync here, while its segments
/// are synced later, before the stretch that holds it is used again. Owner: the log thread.
final class Journal {
    /// A segment written but not synced, kept open so that the sync's error is not lost.
    struct Unsynced: Sendable {
        let partition: PartitionID
        let segment: Segment
        let file: any DiskFile
        /// The directory, where the file's name is not durable yet.
        let directory: String?
    }

    /// A sync saved is worth writing this many bytes twice (measured: 0.15 ms a sync, about 1 GB/s).
    static let bytesPerSyncSaved = 128 << 10
    /// Distinct segments, and so open files, behind one stretch.
    static let unsyncedMax = 4096

    private struct Stretch {
        var unsynced: [ObjectIdentifier: Unsynced] = [:]
        /// Of groups, from its start.
        var bytes: Int64 = 0
        var isFree = true
    }

    let header: JournalFormat.Header
    private let blocks: BlockWriter
    private var stretches: [Stretch]
    private var current = 0
    private var sequence: UInt64 = 0
    private var isRetired = false

    /// - Parameter file: open `.direct`: nobody reads the journal before the next start, so it has no place in the page cache.
    init(file: any DiskFile, header: JournalFormat.Header) {
        self.blocks = BlockWriter(file: file)
        self.header = header
        self.stretches = Array(repeating: Stretch(), count: header.stretches)
        stretches[0].isFree = false
    }

    /// Whether a group is cheaper here than by a sync for each of its segments.
    static func isWorthwhile(runs: Int, bytes: Int) -> Bool {
        runs > 1 && bytes <= (runs - 1) * bytesPerSyncSaved
    }

    /// Makes room. A full stretch is handed to `seal` with what must be synced before it is used again; false where all the
    /// others still wait for that: the group then syncs its segments itself and nobody waits.
    func makeRoom(runs: Int, bytes: Int, seal: (_ stretch: Int, _ unsynced: [Unsynced]) -> Void) -> Bool {
        let needed = Int64(JournalFormat.groupBytes(runs: runs, bytes: bytes))
        guard !isRetired, needed <= header.stretchBytes else { return false }
        if stretches[current].bytes + needed <= header.stretchBytes, stretches[current].unsynced.count + runs <= Self.unsyncedMax { return true }
        let next = (current + 1) % stretches.count
        guard stretches[next].isFree, next != current else { return false }
        seal(current, Array(stretches[current].unsynced.values))
        current = next
        stretches[next].isFree = false
        return true
    }

    /// Writes and syncs a group, while `work` runs: beside it on `threads` where there are any, else after it. After a failure
    /// nothing more is written here: a sync is never retried.
    func write(
        _ runs: [(run: SegmentRun, partition: PartitionID)], beside threads: WorkThreads?, work: () -> Void
    ) throws(DiskError) {
        sequence += 1
        let writing = JournalWriting(
            runs, epoch: header.epoch, sequence: sequence, blocks: blocks,
            position: header.start(ofStretch: current) + stretches[current].bytes)
        let isElsewhere = threads?.submit { writing.run() } ?? false
        if !isElsewhere { writing.run() }
        work()
        if let failure = writing.wait() {
            isRetired = true
            throw failure
        }
        stretches[current].bytes += Int64(writing.groupBytes)
    }

    /// Whether the segment is known to wait for a sync behind the stretch in use, and so its file is held open.
    func awaitsSync(_ segment: Segment) -> Bool {
        stretches[current].unsynced[ObjectIdentifier(segment)] != nil
    }

    /// The group is durable here; its segments are to be synced before the stretch comes round again.
    func note(_ unsynced: Unsynced) {
        stretches[current].unsynced[ObjectIdentifier(unsynced.segment)] = unsynced
    }

    func stretchSynced(_ index: Int) {
        stretches[index].unsynced.removeAll(keepingCapacity: true)
        stretches[index].bytes = 0
        stretches[index].isFree = true
    }

    /// Of groups whose segments are not synced yet.
    var unsyncedBytes: Int64 { stretches.reduce(0) { $0 + $1.bytes } }

    /// Nothing of the partition waits any more: it is deleted, or its log was moved to a new segment.
    func forget(_ partition: PartitionID) {
        for index in stretches.indices {
            stretches[index].unsynced = stretches[index].unsynced.filter { $0.value.partition != partition }
        }
    }

    /// The segments are deleted: nobody needs them synced, and a file that is held open keeps its space.
    func forget(_ segments: [Segment]) {
        for index in stretches.indices {
            for segment in segments { stretches[index].unsynced[ObjectIdentifier(segment)] = nil }
        }
    }
}
