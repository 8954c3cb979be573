import CCompression
public import NIOCore

extension Codec {
    /// Appends `bytes`, compressed: gzip and zstd at their default levels, snappy as one raw block, lz4 in independent blocks
    /// (all that Java's clients read).
    /// - Parameter favoringSpeed: gzip and zstd at their fastest level: for what is compressed each time that it is sent.
    public func deflate(_ bytes: ByteBuffer, into output: inout ByteBuffer, favoringSpeed: Bool = false) {
        guard self != .none else {
            output.writeImmutableBuffer(bytes)
            return
        }
        let capacity = hb_deflate_bound(Int32(rawValue), bytes.readableBytes)
        bytes.withUnsafeReadableBytes { input in
            _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { free in
                // An empty buffer has no address, and the codecs want one.
                var placeholder: UInt8 = 0
                let size = withUnsafePointer(to: &placeholder) { empty in
                    guard let target = free.baseAddress else { return 0 }
                    return hb_deflate(
                        Int32(rawValue), favoringSpeed ? 1 : 0, input.baseAddress ?? UnsafeRawPointer(empty), input.count, target, free.count)
                }
                // With room for the bound these codecs only fail when memory is out, which nothing here survives.
                precondition(size > 0, "\(self) could not compress \(input.count) bytes")
                return size
            }
        }
    }
}
