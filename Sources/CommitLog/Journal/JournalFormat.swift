import KafkaWire
import Storage

/// The journal's bytes. A header block, then stretches of equal size, each a row of groups from its start, each of whole blocks of
/// 4096 bytes, because they are written past the page cache:
///
/// ```
/// header block, 4096 bytes             group header, 32 bytes               run header, 56 bytes
///   0  u32  CRC32C of 4..<40             0  u32  CRC32C of 4..<32 and of      0  16B  topic UUID
///   4  u32  magic "HBJ1"                         all run headers            16  i32  partition
///   8  u32  version 1                    4  u32  magic "HBG1"               20  u32  0
///  12  u32  stretches                    8  u64  epoch                      24  u64  segment generation
///  16  i64  stretch bytes               16  u64  sequence                   32  i64  segment base offset
///  24  u64  epoch                       24  u32  runs                       40  i64  file position
///  32  u64  0                           28  u32  bytes of the whole group   48  u32  bytes
///                                                                           52  u32  0
/// ```
///
/// Behind the run headers follow the runs: exactly what was written to the segments, a new segment's header among it. Frames
/// prove themselves, so a group needs no checksum of its payload. The last run is zeros of no partition (its topic is the UUID of
/// zeros), which fill the last block. The epoch changes whenever recovery has emptied the journal.
enum JournalFormat {
    static let headerBlockBytes: Int64 = 4096
    static let magic: UInt32 = 0x4842_4A31  // "HBJ1"
    static let version: UInt32 = 1
    static let groupMagic: UInt32 = 0x4842_4731  // "HBG1"
    static let groupHeaderBytes = 32
    static let runHeaderBytes = 56

    /// What a group takes.
    static func groupBytes(runs: Int, bytes: Int) -> Int {
        let block = Int(headerBlockBytes)
        return (headersBytes(runs: runs) + bytes + block - 1) / block * block
    }

    /// With the one of the run that fills up.
    private static func headersBytes(runs: Int) -> Int { groupHeaderBytes + (runs + 1) * runHeaderBytes }

    private static func filler(_ bytes: Int) -> Run {
        Run(partition: nobody, generation: 0, baseOffset: 0, position: 0, bytes: bytes)
    }

    /// Whose run fills up.
    static let nobody = PartitionID(topic: UUID128(high: 0, low: 0), partition: 0)

    struct Header: Hashable, Sendable {
        var stretches: Int
        var stretchBytes: Int64
        var epoch: UInt64

        var fileBytes: Int64 { JournalFormat.headerBlockBytes + Int64(stretches) * stretchBytes }
        func start(ofStretch index: Int) -> Int64 { JournalFormat.headerBlockBytes + Int64(index) * stretchBytes }

        func encoded() -> [UInt8] {
            var sink = ByteSink()
            sink.append(JournalFormat.magic)
            sink.append(JournalFormat.version)
            sink.append(UInt32(stretches))
            sink.append(stretchBytes)
            sink.append(epoch)
            sink.append(0 as UInt64)
            var whole = ByteSink()
            whole.append(Checksum.of(sink.bytes))
            return whole.bytes + sink.bytes
        }

        init(stretches: Int, stretchBytes: Int64, epoch: UInt64) {
            self.stretches = stretches
            self.stretchBytes = stretchBytes
            self.epoch = epoch
        }

        /// nil where the bytes are not a header of this version.
        init?(_ bytes: [UInt8]) {
            guard bytes.count >= 40 else { return nil }
            var source = ByteSource(Array(bytes[..<40]))
            guard source.integer(as: UInt32.self) == Checksum.of(Array(bytes[4..<40])),
                source.integer(as: UInt32.self) == JournalFormat.magic, source.integer(as: UInt32.self) == JournalFormat.version
            else { return nil }
            stretches = Int(source.integer(as: UInt32.self))
            stretchBytes = source.integer()
            epoch = source.integer()
            guard stretches > 0, stretches <= 64, stretchBytes > 0, stretchBytes <= 1 << 30 else { return nil }
        }
    }

    struct Run: Hashable, Sendable {
        var partition: PartitionID
        var generation: UInt64
        var baseOffset: Int64
        var position: Int64
        var bytes: Int
    }

    static func writeRun(_ run: Run, to bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
        bytes.store(run.partition.topic.high, at: offset)
        bytes.store(run.partition.topic.low, at: offset + 8)
        bytes.store(run.partition.partition, at: offset + 16)
        bytes.store(0 as UInt32, at: offset + 20)
        bytes.store(run.generation, at: offset + 24)
        bytes.store(run.baseOffset, at: offset + 32)
        bytes.store(run.position, at: offset + 40)
        bytes.store(UInt32(run.bytes), at: offset + 48)
        bytes.store(0 as UInt32, at: offset + 52)
    }

    static func run(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Run {
        Run(
            partition: PartitionID(
                topic: UUID128(high: bytes.integer(at: offset), low: bytes.integer(at: offset + 8)),
                partition: bytes.integer(at: offset + 16)),
            generation: bytes.integer(at: offset + 24), baseOffset: bytes.integer(at: offset + 32),
            position: bytes.integer(at: offset + 40), bytes: Int(bytes.integer(at: offset + 48, as: UInt32.self)))
    }

    /// The group's header and run headers. Behind them go the runs, and zeros up to the next block.
    static func groupHeader(epoch: UInt64, sequence: UInt64, runs: [Run]) -> [UInt8] {
        let count = headersBytes(runs: runs.count)
        let bytesOfRuns = runs.reduce(0) { $0 + $1.bytes }
        let whole = groupBytes(runs: runs.count, bytes: bytesOfRuns)
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { raw in
            raw.store(groupMagic, at: 4)
            raw.store(epoch, at: 8)
            raw.store(sequence, at: 16)
            raw.store(UInt32(runs.count + 1), at: 24)
            raw.store(UInt32(whole), at: 28)
            for (index, run) in (runs + [filler(whole - count - bytesOfRuns)]).enumerated() {
                writeRun(run, to: raw, at: groupHeaderBytes + index * runHeaderBytes)
            }
            raw.store(Checksum.of(UnsafeRawBufferPointer(rebasing: raw[4...])), at: 0)
        }
        return bytes
    }
}
