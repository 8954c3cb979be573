import CLinux
import Storage

#if canImport(Glibc)
import Glibc
#endif

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
        var isFree = true
    }

    let file: any DiskFile
    let header: JournalFormat.Header
    private var stretches: [Stretch]
    private var current = 0
    private var position: Int64 = 0
    private var sequence: UInt64 = 0
    private var isRetired = false

    init(file: any DiskFile, header: JournalFormat.Header) {
        self.file = file
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
        let needed = Int64(bytes + JournalFormat.groupHeaderBytes + runs * JournalFormat.runHeaderBytes)
        guard !isRetired, needed <= header.stretchBytes else { return false }
        if position + needed <= header.stretchBytes, stretches[current].unsynced.count + runs <= Self.unsyncedMax { return true }
        let next = (current + 1) % stretches.count
        guard stretches[next].isFree, next != current else { return false }
        seal(current, Array(stretches[current].unsynced.values))
        current = next
        stretches[next].isFree = false
        position = 0
        return true
    }

    /// Writes and syncs a group. After a throw of the sync nothing more is written here: a failed sync is never retried.
    func write(_ runs: [(run: SegmentRun, partition: PartitionID)]) throws(DiskError) {
        let facts = runs.map { run, partition in
            JournalFormat.Run(
                partition: partition, generation: run.active.segment.identity.generation,
                baseOffset: run.active.segment.baseOffset, position: run.position, bytes: run.bytes)
        }
        sequence += 1
        let header = JournalFormat.groupHeader(epoch: header.epoch, sequence: sequence, runs: facts)
        let start = self.header.start(ofStretch: current) + position
        var failure: DiskError?
        header.withUnsafeBytes { raw in
            var pieces = [iovec(iov_base: UnsafeMutableRawPointer(mutating: raw.baseAddress), iov_len: raw.count)]
            pieces.reserveCapacity(1 + runs.reduce(0) { $0 + $1.run.pieces.count })
            for (run, _) in runs { pieces.append(contentsOf: run.pieces) }
            pieces.withUnsafeBufferPointer { pieces in
                do throws(DiskError) { try file.write(pieces, at: start) } catch { failure = error }
            }
        }
        if let failure { throw failure }
        do throws(DiskError) {
            try file.sync()
        } catch {
            isRetired = true
            throw error
        }
        position += Int64(header.count + runs.reduce(0) { $0 + $1.run.bytes })
    }

    /// The group is durable here; its segments are to be synced before the stretch comes round again.
    func note(_ unsynced: Unsynced) {
        stretches[current].unsynced[ObjectIdentifier(unsynced.segment)] = unsynced
    }

    func stretchSynced(_ index: Int) {
        stretches[index].unsynced.removeAll(keepingCapacity: true)
        stretches[index].isFree = true
    }

    /// Everything that is durable here only.
    var allUnsynced: [Unsynced] { stretches.flatMap { $0.unsynced.values } }

    /// Nothing of the partition waits any more: it is deleted, or its log was moved to a new segment.
    func forget(_ partition: PartitionID) {
        for index in stretches.indices {
            stretches[index].unsynced = stretches[index].unsynced.filter { $0.value.partition != partition }
        }
    }
}
