import Storage
import Transparency

/// Makes a partition's tree of its frames, believing nothing, and holds the stored one against it. Part of `PartitionCheck`, which hands
/// over each frame. What is damaged in the log itself is its business; behind damage nothing can be said of the tree.
final class TreeCheck {
    private let id: PartitionID
    private let disk: any Disk
    private let layout: StoreLayout
    private var maker = FrameEntries()
    private var state = TreeState()
    private var hasBegun = false
    private var isBroken = false
    /// Tile levels of which a difference was named: one each.
    private var named: Set<Int> = []
    private var levels: [Int: (any DiskFile)?] = [:]
    private lazy var mark = readMark()

    private static let leavesAtOnce = 8192

    init(id: PartitionID, disk: any Disk, layout: StoreLayout) {
        self.id = id
        self.disk = disk
        self.layout = layout
    }

    private func open(_ name: String) -> (any DiskFile)? { try? disk.open("\(layout.directory(of: id))/\(name)", .read) }

    private func readMark() -> (size: Int64, root: TreeHash)? {
        open(TreeMark.fileName).flatMap { try? $0.read(TreeMark.sizeBytes, at: 0) }.flatMap(TreeMark.decode)
    }

    func take(_ frame: FrameView, _ report: inout StoreReport) throws(DiskError) {
        guard !isBroken, frame.header.flags.contains(.recordsLeaves) else { return }
        try begin(at: frame.header.baseOffset, &report)
        guard state.size + Int64(maker.count) == frame.header.baseOffset else { return isBroken = true }
        do throws(EvidenceTrouble) {
            try maker.add(frame, 0..<Int64.max)
        } catch {
            problem(error.sentence, &report)
            return isBroken = true
        }
        if maker.count >= Self.leavesAtOnce { try settle(&report) }
    }

    /// - Parameter end: the log's, as far as it was found.
    func finish(end: Int64, _ report: inout StoreReport) throws(DiskError) {
        guard !isBroken, hasBegun || mark != nil || open(TreeFiles.levelFile(0)) != nil else { return }
        try begin(at: end, &report)
        try settle(&report)
        guard !isBroken else { return }
        guard let mark else {
            if open(TreeMark.fileName) != nil { problem("the mark of the tree is damaged; the next start makes the tree anew", &report) }
            return
        }
        if mark.size > state.size { return problem("a tree of \(mark.size) records was made, and \(state.size) are there", &report) }
        var stored = StoredLevels(check: self)
        guard let root = try? TreeState(size: mark.size, from: &stored).root, root == mark.root else {
            return problem("the tree's files do not lead to the root that was marked at size \(mark.size); the next start makes the tree anew", &report)
        }
    }

    /// Entries whose segments are gone.
    private func begin(at offset: Int64, _ report: inout StoreReport) throws(DiskError) {
        guard !hasBegun else { return }
        hasBegun = true
        guard try skipPruned(&report) else { return isBroken = true }
        let file = open(TreeFiles.entriesFile)
        while state.size < offset {
            let count = Int(min(Int64(Self.leavesAtOnce), offset - state.size))
            let bytes = try file?.read(count * Entry.sizeBytes, at: state.size * Int64(Entry.sizeBytes)) ?? []
            guard bytes.count == count * Entry.sizeBytes else {
                problem("entries of offsets below \(offset) are missing", &report)
                return isBroken = true
            }
            try hold(bytes.withUnsafeBytes { TreeHashing.leaves(of: $0) }, &report)
        }
    }

    /// What was pruned is believed until a marked root is met.
    private func skipPruned(_ report: inout StoreReport) throws(DiskError) -> Bool {
        guard let file = open(TreeMinimum.fileName) else { return true }
        guard let minimum = TreeMinimum.decode(try file.read(TreeMinimum.sizeBytes, at: 0)) else {
            problem("the minimum of the tree is damaged: what was pruned is not known", &report)
            return false
        }
        guard minimum > 0 else { return true }
        var stored = StoredLevels(check: self)
        guard let state = try? TreeState(size: minimum, from: &stored) else {
            problem("the tree's files do not reach the minimum, \(minimum)", &report)
            return false
        }
        self.state = state
        return true
    }

    private func settle(_ report: inout StoreReport) throws(DiskError) {
        maker.finish()
        let leaves = maker.leaves
        maker.begin()
        try hold(leaves, &report)
    }

    /// The stored levels may lag; as far as they go they must be these.
    private func hold(_ leaves: [TreeHash], _ report: inout StoreReport) throws(DiskError) {
        for growth in state.append(leaves) where !named.contains(growth.level) {
            guard let file = level(growth.level) else { continue }
            let bytes = try file.read(growth.hashes.count * TreeHash.sizeBytes, at: growth.start * Int64(TreeHash.sizeBytes))
            let stored = bytes.withUnsafeBytes { TreeHash.array(reading: $0) }
            guard let place = zip(stored, growth.hashes).enumerated().first(where: { $1.0 != $1.1 })?.offset else { continue }
            named.insert(growth.level)
            let offset = (growth.start + Int64(place)) << (Tile.height * growth.level)
            let what = "level \(growth.level) of the tree is not that of the records from offset \(offset) on"
            if offset < mark?.size ?? 0 {
                problem(what, &report)
            } else {
                report.remarks.append("partition \(id): \(what); the next start makes it anew")
            }
        }
    }

    private func level(_ level: Int) -> (any DiskFile)? {
        if let known = levels[level] { return known }
        let file = open(TreeFiles.levelFile(level))
        levels[level] = .some(file)
        return file
    }

    private func problem(_ sentence: String, _ report: inout StoreReport) { report.problems.append("partition \(id): \(sentence)") }

    private struct StoredLevels: LevelHashes {
        let check: TreeCheck

        func hashes(level: Int, _ range: Range<Int64>) throws(DiskError) -> [TreeHash] {
            let name = TreeFiles.levelFile(level)
            let bytes = try check.level(level)?.read(range.count * TreeHash.sizeBytes, at: range.lowerBound * Int64(TreeHash.sizeBytes)) ?? []
            guard bytes.count == range.count * TreeHash.sizeBytes else { throw TreeFiles.short(name) }
            return bytes.withUnsafeBytes { TreeHash.array(reading: $0) }
        }
    }
}
