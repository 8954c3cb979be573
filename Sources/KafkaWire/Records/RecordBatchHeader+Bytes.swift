public import NIOCore

extension RecordBatchHeader {
    /// Where fields stand in the 61 bytes.
    public enum Position {
        public static let baseOffset = 0
        public static let batchLength = 8
        public static let partitionLeaderEpoch = 12
        public static let magic = 16
        public static let crc = 17
        /// The CRC covers everything from here on.
        public static let attributes = 21
        public static let lastOffsetDelta = 23
        public static let baseTimestamp = 27
        public static let maxTimestamp = 35
        public static let producerID = 43
        public static let producerEpoch = 51
        public static let baseSequence = 53
        public static let recordCount = 57
    }

    /// Reads the header at the start of `bytes`; nothing but the magic is judged.
    /// - Throws: `WireError` when there are fewer than 61 bytes or the magic is not 2.
    public init(bytes: UnsafeRawBufferPointer) throws(WireError) {
        guard bytes.count >= Self.sizeBytes else {
            throw WireError(
                offset: 0, field: "record batch header",
                reason: .truncated(neededBytes: Self.sizeBytes, availableBytes: bytes.count))
        }
        let magic = bytes[Position.magic]
        guard magic == 2 else {
            throw WireError(offset: Position.magic, field: "magic", reason: .invalidValue(Int(magic)))
        }
        @inline(__always) func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ position: Int) -> Value {
            Value(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
        }
        self.init(
            baseOffset: integer(Position.baseOffset), batchLength: integer(Position.batchLength),
            partitionLeaderEpoch: integer(Position.partitionLeaderEpoch), crc: integer(Position.crc),
            attributes: integer(Position.attributes), lastOffsetDelta: integer(Position.lastOffsetDelta),
            baseTimestamp: integer(Position.baseTimestamp), maxTimestamp: integer(Position.maxTimestamp),
            producerID: integer(Position.producerID), producerEpoch: integer(Position.producerEpoch),
            baseSequence: integer(Position.baseSequence), recordCount: integer(Position.recordCount))
    }

    /// Reads the header at the buffer's reader index, which stays where it is.
    public init(peekingAt buffer: ByteBuffer) throws(WireError) {
        self = try buffer.withUnsafeReadableBytes { bytes throws(WireError) in try RecordBatchHeader(bytes: bytes) }
    }

    /// Appends the 61 bytes, magic 2.
    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(baseOffset, batchLength, partitionLeaderEpoch, 2 as UInt8, crc, attributes)
        buffer.writeMultipleIntegers(
            lastOffsetDelta, baseTimestamp, maxTimestamp, producerID, producerEpoch, baseSequence, recordCount)
    }
}
