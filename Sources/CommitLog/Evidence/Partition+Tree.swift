import Logging
import NIOConcurrencyHelpers
import Storage
import Transparency

/// A partition's tree as it is worked on, by whoever holds the partition's `tree`.
struct TreeWork: Sendable {
    /// nil while nobody needs it: an idle partition's tree costs no memory.
    var growing: Growing?
    /// The partition is deleted.
    var isRetired = false

    struct Growing: Sendable {
        var state: TreeState
        /// Up to here the level files are synced.
        var markedSize: Int64
        var place: SegmentFrames.Place?
    }
}

/// The tree is made behind the acknowledgements, from the frames alone, by one thread (`EvidenceKeeper`); recovery, retention and the
/// signer run the same code. The level files may lag and are made anew where they cannot be believed.
extension Partition {
    typealias TreeFailure = SegmentFrames.Failure

    var treeFiles: TreeFiles { TreeFiles(partition: id, services: services) }

    /// Below it entries are kept in a file of their own; from it on they follow from the frames.
    var keptEnd: Int64 { view.withLockedValue { $0.segments.first?.baseOffset ?? $0.highWatermark } }

    private var highWatermark: Int64 { view.withLockedValue { $0.highWatermark } }

    /// Entries hashed at once: what a step of the tree has in memory of them is about a megabyte.
    private static let leavesAtOnce = 8192
    /// A mark is put down after so many leaves: what a start after a power loss has to hash again.
    private static let leavesPerMark: Int64 = 1 << 18

    func withTree<T>(_ body: (inout TreeWork) throws(TreeFailure) -> T) throws(TreeFailure) -> T {
        let result: Result<T, TreeFailure> = tree.withLockedValue { work in
            do throws(TreeFailure) { return .success(try body(&work)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// How far a tree has come.
    enum TreeGrowth {
        case hasMore
        case done(isUnmarked: Bool)
    }

    /// Hashes what is durable and not in the tree yet, a piece of it: nobody waits for all of a long log, neither for this partition nor for
    /// the next one.
    func growTree(_ maker: inout FrameEntries) throws(TreeFailure) -> TreeGrowth {
        let target = highWatermark
        return try withTree { (work) throws(TreeFailure) in try growPiece(&work, to: target, &maker) }
    }

    private func growPiece(_ work: inout TreeWork, to target: Int64, _ maker: inout FrameEntries) throws(TreeFailure) -> TreeGrowth {
        guard !work.isRetired, case .online = bounds.state else { return .done(isUnmarked: false) }
        if work.growing == nil, let mark = treeFiles.readMark(), mark.size == target {
            publish(TreeHead(size: mark.size, root: mark.root))
            return .done(isUnmarked: false)
        }
        var growing = try take(&work, nil)
        defer { work.growing = growing }
        try grow(&growing, to: min(target, growing.state.size + services.settings.treeLeavesPerTurn), &maker)
        publish(TreeHead(size: growing.state.size, root: growing.state.root))
        if growing.state.size - growing.markedSize >= Self.leavesPerMark { try mark(&growing) }
        return growing.state.size < target ? .hasMore : .done(isUnmarked: growing.state.size > growing.markedSize)
    }

    /// Out of where it is kept, so that what it holds is not copied.
    func take(_ work: inout TreeWork, _ signed: TreeHead?) throws(TreeFailure) -> TreeWork.Growing {
        guard let growing = work.growing else { return try loaded(signed) }
        work.growing = nil
        return growing
    }

    private func publish(_ head: TreeHead) { treeHead.withLockedValue { $0 = head } }

    func grow(_ growing: inout TreeWork.Growing, to target: Int64, _ maker: inout FrameEntries) throws(TreeFailure) {
        while growing.state.size < target {
            let next = growing.state.size
            let kept = keptEnd
            let leaves: [TreeHash]
            if next < kept {
                let offsets = next..<min(next + Int64(Self.leavesAtOnce), kept, target)
                leaves = try onDisk { () throws(DiskError) in try treeFiles.entries(offsets) }.withUnsafeBytes { TreeHashing.leaves(of: $0) }
            } else {
                growing.place = try fill(&maker, next..<target, from: growing.place)
                leaves = maker.leaves
            }
            var state = growing.state
            let levels = state.append(leaves)
            try onDisk { () throws(DiskError) in try treeFiles.write(levels) }
            growing.state = state
        }
    }

    /// Entries and leaves of offsets from the range's first on, as many as are made at once.
    private func fill(
        _ maker: inout FrameEntries, _ offsets: Range<Int64>, from place: SegmentFrames.Place?
    ) throws(TreeFailure) -> SegmentFrames.Place? {
        maker.begin()
        let end = try SegmentFrames(self).walk(offsets, from: place) { (frame) throws(EvidenceTrouble) in
            try maker.add(frame, offsets)
            return maker.count < Self.leavesAtOnce
        }
        maker.finish()
        guard maker.count > 0 else { throw .gone }
        return end
    }

    func mark(_ growing: inout TreeWork.Growing) throws(TreeFailure) {
        let state = growing.state
        try onDisk { () throws(DiskError) in try treeFiles.writeMark(state) }
        growing.markedSize = state.size
    }

    /// Puts a mark down and lets go of the memory.
    func markTree() throws(TreeFailure) {
        try withTree { (work) throws(TreeFailure) in
            guard !work.isRetired, var growing = work.growing else { return }
            if growing.markedSize < growing.state.size { try mark(&growing) }
            work.growing = nil
        }
    }

    func retireTree() {
        tree.withLockedValue { work in
            work.isRetired = true
            work.growing = nil
            treeFiles.forget()
        }
    }

    private func onDisk<T>(_ body: () throws(DiskError) -> T) throws(TreeFailure) -> T {
        do throws(DiskError) { return try body() } catch { throw .disk(error) }
    }

    // MARK: what a start finds

    /// The tree as the level files have it, as far as they can be believed: up to the mark, and up to a signed size where what stands
    /// behind the mark leads to the signed root. After a power loss they may hold anything else there.
    private func loaded(_ signed: TreeHead?) throws(TreeFailure) -> TreeWork.Growing {
        var files = treeFiles
        var growing = try fromMinimum()
        if let mark = files.readMark(), mark.size <= highWatermark, mark.size >= growing.state.size {
            if let state = try? TreeState(size: mark.size, from: &files), state.root == mark.root {
                growing = TreeWork.Growing(state: state, markedSize: mark.size)
            } else {
                services.logger.error("partition \(id): the tree's files are damaged below offset \(mark.size); the tree is made anew from the records")
            }
        }
        guard let signed, signed.size > growing.state.size, files.count(level: 0) >= signed.size else { return growing }
        var state = growing.state
        while state.size < signed.size {
            let range = state.size..<min(signed.size, state.size + Int64(Self.leavesAtOnce))
            guard let leaves = try? files.hashes(level: 0, range) else { return growing }
            let levels = state.append(leaves)
            try onDisk { () throws(DiskError) in try files.write(levels) }
        }
        if state.root == signed.root { growing.state = state }
        return growing
    }

    /// Where the tree is made anew from: the beginning, or what is left of the beginning. That it is right shows when a signed root is met.
    private func fromMinimum() throws(TreeFailure) -> TreeWork.Growing {
        let minimum = minimumIndex
        guard minimum > 0 else { return TreeWork.Growing(state: TreeState(), markedSize: 0) }
        var files = treeFiles
        return TreeWork.Growing(state: try onDisk { () throws(DiskError) in try TreeState(size: minimum, from: &files) }, markedSize: 0)
    }

    /// Holds the log against a signed checkpoint, first by the tree as it is stored, then by one made of the records.
    /// - Returns: false where it is another log, or a shorter one.
    func agrees(with signed: TreeHead) throws(TreeFailure) -> Bool {
        guard highWatermark >= signed.size else { return false }
        return try withTree { (work) throws(TreeFailure) in
            guard !work.isRetired else { return true }
            var maker = FrameEntries()
            var growing = try take(&work, signed)
            try grow(&growing, to: signed.size, &maker)
            if try root(at: signed.size, growing) != signed.root {
                services.logger.error("partition \(id): the tree's files do not lead to the checkpoint of size \(signed.size) that was signed; the tree is made anew from the records")
                growing = try fromMinimum()
                try grow(&growing, to: signed.size, &maker)
                guard growing.state.root == signed.root else { return false }
            }
            publish(TreeHead(size: growing.state.size, root: growing.state.root))
            // At rest it costs nothing.
            if growing.markedSize < growing.state.size || growing.state.size < highWatermark { work.growing = growing }
            return true
        }
    }

    /// Of what was signed, the first that the tree of the records has.
    func firstInTree(_ signed: [TreeHead]) throws(TreeFailure) -> TreeHead? {
        try withTree { (work) throws(TreeFailure) -> TreeHead? in
            guard !work.isRetired else { return nil }
            var maker = FrameEntries()
            var growing = try take(&work, nil)
            defer { work.growing = growing }
            try grow(&growing, to: highWatermark, &maker)
            for head in signed where head.size <= growing.state.size && head.size >= minimumIndex {
                if try root(at: head.size, growing) == head.root { return head }
            }
            return nil
        }
    }

    private func root(at size: Int64, _ growing: TreeWork.Growing) throws(TreeFailure) -> TreeHash {
        if size == growing.state.size { return growing.state.root }
        var files = treeFiles
        return try onDisk { () throws(DiskError) in try TreeState(size: size, from: &files).root }
    }

    // MARK: entries

    /// Before segments go: their entries are written where they outlive them (EVIDENCE.md, "Storage").
    func keepEntries(before end: Int64) throws(StorageError) {
        guard recordsLeaves else { return }
        do throws(TreeFailure) {
            try withTree { (work) throws(TreeFailure) in
                guard !work.isRetired, keptEnd < end else { return }
                var maker = FrameEntries()
                var growing = try take(&work, nil)
                defer { work.growing = growing }
                // The tree never needs their frames again.
                try grow(&growing, to: end, &maker)
                var next = keptEnd
                var place: SegmentFrames.Place?
                while next < end {
                    place = try fill(&maker, next..<end, from: place)
                    let entries = maker.entries
                    try onDisk { () throws(DiskError) in try treeFiles.keep(entries, from: next) }
                    next += Int64(maker.count)
                }
                try onDisk { () throws(DiskError) in try treeFiles.syncEntries() }
            }
        } catch {
            throw SegmentFrames(self).storageError(error)
        }
    }

    /// Of entries that are in the tree.
    /// - Parameter each: sees the frames that some are made of.
    func entries(_ offsets: Range<Int64>, _ each: (FrameView) -> Void = { _ in }) throws(TreeFailure) -> [UInt8] {
        let kept = min(max(keptEnd, offsets.lowerBound), offsets.upperBound)
        var entries = try onDisk { () throws(DiskError) in try treeFiles.entries(offsets.lowerBound..<kept) }
        guard kept < offsets.upperBound else { return entries }
        var maker = FrameEntries()
        let rest = kept..<offsets.upperBound
        _ = try SegmentFrames(self).walk(rest, from: nil) { (frame) throws(EvidenceTrouble) in
            try maker.add(frame, rest)
            each(frame)
            return true
        }
        maker.finish()
        guard maker.count == rest.count else { throw .gone }
        entries += maker.entries
        return entries
    }
}
