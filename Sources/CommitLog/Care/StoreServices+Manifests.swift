import Logging
import NIOConcurrencyHelpers
import Storage

extension PartitionTail {
    /// What the manifest is to say. True only once the segments' files are synced to the facts in it.
    func manifest() -> Manifest {
        revision += 1
        return Manifest(
            partition: partition.id, revision: revision, logStart: logStart,
            segments: closed.map(\.facts) + (active.map { [$0.segment.facts] } ?? []), epochs: epochs, producers: producers,
            emptyEnd: end)
    }
}

/// Manifests are written on the upkeep thread alone (and before it runs), so that none overtakes another.
extension StoreServices {
    /// Puts a file in place whole: after a power loss there is the old one or the new one.
    func replace(_ path: String, with bytes: [UInt8], directory: String) throws(DiskError) {
        try prepareReplacement(of: path, with: bytes).sync()
        try putReplacement(of: path)
        try disk.syncDirectory(directory)
        replaced.add(path)
    }

    /// The file beside it, written; to be synced before ``putReplacement(of:)``.
    func prepareReplacement(of path: String, with bytes: [UInt8]) throws(DiskError) -> any DiskFile {
        let beside = path + StoreLayout.temporarySuffix
        if !replaced.take(path) {
            do throws(DiskError) { try disk.remove(beside) } catch where error.isMissing {}
        }
        let file = try disk.open(beside, .createOrOpen)
        try file.resize(to: 0)
        try file.write(bytes, at: 0)
        return file
    }

    /// The directory is to be synced behind it, and then the path added to `replaced`.
    func putReplacement(of path: String) throws(DiskError) {
        try disk.exchange(path + StoreLayout.temporarySuffix, with: path)
    }

    func write(_ manifest: Manifest) throws(DiskError) {
        try replace(
            layout.manifest(of: manifest.partition), with: manifest.encoded(), directory: layout.directory(of: manifest.partition))
    }

    /// Puts down a synced mark: syncs what the manifest will say, then replaces it. `change` alters what it says, and must
    /// alter the tail only afterwards.
    /// - Returns: false where the partition is deleted or out of service: nothing was changed then.
    @discardableResult
    func checkpoint(_ id: PartitionID, change: @Sendable (inout Manifest) -> Void = { _ in }) throws(DiskError) -> Bool {
        guard var mark = try beginMark(id) else { return false }
        for segment in mark.segments { try sync(segment, of: id) }
        if !mark.segments.isEmpty { try disk.syncDirectory(layout.directory(of: id)) }
        for segment in mark.segments { storeIndex(of: segment, mark.manifest) }
        change(&mark.manifest)
        guard isInService(id) else { return false }
        try write(mark.manifest)
        markWritten(mark)
        return true
    }

    /// A synced mark on its way down.
    struct Mark: Sendable {
        /// What it will say.
        var manifest: Manifest
        /// What must be synced before.
        let segments: [Segment]

        var id: PartitionID { manifest.partition }
    }

    /// - Returns: nil where the partition is deleted or out of service.
    func beginMark(_ id: PartitionID) throws(DiskError) -> Mark? {
        let begun = core.with { core -> Result<Mark?, DiskError> in
            guard let tail = core.tails[id], tail.outOfService == nil else { return .success(nil) }
            if let error = core.tryWriteGathered(of: tail) { return .failure(error) }
            tail.bytesSinceCheckpoint = 0
            let unmarked = tail.closed.suffix(tail.closed.count - min(tail.markedCount, tail.closed.count))
            return .success(Mark(manifest: tail.manifest(), segments: unmarked + (tail.active.map { [$0.segment] } ?? [])))
        }
        guard let mark = try begun?.get() else { return nil }
        for segment in mark.segments.dropLast() { trim(segment) }
        return mark
    }

    /// Asked after the syncs. A sync by the log thread that failed meanwhile has taken the error that they would have met. Its
    /// commit group ends before the core can be entered, so it has fenced the partition by now.
    func isInService(_ id: PartitionID) -> Bool {
        core.with { $0.tails[id].map { $0.outOfService == nil } } == .some(true)
    }

    func markWritten(_ mark: Mark) {
        let closedCount = max(0, mark.manifest.segments.count - 1)
        _ = core.with { core in
            guard let tail = core.tails[mark.id] else { return }
            tail.markedCount = min(closedCount, tail.closed.count)
        }
    }

    /// A segment that nobody writes to any more keeps no zeros written ahead.
    func trim(_ segment: Segment) {
        do throws(DiskError) {
            let file = try files.file(segment.path)
            let end = segment.facts.endPosition
            if try file.size() > end { try file.resize(to: end) }
        } catch {
            logger.debug("\(segment.name.file) keeps the space behind its end: \(error.sentence)")
        }
    }

    /// A failed sync fences the partition, whoever asked for it.
    private func sync(_ segment: Segment, of id: PartitionID) throws(DiskError) {
        do throws(DiskError) {
            try files.file(segment.path).sync()
        } catch {
            fence(id, because: error)
            throw error
        }
    }

    /// Not synced, and written over: an index that is lost or torn is rebuilt.
    func storeIndex(of segment: Segment, _ manifest: Manifest) {
        guard let facts = manifest.segments.first(where: { $0.generation == segment.name.generation }),
            let index = segment.state.withLockedValue({ $0.index })
        else { return }
        let bytes = index.upTo(facts.endPosition).encoded(generation: facts.generation, endPosition: facts.endPosition)
        do throws(DiskError) {
            let file = try disk.open(segment.indexPath, .createOrOpen)
            try file.write(bytes, at: 0)
            try file.resize(to: Int64(bytes.count))
        } catch {
            logger.debug("no index file for \(segment.name.file): \(error.sentence)")
        }
    }

    func checkpointLater(_ id: PartitionID) {
        upkeep.submit { [self] in
            do throws(DiskError) {
                try checkpoint(id)
            } catch {
                logger.warning("partition \(id): no synced mark was put down: \(error.sentence)")
            }
        }
    }

    func takeOutOfServiceLater(_ id: PartitionID, _ sentence: String) {
        upkeep.submit { [self] in
            _ = core.with { core in
                guard let tail = core.tails[id] else { return }
                tail.outOfService = sentence
                // Again: a commit that was under way has published the partition as it was before.
                tail.partition.change(to: .offline(sentence))
            }
        }
    }
}
