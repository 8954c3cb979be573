import KafkaWire
import Storage

/// The facts that stand before each record batch: everything the proofs need and that must be durable with the batch
/// (EVIDENCE.md, "The leaf"). All integers big-endian.
///
/// ```
///   0  u32  checksum          CRC32C of partition UUID, partition number, segment generation, file position, bytes 4..<128
///   4  u32  magic             "HBF1"
///   8  u32  frameBytes        header, variable part, batch and end mark
///  12  u32  batchStart        where the batch begins in the frame: 128 + variable part
///  16  u32  restChecksum      CRC32C of the variable part and the batch's first 61 bytes, among them the batch's own CRC:
///                             so `checksum` covers the whole frame although the payload is hashed only once, by its producer
///  20  u32  previousChecksum  the `checksum` of the frame before, across segments; 0 for a log's first
///  24  u8   version           1
///  25  u8   commitmentType    1 whole record (2 is reserved for per-field commitments); 0 where no leaves are recorded
///  26  u16  flags             bit 0 records leaves, bit 1 hides lengths, bit 2 one schema id a record,
///                             bit 3 stamped with append time; the others must be 0
///  28  i32  recordCount
///  32  i64  baseOffset
///  40  i64  appendTime        ms since 1970, the broker's clock, never decreasing
///  48  i64  durableOffset     every offset below it was known to be synced when this frame was written
///  56  i32  leaderEpoch
///  60  i32  schemaID          of every record; -1 for none; -2 where bit 2 is set
///  64  i64  producerID        as the producer sent it, with epoch and the range of sequences; -1 without idempotence
///  72  i16  producerEpoch
///  74  u16  reserved          0
///  76  i32  firstSequence
///  80  i32  lastSequence
///  84  u32  reserved          0
///  88  32B  writer            H(DER SubjectPublicKeyInfo), zeros for the broker itself
/// 120  u64  end mark          "hanframe"
/// 128       variable part     i32 schema id × recordCount (bit 2), then 16 bytes of salt × recordCount (bit 0)
///           record batch      as Kafka has it, base offset and leader epoch final
///           u32 end mark      "HBFE"
/// ```
///
/// The end marks let recovery tell a torn write from rot: files are zeroed before they are written, a sector is written whole
/// or not at all, so a torn frame has a sector whose part of it is all zeros, and with the marks no other frame ends in one.
struct FrameHeader: Hashable, Sendable {
    static let sizeBytes = 128
    static let magic: UInt32 = 0x4842_4631  // "HBF1"
    static let version: UInt8 = 1
    static let saltBytes = 16
    static let headerEndMark: UInt64 = 0x6861_6E66_7261_6D65  // "hanframe"
    static let endMark: UInt32 = 0x4842_4645  // "HBFE"
    static let endMarkBytes = 4
    /// The largest frame that is read or written. Far above any sane `message.max.bytes`; a limit on what a damaged length
    /// can make a reader allocate.
    static let frameBytesMax = 256 << 20
    static let recordCountMax = 8 << 20

    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt16
        static let recordsLeaves = Flags(rawValue: 1 << 0)
        static let hidesLengths = Flags(rawValue: 1 << 1)
        static let schemaIDEach = Flags(rawValue: 1 << 2)
        static let stampedAppendTime = Flags(rawValue: 1 << 3)
        static let known: Flags = [.recordsLeaves, .hidesLengths, .schemaIDEach, .stampedAppendTime]
    }

    var checksum: UInt32 = 0
    var frameBytes: Int
    var batchStart: Int
    var restChecksum: UInt32 = 0
    var previousChecksum: UInt32 = 0
    var commitmentType: UInt8
    var flags: Flags
    var recordCount: Int32
    var baseOffset: Int64 = 0
    var appendTime: Int64 = 0
    var durableOffset: Int64 = 0
    var leaderEpoch: Int32 = 0
    var schemaID: Int32
    var producerID: Int64
    var producerEpoch: Int16
    var firstSequence: Int32
    var lastSequence: Int32
    var writer: Digest256

    var nextOffset: Int64 { baseOffset + Int64(recordCount) }
    var lastOffset: Int64 { nextOffset - 1 }
    var batchBytes: Int { frameBytes - batchStart - Self.endMarkBytes }
    var batchEnd: Int { batchStart + batchBytes }

    /// The variable part's size that flags and count ask for.
    static func variableBytes(_ flags: Flags, recordCount: Int) -> Int {
        recordCount * ((flags.contains(.schemaIDEach) ? 4 : 0) + (flags.contains(.recordsLeaves) ? saltBytes : 0))
    }
}

extension FrameHeader {
    /// Writes bytes 4..<128; the checksum comes last, when the position is known.
    func write(to bytes: UnsafeMutableRawBufferPointer) {
        bytes.store(Self.magic, at: 4)
        bytes.store(UInt32(frameBytes), at: 8)
        bytes.store(UInt32(batchStart), at: 12)
        bytes.store(restChecksum, at: 16)
        bytes.store(previousChecksum, at: 20)
        bytes.store(Self.version, at: 24)
        bytes.store(commitmentType, at: 25)
        bytes.store(flags.rawValue, at: 26)
        bytes.store(recordCount, at: 28)
        bytes.store(baseOffset, at: 32)
        bytes.store(appendTime, at: 40)
        bytes.store(durableOffset, at: 48)
        bytes.store(leaderEpoch, at: 56)
        bytes.store(schemaID, at: 60)
        bytes.store(producerID, at: 64)
        bytes.store(producerEpoch, at: 72)
        bytes.store(0 as UInt16, at: 74)
        bytes.store(firstSequence, at: 76)
        bytes.store(lastSequence, at: 80)
        bytes.store(0 as UInt32, at: 84)
        bytes.store(writer.words.0, at: 88)
        bytes.store(writer.words.1, at: 96)
        bytes.store(writer.words.2, at: 104)
        bytes.store(writer.words.3, at: 112)
        bytes.store(Self.headerEndMark, at: 120)
    }

    /// Reads 128 bytes whose checksum holds. nil where they say what this version does not know: such a frame is refused,
    /// never half understood.
    init?(verified bytes: UnsafeRawBufferPointer) {
        let flags = Flags(rawValue: bytes.integer(at: 26))
        let commitmentType: UInt8 = bytes.integer(at: 25)
        guard bytes.integer(at: 24) == Self.version, flags.isSubset(of: .known),
            commitmentType == (flags.contains(.recordsLeaves) ? 1 : 0),
            bytes.integer(at: 74) == 0 as UInt16, bytes.integer(at: 84) == 0 as UInt32, bytes.integer(at: 120) == Self.headerEndMark
        else { return nil }
        self.init(
            checksum: bytes.integer(at: 0), frameBytes: Int(bytes.integer(at: 8, as: UInt32.self)),
            batchStart: Int(bytes.integer(at: 12, as: UInt32.self)), restChecksum: bytes.integer(at: 16),
            previousChecksum: bytes.integer(at: 20), commitmentType: commitmentType, flags: flags,
            recordCount: bytes.integer(at: 28), baseOffset: bytes.integer(at: 32), appendTime: bytes.integer(at: 40),
            durableOffset: bytes.integer(at: 48), leaderEpoch: bytes.integer(at: 56), schemaID: bytes.integer(at: 60),
            producerID: bytes.integer(at: 64), producerEpoch: bytes.integer(at: 72), firstSequence: bytes.integer(at: 76),
            lastSequence: bytes.integer(at: 80),
            writer: Digest256(
                (bytes.integer(at: 88), bytes.integer(at: 96), bytes.integer(at: 104), bytes.integer(at: 112))))
        guard recordCount > 0, recordCount <= Self.recordCountMax, baseOffset >= 0, frameBytes <= Self.frameBytesMax,
            batchStart == Self.sizeBytes + Self.variableBytes(flags, recordCount: Int(recordCount)),
            batchBytes >= RecordBatchHeader.sizeBytes
        else { return nil }
    }

    /// The schema ids of the frame whose variable part is `variable`.
    func schemaIDs(in variable: UnsafeRawBufferPointer) -> SchemaIDs {
        guard flags.contains(.schemaIDEach) else { return schemaID == -1 ? .none : .uniform(schemaID) }
        return .each((0..<Int(recordCount)).map { variable.integer(at: $0 * 4) })
    }
}
