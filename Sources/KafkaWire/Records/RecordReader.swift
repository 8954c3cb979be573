public import NIOCore

/// A record with its place and time. Its parts share the batch's storage (of a compressed batch: the inflated records').
public struct Record: Hashable, Sendable {
    public var offset: Int64
    /// ms since 1970, -1 for none.
    public var timestamp: Int64
    public var key: ByteBuffer?
    public var value: ByteBuffer?
    public var headers: [Header]

    public struct Header: Hashable, Sendable {
        public var key: String
        public var value: ByteBuffer?

        public init(key: String, value: ByteBuffer?) {
            self.key = key
            self.value = value
        }
    }

    public init(
        offset: Int64 = 0, timestamp: Int64, key: ByteBuffer? = nil, value: ByteBuffer? = nil, headers: [Header] = []
    ) {
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// Iterates the records of one batch of magic 2, whichever codec it has.
///
/// All records are walked when the reader is made, so that iterating cannot fail. Checksums are not verified here: the
/// validator does that for what producers send, the log for what it stored, `RecordBatches` for what a broker sent.
public struct RecordReader: Sequence, IteratorProtocol {
    public let header: RecordBatchHeader
    private let records: ByteBuffer
    private var position = 0
    private var index: Int32 = 0

    /// - Throws: when the bytes are no whole batch, do not inflate within the limit or contain a malformed record.
    public init(batch: ByteBuffer, limits: RecordLimits = RecordLimits()) throws(RecordBatchViolation) {
        guard let header = try? RecordBatchHeader(peekingAt: batch) else {
            throw RecordBatchViolation(.truncatedHeader(bytes: batch.readableBytes))
        }
        guard header.totalBytes == batch.readableBytes else {
            throw RecordBatchViolation(
                .lengthMismatch(declaredBytes: header.totalBytes, foundBytes: batch.readableBytes))
        }
        guard let codec = header.codec else { throw RecordBatchViolation(.unknownCodec(UInt8(header.attributes & 0b111))) }
        var records = batch
        records.moveReaderIndex(forwardBy: RecordBatchHeader.sizeBytes)
        if codec != .none {
            do {
                records = try codec.inflated(records, inflatedBytesMax: limits.inflatedBytesMax)
            } catch {
                throw RecordBatchViolation(error)
            }
        }
        try records.withUnsafeReadableBytes { bytes throws(RecordBatchViolation) in
            var cursor = RecordCursor(bytes, headersMax: limits.headersMax)
            for index in 0..<Swift.max(0, header.recordCount) {
                _ = try cursor.next(record: Int(index))
            }
            guard cursor.isAtEnd else { throw RecordBatchViolation(.bytesAfterRecords(bytes.count - cursor.position)) }
        }
        self.header = header
        self.records = records
    }

    /// The records of a batch that was just validated: nothing is walked or inflated again.
    public init(_ batch: ValidatedBatch) {
        self.header = batch.header
        self.records = batch.records
    }

    public mutating func next() -> Record? {
        guard index < header.recordCount else { return nil }
        let start = position
        var record: Record?
        records.withUnsafeReadableBytes { bytes in
            var cursor = RecordCursor(UnsafeRawBufferPointer(rebasing: bytes[start...]), headersMax: .max)
            guard let span = try? cursor.next() else { return }
            record = Record(
                offset: header.baseOffset &+ span.offsetDelta,
                timestamp: header.hasAppendTime ? header.maxTimestamp : header.baseTimestamp &+ span.timestampDelta,
                key: slice(span.key, start), value: slice(span.value, start),
                headers: cursor.headers(of: span).map { header in
                    Record.Header(
                        key: String(decoding: bytes[(start + header.key.lowerBound)..<(start + header.key.upperBound)], as: UTF8.self),
                        value: slice(header.value, start))
                })
            position = start + cursor.position
        }
        index += 1
        return record
    }

    private func slice(_ range: Range<Int>?, _ start: Int) -> ByteBuffer? {
        range.flatMap { records.getSlice(at: records.readerIndex + start + $0.lowerBound, length: $0.count) }
    }
}
