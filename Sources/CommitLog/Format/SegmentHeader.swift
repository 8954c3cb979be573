import KafkaWire
import Storage

/// The first 512 bytes of a segment: one sector, so a torn write leaves all of it or zeros.
///
/// ```
///   0  u32  checksum          CRC32C of the identity's bytes, position 0 and bytes 4..<512
///   4  u32  magic             "HBS1"
///   8  u32  version           1
///  12  i32  partition         number
///  16  16B  topic             UUID
///  32  u64  generation        segments begun in the partition so far, then 32 random bits; a recycled file gets a new one
///  40  i64  baseOffset        of the first frame
///  48  u32  previousChecksum  of the last frame of the segment before; 0 for a log's first
///  52  u32  reserved          0
///  56  i64  durableOffset     every offset below it was known to be synced when the segment was begun
///  64       zeros
/// ```
struct SegmentHeader: Hashable, Sendable {
    static let sizeBytes = 512
    static let magic: UInt32 = 0x4842_5331  // "HBS1"
    static let version: UInt32 = 1

    var identity: SegmentIdentity
    var baseOffset: Int64
    var previousChecksum: UInt32
    var durableOffset: Int64

    enum Reading {
        case header(SegmentHeader)
        /// Zeros, or an empty file: the segment was never begun.
        case nothing
        case damaged
        case newerVersion(Int)
    }

    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.sizeBytes)
        bytes.withUnsafeMutableBytes { raw in
            raw.store(Self.magic, at: 4)
            raw.store(Self.version, at: 8)
            raw.store(identity.partition.partition, at: 12)
            raw.store(identity.partition.topic.high, at: 16)
            raw.store(identity.partition.topic.low, at: 24)
            raw.store(identity.generation, at: 32)
            raw.store(baseOffset, at: 40)
            raw.store(previousChecksum, at: 48)
            raw.store(durableOffset, at: 56)
            let checksum = identity.checksum(of: UnsafeRawBufferPointer(rebasing: raw[4...]), at: 0)
            raw.store(checksum, at: 0)
        }
        return bytes
    }

    /// - Parameter bytes: what the file holds of its first 512 bytes.
    static func read(_ bytes: [UInt8], partition: PartitionID) -> Reading {
        guard bytes.contains(where: { $0 != 0 }) else { return .nothing }
        guard bytes.count == sizeBytes else { return .damaged }
        return bytes.withUnsafeBytes { raw in
            let identity = SegmentIdentity(partition: partition, generation: raw.integer(at: 32))
            guard raw.integer(at: 4) == magic,
                raw.integer(at: 0) == identity.checksum(of: UnsafeRawBufferPointer(rebasing: raw[4...]), at: 0)
            else { return .damaged }
            let version: UInt32 = raw.integer(at: 8)
            guard version == Self.version else { return .newerVersion(Int(version)) }
            return .header(
                SegmentHeader(
                    identity: identity, baseOffset: raw.integer(at: 40), previousChecksum: raw.integer(at: 48),
                    durableOffset: raw.integer(at: 56)))
        }
    }
}
