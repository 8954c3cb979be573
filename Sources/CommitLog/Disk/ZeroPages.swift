#if canImport(Glibc)
import CLinux
import Glibc
#endif

/// A block of zeros that never changes, for writing ahead and wiping.
///
/// `@unchecked Sendable`: the memory is written before the initialiser returns and never again.
final class ZeroPages: @unchecked Sendable {
    private static let blockBytes = 256 << 10
    private let block: UnsafeMutableRawBufferPointer

    init() {
        block = .allocate(byteCount: Self.blockBytes, alignment: 4096)
        block.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { block.deallocate() }

    func write(_ count: Int, to file: any DiskFile, at position: Int64) throws(DiskError) {
        var pieces: [iovec] = []
        var left = count
        while left > 0 {
            let bytes = min(left, block.count)
            pieces.append(iovec(iov_base: block.baseAddress, iov_len: bytes))
            left -= bytes
        }
        try file.write(pieces, at: position)
    }
}
