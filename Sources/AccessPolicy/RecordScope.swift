/// Which records a decision to read shows, and what of them.
public enum RecordScope: Hashable, Sendable {
    /// Every record, byte for byte as it was published.
    case unrestricted
    /// Each record under the first view whose `rows` it meets; hidden where it meets none. In the order of the agreements; views behind one
    /// without `rows` are left out, since no record reaches them.
    case views([RecordView])

    /// What a refusal shows.
    public static let nothing = RecordScope.views([])
}

/// What one rule shows of a topic's records, where it does not show all of them whole.
public struct RecordView: Hashable, Sendable {
    /// The rule's agreement, and its index there.
    public let agreement: String
    public let rule: Int
    /// The rule of which it hands something on, where it is a delegation's.
    public let source: RuleCitation?
    /// Field paths as the agreement writes them; nil for every field, and empty for none.
    public let allowed: [String]?
    /// By field path. What is masked is among what is allowed.
    public let masks: [String: FieldGrant.Mask]
    /// Conditions on the published values, by field path: each field must have one of its values, written as text. Empty for every record.
    public let rows: [String: [String]]
    /// What the rule lets read for; empty for anything.
    public let purposes: [String]

    public init(
        agreement: String, rule: Int, allowed: [String]?, masks: [String: FieldGrant.Mask], rows: [String: [String]], purposes: [String] = [],
        source: RuleCitation? = nil
    ) {
        self.agreement = agreement
        self.rule = rule
        self.allowed = allowed
        self.masks = masks
        self.rows = rows
        self.purposes = purposes
        self.source = source
    }

    /// What allows reading under it.
    public var ground: Decision.Ground {
        guard let source else { return .agreement(id: agreement, rule: rule) }
        return .delegation(RuleCitation(agreement: agreement, rule: rule), of: source)
    }

    /// `ID#rule`, as the audit and the ledger cite it; of what was handed on with its source, `ID#rule/ID#rule`.
    public var citation: String { ground.citationText ?? "\(agreement)#\(rule)" }
}

extension RecordView {
    /// nil for a rule that shows every record whole.
    /// - Parameter source: of which it hands something on.
    public init?(_ rule: PartyRule, index: Int, of agreement: String, source: RuleCitation? = nil) {
        guard rule.isRestricted else { return nil }
        self.init(
            agreement: agreement, rule: index, allowed: rule.fields?.allow, masks: rule.fields?.mask ?? [:], rows: rule.rows,
            purposes: rule.purposes, source: source)
    }
}

extension PartyRule {
    /// Whether a subscriber under this rule may see less than was published.
    public var isRestricted: Bool { fields != nil || !rows.isEmpty }
}
