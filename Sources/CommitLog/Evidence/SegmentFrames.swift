import NIOConcurrencyHelpers
import Storage

/// The frames of a partition from an offset on, whatever the log start: evidence is of all that is stored.
struct SegmentFrames {
    let partition: Partition
    private var services: StoreServices { partition.services }

    init(_ partition: Partition) { self.partition = partition }

    /// Where a walk has come, so that the next one begins there.
    struct Place: Sendable {
        var offset: Int64
        var segment: SegmentName
        var position: Int64
    }

    enum Failure: Error {
        case disk(DiskError)
        case damaged(FrameDamage, Segment, position: Int64, offset: Int64)
        /// The segments begin behind the offset.
        case gone
        case evidence(EvidenceTrouble)
    }

    private static let chunkBytes = 1 << 20
    /// Where frames are wanted for what stands before their records, or a single one is.
    private static let headBytes = 32 << 10

    /// Hands over the frames that hold offsets of the range, in order, until `body` has enough.
    /// - Parameters:
    ///   - depth: `headers` where the records are not looked at: they are not read then.
    ///   - body: returns false to stop behind the frame.
    /// - Returns: the place behind the last frame; nil where there was none.
    func walk(
        _ offsets: Range<Int64>, from known: Place?, depth: FrameView.Depth = .everything, _ body: (FrameView) throws(EvidenceTrouble) -> Bool
    ) throws(Failure) -> Place? {
        var place = known.flatMap { $0.offset == offsets.lowerBound ? $0 : nil }
        var next = offsets.lowerBound
        let segments = partition.view.withLockedValue { $0.segments }
        for segment in segments where segment.facts.endOffset > next {
            guard next < offsets.upperBound else { break }
            guard segment.baseOffset <= next else { throw .gone }
            let position = if let place, place.segment == segment.name { place.position } else { try indexed(next, in: segment) }
            guard try walk(segment, from: position, offsets, depth, &next, &place, body) else { break }
        }
        return place
    }

    private func indexed(_ offset: Int64, in segment: Segment) throws(Failure) -> Int64 {
        do throws(DiskError) {
            return try services.index(of: segment).position(ofOffset: offset) ?? Int64(SegmentHeader.sizeBytes)
        } catch {
            throw .disk(error)
        }
    }

    /// False where `body` had enough.
    private func walk(
        _ segment: Segment, from position: Int64, _ offsets: Range<Int64>, _ depth: FrameView.Depth, _ next: inout Int64, _ place: inout Place?,
        _ body: (FrameView) throws(EvidenceTrouble) -> Bool
    ) throws(Failure) -> Bool {
        // What was written last is in memory; what is not is waited for, past nobody's cache.
        var source = FrameWalker.Source.cache
        var position = position
        let isSparse = depth == .headers || offsets.count == 1
        let readBytes = isSparse ? Self.headBytes : Self.chunkBytes
        while true {
            let end = segment.facts.endPosition
            guard position < end else { return true }
            var walker: FrameWalker
            do throws(DiskError) {
                walker = FrameWalker(
                    file: try services.contents(of: segment), identity: segment.identity, from: position, limit: end,
                    depth: depth, source: source, chunkBytes: Int(min(Int64(readBytes), max(end - position, 4096))))
            } catch {
                throw .disk(error)
            }
            walker.firstOffset = next
            while true {
                let step: FrameWalker.Step
                do throws(DiskError) { step = try walker.next() } catch { throw .disk(error) }
                switch step {
                case .frame(let frame, _):
                    position = walker.position
                    if frame.header.nextOffset <= next { continue }
                    guard frame.header.baseOffset < offsets.upperBound else { return false }
                    let goesOn: Bool
                    do throws(EvidenceTrouble) { goesOn = try body(frame) } catch { throw .evidence(error) }
                    next = frame.header.nextOffset
                    place = Place(offset: next, segment: segment.name, position: position)
                    if !goesOn || next >= offsets.upperBound { return false }
                    continue
                case .end: return true
                case .notCached:
                    source = .file
                case .nothing: throw .damaged(.headerChecksum, segment, position: position, offset: next)
                case .damaged(let damage): throw .damaged(damage, segment, position: position, offset: next)
                }
                break
            }
        }
    }

    /// What a reader is told.
    func storageError(_ failure: Failure) -> StorageError {
        switch failure {
        case .disk(let error): error.storageError
        case .damaged(let damage, let segment, let position, let offset):
            partition.found(damage, in: segment, at: position, offset: offset)
        case .gone: .offsetOutOfRange(partition.bounds)
        case .evidence(let trouble): .corrupt("partition \(partition.id): \(trouble.sentence)")
        }
    }
}
