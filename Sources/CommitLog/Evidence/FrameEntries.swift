import KafkaWire
import NIOCore
import Storage
import Transparency

/// Why frames do not become entries. Admission lets none of these in, so it is a bug or damage.
struct EvidenceTrouble: Error {
    let sentence: String
}

/// Makes entries and leaves of frames: every field of an entry is a fact of the frame, nothing is looked up (EVIDENCE.md, "The leaf").
struct FrameEntries: ~Copyable {
    private var batch = LeafBatch()
    private var inflated = ByteBuffer()

    var entries: [UInt8] { batch.entries }
    var leaves: [TreeHash] { batch.leaves }
    /// Records added since `begin`.
    private(set) var count = 0

    /// What a codec may make of a stored batch: admission's limit, and more where it was larger once.
    private static let inflatedBytesMax = 1 << 30
    /// Where the field stands in a record batch of magic 2.
    private static let baseTimestamp = 27

    mutating func begin() {
        batch.begin()
        count = 0
    }

    /// Completes the entries and leaves of what was added.
    mutating func finish() { batch.finish() }

    /// Adds those records of a frame whose offsets are in the range.
    mutating func add(_ frame: FrameView, _ offsets: Range<Int64>) throws(EvidenceTrouble) {
        let header = frame.header
        guard header.flags.contains(.recordsLeaves) else { throw trouble(header, "it has no salts") }
        let stored = frame.batch
        let attributes: UInt16 = stored.integer(at: BatchLayout.attributes)
        guard let codec = Codec(rawValue: UInt8(attributes & 0b111)) else { throw trouble(header, "its codec is unknown") }
        let records = UnsafeRawBufferPointer(rebasing: stored[RecordBatchHeader.sizeBytes...])
        if codec == .none { return try add(records, of: frame, offsets, attributes) }
        inflated.clear()
        do {
            try codec.inflate(records, into: &inflated, inflatedBytesMax: Self.inflatedBytesMax)
        } catch {
            throw trouble(header, "it does not inflate")
        }
        // Out of the struct while it is read, so that it is not copied.
        let buffer = inflated
        inflated = ByteBuffer()
        var failure: EvidenceTrouble?
        buffer.withUnsafeReadableBytes { bytes in
            do throws(EvidenceTrouble) { try add(bytes, of: frame, offsets, attributes) } catch { failure = error }
        }
        inflated = buffer
        if let failure { throw failure }
    }

    private mutating func add(
        _ records: UnsafeRawBufferPointer, of frame: FrameView, _ offsets: Range<Int64>, _ attributes: UInt16
    ) throws(EvidenceTrouble) {
        let header = frame.header
        let variable = frame.variablePart
        let hasSchemaIDs = header.flags.contains(.schemaIDEach)
        let saltsStart = hasSchemaIDs ? Int(header.recordCount) * 4 : 0
        let baseTimestamp: Int64 = frame.batch.integer(at: Self.baseTimestamp)
        let shared = Self.shared(header, attributes, at: header.baseOffset)
        var cursor = RecordCursor(records, headersMax: .max)
        for index in 0..<Int(header.recordCount) {
            let span: RecordCursor.Span
            do { span = try cursor.next() } catch { throw trouble(header, "record \(index) is malformed") }
            let offset = header.baseOffset + Int64(index)
            guard offset >= offsets.lowerBound else { continue }
            guard offset < offsets.upperBound else { return }
            var facts = shared
            facts.offset = offset
            if span.value == nil { facts.flags.insert(.nullValue) }
            facts.createTime = baseTimestamp &+ span.timestampDelta
            if hasSchemaIDs { facts.schemaID = variable.integer(at: index * 4) }
            let salt = UnsafeRawBufferPointer(
                rebasing: variable[saltsStart + index * FrameHeader.saltBytes..<saltsStart + (index + 1) * FrameHeader.saltBytes])
            guard batch.add(Self.content(span, cursor, records), salt: salt, facts: facts) else {
                throw trouble(header, "record \(index) is too large to be committed to")
            }
            count += 1
        }
    }

    /// Writes what a frame says of those of its records whose offsets are in the range, behind what it says of others. Nothing of a frame
    /// whose records have the broker's time: what their producers said is lost to whoever reads them.
    /// - Parameter frame: of any depth.
    static func appendFacts(of frame: FrameView, _ offsets: Range<Int64>, to runs: inout [UInt8]) {
        let header = frame.header
        let attributes: UInt16 = frame.bytes.integer(at: header.batchStart + BatchLayout.attributes)
        let own = offsets.clamped(to: header.baseOffset..<header.nextOffset)
        guard header.flags.contains(.recordsLeaves), attributes & BatchLayout.timestampTypeBit == 0, !own.isEmpty else { return }
        let first = Int(own.lowerBound - header.baseOffset)
        let ids = header.flags.contains(.schemaIDEach) ? first * 4..<(first + own.count) * 4 : 0..<0
        LeafFacts.append(
            shared(header, attributes, at: own.lowerBound), count: own.count,
            schemaIDs: UnsafeRawBufferPointer(rebasing: frame.variablePart[ids]), salts: frame.salts(of: own), to: &runs)
    }

    /// What the entries of a frame's records have in common.
    private static func shared(_ header: FrameHeader, _ attributes: UInt16, at offset: Int64) -> Entry.Facts {
        guard let writer = TreeHash(bytes: header.writer.bytes) else { preconditionFailure("a digest has 32 bytes") }
        var flags: Entry.Flags = []
        if attributes & 0b10_0000 != 0 { flags.insert(.controlRecord) }
        if attributes & 0b1_0000 != 0 { flags.insert(.transactional) }
        return Entry.Facts(
            flags: flags, offset: offset, appendTime: header.appendTime, createTime: 0, leaderEpoch: header.leaderEpoch, schemaID: header.schemaID,
            contentLength: header.flags.contains(.hidesLengths) ? Entry.hiddenLength : 0, writer: writer)
    }

    private static func content(_ span: RecordCursor.Span, _ cursor: RecordCursor, _ records: UnsafeRawBufferPointer) -> RecordContent {
        func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: records[range]) }
        return RecordContent(
            key: span.key.map(part), value: span.value.map(part),
            headers: span.headerCount == 0 ? [] : cursor.headers(of: span).map { (part($0.key), $0.value.map(part)) })
    }

    private func trouble(_ header: FrameHeader, _ why: String) -> EvidenceTrouble {
        EvidenceTrouble(sentence: "the batch at offset \(header.baseOffset) cannot become entries: \(why)")
    }
}

extension FrameView {
    /// Of those of its records whose offsets are in the range, 16 bytes each.
    /// - Precondition: its records are leaves.
    func salts(of offsets: Range<Int64>) -> UnsafeRawBufferPointer {
        let own = offsets.clamped(to: header.baseOffset..<header.nextOffset)
        let all = variablePart.suffix(Int(header.recordCount) * FrameHeader.saltBytes)
        let first = all.startIndex + Int(own.lowerBound - header.baseOffset) * FrameHeader.saltBytes
        return UnsafeRawBufferPointer(rebasing: all[first..<first + own.count * FrameHeader.saltBytes])
    }
}
