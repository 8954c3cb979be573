/// Walks the records of a batch over raw bytes, judging each field, without allocating.
///
/// A record (Kafka documentation, "Record"): length, attributes, timestamp delta, offset delta, key, value, headers; lengths
/// and deltas are zigzag variable-length integers, -1 is null.
public struct RecordCursor {
    private let bytes: UnsafeRawBufferPointer
    /// Where the next record starts.
    public private(set) var position = 0
    private let headersMax: Int
    private let headerNameBytesMax: Int

    /// - Parameter bytes: the uncompressed records, valid while the cursor is used.
    public init(_ bytes: UnsafeRawBufferPointer, headersMax: Int, headerNameBytesMax: Int = .max) {
        self.bytes = bytes
        self.headersMax = headersMax
        self.headerNameBytesMax = headerNameBytesMax
    }

    /// A record's parts, as ranges of the bytes.
    public struct Span {
        public var timestampDelta: Int64 = 0
        public var offsetDelta: Int64 = 0
        /// nil for null.
        public var key: Range<Int>?
        public var value: Range<Int>?
        /// The headers, encoded, after their count.
        public var headers: Range<Int> = 0..<0
        public var headerCount = 0
    }

    public var isAtEnd: Bool { position == bytes.count }

    /// The next record. Call only while not at the end.
    /// - Throws: the reason, naming the field; the caller knows the record's index.
    public mutating func next() throws(Malformed) -> Span {
        var at = position
        let length = try varint(&at, bytes.count, .length)
        guard length >= 0, length <= Int64(bytes.count - at) else { throw .length }
        let end = at + Int(length)
        guard at < end, bytes[at] == 0 else { throw .attributes }
        at += 1
        var span = Span()
        span.timestampDelta = try varint(&at, end, .timestamp)
        span.offsetDelta = try varint(&at, end, .offset)
        span.key = try field(&at, end, .key)
        span.value = try field(&at, end, .value)
        let count = try varint(&at, end, .headers)
        if count != 0 {
            guard count > 0, count <= Int64(headersMax) else { throw .headers }
            let start = at
            for _ in 0..<count {
                guard let name = try field(&at, end, .headers), name.count <= headerNameBytesMax else { throw .headers }
                _ = try field(&at, end, .headers)
            }
            span.headers = start..<at
            span.headerCount = Int(count)
        }
        guard at == end else { throw .end }
        position = end
        return span
    }

    /// `next`, with the violation that names the record.
    mutating func next(record index: Int) throws(RecordBatchViolation) -> Span {
        do {
            return try next()
        } catch {
            throw RecordBatchViolation(.malformedRecord(field: error.rawValue), recordIndex: index)
        }
    }

    /// The headers of a record that `next` returned, as ranges of the bytes.
    public func headers(of span: Span) -> [(key: Range<Int>, value: Range<Int>?)] {
        var headers: [(key: Range<Int>, value: Range<Int>?)] = []
        headers.reserveCapacity(span.headerCount)
        var at = span.headers.lowerBound
        let end = span.headers.upperBound
        // `next` walked these bytes before: the walk cannot fail, and would only end early.
        while at < end, let key = try? field(&at, end, .headers), let value = try? Optional.some(field(&at, end, .headers)) {
            headers.append((key, value))
        }
        return headers
    }

    /// The field at which a record stops making sense.
    public enum Malformed: String, Error, Sendable {
        case length, attributes, timestamp, offset, key, value, headers, end
    }

    @inline(__always)
    private func field(_ at: inout Int, _ end: Int, _ name: Malformed) throws(Malformed) -> Range<Int>? {
        let length = try varint(&at, end, name)
        guard length >= 0 else {
            guard length == -1 else { throw name }
            return nil
        }
        guard length <= Int64(end &- at) else { throw name }
        let start = at
        at &+= Int(length)
        return start..<at
    }

    @inline(__always)
    private func varint(_ at: inout Int, _ end: Int, _ name: Malformed) throws(Malformed) -> Int64 {
        guard at < end else { throw name }
        let first = bytes[at]
        if first < 0x80 {
            at &+= 1
            return Int64(first >> 1) ^ -Int64(first & 1)
        }
        return try longVarint(&at, end, name)
    }

    private func longVarint(_ at: inout Int, _ end: Int, _ name: Malformed) throws(Malformed) -> Int64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while at < end {
            let byte = bytes[at]
            // The tenth byte has room for one bit.
            guard shift < 63 || byte <= 1 else { throw name }
            at &+= 1
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int64(bitPattern: result >> 1) ^ -Int64(bitPattern: result & 1) }
            shift &+= 7
        }
        throw name
    }
}
