public import NIOCore

/// Makes one record batch of magic 2.
public struct RecordBatchBuilder {
    public let codec: Codec
    /// Set these before `build` for an idempotent producer (KIP-98).
    public var producerID: Int64 = -1
    public var producerEpoch: Int16 = -1
    public var baseSequence: Int32 = -1
    public var baseOffset: Int64 = 0
    public var partitionLeaderEpoch: Int32 = -1

    public private(set) var recordCount: Int32 = 0
    private var baseTimestamp: Int64 = 0
    private var maxTimestamp: Int64 = 0
    private var records = ByteBuffer()
    /// One record, before its length is known.
    private var scratch = ByteBuffer()

    public init(codec: Codec = .none) { self.codec = codec }

    /// Bytes of the batch if nothing compresses.
    public var uncompressedBytes: Int { RecordBatchHeader.sizeBytes + records.readableBytes }

    public mutating func append(_ record: Record) {
        append(key: record.key, value: record.value, headers: record.headers, timestamp: record.timestamp)
    }

    /// - Parameter timestamp: ms since 1970, -1 for none.
    public mutating func append(
        key: ByteBuffer?, value: ByteBuffer?, headers: [Record.Header] = [], timestamp: Int64
    ) {
        if recordCount == 0 {
            baseTimestamp = timestamp
            maxTimestamp = timestamp
        }
        maxTimestamp = max(maxTimestamp, timestamp)
        scratch.clear()
        scratch.writeInteger(0 as UInt8)
        scratch.writeZigzag(timestamp &- baseTimestamp)
        scratch.writeZigzag(Int64(recordCount))
        scratch.writeField(key)
        scratch.writeField(value)
        scratch.writeZigzag(Int64(headers.count))
        for header in headers {
            scratch.writeZigzag(Int64(header.key.utf8.count))
            scratch.writeString(header.key)
            scratch.writeField(header.value)
        }
        records.writeZigzag(Int64(scratch.readableBytes))
        records.writeImmutableBuffer(scratch)
        recordCount += 1
    }

    /// The batch. At least one record must have been appended.
    public func build() -> ByteBuffer {
        precondition(recordCount > 0, "a record batch has at least one record")
        var header = RecordBatchHeader(
            baseOffset: baseOffset, batchLength: 0, partitionLeaderEpoch: partitionLeaderEpoch, crc: 0,
            attributes: UInt16(codec.rawValue), lastOffsetDelta: recordCount - 1, baseTimestamp: baseTimestamp,
            maxTimestamp: maxTimestamp, producerID: producerID, producerEpoch: producerEpoch, baseSequence: baseSequence,
            recordCount: recordCount)
        var batch = ByteBuffer()
        batch.reserveCapacity(uncompressedBytes)
        header.encode(into: &batch)
        codec.deflate(records, into: &batch)
        header.batchLength = Int32(batch.readableBytes - 12)
        batch.setInteger(header.batchLength, at: RecordBatchHeader.Position.batchLength)
        batch.sealChecksum()
        return batch
    }
}

extension ByteBuffer {
    /// Computes the CRC of the record batch that this buffer holds and writes it into the header.
    public mutating func sealChecksum() {
        var covered = self
        covered.moveReaderIndex(forwardBy: RecordBatchHeader.Position.attributes)
        let checksum = CRC32C.checksum(of: covered)
        // Released first: writing to shared storage would copy the batch.
        covered = ByteBuffer()
        setInteger(checksum, at: readerIndex + RecordBatchHeader.Position.crc)
    }

    fileprivate mutating func writeZigzag(_ value: Int64) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 0x80 {
            writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(rest))
    }

    fileprivate mutating func writeField(_ field: ByteBuffer?) {
        guard let field else { return writeZigzag(-1) }
        writeZigzag(Int64(field.readableBytes))
        writeImmutableBuffer(field)
    }
}
