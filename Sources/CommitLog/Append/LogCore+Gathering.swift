#if canImport(Glibc)
import Glibc
#endif

/// Over many partitions a commit group has little for each, and the journal makes it durable. What is little is not written to its
/// segment by itself, but once a whole block of the file is there: the page cache takes that in one piece. Measured over a thousand files,
/// with sync and all, 16 KB at a time cost 1.2 CPU s/GB, 64 KB at a time 0.75, and where these begin at a multiple of 64 KB 0.6.
///
/// Only a tail's active segment has gathered frames. They are written when their block is full, when the segment is written or
/// finished anyway, and before anything relies on its file: a sync, a synced mark, a backup, the reuse of the journal's stretch. Who
/// reads records sees them meanwhile (``SegmentContents``). A frame that reaches over the border of two blocks is in the file in part:
/// a kill or a power loss leaves it like a torn one, and recovery has it from the journal, whole.
extension LogCore {
    /// - Returns: false where the group's frames are to be written now.
    func gather(_ tail: PartitionTail) -> Bool {
        // A segment that was begun in this group is the second run; the first one's is finished.
        guard tail.runs.count == 1, let run = tail.runs.first else { return false }
        let active = run.active
        if let gathered = active.gathered { return gathered.add(run.pieces, bytes: run.bytes) }
        guard services.gathering.isOneBlock(run.position..<run.end), let gathered = services.gathering.begin(at: run.position) else {
            return false
        }
        active.gathered = gathered
        return gathered.add(run.pieces, bytes: run.bytes)
    }

    /// Writes what was gathered and the group's frames up to where the last whole block ends, and gathers the rest.
    /// - Returns: false where there is no memory for the rest, or nothing is to be gathered: then nothing was done.
    func writeWholeBlocks(_ tail: PartitionTail) throws(DiskError) -> Bool {
        guard tail.runs.count == 1, let run = tail.runs.first, let file = run.file else { return false }
        let border = services.gathering.blockBorder(below: run.end)
        guard border > run.position, let rest = services.gathering.begin(at: border) else { return false }
        let (before, behind) = run.pieces(cutAt: border)
        guard rest.add(behind, bytes: Int(run.end - border)) else { preconditionFailure("what is left of a block does not fit into one") }
        let active = run.active
        try file.write(active.gathered.map { [$0.piece] + before } ?? before, at: active.gathered?.position ?? run.position)
        // Those who read see the frames of before as they were, in memory, until the group is durable.
        active.preparedEnd = max(active.preparedEnd, border)
        active.gathered = rest.count > 0 ? rest : nil
        return true
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

    /// What lies behind `end` is not in the log.
    func takeBackGathered(toEnd end: Int64) {
        guard let gathered else { return }
        if gathered.position < end { return gathered.takeBack(to: Int(end - gathered.position)) }
        // It was begun behind what the file has.
        self.gathered = nil
        segment.forgetGathered()
    }
}
