import AccessPolicy
import NIOCore
import Storage

/// What one answer hands of one partition to a connection.
struct Delivery: Sendable {
    /// What was read under one rule.
    struct Portion: Sendable {
        /// The place of the rule in ``DeliveryGrounds/forms``, which is that of the view.
        let form: Int
        /// The records that are in the answer; those hidden or withheld are not.
        var offsets: OffsetRuns
        var bytes: Int
        /// Those of what is sent, each once.
        var schemaIDs: [Int32]
    }

    let source: DeliverySource
    /// From the first offset to the last of what was read, whether or not it may be seen.
    let passed: ClosedRange<Int64>
    var portions: [Portion]

    init(_ source: DeliverySource, passed: ClosedRange<Int64>, portions: [Portion]) {
        self.source = source
        self.passed = passed
        self.portions = portions
    }

    /// What a restriction showed in batches of so many bytes. Where records of several views are in them, each is told its share by how many
    /// records it has.
    init(_ source: DeliverySource, passed: ClosedRange<Int64>, shown: [ShownRecords], bytes: Int) {
        var portions: [Portion] = []
        var bytesLeft = bytes
        var recordsLeft = shown.reduce(0) { $0 + $1.count }
        for records in shown {
            let share = recordsLeft > 0 ? bytesLeft * records.count / recordsLeft : 0
            bytesLeft -= share
            recordsLeft -= records.count
            portions.append(Portion(form: records.view, offsets: OffsetRuns(records.runs), bytes: share, schemaIDs: records.schemaIDs))
        }
        self.init(source, passed: passed, portions: portions)
    }

    /// Batches as they were stored, sent whole: the first may begin before the offset that was asked for.
    init?(_ source: DeliverySource, _ batches: [StoredBatch]) {
        guard let first = batches.first, let last = batches.last else { return nil }
        var portion = Portion(form: 0, offsets: OffsetRuns(), bytes: 0, schemaIDs: [])
        for batch in batches {
            portion.offsets.append(batch.baseOffset.rawValue...batch.lastOffset.rawValue)
            portion.bytes += batch.bytes.readableBytes
            switch batch.schemaIDs {
            case .none: break
            case .uniform(let id): portion.schemaIDs.add(id)
            case .each(let ids): for id in ids where id >= 0 { portion.schemaIDs.add(id) }
            }
        }
        self.init(source, passed: first.baseOffset.rawValue...last.lastOffset.rawValue, portions: [portion])
    }
}

/// A partition that a session reads, and by what.
struct DeliverySource: Sendable {
    let topic: Topic
    let partition: PartitionID
    let reading: Reading

    var grounds: DeliveryGrounds { reading.grounds }
}

/// What a decision lets a session be given of a topic, as the ledger cites it. One object a decision, kept with it.
final class DeliveryGrounds: Sendable {
    /// A form in which records are given: whole, or with fields changed.
    struct Form: Hashable, Sendable {
        /// `agreement:DSA-2026-014#1`, `role:auditor`.
        let citation: String
        /// What is not given as it was published, `citizenId:last4`, and what alone is given, `only:citizenId,vaccine`; nil where
        /// everything is.
        let fields: [String]?

        init(citation: String, fields: [String]?) {
            self.citation = citation
            self.fields = fields
        }

        init(_ view: RecordView) {
            let masked = view.masks.map { "\($0.key):\($0.value.rawValue)" }.sorted()
            let only = view.allowed.map { ["only:" + $0.joined(separator: ",")] } ?? []
            self.init(citation: "agreement:\(view.citation)", fields: masked.isEmpty && only.isEmpty ? nil : masked + only)
        }
    }

    /// What was decided, to be decided again when something changes.
    let question: AccessQuestion
    let decision: Decision
    let forms: [Form]

    var policyVersion: Int64 { decision.policyVersion }
    var purpose: AgreedPurpose? { decision.purpose }

    init(_ question: AccessQuestion, _ decision: Decision) {
        guard case .allowed(let ground) = decision.outcome else { preconditionFailure("nothing is delivered on a refusal") }
        self.question = question
        self.decision = decision
        forms =
            switch decision.records {
            case .unrestricted: [Form(citation: ground.auditWord, fields: nil)]
            case .views(let views): views.map(Form.init)
            }
    }

    /// Whether entries would say the same.
    func says(_ other: DeliveryGrounds) -> Bool {
        self === other
            || question == other.question && policyVersion == other.policyVersion && purpose == other.purpose && forms == other.forms
    }
}

extension [Int32] {
    /// Once: a partition has one schema or a few.
    mutating func add(_ id: Int32) {
        if last != id, !contains(id) { append(id) }
    }
}
