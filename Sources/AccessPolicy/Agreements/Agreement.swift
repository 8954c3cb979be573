/// One agreement to share the records of a topic: who may do what with them, on which basis, from when until when.
public struct Agreement: Hashable, Sendable {
    /// Unique in a set; letters, digits, '.', '_' and '-', so that it can name a file.
    public let id: String
    public let topic: TopicPattern
    /// The agency that owns the records; of a delegation the agency that hands on what it was given.
    public let owner: String
    /// The id of the agreement of which this one hands on, within `owner`, what that gives it; nil for one between agencies.
    public let delegates: String?
    public let parties: [PartyRule]
    public let legalBasis: String?
    public let term: Term
    /// The nodes, `agency/unit/node`, that must sign. Recorded; `policy.signatures` says whether signatures are required.
    public let signedBy: [String]

    public init(
        id: String, topic: TopicPattern, owner: String, parties: [PartyRule], legalBasis: String? = nil, term: Term = .always,
        signedBy: [String] = [], delegates: String? = nil
    ) {
        self.id = id
        self.topic = topic
        self.owner = owner
        self.parties = parties
        self.legalBasis = legalBasis
        self.term = term
        self.signedBy = signedBy
        self.delegates = delegates
    }

    /// The same agreement but for its term or its parties.
    func with(term: Term? = nil, parties: [PartyRule]? = nil) -> Agreement {
        Agreement(
            id: id, topic: topic, owner: owner, parties: parties ?? self.parties, legalBasis: legalBasis, term: term ?? self.term,
            signedBy: signedBy, delegates: delegates)
    }
}

extension Agreement {
    /// The same agreement with what it denies alone; its rules keep their places.
    var withoutGrants: Agreement { with(parties: parties.map { PartyRule(node: $0.node, may: [], deny: $0.deny) }) }
}

/// What an agreement grants, or denies, to the nodes of one pattern.
public struct PartyRule: Hashable, Sendable {
    public let node: NodePattern
    public let may: Set<Right>
    /// Denied whatever this and other agreements allow, for every purpose.
    public let deny: Set<Right>
    /// Purposes one of which a subscriber must declare, or the only one there is; empty for no restriction.
    public let purposes: [String]
    public let fields: FieldGrant?
    /// Only records whose field has one of the values.
    public let rows: [String: [String]]
    /// Group ids beside the agency's own.
    public let groups: [GroupPattern]
    /// Whether the agency of these nodes may hand on to others of its nodes what they may.
    public let isDelegable: Bool

    public init(
        node: NodePattern, may: Set<Right>, deny: Set<Right> = [], purposes: [String] = [], fields: FieldGrant? = nil,
        rows: [String: [String]] = [:], groups: [GroupPattern] = [], isDelegable: Bool = false
    ) {
        self.node = node
        self.may = may
        self.deny = deny
        self.purposes = purposes
        self.fields = fields
        self.rows = rows
        self.groups = groups
        self.isDelegable = isDelegable
    }
}

/// What a party may do with a topic.
public enum Right: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Append records.
    case publish
    /// Read records as a subscriber.
    case subscribe
    /// Read any range again, for a purpose.
    case replay
    /// Create, alter and delete the topic, cut its head.
    case administer
    /// Order the erasure of a person's data.
    case erase
    /// Publish null values.
    case tombstone
    /// Learn that the topic exists, its partitions and configuration. Every other right says that too.
    case describe

    public static func < (left: Right, right: Right) -> Bool { left.rawValue < right.rawValue }
}

/// The fields that a subscriber sees, and how some of them are hidden.
public struct FieldGrant: Hashable, Sendable {
    /// nil: every field.
    public let allow: [String]?
    public let mask: [String: Mask]

    public enum Mask: String, Hashable, Sendable, CaseIterable {
        case last4, hash, year, drop, redact
    }

    public init(allow: [String]?, mask: [String: Mask]) {
        self.allow = allow
        self.mask = mask
    }
}
