#if canImport(Glibc)
import Glibc
#endif

/// Over many partitions a commit group has little for each, and the journal makes it durable. What is little is not written to its
/// segment by itself: measured over a thousand files, 16 KB at a time cost 1.1 CPU s/GB, 64 KB at a time 0.6.
///
/// Only a tail's active segment has gathered frames. They are written when there are enough of them, when the segment is written or
/// finished anyway, and before anything relies on its file: a sync, a synced mark, a backup, the reuse of the journal's stretch. Who
/// reads records sees them meanwhile (``SegmentContents``).
extension LogCore {
    /// - Returns: false where the group's frames are to be written now.
    func gather(_ tail: PartitionTail) -> Bool {
        // A segment that was begun in this group is the second run; the first one's is finished.
        guard tail.runs.count == 1, let run = tail.runs.first else { return false }
        let active = run.active
        if let gathered = active.gathered { return gathered.add(run.pieces, bytes: run.bytes) }
        guard let gathered = services.gathering.begin(at: run.position, for: run.bytes) else { return false }
        active.gathered = gathered
        return gathered.add(run.pieces, bytes: run.bytes)
    }

    /// Whoever relies on the file has it whole now. Where that fails the frames stay gathered: they are tried again, and the journal keeps
    /// them.
    func writeGathered(of tail: PartitionTail) throws(DiskError) {
        guard let active = tail.active, let gathered = active.gathered else { return }
        try services.files.file(active.segment.path).write(gathered.bytes, at: gathered.position)
        active.gatheredWritten(to: gathered.position + Int64(gathered.count))
    }

    /// The same for those who ask from another thread.
    func tryWriteGathered(of tail: PartitionTail) -> DiskError? {
        do throws(DiskError) {
            try writeGathered(of: tail)
            return nil
        } catch {
            return error
        }
    }
}

extension ActiveSegment {
    func gatheredWritten(to end: Int64) {
        preparedEnd = max(preparedEnd, end)
        guard gathered != nil else { return }
        gathered = nil
        segment.forgetGathered()
    }

    /// What was gathered since is not in the log.
    func takeBackGathered(to count: Int) {
        gathered?.takeBack(to: count)
        if count == 0 { gathered = nil }
    }
}
