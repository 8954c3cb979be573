#if canImport(Glibc)
import Glibc
#endif

/// Tells a torn write from rot where a frame should stand and none does.
///
/// Files are zeroed before they are written (or grow, which reads as zeros), and a sector is written whole or not at all. So a
/// frame that was being written when the power went has a sector whose part of the frame is all zeros, unless all of it
/// arrived; one that a killed program or a full disk cut short ends in zeros. Bytes that are there in every sector and to the
/// end mark and do not verify were written whole once: they are rot. A payload with a
/// sector of zeros of its own leaves a doubt, and then a tear is assumed; it can only concern the last frame of a log that
/// was not shut down cleanly.
enum TearJudgement {
    static let sectorBytes: Int64 = 512

    /// - Parameters:
    ///   - bytes: what stands from `position` on; what is behind the file's end reads as zeros.
    static func isTearPossible(_ bytes: UnsafeRawBufferPointer, at position: Int64, of segment: SegmentIdentity) -> Bool {
        let extent = frameExtent(bytes, at: position, of: segment)
        // What was cut short at any byte ends in zeros, and no whole frame does: one flipped bit makes no end mark zero.
        guard bytes.count >= extent, bytes[extent - 1] != 0 else { return true }
        var begin = 0
        while begin < extent {
            let sectorEnd = (position + Int64(begin)) / sectorBytes * sectorBytes + sectorBytes
            let end = min(extent, Int(sectorEnd - position))
            if bytes[begin..<end].allSatisfy({ $0 == 0 }) { return true }
            begin = end
        }
        return false
    }

    /// How long the frame is: what its header says, if that holds, else only the header.
    private static func frameExtent(_ bytes: UnsafeRawBufferPointer, at position: Int64, of segment: SegmentIdentity) -> Int {
        guard bytes.count >= FrameHeader.sizeBytes else { return FrameHeader.sizeBytes }
        let header = UnsafeRawBufferPointer(rebasing: bytes[..<FrameHeader.sizeBytes])
        guard header.integer(at: 0) == segment.checksum(of: UnsafeRawBufferPointer(rebasing: header[4...]), at: position),
            let facts = FrameHeader(verified: header)
        else { return FrameHeader.sizeBytes }
        return facts.frameBytes
    }

    /// The largest synced mark of any whole frame behind `position`: what stands between was there when that was written.
    static func laterMark(in file: any DiskFile, from position: Int64, of segment: SegmentIdentity) throws(DiskError) -> Int64? {
        let size = try file.size()
        let chunkBytes = 1 << 20
        var mark: Int64?
        var start = position
        while start < size {
            // Overlapping by a header, so that none is cut by the chunk's border.
            let bytes = try file.read(Int(min(Int64(chunkBytes + FrameHeader.sizeBytes), size - start)), at: start)
            bytes.withUnsafeBytes { raw in
                for place in magicPlaces(in: raw) where place >= 4 && place - 4 + FrameHeader.sizeBytes <= raw.count {
                    let header = UnsafeRawBufferPointer(rebasing: raw[place - 4..<place - 4 + FrameHeader.sizeBytes])
                    guard
                        header.integer(at: 0)
                            == segment.checksum(of: UnsafeRawBufferPointer(rebasing: header[4...]), at: start + Int64(place - 4)),
                        let facts = FrameHeader(verified: header)
                    else { continue }
                    mark = max(mark ?? 0, facts.durableOffset)
                }
            }
            start += Int64(chunkBytes)
        }
        return mark
    }

    private static func magicPlaces(in bytes: UnsafeRawBufferPointer) -> [Int] {
        guard let base = bytes.baseAddress else { return [] }
        var places: [Int] = []
        let first = Int32(FrameHeader.magic >> 24)
        var start = 0
        while bytes.count - start >= 4, let found = memchr(base + start, first, bytes.count - start - 3) {
            let place = UnsafeRawPointer(found) - base
            if bytes.integer(at: place) == FrameHeader.magic { places.append(place) }
            start = place + 1
        }
        return places
    }
}
