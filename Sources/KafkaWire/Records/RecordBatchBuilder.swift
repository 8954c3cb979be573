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
        Self.withBytes(of: key) { key in
            Self.withBytes(of: value) { value in append(key: key, value: value, headers: headers, timestamp: timestamp) }
        }
    }

    /// The same from raw bytes, which are copied: no buffer is needed for each part of each record.
    public mutating func append(
        key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [Record.Header] = [], timestamp: Int64
    ) {
        if recordCount == 0 {
            baseTimestamp = timestamp
            maxTimestamp = timestamp
        }
        maxTimestamp = max(maxTimestamp, timestamp)
        let timestampDelta = timestamp &- baseTimestamp
        var length = 1 + RecordWriter.size(timestampDelta) + RecordWriter.size(Int64(recordCount))
        length += RecordWriter.size(key) + RecordWriter.size(value) + RecordWriter.size(Int64(headers.count))
        for header in headers {
            let keyBytes = header.key.utf8.count
            length += RecordWriter.size(Int64(keyBytes)) + keyBytes
            length += Self.withBytes(of: header.value) { RecordWriter.size($0) }
        }
        let total = RecordWriter.size(Int64(length)) + length
        records.writeWithUnsafeMutableBytes(minimumWritableBytes: total) { output in
            var writer = RecordWriter(output)
            writer.zigzag(Int64(length))
            writer.zigzag(0)
            writer.zigzag(timestampDelta)
            writer.zigzag(Int64(recordCount))
            writer.field(key)
            writer.field(value)
            writer.zigzag(Int64(headers.count))
            for header in headers {
                var name = header.key
                name.withUTF8 { writer.field(UnsafeRawBufferPointer($0)) }
                Self.withBytes(of: header.value) { writer.field($0) }
            }
            precondition(writer.position == total, "a record is as long as was counted")
            return total
        }
        recordCount += 1
    }

    private static func withBytes<Result>(of buffer: ByteBuffer?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let buffer else { return body(nil) }
        return buffer.withUnsafeReadableBytes { body($0) }
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
}
