import AccessPolicy
import KafkaWire
import MessageSchema
import NIOCore
import Storage

/// Makes of stored batches what a restriction shows of them. One for a run over many batches: it keeps its buffers.
///
/// Synchronous and without effects. Nothing of a record goes into the result that a view did not let through: the value as the
/// projection wrote it, the key by the view's rule, and of the headers those alone that say nothing of the record.
struct BatchProjector: ~Copyable {
    enum Outcome {
        case projected(ProjectedBatch, [WithheldRecord])
        /// The same again once this is known.
        case needs(RestrictionPart)
        case unreadable(RecordBatchViolation)
    }

    private let restriction: Restriction
    private let edition: Restriction.Edition
    private let registry: SchemaRegistry
    private let limits: RecordLimits
    private var value = ProjectionBuffer(capacity: 4096)
    private var key = ProjectionBuffer()
    /// The program that was used last: mostly it is the next record's too.
    private var last: (id: Int32, program: SchemaProgram)?

    init(_ restriction: Restriction, _ registry: SchemaRegistry, limits: RecordLimits) {
        self.restriction = restriction
        edition = restriction.edition(registry)
        self.registry = registry
        self.limits = limits
    }

    mutating func project(_ batch: StoredBatch) -> Outcome {
        do throws(Interruption) {
            return try projected(batch)
        } catch {
            switch error {
            case .needs(let part): return .needs(part)
            case .unreadable(let violation): return .unreadable(violation)
            }
        }
    }

    private enum Interruption: Error {
        case needs(RestrictionPart)
        case unreadable(RecordBatchViolation)
    }

    /// What becomes of one record.
    private enum Verdict {
        case hidden
        /// Under a view, as it was published or as it stands in `value`.
        case shown(view: Int, isPublished: Bool, schemaID: Int32?)
        case withheld(reason: String, view: Int?, isItsFault: Bool)
    }

    private mutating func projected(_ batch: StoredBatch) throws(Interruption) -> Outcome {
        guard let header = try? RecordBatchHeader(peekingAt: batch.bytes), header.totalBytes == batch.bytes.readableBytes, let codec = header.codec
        else { throw .unreadable(RecordBatchViolation(.truncatedHeader(bytes: batch.bytes.readableBytes))) }
        var records = batch.bytes
        records.moveReaderIndex(forwardBy: RecordBatchHeader.sizeBytes)
        if codec != .none {
            do throws(InflateError) {
                records = try codec.inflated(records, inflatedBytesMax: limits.inflatedBytesMax)
            } catch {
                throw .unreadable(RecordBatchViolation(error))
            }
        }
        guard !header.isControl else { return .projected(Shown(header, 0).batch(batch, header, records.readableBytes), []) }
        var shown = Shown(header, restriction.views.count)
        var withheld: [WithheldRecord] = []
        try records.withUnsafeReadableBytes { bytes throws(Interruption) in
            var cursor = RecordCursor(bytes, headersMax: .max)
            for index in 0..<Int(max(0, header.recordCount)) {
                let record = StoredRecord(try Self.next(&cursor, index), cursor, bytes, header)
                switch try verdict(on: record, plainSchemaID: batch.schemaIDs[index]) {
                case .hidden: break
                case .withheld(let reason, let view, let isItsFault):
                    withheld.append(record.withheld(reason, view.map { restriction.views[$0].citation }, isItsFault, restriction.terms.hasQuarantine))
                case .shown(let view, let isPublished, let schemaID):
                    if let refused = try show(record, view, isPublished, schemaID, &shown) { withheld.append(refused) }
                }
            }
        }
        return .projected(shown.batch(batch, header, records.readableBytes), withheld)
    }

    private static func next(_ cursor: inout RecordCursor, _ index: Int) throws(Interruption) -> RecordCursor.Span {
        do throws(RecordCursor.Malformed) {
            return try cursor.next()
        } catch {
            throw .unreadable(RecordBatchViolation(.malformedRecord(field: error.rawValue), recordIndex: index))
        }
    }

    // MARK: Values

    /// - Parameter plainSchemaID: what the log noted of the record, for values that do not say it themselves.
    private mutating func verdict(on record: StoredRecord, plainSchemaID: Int32) throws(Interruption) -> Verdict {
        guard let payload = record.value else {
            // There is nothing in it that a condition could be met by.
            guard let view = restriction.views.firstIndex(where: { $0.rows.isEmpty }) else { return .hidden }
            return .shown(view: view, isPublished: true, schemaID: nil)
        }
        let id: Int32
        let document: UnsafeRawBufferPointer
        switch restriction.terms.framing {
        case .plain: (id, document) = (plainSchemaID, payload)
        case .confluent:
            guard payload.count >= SubjectRule.frameBytes, payload[0] == 0 else {
                return .withheld(reason: "framing", view: nil, isItsFault: true)
            }
            id = Int32(bigEndian: payload.loadUnaligned(fromByteOffset: 1, as: Int32.self))
            document = UnsafeRawBufferPointer(rebasing: payload[SubjectRule.frameBytes...])
        }
        guard let program = try program(of: id) else { return .withheld(reason: "schema-id", view: nil, isItsFault: true) }
        return verdict(on: document, id, program)
    }

    private mutating func verdict(on document: UnsafeRawBufferPointer, _ id: Int32, _ program: SchemaProgram) -> Verdict {
        for (view, form) in program.forms.enumerated() {
            let verdict: ProjectionVerdict
            switch form {
            case .whole: return .shown(view: view, isPublished: true, schemaID: id)
            case .hidden: continue
            case .impossible(let why, let conditions):
                verdict = conditions?.rows(document, framing: restriction.terms.framing, scratch: &value) ?? .visible
                if verdict == .visible { return .withheld(reason: why, view: view, isItsFault: false) }
            case .rows(let projection):
                verdict = projection.rows(document, framing: restriction.terms.framing, scratch: &value)
                if verdict == .visible { return .shown(view: view, isPublished: true, schemaID: id) }
            case .projected(let projection, let derived):
                value.removeAll()
                if restriction.terms.framing == .confluent { value.appendFrame(of: derived) }
                verdict = projection.apply(document, framing: restriction.terms.framing, into: &value)
                if verdict == .visible { return .shown(view: view, isPublished: false, schemaID: derived) }
            }
            // A record that a view would show and cannot does not fall to the next one.
            if case .withheld(let reason) = verdict { return .withheld(reason: reason.rawValue, view: view, isItsFault: true) }
        }
        return .hidden
    }

    /// nil for a schema that is none of the topic's.
    private mutating func program(of id: Int32) throws(Interruption) -> SchemaProgram? {
        if let last, last.id == id { return last.program }
        if let known = restriction.program(of: .value(id), in: edition) {
            last = (id, known)
            return known
        }
        guard let schema = registry.compiled(id: id), let subject = restriction.terms.valueSubject, schema.wasVersion(of: subject) else { return nil }
        throw .needs(.value(id))
    }

    // MARK: Records

    /// - Returns: the record where its key cannot be masked.
    private mutating func show(
        _ record: StoredRecord, _ view: Int, _ isPublished: Bool, _ schemaID: Int32?, _ shown: inout Shown
    ) throws(Interruption) -> WithheldRecord? {
        let rule = restriction.keyRules[view]
        if isPublished, restriction.views[view].showsWholeRecords {
            shown.append(record, view, schemaID)
            return nil
        }
        switch try shownKey(record.key, rule, view) {
        case .withheld(let reason, let isItsFault):
            return record.withheld(reason, restriction.views[view].citation, isItsFault, restriction.terms.hasQuarantine)
        case .nothing: append(record, nil, isPublished, view, schemaID, &shown)
        case .published: append(record, record.key, isPublished, view, schemaID, &shown)
        case .written: key.withUnsafeBytes { bytes in append(record, bytes, isPublished, view, schemaID, &shown) }
        }
        return nil
    }

    private borrowing func append(
        _ record: StoredRecord, _ key: UnsafeRawBufferPointer?, _ isPublished: Bool, _ view: Int, _ schemaID: Int32?, _ shown: inout Shown
    ) {
        let headers = record.headersSayingNothing
        guard !isPublished else { return shown.append(record, key: key, value: record.value, headers, view, schemaID) }
        value.withUnsafeBytes { shown.append(record, key: key, value: $0, headers, view, schemaID) }
    }

    // MARK: Keys

    private enum ShownKey {
        case nothing, published
        /// In `key`.
        case written
        /// - Parameter isItsFault: the record's and not the agreement's, which does not fit the schema.
        case withheld(String, isItsFault: Bool)
    }

    private mutating func shownKey(_ published: UnsafeRawBufferPointer?, _ rule: KeyRule, _ view: Int) throws(Interruption) -> ShownKey {
        guard let published else { return .nothing }
        switch rule {
        case .asPublished: return .published
        case .nothing: return .nothing
        case .impossible(let why): return .withheld(why, isItsFault: false)
        case .hash:
            guard let hashes = restriction.hashes else { throw .needs(.secret) }
            key.removeAll()
            hashes.hash(published, under: restriction.views[view].agreement, into: &key)
            return .written
        case .fields: return try projectedKey(published, view)
        }
    }

    /// Of a typed key in its frame. One without a frame does not say what it is, so nothing of it is shown.
    private mutating func projectedKey(_ published: UnsafeRawBufferPointer, _ view: Int) throws(Interruption) -> ShownKey {
        guard let subject = restriction.terms.keySubject, restriction.terms.framing == .confluent else { return .nothing }
        guard published.count >= SubjectRule.frameBytes, published[0] == 0 else { return .withheld("key framing", isItsFault: true) }
        let id = Int32(bigEndian: published.loadUnaligned(fromByteOffset: 1, as: Int32.self))
        guard let program = restriction.program(of: .key(id), in: edition) else {
            guard let schema = registry.compiled(id: id), schema.wasVersion(of: subject) else { return .withheld("key schema-id", isItsFault: true) }
            throw .needs(.key(id))
        }
        let document = UnsafeRawBufferPointer(rebasing: published[SubjectRule.frameBytes...])
        switch program.forms[view] {
        case .whole, .rows: return .published
        case .hidden: return .nothing
        case .impossible(let why, _): return .withheld("key: \(why)", isItsFault: false)
        case .projected(let projection, let derived):
            key.removeAll()
            key.appendFrame(of: derived)
            switch projection.apply(document, framing: .confluent, into: &key) {
            case .visible: return .written
            case .hidden: return .nothing
            case .withheld(let reason): return .withheld("key \(reason.rawValue)", isItsFault: true)
            }
        }
    }
}

/// One record of a stored batch where it lies.
private struct StoredRecord {
    let span: RecordCursor.Span
    let key: UnsafeRawBufferPointer?
    let value: UnsafeRawBufferPointer?
    private let cursor: RecordCursor
    private let bytes: UnsafeRawBufferPointer
    private let header: RecordBatchHeader

    @inline(__always)
    init(_ span: RecordCursor.Span, _ cursor: RecordCursor, _ bytes: UnsafeRawBufferPointer, _ header: RecordBatchHeader) {
        self.span = span
        self.cursor = cursor
        self.bytes = bytes
        self.header = header
        key = span.key.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
        value = span.value.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
    }

    var offset: Int64 { header.baseOffset &+ span.offsetDelta }

    var encodedHeaders: RecordBatchRewriter.Headers {
        guard span.headerCount > 0 else { return .none }
        return .encoded(UnsafeRawBufferPointer(rebasing: bytes[span.headers]), count: span.headerCount)
    }

    /// Which record this one corrects, as admission has judged it: a place in the log. All others are their publisher's words.
    var headersSayingNothing: RecordBatchRewriter.Headers {
        guard span.headerCount > 0 else { return .none }
        return .listed(
            cursor.headers(of: span).compactMap { header in
                guard bytes[header.key].elementsEqual(RecordHeaders.corrects.utf8), let range = header.value,
                    let place = RecordPlace(UnsafeRawBufferPointer(rebasing: bytes[range]))
                else { return nil }
                return Record.Header(key: RecordHeaders.corrects, value: ByteBuffer(string: "\(place.partition)/\(place.offset)"))
            })
    }

    /// - Parameter hasQuarantine: there is a place for a copy of it.
    func withheld(_ reason: String, _ citation: String?, _ isItsFault: Bool, _ hasQuarantine: Bool) -> WithheldRecord {
        WithheldRecord(
            offset: offset, timestamp: header.hasAppendTime ? header.maxTimestamp : header.baseTimestamp &+ span.timestampDelta, reason: reason,
            citation: citation, isItsFault: isItsFault, content: isItsFault && hasQuarantine ? content : nil)
    }

    private var content: WithheldRecord.Content {
        let headers = span.headerCount > 0 ? cursor.headers(of: span) : []
        return WithheldRecord.Content(
            key: key.map { ByteBuffer(bytes: $0) }, value: value.map { ByteBuffer(bytes: $0) },
            headers: headers.map { header in
                Record.Header(
                    key: String(decoding: bytes[header.key], as: UTF8.self),
                    value: header.value.map { ByteBuffer(bytes: bytes[$0]) })
            })
    }
}

/// The records of a batch that are shown, as they gather.
private struct Shown {
    private var rewriter: RecordBatchRewriter
    private var shown: [ShownRecords]
    /// Records that are shown exactly as they were published.
    private var published: Int32 = 0

    init(_ header: RecordBatchHeader, _ views: Int) {
        rewriter = RecordBatchRewriter(of: header)
        shown = (0..<views).map { ShownRecords(view: $0) }
    }

    /// As it was published.
    mutating func append(_ record: StoredRecord, _ view: Int, _ schemaID: Int32?) {
        rewriter.append(record.span, key: record.key, value: record.value, headers: record.encodedHeaders)
        shown[view].add(record.offset, schemaID: schemaID)
        published += 1
    }

    mutating func append(
        _ record: StoredRecord, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, _ headers: RecordBatchRewriter.Headers, _ view: Int,
        _ schemaID: Int32?
    ) {
        rewriter.append(record.span, key: key, value: value, headers: headers)
        shown[view].add(record.offset, schemaID: schemaID)
    }

    func batch(_ stored: StoredBatch, _ header: RecordBatchHeader, _ inflatedBytes: Int) -> ProjectedBatch {
        let content: ProjectedBatch.Content
        if rewriter.recordCount == 0 {
            content = .nothing
        } else if published == header.recordCount {
            content = .asStored
        } else {
            content = .rewritten(rewriter.build())
        }
        return ProjectedBatch(
            content: content, baseOffset: stored.baseOffset, lastOffset: stored.lastOffset, leaderEpoch: header.partitionLeaderEpoch,
            shown: shown.filter { !$0.runs.isEmpty }, inflatedBytes: inflatedBytes)
    }
}

extension SchemaIDs {
    /// Of the record at a place of the batch; -1 for none.
    fileprivate subscript(index: Int) -> Int32 {
        switch self {
        case .none: -1
        case .uniform(let id): id
        case .each(let ids): index < ids.count ? ids[index] : -1
        }
    }
}

extension RegisteredSchema {
    /// Also where that version was deleted since: records of the log have it.
    func wasVersion(of subject: String) -> Bool { memberships.contains { $0.name.subject == subject } }
}

extension ProjectionBuffer {
    /// Confluent's wire format.
    fileprivate mutating func appendFrame(of id: Int32) {
        Swift.withUnsafeBytes(of: id.bigEndian) { id in
            Swift.withUnsafeBytes(of: UInt8(0)) { append($0) }
            append(id)
        }
    }
}
