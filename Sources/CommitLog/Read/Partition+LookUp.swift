import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Storage

extension Partition {
    func lookUp(_ query: OffsetQuery) async throws(StorageError) -> TimestampedOffset? {
        let result: Result<TimestampedOffset?, StorageError> = await withCheckedContinuation { continuation in
            let isTaken = services.readers.submit { [self] in
                do throws(StorageError) {
                    continuation.resume(returning: .success(try lookUpWaiting(query)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !isTaken { continuation.resume(returning: .failure(.overloaded)) }
        }
        return try result.get()
    }

    private func lookUpWaiting(_ query: OffsetQuery) throws(StorageError) -> TimestampedOffset? {
        let (segments, bounds) = view.withLockedValue { ($0.segments, $0.bounds) }
        if case .offline(let why) = bounds.state { throw .offline(why) }
        switch query {
        case .recordTime(let time):
            for segment in segments where segment.facts.maxTimestamp >= time {
                if let found = try firstRecord(in: segment, bounds, where: { $0 >= time }, from: { $0.position(beforeRecordTime: time) }) {
                    return found
                }
            }
            return nil
        case .largestRecordTime:
            // Of equal timestamps the first, as Kafka's time index has it.
            var largest: Segment?
            for segment in segments where !segment.facts.isEmpty {
                if segment.facts.maxTimestamp > largest?.facts.maxTimestamp ?? .min { largest = segment }
            }
            guard let largest else { return nil }
            let facts = largest.facts
            return try firstRecord(
                in: largest, bounds, where: { $0 >= facts.maxTimestamp }, from: { $0.position(ofOffset: facts.maxTimestampOffset) })
        case .appendTime(let time):
            for segment in segments where !segment.facts.isEmpty && segment.facts.lastAppendTime >= time {
                if let found = try firstAppended(in: segment, bounds, atLeast: time) { return found }
            }
            return nil
        }
    }

    private func firstRecord(
        in segment: Segment, _ bounds: LogBounds, where holds: (Int64) -> Bool, from place: (SparseIndex) -> Int64?
    ) throws(StorageError) -> TimestampedOffset? {
        try walk(segment, bounds, depth: .everything, from: place) { frame in
            guard holds(frame.maxTimestamp) else { return nil }
            return Self.firstRecord(of: frame, notBefore: bounds.logStart.rawValue, where: holds)
        }
    }

    /// The batch's header promises a record; which one it is only the records say, inflated where they are compressed.
    private static func firstRecord(of frame: FrameView, notBefore logStart: Int64, where holds: (Int64) -> Bool) -> TimestampedOffset? {
        let batch = ByteBuffer(bytes: frame.batch)
        guard let records = try? RecordReader(batch: batch) else {
            return TimestampedOffset(
                offset: Offset(frame.header.baseOffset), timestamp: frame.maxTimestamp, leaderEpoch: frame.header.leaderEpoch)
        }
        for record in records where holds(record.timestamp) && record.offset >= logStart {
            return TimestampedOffset(
                offset: Offset(record.offset), timestamp: record.timestamp, leaderEpoch: frame.header.leaderEpoch)
        }
        return nil
    }

    private func firstAppended(in segment: Segment, _ bounds: LogBounds, atLeast time: Int64) throws(StorageError) -> TimestampedOffset? {
        try walk(segment, bounds, depth: .headers, from: { $0.position(beforeAppendTime: time) }) { frame in
            guard frame.header.appendTime >= time else { return nil }
            return TimestampedOffset(
                offset: max(bounds.logStart, Offset(frame.header.baseOffset)), timestamp: frame.header.appendTime,
                leaderEpoch: frame.header.leaderEpoch)
        }
    }

    /// The first answer that a frame gives, above the log's start and below its end.
    private func walk(
        _ segment: Segment, _ bounds: LogBounds, depth: FrameView.Depth, from place: (SparseIndex) -> Int64?,
        _ answer: (FrameView) -> TimestampedOffset?
    ) throws(StorageError) -> TimestampedOffset? {
        let facts = segment.facts
        do throws(DiskError) {
            let index = try services.index(of: segment)
            var walker = FrameWalker(
                file: try services.contents(of: segment), identity: segment.identity,
                from: place(index) ?? Int64(SegmentHeader.sizeBytes), limit: facts.endPosition, depth: depth)
            while true {
                let position = walker.position
                switch try walker.next() {
                case .frame(let frame, _):
                    guard frame.header.baseOffset < bounds.highWatermark.rawValue else { return nil }
                    if frame.header.nextOffset > bounds.logStart.rawValue, let found = answer(frame) { return found }
                case .end: return nil
                case .nothing, .notCached: throw DiskError(operation: "walking \(segment.path) at byte \(position)", code: 5)
                case .damaged(let damage): return try fail(damage, segment, position)
                }
            }
        } catch {
            throw error.storageError
        }
    }

    private func fail(_ damage: FrameDamage, _ segment: Segment, _ position: Int64) throws(DiskError) -> TimestampedOffset? {
        _ = found(damage, in: segment, at: position, offset: segment.baseOffset)
        throw DiskError(operation: "verifying \(segment.path) at byte \(position)", code: 5)
    }
}
