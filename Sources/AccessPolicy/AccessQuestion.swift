/// One thing that a node wants to do. Every interface asks in these words, so that Kafka, HTTPS and the command line cannot
/// come to different answers.
public enum AccessQuestion: Hashable, Sendable {
    /// Append records to a topic.
    case publish(topic: String)
    /// Append a record without a value: a deletion, for whoever reads by key. Beside the right to publish.
    case tombstone(topic: String)
    /// Order the erasure of a person's data in a topic.
    case erase(topic: String)
    /// Read records of a topic as a subscriber, for what the request declares.
    case subscribe(topic: String, purpose: PurposeDeclaration = .none)
    /// Read any range of a topic again, outside every group, for a purpose that must be declared.
    case replay(topic: String, purpose: PurposeDeclaration)
    /// Learn that a topic exists, its partitions, bounds and configuration.
    case describe(topic: String)
    /// Create, alter or delete a topic, or cut its head.
    case administer(topic: String)
    /// Join a consumer group, commit and fetch its offsets.
    case useGroup(String)
    /// Learn that a group exists, its members and offsets.
    case describeGroup(String)
    /// Delete a group or its offsets.
    case administerGroup(String)
    /// Get a producer id. Any right to publish is enough.
    case produceIdempotently
    /// Learn the cluster's nodes. Every admitted node may.
    case describeCluster
    /// Change the broker: its configuration, certificates, log directories.
    case administerCluster
    /// See the agreements of one owner agency, or apply a set of them.
    case administerAgreements(owner: String)
    /// Register, delete and configure schemas of a subject that belongs to these agencies.
    case administerSubject(String, owners: Set<String>)
    /// Read the schemas of a subject that belongs to these agencies and that no topic opens to the node.
    case describeSubject(String, owners: Set<String>)
    /// Learn why a node of an agency may or may not do something with what these agencies own.
    case explain(agency: String, owners: Set<String>)
    /// Read `_audit.*` topics.
    case audit
}

extension AccessQuestion {
    /// What the request declares to read for.
    public var purpose: PurposeDeclaration {
        switch self {
        case .subscribe(_, let purpose), .replay(_, let purpose): purpose
        case .publish, .tombstone, .erase, .describe, .administer, .useGroup, .describeGroup, .administerGroup, .produceIdempotently,
            .describeCluster, .administerCluster, .administerAgreements, .administerSubject, .describeSubject, .explain, .audit:
            .none
        }
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z. Policy is pure: callers bring the time.
public typealias PolicyInstant = Int64

/// An answer with its reason. The reason is built only when somebody asks for it: most decisions are yes, on the hot path.
public struct Decision: Sendable {
    public enum Outcome: Hashable, Sendable {
        case allowed(by: Ground)
        case refused(Refusal)
    }

    /// What allowed it.
    public enum Ground: Hashable, Sendable {
        /// The agreement's id and the index of the party rule inside it.
        case agreement(id: String, rule: Int)
        /// A rule of a delegation, which hands on within its agency what a rule of an agreement gives that.
        case delegation(RuleCitation, of: RuleCitation)
        case role(Role)
        /// The group id is the node's own agency or begins with it and a dot.
        case ownGroup
        /// What is asked for belongs to the node's own agency.
        case ownAgency
        /// Every admitted node may.
        case everyone
    }

    /// Why not. `missing` is a sentence for those entitled to know it (operators, auditors, the topic's stewards).
    public enum Refusal: Hashable, Sendable {
        case noAgreement
        case agreementNotYetInForce(id: String)
        case agreementEnded(id: String)
        /// The agreement denies it, whatever others allow.
        case denied(id: String, rule: Int)
        /// Agreements in force cover the node for several purposes, and it declared none.
        case purposeNotDeclared
        /// Agreements in force cover the node, for other purposes than the one that it declared.
        case purposeNotAgreed
        /// What it declared is no purpose's id.
        case purposeUnreadable
        case roleMissing(Role)
        case groupOfAnotherAgency
        /// A topic of the broker's own (`_…`), which nobody writes.
        case brokerOwned
    }

    public let outcome: Outcome
    public let policyVersion: Int64
    /// The decision holds until this instant if the policy does not change before; `Int64.max` when no date bounds it.
    public let holdsUntil: PolicyInstant
    /// What records may be read for by this decision; nil where no purpose was needed and none was declared.
    public let purpose: AgreedPurpose?
    /// What a decision to read shows of the records; nothing where it refuses, without meaning for what is no reading.
    public let records: RecordScope

    /// - Parameter records: of what is allowed.
    public init(
        _ outcome: Outcome, policyVersion: Int64, holdsUntil: PolicyInstant, purpose: AgreedPurpose? = nil,
        records: RecordScope = .unrestricted
    ) {
        self.outcome = outcome
        self.policyVersion = policyVersion
        self.holdsUntil = holdsUntil
        self.purpose = purpose
        switch outcome {
        case .allowed: self.records = records
        case .refused: self.records = .nothing
        }
    }

    /// The same decision, to be made again earlier where something else that it depends on changes.
    public func holding(until instant: PolicyInstant) -> Decision {
        Decision(outcome, policyVersion: policyVersion, holdsUntil: min(holdsUntil, instant), purpose: purpose, records: records)
    }

    public var isAllowed: Bool {
        switch outcome {
        case .allowed: true
        case .refused: false
        }
    }
}
