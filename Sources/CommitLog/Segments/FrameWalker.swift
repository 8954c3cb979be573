/// Walks a segment frame by frame. Recovery, reading, look-ups, `check`, the scrubber and backups all see the log through it.
struct FrameWalker: ~Copyable {
    enum Source {
        /// Waits for the device where it must.
        case file
        /// Only what the page cache holds.
        case cache
        /// Past the page cache.
        case device
    }

    enum Step {
        /// The view is valid until the next step.
        case frame(FrameView, position: Int64)
        /// At the limit.
        case end
        /// Zeros up to where a header would end: nothing was written here.
        case nothing
        case damaged(FrameDamage)
        case notCached
    }

    let file: any ReadableFile
    let identity: SegmentIdentity
    let depth: FrameView.Depth
    let source: Source
    /// Where the walk ends; beyond the file's end zeros are read.
    let limit: Int64
    private(set) var position: Int64
    /// Frames that end at or before this offset are walked over by their headers, whatever the depth.
    var firstOffset = Int64.min

    private var buffer: UnsafeMutableRawBufferPointer
    private var bufferStart: Int64 = 0
    private var bufferCount = 0
    private let chunkBytes: Int

    init(
        file: any ReadableFile, identity: SegmentIdentity, from position: Int64, limit: Int64, depth: FrameView.Depth,
        source: Source = .file, chunkBytes: Int = 256 << 10
    ) {
        self.file = file
        self.identity = identity
        self.depth = depth
        self.source = source
        self.limit = limit
        self.position = position
        self.chunkBytes = chunkBytes
        buffer = .allocate(byteCount: chunkBytes, alignment: 16)
    }

    deinit { buffer.deallocate() }

    mutating func next() throws(DiskError) -> Step {
        guard position < limit else { return .end }
        var needed = FrameHeader.sizeBytes
        while true {
            guard try fill(needed) else { return .notCached }
            let start = Int(position - bufferStart)
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[start..<bufferCount])
            switch read(bytes) {
            case .frame(let frame):
                let begin = position
                position += Int64(frame.header.frameBytes)
                return .frame(frame, position: begin)
            case .incomplete(let bytesNeeded): needed = bytesNeeded
            case .nothing: return .nothing
            case .damaged(let damage): return .damaged(damage)
            }
        }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) -> FrameReading {
        if firstOffset > .min {
            let reading = FrameView.read(bytes, at: position, of: identity, depth: .headers)
            guard case .frame(let frame) = reading, frame.header.nextOffset > firstOffset else { return reading }
            firstOffset = .min
        }
        return FrameView.read(bytes, at: position, of: identity, depth: depth)
    }

    /// Goes on at `position`, where a frame was put meanwhile.
    mutating func reread() {
        bufferCount = 0
    }

    /// Has `count` bytes from `position` in the buffer. False where the cache does not hold them.
    private mutating func fill(_ count: Int) throws(DiskError) -> Bool {
        let start = position - bufferStart
        if start >= 0, start + Int64(count) <= Int64(bufferCount) { return true }
        if count > buffer.count {
            buffer.deallocate()
            buffer = .allocate(byteCount: max(count, chunkBytes), alignment: 16)
        }
        bufferStart = position
        bufferCount = 0
        let wanted = min(Int64(buffer.count), max(limit - position, Int64(count)))
        let into = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(wanted)])
        let got =
            switch source {
            case .file: try file.read(into: into, at: position)
            case .cache: try file.readCached(into: into, at: position)
            case .device: try file.readDevice(into: into, at: position)
            }
        bufferCount = got
        if got >= count { return true }
        if case .cache = source { return false }
        // The file ends inside: zeros were never written either.
        UnsafeMutableRawBufferPointer(rebasing: buffer[got..<count]).initializeMemory(as: UInt8.self, repeating: 0)
        bufferCount = count
        return true
    }
}
