import KafkaWire
import NIOCore
import Storage

enum ReadFailure: Error {
    case notCached
    case disk(DiskError)
    case damaged(FrameDamage, position: Int64, offset: Int64)
}

/// One read of one segment: finds the place, takes as many whole frames as asked for in as few system calls as possible, and
/// verifies every one before it lets it out.
struct SegmentReading {
    let segment: Segment
    let services: StoreServices
    let source: FrameWalker.Source

    /// Behind the end of the log by more than this, what was read is dropped from the page cache again, so that somebody who
    /// reads old data does not push out what the writers and the other readers need.
    private static let coldBytes: Int64 = 64 << 20
    private static let readBytesMax = 64 << 20
    /// From here on a read that has to wait goes around the page cache: finding pages there and copying out of them costs more than
    /// the rest of the read (measured: 1.4 CPU s/GB against 0.1). Smaller ones profit from what the kernel reads ahead.
    private static let aroundBytesMin = 256 << 10

    /// - Returns: and whether memory held less than was asked for.
    func batches(
        _ request: LogReadRequest, highWatermark: Int64
    ) throws(ReadFailure) -> (batches: [StoredBatch], isCutShort: Bool) {
        let file = try onDisk { () throws(DiskError) in try services.contents(of: segment) }
        let facts = segment.facts
        let offset = request.from.rawValue
        let position = try place(of: offset, file: file, end: facts.endPosition)
        guard position < facts.endPosition else { return ([], false) }
        let wanted = min(max(request.bytesMax, 0), Self.readBytesMax, Int(facts.endPosition - position))
        let asked = max(wanted, min(4096, Int(facts.endPosition - position)))
        let isLarge = asked >= Self.aroundBytesMin
        let first = isAround(asked) ? Self.fitted(asked, at: position) : asked
        // Not even asked: the kernel answers that it has nothing, and reads all of it into the page cache behind our back.
        if case .cache = source, isLarge, position < segment.coldEnd { throw .notCached }
        var buffer = try take(first, file: file, at: position)
        var (batches, end) = try frames(in: buffer, at: position, from: offset, request, highWatermark)
        if batches.isEmpty, buffer.readableBytes < first { throw short(at: position, offset: offset) }
        if batches.isEmpty, request.firstBatchWhole, let needed = try firstFrameBytes(buffer, at: position, offset: offset) {
            buffer = try take(needed, file: file, at: position)
            guard buffer.readableBytes >= needed else { throw short(at: position, offset: offset) }
            (batches, end) = try frames(in: buffer, at: position, from: offset, request, highWatermark)
        }
        if let last = batches.last {
            segment.noteReadEnd(offset: last.lastOffset.rawValue + 1, position: end)
            if case .file = source, !isLarge, facts.endPosition - end > Self.coldBytes { file.dropCached(at: position, bytes: end - position) }
        }
        return (batches, buffer.readableBytes < first)
    }

    /// Where the frame that holds `offset` begins.
    private func place(of offset: Int64, file: any ReadableFile, end: Int64) throws(ReadFailure) -> Int64 {
        if let recent = segment.recentPosition(of: offset) { return recent }
        // A closed segment's index may have to be read, or rebuilt: nothing for an event loop.
        if case .cache = source, !segment.isIndexed { throw .notCached }
        let index = try onDisk { () throws(DiskError) in try services.index(of: segment) }
        var walker = FrameWalker(
            file: file, identity: segment.identity,
            from: index.position(ofOffset: offset) ?? Int64(SegmentHeader.sizeBytes), limit: end, depth: .headers,
            source: source, chunkBytes: 16 << 10)
        while true {
            let begin = walker.position
            switch try step(&walker) {
            case .frame(let frame, let position):
                if frame.header.nextOffset > offset { return position }
            case .end: return end
            case .nothing: throw .damaged(.headerChecksum, position: begin, offset: offset)
            case .damaged(let damage): throw .damaged(damage, position: begin, offset: offset)
            case .notCached: throw .notCached
            }
        }
    }

    private func step(_ walker: inout FrameWalker) throws(ReadFailure) -> FrameWalker.Step {
        do throws(DiskError) { return try walker.next() } catch { throw .disk(error) }
    }

    private func take(_ count: Int, file: any ReadableFile, at position: Int64) throws(ReadFailure) -> ByteBuffer {
        if isAround(count) { return try takeAround(count, file: file, at: position) }
        return try fill(count) { (bytes) throws(DiskError) in
            let into = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
            switch source {
            case .cache: return 0..<(try file.readCached(into: into, at: position))
            case .file: return 0..<(try file.read(into: into, at: position))
            case .device: return 0..<(try file.readDevice(into: into, at: position))
            }
        }
    }

    private func isAround(_ count: Int) -> Bool {
        if case .file = source { count >= Self.aroundBytesMin } else { false }
    }

    /// A little less than so many bytes where the blocks around them would need memory of twice the size: buffers have powers of two.
    private static func fitted(_ count: Int, at position: Int64) -> Int {
        let block = OpenMode.directBlockBytes
        let capacity = 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
        return min(count, capacity - block - Int(position) % block)
    }

    /// Whole blocks into aligned memory: the device writes them where they are sent from.
    private func takeAround(_ count: Int, file: any ReadableFile, at position: Int64) throws(ReadFailure) -> ByteBuffer {
        let block = OpenMode.directBlockBytes
        let skipped = Int(position) % block
        let span = (skipped + count + block - 1) / block * block
        return try fill(span + block) { (bytes) throws(DiskError) in
            let lead = -Int(bitPattern: bytes.baseAddress) & (block - 1)
            let blocks = UnsafeMutableRawBufferPointer(rebasing: bytes[lead..<lead + span])
            let got = try file.readAround(into: blocks, at: position - Int64(skipped))
            return lead + skipped..<lead + max(skipped, min(got, skipped + count))
        }
    }

    /// A buffer of which `read` has filled the part that it returns.
    private func fill(
        _ capacity: Int, by read: (UnsafeMutableRawBufferPointer) throws(DiskError) -> Range<Int>
    ) throws(ReadFailure) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: capacity)
        var failure: DiskError?
        var begin = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { bytes in
            do throws(DiskError) {
                let filled = try read(bytes)
                begin = filled.lowerBound
                return filled.upperBound
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw .disk(failure) }
        buffer.moveReaderIndex(to: begin)
        return buffer
    }

    /// Fewer bytes than there should be: not in memory, or not in the file at all.
    private func short(at position: Int64, offset: Int64) -> ReadFailure {
        switch source {
        case .cache: .notCached
        case .file, .device: .damaged(.headerChecksum, position: position, offset: offset)
        }
    }

    /// Every whole frame in the buffer, verified.
    private func frames(
        in buffer: ByteBuffer, at position: Int64, from offset: Int64, _ request: LogReadRequest, _ highWatermark: Int64
    ) throws(ReadFailure) -> (batches: [StoredBatch], end: Int64) {
        var batches: [StoredBatch] = []
        var consumed = 0
        var batchBytes = 0
        var nextOffset = offset
        var failure: ReadFailure?
        buffer.withUnsafeReadableBytes { raw in
            while consumed < raw.count, nextOffset < highWatermark {
                let rest = UnsafeRawBufferPointer(rebasing: raw[consumed...])
                let place = position + Int64(consumed)
                switch FrameView.read(rest, at: place, of: segment.identity, depth: .everything) {
                case .incomplete: return
                case .nothing: failure = .damaged(.headerChecksum, position: place, offset: nextOffset)
                case .damaged(let damage): failure = .damaged(damage, position: place, offset: nextOffset)
                case .frame(let frame):
                    let header = frame.header
                    let isNext = batches.isEmpty ? header.baseOffset <= offset && header.nextOffset > offset : header.baseOffset == nextOffset
                    guard isNext else {
                        failure = .damaged(.brokenChain, position: place, offset: nextOffset)
                        return
                    }
                    let bytes = header.batchBytes
                    guard batchBytes + bytes <= request.bytesMax || (batches.isEmpty && request.firstBatchWhole) else { return }
                    batches.append(stored(frame, in: buffer, at: consumed))
                    batchBytes += bytes
                    consumed += header.frameBytes
                    nextOffset = header.nextOffset
                }
                if failure != nil { return }
            }
        }
        // What is whole is served; the next read meets the damage first and names it.
        if let failure, batches.isEmpty { throw failure }
        return (batches, position + Int64(consumed))
    }

    private func stored(_ frame: FrameView, in buffer: ByteBuffer, at index: Int) -> StoredBatch {
        let header = frame.header
        guard
            let bytes = buffer.getSlice(
                at: buffer.readerIndex + index + header.batchStart, length: header.batchBytes)
        else { preconditionFailure("a verified frame lies outside its buffer") }
        return StoredBatch(
            bytes: bytes, baseOffset: Offset(header.baseOffset), lastOffset: Offset(header.lastOffset),
            appendTime: header.appendTime, writer: header.writer, schemaIDs: header.schemaIDs(in: frame.variablePart))
    }

    /// The size of the frame that the buffer begins with, where it is more than the buffer holds.
    private func firstFrameBytes(_ buffer: ByteBuffer, at position: Int64, offset: Int64) throws(ReadFailure) -> Int? {
        let reading = buffer.withUnsafeReadableBytes { raw in
            FrameView.read(raw, at: position, of: segment.identity, depth: .everything)
        }
        switch reading {
        case .incomplete(let needed): return needed
        case .frame: return nil
        case .nothing: throw .damaged(.headerChecksum, position: position, offset: offset)
        case .damaged(let damage): throw .damaged(damage, position: position, offset: offset)
        }
    }

    private func onDisk<T>(_ body: () throws(DiskError) -> T) throws(ReadFailure) -> T {
        do throws(DiskError) { return try body() } catch { throw .disk(error) }
    }
}
