public import NIOCore

/// Makes a batch of some records of another one, with other content: those left out leave gaps, and everything else is where it was.
///
/// Kept: base and last offset, offset and time deltas, the leader epoch, the codec, and whose the timestamps are. Of the producer
/// nothing is kept: what it wrote is not what this batch holds.
public struct RecordBatchRewriter {
    private let original: RecordBatchHeader
    private var records = ByteBuffer()
    private var latest = Int64.min
    public private(set) var recordCount: Int32 = 0

    /// - Parameter capacity: about how many bytes the records come to, uncompressed.
    public init(of original: RecordBatchHeader, capacity: Int = 0) {
        self.original = original
        records.reserveCapacity(capacity)
    }

    /// A record's headers: those that are listed, or the original's as they are encoded.
    public enum Headers {
        case listed([Record.Header])
        case encoded(UnsafeRawBufferPointer, count: Int)

        public static var none: Headers { .listed([]) }
    }

    /// In the order of the original. The bytes are copied.
    /// - Parameter span: the original's, for its place and time.
    public mutating func append(
        _ span: RecordCursor.Span, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: Headers = .none
    ) {
        let headerBytes: Int
        let headerCount: Int
        switch headers {
        case .listed(let listed):
            headerCount = listed.count
            headerBytes = listed.reduce(0) { $0 + RecordWriter.size($1) }
        case .encoded(let bytes, let count):
            headerCount = count
            headerBytes = bytes.count
        }
        let length =
            1 + RecordWriter.size(span.timestampDelta) + RecordWriter.size(span.offsetDelta) + RecordWriter.size(key)
            + RecordWriter.size(value) + RecordWriter.size(Int64(headerCount)) + headerBytes
        let total = RecordWriter.size(Int64(length)) + length
        records.writeWithUnsafeMutableBytes(minimumWritableBytes: total) { output in
            var writer = RecordWriter(output)
            writer.zigzag(Int64(length))
            writer.zigzag(0)
            writer.zigzag(span.timestampDelta)
            writer.zigzag(span.offsetDelta)
            writer.field(key)
            writer.field(value)
            writer.zigzag(Int64(headerCount))
            switch headers {
            case .listed(let listed): for header in listed { writer.header(header) }
            case .encoded(let bytes, _): writer.copy(bytes)
            }
            precondition(writer.position == total, "a record is as long as was counted")
            return total
        }
        recordCount += 1
        latest = max(latest, original.baseTimestamp &+ span.timestampDelta)
    }

    /// The batch. At least one record must have been appended.
    public func build() -> ByteBuffer {
        precondition(recordCount > 0, "a data batch without records makes clients ask for larger ones")
        let codec = original.codec ?? .none
        var header = original
        header.attributes = original.attributes & 0b1000 | UInt16(codec.rawValue)
        // Of the broker's own timestamps it is every record's.
        if !original.hasAppendTime { header.maxTimestamp = latest }
        header.recordCount = recordCount
        return header.batch(of: records, codec)
    }
}

extension RecordBatchHeader {
    /// A whole batch of nobody's with this header, its length and checksum computed.
    fileprivate func batch(of records: ByteBuffer, _ codec: Codec) -> ByteBuffer {
        var header = self
        (header.producerID, header.producerEpoch, header.baseSequence) = (-1, -1, -1)
        var batch = ByteBuffer()
        batch.reserveCapacity(Self.sizeBytes + records.readableBytes)
        header.encode(into: &batch)
        codec.deflate(records, into: &batch, favoringSpeed: true)
        // Room was made for the worst case, and the batch may be kept.
        if codec != .none { batch.shrinkBufferCapacity(to: batch.readableBytes) }
        batch.setInteger(Int32(batch.readableBytes - 12), at: Position.batchLength)
        batch.sealChecksum()
        return batch
    }
}

/// Closes a stretch of offsets none of whose records is shown: a control batch without a producer, with which every client moves its position on
/// and shows nothing. (An empty batch of data makes librdkafka ask for twice as many bytes, again and again.)
public enum GapBatch {
    /// - Parameters:
    ///   - offsets: a stretch longer than a batch can be is closed at its end.
    ///   - hasMarker: holds the marker of a commit. aiokafka, reading only what is committed, takes a control batch without one for an error.
    public static func closing(_ offsets: ClosedRange<Int64>, leaderEpoch: Int32, hasMarker: Bool) -> ByteBuffer {
        let first = max(offsets.lowerBound, offsets.upperBound - Int64(Int32.max - 1))
        let last = Int32(offsets.upperBound - first)
        let header = RecordBatchHeader(
            baseOffset: first, batchLength: 0, partitionLeaderEpoch: leaderEpoch, crc: 0, attributes: 0b10_0000, lastOffsetDelta: last,
            baseTimestamp: -1, maxTimestamp: -1, producerID: -1, producerEpoch: -1, baseSequence: -1, recordCount: hasMarker ? 1 : 0)
        return header.batch(of: hasMarker ? commitMarker(offsetDelta: last) : ByteBuffer(), .none)
    }

    /// KIP-98: version 0, type 1; version 0, coordinator epoch 0.
    private static func commitMarker(offsetDelta: Int32) -> ByteBuffer {
        let key: [UInt8] = [0, 0, 0, 1]
        let value: [UInt8] = [0, 0, 0, 0, 0, 0]
        let length = 1 + 1 + RecordWriter.size(Int64(offsetDelta)) + (1 + key.count) + (1 + value.count) + 1
        var record = ByteBuffer()
        let total = RecordWriter.size(Int64(length)) + length
        record.writeWithUnsafeMutableBytes(minimumWritableBytes: total) { output in
            var writer = RecordWriter(output)
            writer.zigzag(Int64(length))
            writer.zigzag(0)
            writer.zigzag(0)
            writer.zigzag(Int64(offsetDelta))
            key.withUnsafeBytes { writer.field($0) }
            value.withUnsafeBytes { writer.field($0) }
            writer.zigzag(0)
            precondition(writer.position == total, "a marker is as long as was counted")
            return total
        }
        return record
    }
}
