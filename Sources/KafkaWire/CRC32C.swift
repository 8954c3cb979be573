import CChecksum
public import NIOCore

/// CRC-32C (Castagnoli; RFC 3720 appendix B.4): the checksum of record batches. Computed by the processor where it can.
public enum CRC32C {
    /// - Parameter checksum: the result for the bytes before these, 0 at the start.
    public static func checksum(of bytes: UnsafeRawBufferPointer, continuing checksum: UInt32 = 0) -> UInt32 {
        hb_crc32c(checksum, bytes.baseAddress, bytes.count)
    }

    /// Of the readable bytes.
    public static func checksum(of buffer: ByteBuffer, continuing checksum: UInt32 = 0) -> UInt32 {
        buffer.withUnsafeReadableBytes { Self.checksum(of: $0, continuing: checksum) }
    }

    /// By tables alone, as on a processor without the instruction; the tests hold the two against each other.
    static func portableChecksum(of bytes: UnsafeRawBufferPointer, continuing checksum: UInt32 = 0) -> UInt32 {
        hb_crc32c_portable(checksum, bytes.baseAddress, bytes.count)
    }
}
