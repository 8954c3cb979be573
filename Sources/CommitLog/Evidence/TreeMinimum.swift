/// From which index on a partition's tree is kept (EVIDENCE.md, "Expiry and erasure"). Made durable before anything below it is freed.
///
/// ```
///   0  u32  magic "HBP1"
///   4  u64  the minimum index: a multiple of 256
///  12  u32  CRC32C of all before
/// ```
enum TreeMinimum {
    static let fileName = "tree-minimum"
    private static let magic: UInt32 = 0x4842_5031  // "HBP1"
    static let sizeBytes = 16

    static func encode(_ index: Int64) -> [UInt8] {
        var sink = ByteSink()
        sink.append(magic)
        sink.append(index)
        let body = sink.bytes
        var end = ByteSink()
        end.append(Checksum.of(body))
        return body + end.bytes
    }

    /// nil where the bytes are no whole minimum.
    static func decode(_ bytes: [UInt8]) -> Int64? {
        guard bytes.count == sizeBytes else { return nil }
        return bytes.withUnsafeBytes { raw -> Int64? in
            let index: Int64 = raw.integer(at: 4)
            guard raw.integer(at: 0) == magic, raw.integer(at: 12) == Checksum.of(UnsafeRawBufferPointer(rebasing: raw[..<12])), index >= 0 else { return nil }
            return index
        }
    }

    /// The first hash of a tile level that is kept: whole tiles below the minimum go, their roots stay in the level above.
    static func firstHash(level: Int, _ minimum: Int64) -> Int64 {
        let shift = 8 * (level + 1)
        return shift >= Int64.bitWidth ? 0 : (minimum >> shift) << 8
    }
}
