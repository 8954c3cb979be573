import CoreMetrics
import KafkaWire
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Storage

extension Partition {
    func read(_ request: LogReadRequest, completion: @escaping @Sendable (Result<LogSlice, StorageError>) -> Void) {
        switch read(request, from: .cache) {
        case .done(let result): completion(result)
        case .mustWait:
            let isTaken = services.readers.submit(lane: request.reader) { [self] in
                switch read(request, from: .file) {
                case .done(let result): completion(result)
                case .mustWait: preconditionFailure("a read that may wait says that it must")
                }
            }
            if !isTaken { completion(.failure(.overloaded)) }
        }
    }

    private enum Attempt {
        case done(Result<LogSlice, StorageError>)
        /// The page cache does not hold it.
        case mustWait
    }

    private func read(_ request: LogReadRequest, from source: FrameWalker.Source) -> Attempt {
        let (segments, bounds) = view.withLockedValue { ($0.segments, $0.bounds) }
        if case .offline(let why) = bounds.state { return .done(.failure(.offline(why))) }
        guard request.from >= bounds.logStart, request.from <= bounds.highWatermark else {
            return .done(.failure(.offsetOutOfRange(bounds)))
        }
        guard request.from < bounds.highWatermark, let segment = Self.segment(holding: request.from.rawValue, of: segments) else {
            return .done(.success(LogSlice(batches: [], bounds: bounds)))
        }
        do throws(ReadFailure) {
            let (batches, isCutShort) = try SegmentReading(segment: segment, services: services, source: source)
                .batches(request, highWatermark: bounds.highWatermark.rawValue)
            // They are slices of one buffer.
            let memoryBytes = batches.first?.bytes.storageCapacity ?? 0
            let slice = LogSlice(batches: batches, bounds: bounds, memoryBytes: memoryBytes)
            // A read keeps to one segment, and to what memory holds where that is something.
            guard let last = batches.last?.lastOffset.rawValue, last + 1 < bounds.highWatermark.rawValue,
                isCutShort || last + 1 >= segment.facts.endOffset, slice.sizeBytes < request.bytesMax
            else { return .done(.success(slice)) }
            return .done(.success(LogSlice(batches: batches, bounds: bounds, hasMore: true, memoryBytes: memoryBytes)))
        } catch {
            switch error {
            case .notCached: return .mustWait
            case .disk(let error): return .done(.failure(error.storageError))
            case .damaged(let damage, let position, let offset):
                return .done(.failure(found(damage, in: segment, at: position, offset: offset)))
            }
        }
    }

    /// The last segment that begins at or before the offset.
    static func segment(holding offset: Int64, of segments: [Segment]) -> Segment? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].baseOffset <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? segments[low - 1] : nil
    }

    /// Damage is named and never served, and the partition goes offline rather than guess. A segment that was deleted while it
    /// was being read is no damage: its file may be wiped by now.
    func found(_ damage: FrameDamage, in segment: Segment, at position: Int64, offset: Int64) -> StorageError {
        let bounds = bounds
        let isStillThere = view.withLockedValue { view in view.segments.contains { $0 === segment } }
        guard isStillThere else { return .offsetOutOfRange(bounds) }
        let sentence =
            "stored bytes of partition \(id) are damaged at offset \(offset) (\(segment.name.file), byte \(position)): "
            + "\(damage.rawValue); restore the partition from a backup"
        services.metrics.damagedReads.increment()
        services.logger.error("\(sentence)")
        services.takeOutOfServiceLater(id, sentence)
        change(to: .offline(sentence))
        return .corrupt(sentence)
    }
}
