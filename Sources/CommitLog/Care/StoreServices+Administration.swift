import Logging
import NIOConcurrencyHelpers
import Storage

/// What the control plane asks of a partition, on the upkeep thread.
extension StoreServices {
    func apply(_ settings: PartitionSettings, to id: PartitionID) throws(StorageError) {
        let known = core.with { core -> Partition? in
            guard let tail = core.tails[id] else { return nil }
            tail.settings = settings
            return tail.partition
        }
        guard case .some(.some(let partition)) = known else { throw .unknownPartition(id) }
        partition.settle(settings)
    }

    /// Raises the log start durably, then removes the segments that lie wholly below it.
    func truncateHead(_ partition: Partition, before offset: Int64) throws(StorageError) -> Offset {
        let bounds = partition.bounds
        if case .offline(let why) = bounds.state { throw .offline(why) }
        guard offset <= bounds.highWatermark.rawValue else { throw .offsetOutOfRange(bounds) }
        guard offset > bounds.logStart.rawValue else { return bounds.logStart }
        try cutHead(partition, before: offset)
        return Offset(offset)
    }

    /// - Parameter offset: at or above the log start.
    func cutHead(_ partition: Partition, before offset: Int64) throws(StorageError) {
        let going = partition.view.withLockedValue { $0.segments }.map(\.facts.endOffset).filter { $0 <= offset }.max()
        if let going { try partition.keepEntries(before: going) }
        let leaving = closeActive(of: partition.id, below: offset)
        let isDurable: Bool
        do throws(DiskError) {
            isDurable = try checkpoint(partition.id) { manifest in
                manifest.logStart = offset
                manifest.segments = manifest.segments.enumerated().filter { index, facts in
                    facts.endOffset > offset || index == manifest.segments.count - 1 && facts.generation != leaving
                }.map(\.element)
            }
        } catch {
            throw error.storageError
        }
        guard isDurable else { throw .offline("partition \(partition.id) was taken out of service") }
        let removed = core.with { core -> [Segment] in
            guard let tail = core.tails[partition.id] else { return [] }
            var removed = Array(tail.closed.prefix { $0.facts.endOffset <= offset && !(tail.active == nil && $0 === tail.closed.last) })
            tail.closed.removeFirst(removed.count)
            tail.markedCount = max(0, tail.markedCount - removed.count)
            if let active = tail.active, active.segment.name.generation == leaving {
                removed.append(active.segment)
                tail.active = nil
            }
            tail.logStart = offset
            tail.partition.publish(tail)
            core.journal?.forget(removed)
            return removed
        }
        forgetFullStretches(of: removed ?? [])
        for segment in removed ?? [] { remove(segment) }
    }

    /// An active segment of which nothing stays takes no more records, so that its file can go too and an idle partition keeps none:
    /// the log then goes on at its end in a new one.
    /// - Returns: its generation.
    private func closeActive(of id: PartitionID, below offset: Int64) -> UInt64? {
        let generation = core.with { core -> UInt64? in
            guard let tail = core.tails[id], tail.outOfService == nil, let active = tail.active, !active.facts.isEmpty,
                active.facts.endOffset <= offset
            else { return nil }
            tail.mustRoll = true
            return active.segment.name.generation
        }
        return generation ?? nil
    }

    /// A segment that no manifest knows any more: wiped and kept for another use, or removed.
    func remove(_ segment: Segment) {
        files.forget(segment.path)
        try? disk.remove(segment.indexPath)
        care.submit { [self] in
            do throws(DiskError) {
                try spares.recycle(segment.path, name: segment.name.file, mayKeep: { [self] in hasRoomToSpare && !care.isClosed })
            } catch {
                logger.warning("\(segment.name.file) is deleted but its file could not be removed: \(error.sentence)")
            }
        }
    }
}
