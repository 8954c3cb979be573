import CChecksum
import KafkaWire
import Storage

/// CRC32C as the store uses it. Not a defence against people, which the evidence tree is, but against disks, cables and
/// kernels; what must not be forged by chance or replayed (a recycled segment's old frames) is bound by the context.
enum Checksum {
    static func of(_ bytes: UnsafeRawBufferPointer, continuing seed: UInt32 = 0) -> UInt32 {
        hb_crc32c(seed, bytes.baseAddress, bytes.count)
    }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { of($0) }
    }
}

/// What every checksum of a segment begins with: which partition's and which use of the file's it is. The generation is
/// partly random, so a record's payload cannot hold a frame that would pass.
struct SegmentIdentity: Hashable, Sendable {
    let partition: PartitionID
    let generation: UInt64
    private let seed: UInt32

    init(partition: PartitionID, generation: UInt64) {
        self.partition = partition
        self.generation = generation
        var sink = ByteSink()
        sink.append(partition.topic.high)
        sink.append(partition.topic.low)
        sink.append(partition.partition)
        sink.append(generation)
        self.seed = Checksum.of(sink.bytes)
    }

    /// The checksum of bytes that stand at `position` of this segment.
    func checksum(of bytes: UnsafeRawBufferPointer, at position: Int64) -> UInt32 {
        let placed = withUnsafeBytes(of: position.bigEndian) { Checksum.of($0, continuing: seed) }
        return Checksum.of(bytes, continuing: placed)
    }
}
