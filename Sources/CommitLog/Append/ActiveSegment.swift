import Storage

#if canImport(Glibc)
import Glibc
#endif

/// The segment that a partition appends to, as the log thread has it: ahead of what others may see by what is not synced yet.
/// Owner: the log thread.
final class ActiveSegment {
    let segment: Segment
    /// With what is staged.
    var facts: SegmentFacts
    /// Up to here the file is written: records, then zeros written ahead.
    var preparedEnd: Int64
    /// How much to write ahead the next time; grows with use.
    var aheadBytes: Int64
    /// From here on what is written is not yet counted among the recent writes.
    var recentFrom: Int64
    /// Its name in the directory is durable.
    var isNameSynced: Bool
    /// Its last frames, where the file lacks them.
    var gathered: GatheredFrames?
    /// Its first sector, still to be written with the first frames.
    var pendingHeader: UnsafeMutableRawBufferPointer?

    init(
        segment: Segment, facts: SegmentFacts, preparedEnd: Int64, aheadBytes: Int64, isNameSynced: Bool,
        header: SegmentHeader?
    ) {
        self.segment = segment
        self.facts = facts
        self.recentFrom = facts.endPosition
        self.preparedEnd = preparedEnd
        self.aheadBytes = aheadBytes
        self.isNameSynced = isNameSynced
        if let header {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: SegmentHeader.sizeBytes, alignment: 8)
            memory.copyBytes(from: header.bytes)
            pendingHeader = memory
        }
    }

    deinit { pendingHeader?.deallocate() }

    func headerWritten() {
        pendingHeader?.deallocate()
        pendingHeader = nil
    }
}

/// Frames that a commit group puts one behind the other into one segment. The memory behind `pieces` belongs to the group's
/// appends and to the active segment, which outlive it.
struct SegmentRun {
    let active: ActiveSegment
    /// Open from the write to the sync behind it, so that no error of the sync gets lost with a closed file.
    var file: (any DiskFile)?
    let position: Int64
    var bytes = 0
    var pieces: [iovec] = []
    var index: [SparseIndex.Entry] = []

    init(active: ActiveSegment, position: Int64) {
        self.active = active
        self.position = position
        // Of most runs over many partitions that is all.
        pieces.reserveCapacity(Self.piecesOfAFrame)
    }

    private static let piecesOfAFrame = 3

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        pieces.append(iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count))
        self.bytes += bytes.count
    }

    var end: Int64 { position + Int64(bytes) }

    /// What it holds below a place in the file, and from there on.
    func pieces(cutAt end: Int64) -> (before: [iovec], behind: [iovec]) {
        var left = Int(end - position)
        var (before, behind): ([iovec], [iovec]) = ([], [])
        for piece in pieces {
            let taken = min(left, piece.iov_len)
            left -= taken
            if taken > 0 { before.append(iovec(iov_base: piece.iov_base, iov_len: taken)) }
            if taken < piece.iov_len { behind.append(iovec(iov_base: piece.iov_base + taken, iov_len: piece.iov_len - taken)) }
        }
        return (before, behind)
    }
}
