extension AgreementsCheck {
    /// A party's rule as it counts: of a delegation what it hands on, once for each rule of its source.
    public struct CountedRule: Sendable {
        public let agreement: String
        /// The index of the party in it.
        public let party: Int
        public let topic: TopicPattern
        public let rule: PartyRule
    }

    /// Of all agreements as they were written, in their order.
    public var countedRules: [CountedRule] {
        EffectiveRule.all(of: written).map { CountedRule(agreement: written[$0.agreement].id, party: $0.rule, topic: $0.topic, rule: $0.party) }
    }
}

extension AgreementsCheck {
    /// Where a delegation hands on nothing, or less than it says. Never a mistake: whoever owns the records changes and ends what it gave
    /// without waiting for those who handed it on.
    static func delegationWarnings(_ set: [AgreementInFile], at now: PolicyInstant) -> [AgreementsProblem] {
        let byID = Dictionary(set.map { ($0.agreement.id, $0.agreement) }, uniquingKeysWith: { first, _ in first })
        let counted = Set(EffectiveRule.all(of: set.map(\.agreement)).compactMap { $0.source == nil ? nil : [$0.agreement, $0.rule] })
        var warnings: [AgreementsProblem] = []
        for (index, item) in set.enumerated() where warnings.count < AgreementsError.problemsMax {
            guard let id = item.agreement.delegates, item.agreement.term.standing(at: now) != .ended else { continue }
            guard let source = byID[id], source.delegates == nil else {
                warnings.append(item.problem("delegation \(item.agreement.id) hands on nothing: there is no agreement \(id) of the set that can be handed on"))
                continue
            }
            let given = source.delegableRules(to: item.agreement.owner).map(\.rule)
            guard !given.isEmpty else {
                warnings.append(
                    item.problem(
                        "delegation \(item.agreement.id) hands on nothing: agreement \(id) has no party of \(item.agreement.owner) with “delegate: true”"))
                continue
            }
            for (rule, party) in item.agreement.parties.enumerated() {
                let excess = party.excess(beyond: given) + (source.topic.covers(item.agreement.topic) ? [] : ["topic"])
                if !counted.contains([index, rule]) {
                    warnings.append(item.problem(ofParty: rule, "delegation \(item.agreement.id) hands on nothing to \(party.node): agreement \(id) gives none of it"))
                } else if !excess.isEmpty {
                    warnings.append(
                        item.problem(
                            ofParty: rule,
                            "delegation \(item.agreement.id) says more for \(party.node) than agreement \(id) gives, and counts as far as that does: "
                                + excess.joined(separator: ", ")))
                }
            }
            if source.term.end < item.agreement.term.end, item.agreement.term.end != .max {
                warnings.append(item.problem("delegation \(item.agreement.id) ends with agreement \(id), before its own date"))
            }
        }
        return warnings
    }
}

extension PartyRule {
    /// What this rule names and none of the others gives, in the grammar's words.
    fileprivate func excess(beyond given: [PartyRule]) -> [String] {
        let rights = may.subtracting(given.reduce(into: []) { $0.formUnion($1.may) }).sorted().map(\.rawValue)
        let purposes = given.contains { $0.purposes.isEmpty } ? [] : purposes.filter { id in !given.contains { $0.purposes.contains(id) } }
        let groups = groups.filter { group in !given.contains { $0.groups.contains { $0.covers(group) } } }.map(\.description)
        let fields = (fields?.allow ?? []).filter { path in
            !given.contains { rule in rule.fields?.allow?.contains { path.isField(inside: $0) } ?? true }
        }
        return rights + purposes + groups + fields
    }
}
