/// A segment as those see it who read its records: the file, and behind its end the frames that are still gathered in memory.
///
/// What is gathered is looked up before the file is read. So whatever was written in between is found in both, and in neither is nothing
/// that was durable when the read began.
final class SegmentContents: ReadableFile {
    private let segment: Segment
    private let file: any DiskFile

    init(_ segment: Segment, _ file: any DiskFile) {
        self.segment = segment
        self.file = file
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        let gathered = segment.gathered
        return complete(buffer, at: position, gathered, try file.read(into: buffer, at: position))
    }

    func readAround(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        let gathered = segment.gathered
        return complete(buffer, at: position, gathered, try file.readAround(into: buffer, at: position))
    }

    func readCached(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        let gathered = segment.gathered
        // Not even asked for what it does not have: the kernel would look for it.
        if let gathered, position >= gathered.position { return complete(buffer, at: position, gathered, 0) }
        return complete(buffer, at: position, gathered, try file.readCached(into: buffer, at: position))
    }

    func readDevice(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        try file.readDevice(into: buffer, at: position)
    }

    func dropCached(at position: Int64, bytes: Int64) { file.dropCached(at: position, bytes: bytes) }

    /// - Parameter count: what the file gave.
    /// - Returns: what the buffer holds.
    private func complete(
        _ buffer: UnsafeMutableRawBufferPointer, at position: Int64, _ gathered: Segment.Gathered?, _ count: Int
    ) -> Int {
        guard let gathered, position + Int64(count) >= gathered.position else { return count }
        let begin = max(position, gathered.position)
        let end = min(position + Int64(buffer.count), gathered.position + Int64(gathered.count))
        guard begin < end else { return count }
        let bytes = gathered.frames.published(gathered.count)
        UnsafeMutableRawBufferPointer(rebasing: buffer[Int(begin - position)...])
            .copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[Int(begin - gathered.position)..<Int(end - gathered.position)]))
        return max(count, Int(end - position))
    }
}

extension StoreServices {
    func contents(of segment: Segment) throws(DiskError) -> SegmentContents {
        SegmentContents(segment, try files.file(segment.path))
    }
}
