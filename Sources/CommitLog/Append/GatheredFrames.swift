import Atomics

#if canImport(Glibc)
import Glibc
#endif

/// Frames of one segment that the journal has made durable and the segment's file lacks: put together in memory until they are worth
/// one write. A kill or a power loss takes them from here, and recovery copies them from the journal, as it does after any power loss.
///
/// The log thread adds to them and writes them; readers copy what a commit has published (``Segment/State/gathered``).
///
/// `@unchecked Sendable`: bytes that were published never change while somebody holds the frames, and those behind them the log
/// thread alone touches.
final class GatheredFrames: @unchecked Sendable {
    /// Their place in the file, which ends there.
    let position: Int64
    /// With what is staged. Owner: the log thread.
    private(set) var count = 0
    private let memory: UnsafeMutableRawBufferPointer
    private let room: GatheringRoom

    /// - Parameter memory: as large as what is left of the file's block.
    fileprivate init(position: Int64, memory: UnsafeMutableRawBufferPointer, room: GatheringRoom) {
        self.position = position
        self.memory = memory
        self.room = room
    }

    deinit {
        memory.deallocate()
        room.giveBack()
    }

    var bytes: UnsafeRawBufferPointer { published(count) }
    var piece: iovec { iovec(iov_base: memory.baseAddress, iov_len: count) }

    /// - Parameter count: what a commit has published.
    func published(_ count: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// - Returns: false where they do not fit; then nothing is added.
    func add(_ pieces: [iovec], bytes: Int) -> Bool {
        guard bytes <= memory.count - count else { return false }
        for piece in pieces {
            UnsafeMutableRawBufferPointer(rebasing: memory[count...])
                .copyMemory(from: UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len))
            count += piece.iov_len
        }
        return true
    }

    /// What was added since is not in the log.
    func takeBack(to count: Int) {
        precondition(count <= self.count, "gathered frames are taken back to more than there are")
        self.count = count
    }
}

/// The memory in which frames are gathered: so much for a segment, so much in all. Where it is in use frames are written at once.
final class GatheringRoom: Sendable {
    private let bytesEach: Int
    private let countMax: Int
    private let count = ManagedAtomic(0)

    init(_ settings: CommitLogSettings) {
        bytesEach = settings.gatheredSegmentBytes
        countMax = bytesEach > 0 ? settings.gatheredBytesMax / bytesEach : 0
    }

    /// In use, and so the most that the files still lack.
    var bytes: Int { count.load(ordering: .relaxed) * bytesEach }

    func isOneBlock(_ range: Range<Int64>) -> Bool {
        bytesEach > 0 && blockBorder(below: range.lowerBound) == blockBorder(below: range.upperBound - 1)
    }

    /// The last border between blocks of the file at or below a place.
    func blockBorder(below position: Int64) -> Int64 { position - position % Int64(max(1, bytesEach)) }

    /// - Returns: memory for the rest of the file's block; nil where nothing is to be gathered. The log thread alone asks.
    func begin(at position: Int64) -> GatheredFrames? {
        guard count.load(ordering: .relaxed) < countMax else { return nil }
        count.wrappingIncrement(ordering: .relaxed)
        let bytes = bytesEach - Int(position - blockBorder(below: position))
        return GatheredFrames(position: position, memory: .allocate(byteCount: bytes, alignment: 16), room: self)
    }

    fileprivate func giveBack() { count.wrappingDecrement(ordering: .relaxed) }
}
