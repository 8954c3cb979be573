/// The 61 bytes that open a record batch of magic 2 (KIP-98; Kafka documentation, "Record Batch").
public struct RecordBatchHeader: Hashable, Sendable {
    public static let sizeBytes = 61

    public var baseOffset: Int64
    /// Bytes after this field: the whole batch is 12 more.
    public var batchLength: Int32
    public var partitionLeaderEpoch: Int32
    public var crc: UInt32
    public var attributes: UInt16
    public var lastOffsetDelta: Int32
    public var baseTimestamp: Int64
    public var maxTimestamp: Int64
    /// -1 for a producer that is not idempotent.
    public var producerID: Int64
    public var producerEpoch: Int16
    public var baseSequence: Int32
    public var recordCount: Int32

    public init(
        baseOffset: Int64, batchLength: Int32, partitionLeaderEpoch: Int32, crc: UInt32, attributes: UInt16,
        lastOffsetDelta: Int32, baseTimestamp: Int64, maxTimestamp: Int64, producerID: Int64, producerEpoch: Int16,
        baseSequence: Int32, recordCount: Int32
    ) {
        self.baseOffset = baseOffset
        self.batchLength = batchLength
        self.partitionLeaderEpoch = partitionLeaderEpoch
        self.crc = crc
        self.attributes = attributes
        self.lastOffsetDelta = lastOffsetDelta
        self.baseTimestamp = baseTimestamp
        self.maxTimestamp = maxTimestamp
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.baseSequence = baseSequence
        self.recordCount = recordCount
    }

    public var totalBytes: Int { Int(batchLength) + 12 }
}

extension RecordBatchHeader {
    /// How the records are compressed, by the number in `attributes`; nil for a number that is not assigned.
    public var codec: Codec? { Codec(rawValue: UInt8(attributes & 0b111)) }

    /// Timestamps are the broker's (KIP-32); all records of the batch then have `maxTimestamp`.
    public var hasAppendTime: Bool { attributes & 0b1000 != 0 }
    public var isTransactional: Bool { attributes & 0b1_0000 != 0 }
    /// A transaction marker, which only brokers write (KIP-98).
    public var isControl: Bool { attributes & 0b10_0000 != 0 }
    /// The base timestamp is the horizon of a compacted deletion (KIP-534).
    public var hasDeleteHorizon: Bool { attributes & 0b100_0000 != 0 }
}
