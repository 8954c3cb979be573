import Transparency

/// How far a partition's level files are known to be synced: size and root of the tree. What they hold behind it is made anew from the
/// frames, or believed where it leads to a root that was signed. Replaced whole, after the level files were synced.
///
/// ```
///   0  u32  magic "HBT1"
///   4  u64  size
///  12  32B  root
///  44  u32  CRC32C of all before
/// ```
enum TreeMark {
    static let fileName = "tree-mark"
    private static let magic: UInt32 = 0x4842_5431  // "HBT1"
    static let sizeBytes = 48

    static func encode(_ state: TreeState) -> [UInt8] {
        var sink = ByteSink()
        sink.append(magic)
        sink.append(state.size)
        let body = sink.bytes + state.root.bytes
        var end = ByteSink()
        end.append(Checksum.of(body))
        return body + end.bytes
    }

    /// nil where the bytes are no whole mark: then nothing is known to be synced.
    static func decode(_ bytes: [UInt8]) -> (size: Int64, root: TreeHash)? {
        guard bytes.count == sizeBytes else { return nil }
        return bytes.withUnsafeBytes { raw -> (size: Int64, root: TreeHash)? in
            let body = UnsafeRawBufferPointer(rebasing: raw[..<44])
            let size: Int64 = raw.integer(at: 4)
            guard raw.integer(at: 0) == magic, raw.integer(at: 44) == Checksum.of(body), size >= 0 else { return nil }
            return (size, TreeHash(reading: UnsafeRawBufferPointer(rebasing: raw[12..<44])))
        }
    }
}
