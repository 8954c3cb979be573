/// One party's rule of one agreement, as decisions, the audit and the delivery ledger cite it.
public struct RuleCitation: Hashable, Sendable, CustomStringConvertible {
    /// The agreement's id.
    public let agreement: String
    /// The index of the party.
    public let rule: Int

    public init(agreement: String, rule: Int) {
        self.agreement = agreement
        self.rule = rule
    }

    /// `ID#rule`
    public var description: String { "\(agreement)#\(rule)" }
}

extension Decision.Ground {
    /// The rule that allowed it, and the one of which it hands something on; nil where no agreement was needed.
    public var citation: (rule: RuleCitation, source: RuleCitation?)? {
        switch self {
        case .agreement(let id, let rule): (RuleCitation(agreement: id, rule: rule), nil)
        case .delegation(let rule, let source): (rule, source)
        case .role, .ownGroup, .ownAgency, .everyone: nil
        }
    }

    /// `DSA-1#0`; of what was handed on both rules, `EDU-3#0/DSA-1#2`. Neither a space nor a slash stands in an id.
    public var citationText: String? {
        citation.map { rule, source in source.map { "\(rule)/\($0)" } ?? "\(rule)" }
    }
}
