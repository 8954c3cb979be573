import CLinux

#if canImport(Glibc)
import Glibc
#endif

/// Writes pieces of any length as whole blocks, as a file that is open `.direct` wants them: by way of aligned memory, a limited
/// number of bytes at a time; zeros fill the last block. Owner: the journal's.
final class BlockWriter {
    private static let memoryBytesMax = 4 << 20

    let file: any DiskFile
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    init(file: any DiskFile) { self.file = file }

    deinit { memory.deallocate() }

    func write(_ pieces: UnsafeBufferPointer<iovec>, at position: Int64) throws(DiskError) {
        makeRoom(for: pieces.reduce(0) { $0 + $1.iov_len })
        var position = position
        var filled = 0
        for piece in pieces {
            var taken = 0
            while taken < piece.iov_len {
                let count = min(piece.iov_len - taken, memory.count - filled)
                UnsafeMutableRawBufferPointer(rebasing: memory[filled..<filled + count])
                    .copyMemory(from: UnsafeRawBufferPointer(start: piece.iov_base + taken, count: count))
                filled += count
                taken += count
                guard filled == memory.count else { continue }
                try file.write(UnsafeRawBufferPointer(memory), at: position)
                position += Int64(filled)
                filled = 0
            }
        }
        guard filled > 0 else { return }
        let end = Self.wholeBlocks(filled)
        UnsafeMutableRawBufferPointer(rebasing: memory[filled..<end]).initializeMemory(as: UInt8.self, repeating: 0)
        try file.write(UnsafeRawBufferPointer(rebasing: memory[..<end]), at: position)
    }

    func write(_ bytes: [UInt8], at position: Int64) throws(DiskError) {
        var failure: DiskError?
        bytes.withUnsafeBytes { raw in
            let piece = iovec(iov_base: UnsafeMutableRawPointer(mutating: raw.baseAddress), iov_len: raw.count)
            withUnsafePointer(to: piece) { pointer in
                do throws(DiskError) {
                    try write(UnsafeBufferPointer(start: pointer, count: 1), at: position)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
    }

    private func makeRoom(for bytes: Int) {
        let wanted = min(Self.wholeBlocks(bytes), Self.memoryBytesMax)
        guard wanted > memory.count else { return }
        memory.deallocate()
        memory = .allocate(byteCount: wanted, alignment: OpenMode.directBlockBytes)
    }

    private static func wholeBlocks(_ bytes: Int) -> Int {
        (bytes + OpenMode.directBlockBytes - 1) / OpenMode.directBlockBytes * OpenMode.directBlockBytes
    }
}
