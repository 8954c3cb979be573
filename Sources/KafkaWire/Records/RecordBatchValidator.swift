public import NIOCore

/// What a producer's batch must be before anything else looks at it.
///
/// Synchronous and without effects. Uncompressed records are walked where they lie: no allocation, one pass for the checksum, one
/// over the records' lengths. Compressed ones are inflated once, under the limit, and the result is kept for the checks that
/// follow.
public struct RecordBatchValidator: Sendable {
    public var limits: RecordLimits

    public init(limits: RecordLimits = RecordLimits()) { self.limits = limits }

    /// Judges the readable bytes of `batch`, which must be one whole record batch of magic 2 from a producer.
    /// - Throws: the first violation; `batch` and everything else is as before.
    public func validate(_ batch: ByteBuffer) throws(RecordBatchViolation) -> ValidatedBatch {
        try batch.withUnsafeReadableBytes { bytes throws(RecordBatchViolation) in
            let header = try self.header(bytes)
            try judge(header)
            try judgeChecksum(header, bytes)
            let records = UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.sizeBytes...])
            guard let codec = header.codec else { throw RecordBatchViolation(.unknownCodec(UInt8(header.attributes & 0b111))) }
            if codec == .none {
                guard records.count <= limits.inflatedBytesMax else {
                    throw RecordBatchViolation(.inflatedTooLarge(bytesMax: limits.inflatedBytesMax))
                }
                let traits = try judgeRecords(records, header)
                return ValidatedBatch(bytes: batch, header: header, inflated: nil, traits: traits)
            }
            var inflated = ByteBuffer()
            do throws(InflateError) {
                try codec.inflate(records, into: &inflated, inflatedBytesMax: limits.inflatedBytesMax)
            } catch {
                throw RecordBatchViolation(error)
            }
            let traits = try inflated.withUnsafeReadableBytes { bytes throws(RecordBatchViolation) in
                try judgeRecords(bytes, header)
            }
            return ValidatedBatch(bytes: batch, header: header, inflated: inflated, traits: traits)
        }
    }

    private func header(_ bytes: UnsafeRawBufferPointer) throws(RecordBatchViolation) -> RecordBatchHeader {
        guard bytes.count > 0 else { throw RecordBatchViolation(.empty) }
        guard bytes.count <= limits.batchBytesMax else {
            throw RecordBatchViolation(.batchTooLarge(bytes: bytes.count, bytesMax: limits.batchBytesMax))
        }
        if bytes.count > RecordBatchHeader.Position.magic, bytes[RecordBatchHeader.Position.magic] != 2 {
            throw RecordBatchViolation(.wrongMagic(bytes[RecordBatchHeader.Position.magic]))
        }
        guard let header = try? RecordBatchHeader(bytes: bytes) else {
            throw RecordBatchViolation(.truncatedHeader(bytes: bytes.count))
        }
        guard Int(header.batchLength) == bytes.count - 12 else {
            throw RecordBatchViolation(
                .lengthMismatch(declaredBytes: Int(header.batchLength) + 12, foundBytes: bytes.count))
        }
        return header
    }

    private func judgeChecksum(_ header: RecordBatchHeader, _ bytes: UnsafeRawBufferPointer) throws(RecordBatchViolation) {
        let covered = UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.Position.attributes...])
        let computed = CRC32C.checksum(of: covered)
        guard computed == header.crc else {
            throw RecordBatchViolation(.wrongChecksum(declared: header.crc, computed: computed))
        }
    }

    /// What the header says about itself; no record is looked at.
    private func judge(_ header: RecordBatchHeader) throws(RecordBatchViolation) {
        guard header.attributes & ~0b111_1111 == 0 else { throw RecordBatchViolation(.unknownAttributes(header.attributes)) }
        guard header.codec != nil else { throw RecordBatchViolation(.unknownCodec(UInt8(header.attributes & 0b111))) }
        if header.isControl { throw RecordBatchViolation(.controlBatch) }
        if header.isTransactional { throw RecordBatchViolation(.transactional) }
        if header.hasAppendTime { throw RecordBatchViolation(.appendTimeFromProducer) }
        if header.hasDeleteHorizon { throw RecordBatchViolation(.deleteHorizonFromProducer) }
        guard header.recordCount != 0 else { throw RecordBatchViolation(.empty) }
        guard header.recordCount > 0, header.lastOffsetDelta == header.recordCount - 1 else {
            throw RecordBatchViolation(.recordCount(declared: header.recordCount, lastOffsetDelta: header.lastOffsetDelta))
        }
        guard header.recordCount <= limits.recordsMax else {
            throw RecordBatchViolation(.tooManyRecords(declared: header.recordCount, recordsMax: limits.recordsMax))
        }
        // KIP-98: an idempotent producer has all three; others have no id, and what they put in the rest varies by client.
        let isIdempotent = header.producerID >= 0 && header.producerEpoch >= 0 && header.baseSequence >= 0
        guard isIdempotent || header.producerID == -1 else { throw RecordBatchViolation(.producerFields) }
    }

    private func judgeRecords(
        _ bytes: UnsafeRawBufferPointer, _ header: RecordBatchHeader
    ) throws(RecordBatchViolation) -> ValidatedBatch.Traits {
        var cursor = RecordCursor(bytes, headersMax: limits.headersMax, headerNameBytesMax: limits.headerNameBytesMax)
        var largestDelta = Int64.min
        var traits = ValidatedBatch.Traits()
        for index in 0..<header.recordCount {
            let span = try cursor.next(record: Int(index))
            guard span.offsetDelta == Int64(index) else {
                throw RecordBatchViolation(
                    .offsetDelta(found: span.offsetDelta, expected: index), recordIndex: Int(index))
            }
            largestDelta = max(largestDelta, span.timestampDelta)
            traits.haveTombstones = traits.haveTombstones || span.value == nil
            traits.haveHeaders = traits.haveHeaders || span.headerCount > 0
        }
        guard cursor.isAtEnd else { throw RecordBatchViolation(.bytesAfterRecords(bytes.count - cursor.position)) }
        let (largest, overflow) = header.baseTimestamp.addingReportingOverflow(largestDelta)
        guard !overflow, largest == header.maxTimestamp else {
            throw RecordBatchViolation(
                .maxTimestamp(declared: header.maxTimestamp, computed: overflow ? .max : largest))
        }
        return traits
    }
}

/// A batch that a `RecordBatchValidator` accepted.
public struct ValidatedBatch: Sendable {
    /// The batch as it came.
    public let bytes: ByteBuffer
    public let header: RecordBatchHeader
    /// The records of a compressed batch; nil where they lie uncompressed in `bytes`.
    let inflated: ByteBuffer?
    public let traits: Traits

    /// What the one walk over the records saw, so that most batches need no second one.
    public struct Traits: Hashable, Sendable {
        /// A record has no value.
        public internal(set) var haveTombstones = false
        public internal(set) var haveHeaders = false
    }

    /// The uncompressed records, one after the other.
    public var records: ByteBuffer {
        if let inflated { return inflated }
        var records = bytes
        records.moveReaderIndex(forwardBy: RecordBatchHeader.sizeBytes)
        return records
    }

    /// Calls `body` with each record's parts, without copying or allocating. The pointers are valid inside the call.
    public func forEachRecord<Failure: Error>(
        _ body: (_ index: Int, _ timestamp: Int64, _ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?) throws(Failure) -> Void
    ) throws(Failure) {
        try forEachRecordView { record throws(Failure) in try body(record.index, record.timestamp, record.key, record.value) }
    }

    /// The same with the headers.
    public func forEachRecordView<Failure: Error>(_ body: (RecordView) throws(Failure) -> Void) throws(Failure) {
        try records.withUnsafeReadableBytes { bytes throws(Failure) in
            var cursor = RecordCursor(bytes, headersMax: .max)
            for index in 0..<Int(header.recordCount) {
                guard let span = try? cursor.next() else {
                    preconditionFailure("a validated batch has record \(index)")
                }
                try body(RecordView(index: index, timestamp: header.baseTimestamp &+ span.timestampDelta, span, cursor, bytes))
            }
        }
    }
}

/// One record of a validated batch where it lies: valid inside the call that shows it.
public struct RecordView {
    /// The record's place in its batch.
    public let index: Int
    /// ms since 1970, -1 for none.
    public let timestamp: Int64
    public let key: UnsafeRawBufferPointer?
    /// nil for a tombstone.
    public let value: UnsafeRawBufferPointer?
    private let span: RecordCursor.Span
    private let cursor: RecordCursor
    private let bytes: UnsafeRawBufferPointer

    @inline(__always)
    init(index: Int, timestamp: Int64, _ span: RecordCursor.Span, _ cursor: RecordCursor, _ bytes: UnsafeRawBufferPointer) {
        self.index = index
        self.timestamp = timestamp
        self.span = span
        self.cursor = cursor
        self.bytes = bytes
        key = span.key.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
        value = span.value.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
    }

    public var headerCount: Int { span.headerCount }

    /// The headers, in their order; a value may be null.
    public var headers: [(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)] {
        guard span.headerCount > 0 else { return [] }
        return cursor.headers(of: span).map { header in
            (UnsafeRawBufferPointer(rebasing: bytes[header.key]), header.value.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) })
        }
    }
}
