import Logging
import Storage

extension StoreServices {
    /// Whole segments go, oldest first: by the time of their last append, and while the partition is larger than it may be.
    /// The active segment goes too where all of it is due (Kafka does the same).
    func retain(_ partition: Partition) {
        let now = clock()
        let plan = core.with { core -> Int64? in
            guard let tail = core.tails[partition.id], tail.outOfService == nil else { return nil }
            tail.producers.expire(before: now - settings.producerExpirationMilliseconds)
            core.boundProducers(of: tail)
            return Self.retainedStart(tail, now: now)
        }
        guard case .some(.some(let start)) = plan else { return }
        do throws(StorageError) {
            try cutHead(partition, before: start)
        } catch {
            logger.warning("partition \(partition.id): retention could not remove what is due: \(error)")
        }
    }

    /// The log start that is due, or nil where nothing has to go. It is the old one where only a segment is left over that was
    /// still written to when the last of it was due.
    private static func retainedStart(_ tail: PartitionTail, now: Int64) -> Int64? {
        var start = tail.logStart
        let settings = tail.settings
        let all = tail.closed + (tail.active.map { [$0.segment] } ?? [])
        var bytes = all.reduce(0) { $0 + $1.facts.endPosition }
        for segment in all {
            let facts = segment.facts
            guard !facts.isEmpty else { continue }
            let isActive = segment === tail.active?.segment
            let isOld = settings.retentionMilliseconds >= 0 && now - facts.lastAppendTime > settings.retentionMilliseconds
            // By size the active segment stays: what remains must not be below what was asked for.
            let isTooMuch = settings.retentionBytes >= 0 && !isActive && bytes - facts.endPosition >= settings.retentionBytes
            guard isOld || isTooMuch else { break }
            bytes -= facts.endPosition
            start = facts.endOffset
        }
        let first = all.first?.facts
        let isLeftOver = first.map { !$0.isEmpty && $0.endOffset <= tail.logStart && (all.count > 1 || tail.active != nil) } ?? false
        return start > tail.logStart || isLeftOver ? start : nil
    }
}
