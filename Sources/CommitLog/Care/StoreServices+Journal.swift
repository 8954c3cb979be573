import Logging
import NIOConcurrencyHelpers
import Storage

/// A stretch of the journal that takes no more groups until its segments are synced.
struct FullStretch: Sendable {
    let number: Int
    let unsynced: [Journal.Unsynced]
}

extension StoreServices {
    /// Makes the journal, once a group would use it: a store with one busy partition never needs one.
    func askForJournal() {
        upkeep.submit { [self] in
            do throws(DiskError) {
                guard let journal = try makeJournal() else { return }
                _ = core.with { $0.journal = $0.journal ?? journal.value }
            } catch {
                try? disk.remove(layout.journal)
                logger.warning("no journal: commits of many partitions will be slower: \(error.sentence)")
            }
        }
    }

    /// A journal on its way to the log thread, which becomes its owner.
    ///
    /// `@unchecked Sendable`: it is made here, handed over once and not kept.
    struct NewJournal: @unchecked Sendable {
        let value: Journal
    }

    /// nil where the disk is too small for one to be worth its space.
    func makeJournal() throws(DiskError) -> NewJournal? {
        let space = try disk.space(at: layout.root)
        guard let header = journalHeaders.first(where: { space.availableBytes > 8 * UInt64($0.fileBytes) }) else { return nil }
        try disk.open(layout.journal, .createOrOpen).resize(to: 0)
        let file = try disk.open(layout.journal, .direct)
        // Written, not only reserved: overwriting blocks that are there costs the file system no commit of its own.
        try zeros.write(Int(header.fileBytes), to: file, at: 0)
        try write(header, to: file)
        try disk.syncDirectory(layout.root)
        return NewJournal(value: Journal(file: file, header: header))
    }

    /// The journal of before the start, emptied by a new epoch: everything in it is in the segments now.
    func reopenJournal() throws(DiskError) -> Journal? {
        let file: any DiskFile
        do throws(DiskError) {
            file = try disk.open(layout.journal, .direct)
        } catch where error.isMissing {
            return nil
        }
        let bytes = try file.size()
        guard let header = journalHeaders.first(where: { $0.fileBytes == bytes }) else {
            try disk.remove(layout.journal)
            return nil
        }
        try write(header, to: file)
        return Journal(file: file, header: header)
    }

    private func write(_ header: JournalFormat.Header, to file: any DiskFile) throws(DiskError) {
        try BlockWriter(file: file).write(header.encoded(), at: 0)
        try file.sync()
    }

    /// The journals that there may be, the largest first, each with an epoch of its own.
    private var journalHeaders: [JournalFormat.Header] {
        var generator = SystemRandomNumberGenerator()
        return [settings.journalStretchBytes, settings.journalStretchBytes / 4, settings.journalStretchBytes / 16].map {
            JournalFormat.Header(stretches: settings.journalStretches, stretchBytes: $0, epoch: generator.next())
        }
    }

    /// Syncs the segments behind a full stretch, so that it can be used again. What several stretches need is done once: a stretch
    /// that fills up while others are being synced goes with the next ones, so a slow disk makes fewer and larger rounds.
    func syncStretch(_ stretch: Int, _ unsynced: [Journal.Unsynced]) {
        fullStretches.withLockedValue { $0.append(FullStretch(number: stretch, unsynced: unsynced)) }
        upkeep.submit { [self] in syncFullStretches() }
    }

    /// For those that were full a while ago too: what the disk had no room for then may be written now.
    func syncFullStretches() {
        let full = fullStretches.withLockedValue { stretches in
            defer { stretches = [] }
            return stretches
        }
        guard !full.isEmpty else { return }
        // Of one segment the first: the names that are not durable are in it.
        let unsynced = Dictionary(full.flatMap(\.unsynced).map { (ObjectIdentifier($0.segment), $0) }, uniquingKeysWith: { first, _ in first })
        let items = Array(unsynced.values)
        let unwritten = writeGathered(of: items)
        for (item, failure) in zip(items, syncCrew.sync(items.map(\.file))) {
            do throws(DiskError) {
                if let failure { throw failure }
                if let directory = item.directory { try disk.syncDirectory(directory) }
            } catch {
                fence(item.partition, because: error)
            }
        }
        _ = core.with { core in
            for item in items where item.directory != nil {
                guard let active = core.tails[item.partition]?.active, active.segment === item.segment else { continue }
                active.isNameSynced = true
            }
        }
        let held = release(full, without: unwritten)
        // What was fenced is read back by work that waits on this thread already.
        if !held.isEmpty { upkeep.submit { [self] in holdOn(to: release(held, without: unwritten)) } }
    }

    /// Segments to which what was gathered for them is written before the log thread has its turn again.
    private static let writtenAtOnce = 32

    /// - Returns: segments that still lack frames of the journal: the disk is full.
    private func writeGathered(of items: [Journal.Unsynced]) -> Set<ObjectIdentifier> {
        var unwritten: Set<ObjectIdentifier> = []
        var rest = items[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.writtenAtOnce))
            rest = rest.dropFirst(some.count)
            let failed = core.with { core in
                some.filter { item in
                    guard let tail = core.tails[item.partition], tail.active?.segment === item.segment else { return false }
                    guard let error = core.tryWriteGathered(of: tail) else { return false }
                    logger.warning("partition \(item.partition): its last records stay in the journal: \(error.sentence)")
                    return true
                }
            }
            unwritten.formUnion((failed ?? []).map { ObjectIdentifier($0.segment) })
        }
        return unwritten
    }

    /// Lets the journal use stretches again whose records are in their segments.
    /// - Parameter unwritten: segments that lack some.
    /// - Returns: those with records of such a segment, or of a partition that is out of service: theirs may be the only copy, as the pages
    ///   of a sync that failed are gone once they leave the page cache.
    private func release(_ full: [FullStretch], without unwritten: Set<ObjectIdentifier>) -> [FullStretch] {
        core.with { core in
            full.filter { stretch in
                guard
                    stretch.unsynced.allSatisfy({ item in
                        core.tails[item.partition]?.outOfService == nil && !unwritten.contains(ObjectIdentifier(item.segment))
                    })
                else { return true }
                core.journal?.stretchSynced(stretch.number)
                return false
            }
        } ?? []
    }

    /// Tried again with the next stretch that fills up, in the next round of upkeep, and by the next start.
    private func holdOn(to stretches: [FullStretch]) {
        fullStretches.withLockedValue { $0 += stretches }
    }

    /// The segments are deleted: stretches that are held for somebody else's sake do not keep their files open.
    func forgetFullStretches(of segments: [Segment]) {
        let deleted = Set(segments.map { ObjectIdentifier($0) })
        guard !deleted.isEmpty else { return }
        fullStretches.withLockedValue { stretches in
            stretches = stretches.map { stretch in
                FullStretch(number: stretch.number, unsynced: stretch.unsynced.filter { !deleted.contains(ObjectIdentifier($0.segment)) })
            }
        }
    }

    func fence(_ id: PartitionID, because error: DiskError) {
        _ = core.with { core in
            guard let tail = core.tails[id], tail.outOfService == nil else { return }
            core.fence(tail, because: error)
        }
    }
}
