import KafkaWire
import MessageSchema
import Storage

/// Looks at every record of one batch by the rules of its topic. One pass; a valid batch costs no allocation beyond its schema ids.
struct RecordCheck {
    enum Verdict {
        case valid(SchemaIDs)
        /// The records that the rules do not allow, in their order.
        case refused([RefusedRecord])
        /// Corrections of records whose writers are not known yet.
        case needsOriginals(Set<RecordPlace>)
        /// Whether a correction is allowed cannot be told now.
        case unreadable(StorageError)
    }

    private let rules: RecordRules
    private let writer: Digest256
    private let principal: String
    /// Who wrote the records that are corrected.
    private let originals: [RecordPlace: OriginalWriter]
    private var unreadable: StorageError?
    private var mayTombstone: Bool?
    private var missing: Set<RecordPlace> = []
    private var refused: [RefusedRecord] = []
    private var schemaIDs = SchemaIDs.none
    private var lastSchema: RegisteredSchema?

    static func judge(
        _ batch: ValidatedBatch, _ grant: AdmissionGrant, originals: [RecordPlace: OriginalWriter]
    ) -> Verdict {
        guard !grant.rules.areMet(byAnyOf: batch.traits) else { return .valid(.none) }
        var check = RecordCheck(grant, originals: originals)
        batch.forEachRecordView { record in
            guard check.refused.count < Limits.recordErrorsMax || check.rules.keepsRefused else { return }
            check.judge(record, of: Int(batch.header.recordCount))
        }
        if !check.refused.isEmpty { return .refused(check.refused) }
        if let error = check.unreadable { return .unreadable(error) }
        return check.missing.isEmpty ? .valid(check.schemaIDs) : .needsOriginals(check.missing)
    }

    private init(_ grant: AdmissionGrant, originals: [RecordPlace: OriginalWriter]) {
        rules = grant.rules
        writer = grant.writer
        principal = grant.principal
        self.originals = originals
    }

    private mutating func judge(_ record: RecordView, of count: Int) {
        var violations: [Violation] = []
        if let key = rules.key { violations += Self.violations(inKey: record.key, key, max: violationsMax) }
        if record.headerCount > 0 || rules.takesResolutionsOnly { violations += judgeHeaders(of: record) }
        if let value = record.value {
            if let rule = rules.value { violations += judge(value, rule, at: record.index, of: count) }
        } else if !tombstonesAllowed() {
            violations.append(Violation(path: "", rule: "tombstone", message: "a record without a value needs the right “tombstone”"))
        } else {
            note(schema: -1, at: record.index, of: count)
        }
        if !violations.isEmpty { refused.append(RefusedRecord(index: Int32(record.index), violations: violations)) }
    }

    /// The first records are told in full, the many behind them by their first violation.
    private var violationsMax: Int { refused.count < Limits.recordErrorsMax ? Limits.violationsPerRecordMax : 1 }

    private mutating func tombstonesAllowed() -> Bool {
        if let known = mayTombstone { return known }
        let decided = rules.mayTombstone()
        mayTombstone = decided
        return decided
    }

    // MARK: Documents

    private mutating func judge(_ value: UnsafeRawBufferPointer, _ rule: SubjectRule, at index: Int, of count: Int) -> [Violation] {
        switch rule.open(value, last: lastSchema) {
        case .misframed(let violation): return [violation]
        case .document(let document, let schema):
            lastSchema = schema
            note(schema: schema.id, at: index, of: count)
            return Self.violations(in: document, schema, rule, max: violationsMax)
        }
    }

    private static func violations(inKey key: UnsafeRawBufferPointer?, _ rule: SubjectRule, max: Int) -> [Violation] {
        guard let key else { return [Violation(path: "", rule: "key", message: "the topic's records have a key, of subject \(rule.subject)")] }
        switch rule.open(key) {
        case .misframed(let violation): return [violation.inKey]
        case .document(let document, let schema): return violations(in: document, schema, rule, max: max).map(\.inKey)
        }
    }

    private static func violations(
        in document: UnsafeRawBufferPointer, _ schema: RegisteredSchema, _ rule: SubjectRule, max: Int
    ) -> [Violation] {
        guard rule.isDeep else { return [] }
        guard let compiled = schema.compiled else {
            return [Violation(path: "", rule: "schema", message: schema.refusal ?? "the schema cannot be used")]
        }
        return compiled.violations(in: document, framing: rule.framing, violationsMax: max)
    }

    /// One schema for all as long as there is one, then one for each.
    private mutating func note(schema id: Int32, at index: Int, of count: Int) {
        switch schemaIDs {
        case .none where index == 0: schemaIDs = .uniform(id)
        case .uniform(let known) where known == id: break
        case .each(var all):
            schemaIDs = .none
            all[index] = id
            schemaIDs = .each(all)
        case .none, .uniform:
            var all = [Int32](repeating: -1, count: count)
            if case .uniform(let known) = schemaIDs { for place in 0..<index { all[place] = known } }
            all[index] = id
            schemaIDs = .each(all)
        }
    }

    // MARK: Headers

    private mutating func judgeHeaders(of record: RecordView) -> [Violation] {
        var isResolution = false
        var violations: [Violation] = []
        for (key, value) in record.headers {
            if key.elementsEqual(RecordHeaders.corrects.utf8) {
                if let violation = judgeCorrection(value) { violations.append(violation) }
            } else if key.elementsEqual(RecordHeaders.resolves.utf8) {
                isResolution = value.flatMap(RecordPlace.init) != nil
            }
        }
        if rules.takesResolutionsOnly, !isResolution {
            violations.append(
                Violation(
                    path: "", rule: RecordHeaders.resolves,
                    message: "the topic is a quarantine: the broker alone keeps records in it, and a publisher says by this header what became of one"))
        }
        return violations
    }

    private mutating func judgeCorrection(_ value: UnsafeRawBufferPointer?) -> Violation? {
        func violation(_ message: String) -> Violation { Violation(path: "", rule: RecordHeaders.corrects, message: message) }
        guard let place = value.flatMap(RecordPlace.init), Int(place.partition) < rules.partitionCount else {
            return violation("it names the corrected record as <partition>/<offset> of this topic")
        }
        guard let known = originals[place] else {
            guard missing.count < Limits.correctionsMax else { return violation("one request corrects at most \(Limits.correctionsMax) records") }
            missing.insert(place)
            return nil
        }
        switch known {
        case .noSuchRecord:
            return violation("there is no such record in the topic")
        case .unreadable(let error):
            unreadable = error
            return nil
        case .publisher:
            guard rules.ownsTopic || known.isWritten(by: principal, key: writer) else {
                return violation("a record is corrected by the node that published it, or by the topic's owner")
            }
            return nil
        }
    }
}

/// A record that the rules of its topic do not allow.
struct RefusedRecord: Hashable {
    /// The record's place in its batch.
    let index: Int32
    let violations: [Violation]
}

/// The headers of a record that mean something here.
enum RecordHeaders {
    /// `<partition>/<offset>`: this record takes the place of that one, which stays.
    static let corrects = "hanbridge-corrects"
    /// `<partition>/<offset>`, in a quarantine: that entry is dealt with.
    static let resolves = "hanbridge-resolves"
}

/// A record of a topic: `<partition>/<offset>`.
struct RecordPlace: Hashable {
    let partition: Int32
    let offset: Int64

    /// - Returns: nil unless both are decimal digits without a sign.
    init?(_ text: UnsafeRawBufferPointer) {
        guard text.count <= 32 else { return nil }
        let parts = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) }),
            let partition = Int32(String(decoding: parts[0], as: UTF8.self)), let offset = Int64(String(decoding: parts[1], as: UTF8.self))
        else { return nil }
        self.partition = partition
        self.offset = offset
    }
}

extension Violation {
    /// Where keys and values are both checked, a path tells which of them it leads into.
    fileprivate var inKey: Violation { Violation(path: "key:\(path)", rule: rule, message: message) }
}
