import CoreMetrics
import Logging
import NIOConcurrencyHelpers
import Storage

/// How far the scrubber has come in its round through the store.
struct ScrubProgress: Sendable {
    /// Partitions still to be read in this round.
    var waiting: [PartitionID] = []
    var partition: PartitionID?
    var segment: SegmentName?
    var position: Int64 = 0
    /// ms since 1970, when it last read.
    var lastTime: Int64?
}

/// Re-reads, at its own slow pace, what recovery does not: every frame of every segment, round and round, so that rot is
/// found while a backup is still at hand and not when an auditor asks.
extension CommitLog {
    /// Reads as much as the time since the last call allows.
    func scrub() {
        let now = services.clock()
        let rate = services.settings.scrubBytesPerSecond
        let budget = scrubber.withLockedValue { progress -> Int64 in
            defer { progress.lastTime = now }
            guard let last = progress.lastTime, rate > 0 else { return 0 }
            // A late call is no reason for a burst: at most ten seconds' worth.
            return min(max(0, now - last), 10_000) * rate / 1000
        }
        guard budget > 0 else { return }
        services.care.submit { [self] in scrub(bytes: budget) }
    }

    /// Reads on where it stopped, at most to the end of one new round: a small store would be read over and over again by a budget that
    /// is many times its size. Stops where it is when the store closes, which waits for it.
    func scrub(bytes budget: Int64) {
        let open = Dictionary(uniqueKeysWithValues: openPartitions.map { ($0.id, $0) })
        var mayBeginRound = true
        var left = budget
        while left > 0, !services.care.isClosed {
            guard let (partition, segment, position) = nextScrubPlace(in: open, mayBeginRound: &mayBeginRound) else { return }
            let read = scrub(segment, of: partition, from: position, bytes: min(left, Self.scrubBytesAtOnce))
            services.metrics.scrubbedBytes.increment(by: Int(read))
            left -= max(read, Self.scrubBytesMin)
        }
    }

    /// What a look at a segment counts for at the least: opening its file costs about what a page does.
    private static let scrubBytesMin: Int64 = 4096
    /// Read before it looks again whether the store closes.
    private static let scrubBytesAtOnce: Int64 = 1 << 20

    private func nextScrubPlace(in open: [PartitionID: Partition], mayBeginRound: inout Bool) -> (Partition, Segment, Int64)? {
        scrubber.withLockedValue { progress in
            while true {
                if let id = progress.partition, let partition = open[id], case .online = partition.bounds.state {
                    let segments = partition.view.withLockedValue { $0.segments }
                    let at = progress.segment
                    if let segment = segments.first(where: { segment in at.map { segment.name >= $0 } ?? true }) {
                        if segment.name != at { progress.position = Int64(SegmentHeader.sizeBytes) }
                        progress.segment = segment.name
                        if progress.position < segment.facts.endPosition { return (partition, segment, progress.position) }
                        if let later = segments.first(where: { $0.name > segment.name }) {
                            progress.segment = later.name
                            progress.position = Int64(SegmentHeader.sizeBytes)
                            continue
                        }
                    }
                }
                if progress.waiting.isEmpty {
                    guard mayBeginRound else {
                        progress.partition = nil
                        return nil
                    }
                    mayBeginRound = false
                    progress.waiting = Array(open.keys)
                }
                guard !progress.waiting.isEmpty else { return nil }
                progress.partition = progress.waiting.removeLast()
                progress.segment = nil
                progress.position = Int64(SegmentHeader.sizeBytes)
            }
        }
    }

    private func scrub(_ segment: Segment, of partition: Partition, from position: Int64, bytes: Int64) -> Int64 {
        let end = segment.facts.endPosition
        var reached = position
        do throws(DiskError) {
            let file = try services.contents(of: segment)
            var walker = FrameWalker(file: file, identity: segment.identity, from: position, limit: end, depth: .everything)
            walking: while reached - position < bytes {
                switch try walker.next() {
                case .frame: reached = walker.position
                case .end: break walking
                case .nothing, .notCached:
                    _ = partition.found(.headerChecksum, in: segment, at: reached, offset: segment.baseOffset)
                    reached = end
                    break walking
                case .damaged(let damage):
                    _ = partition.found(damage, in: segment, at: reached, offset: segment.baseOffset)
                    reached = end
                    break walking
                }
            }
            file.dropCached(at: position, bytes: reached - position)
        } catch {
            services.logger.error("the scrubber cannot read \(segment.name.file) of partition \(partition.id): \(error.sentence)")
            reached = end
        }
        scrubber.withLockedValue { $0.position = reached }
        return reached - position
    }
}
