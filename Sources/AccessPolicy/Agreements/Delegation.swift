/// One party's rule as it counts: as it was written; of a delegation, what is left of it within one rule of its source.
///
/// A delegation gives nothing of its own. What it hands on is the meet of both: the rights, topics, times, purposes, groups, fields
/// and records that its rule names and its source's rule gives. So whoever changes or ends the source changes or ends what was
/// handed on, without asking who handed on what.
struct EffectiveRule {
    /// Index into the set, here and of the rule in that agreement.
    let agreement: Int
    let rule: Int
    let topic: TopicPattern
    let term: Term
    let party: PartyRule
    let source: Source?

    /// What a delegated rule hands on.
    struct Source: Hashable {
        let citation: RuleCitation
        /// The nodes to which the agreement gives it: what is denied to all of them is denied to those that have it from them.
        let node: NodePattern
        /// The topics that are left.
        let topic: TopicPattern
    }
}

extension EffectiveRule {
    /// Every rule of a set, in the order of the agreements and their rules; of what a rule of a delegation hands on, in the order of the
    /// source's rules, so that a record is shown under the same of them as to the source's own nodes.
    static func all(of agreements: [Agreement]) -> [EffectiveRule] {
        let sources = Dictionary(
            agreements.lazy.filter { $0.delegates == nil && !$0.isBinding && !$0.isEmergency }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var rules: [EffectiveRule] = []
        var handedOn = 0
        for (index, agreement) in agreements.enumerated() {
            guard let id = agreement.delegates else {
                rules += agreement.parties.indices.map {
                    EffectiveRule(
                        agreement: index, rule: $0, topic: agreement.topic, term: agreement.term, party: agreement.parties[$0], source: nil)
                }
                continue
            }
            guard let source = sources[id] else { continue }
            let delegated = agreement.handedOn(of: source, index: index)
            handedOn += delegated.count
            // As a whole or not at all: without one of its rules others would show the records that are that one's.
            if handedOn <= AgreementsLimits.delegatedRulesMax { rules += delegated } else { handedOn -= delegated.count }
        }
        return rules
    }
}

extension Agreement {
    /// The rules of an agreement that its agency may hand on.
    func delegableRules(to agency: String) -> [(index: Int, rule: PartyRule)] {
        parties.enumerated().filter { $0.element.isDelegable && $0.element.node.agency == agency }.map { ($0.offset, $0.element) }
    }

    fileprivate func handedOn(of source: Agreement, index: Int) -> [EffectiveRule] {
        guard let topic = topic.meet(source.topic), let term = term.meet(source.term) else { return [] }
        let delegable = source.delegableRules(to: owner)
        guard parties.count * delegable.count <= AgreementsLimits.delegatedRulesMax else { return [] }
        return parties.enumerated().flatMap { rule, party in
            delegable.compactMap { sourceIndex, given in
                guard party.node.agency == owner, let left = party.within(given) else { return nil }
                return EffectiveRule(
                    agreement: index, rule: rule, topic: topic, term: term, party: left,
                    source: EffectiveRule.Source(
                        citation: RuleCitation(agreement: source.id, rule: sourceIndex), node: given.node, topic: topic))
            }
        }
    }
}

extension PartyRule {
    /// What is left of this rule within another; nil for nothing.
    func within(_ given: PartyRule) -> PartyRule? {
        let rights = may.intersection(given.may)
        guard !rights.isEmpty else { return nil }
        let shared = purposes.filter { given.purposes.contains($0) }
        let rows = Self.meet(rows, given.rows)
        // Where both name purposes and share none, or conditions that no record meets, there is nothing to read.
        let readsNothing = !purposes.isEmpty && !given.purposes.isEmpty && shared.isEmpty || rows.values.contains(where: \.isEmpty)
        let left = readsNothing ? rights.subtracting([.subscribe, .replay]) : rights
        guard !left.isEmpty else { return nil }
        return PartyRule(
            node: node, may: left, purposes: purposes.isEmpty ? given.purposes : given.purposes.isEmpty ? purposes : shared,
            fields: FieldGrant.meet(fields, given.fields), rows: rows,
            groups: groups.flatMap { group in given.groups.compactMap { group.meet($0) } })
    }

    /// A field with conditions of both has one of the values that both name; none where they name no value in common.
    private static func meet(_ left: [String: [String]], _ right: [String: [String]]) -> [String: [String]] {
        left.merging(right) { mine, given in mine.filter { given.contains($0) } }
    }
}

extension FieldGrant {
    /// What both show, masked as both say. Of two masks on one field the one that shows nothing of it is taken.
    static func meet(_ left: FieldGrant?, _ right: FieldGrant?) -> FieldGrant? {
        guard let left, let right else { return left ?? right }
        let showsKey = left.saysSomethingOfKey && right.saysSomethingOfKey
        let allow: [String]?
        switch (left.allow, right.allow) {
        case (let one?, nil), (nil, let one?): allow = one
        case (nil, nil): allow = nil
        case (let mine?, let given?):
            var shared: [String] = []
            for path in mine {
                for other in given {
                    let inner = path.isField(inside: other) ? path : other.isField(inside: path) ? other : nil
                    if let inner, !shared.contains(inner) { shared.append(inner) }
                }
            }
            allow = shared
        }
        var masks = left.mask.merging(right.mask) { mine, given in
            mine == given ? mine : mine == .drop || given == .drop ? .drop : .redact
        }
        // A mask on what holds an allowed field is one on that field.
        if let allow {
            for (path, mask) in masks where !allow.contains(where: { path.isField(inside: $0) }) {
                masks[path] = nil
                for field in allow where field.isField(inside: path) { masks[field] = masks[field].map { $0 == mask ? mask : .drop } ?? mask }
            }
        }
        guard !showsKey else { return FieldGrant(allow: allow, mask: masks) }
        return FieldGrant(allow: allow?.filter { !$0.isField(inside: Self.key) }, mask: masks.filter { !$0.key.isField(inside: Self.key) })
    }

    /// The path of a record's key, and the beginning of those inside it.
    private static let key = "$key"

    /// Whoever is restricted to some fields sees of a record's key what the rule names of it, and nothing where it names nothing.
    private var saysSomethingOfKey: Bool {
        let isWhole = allow == nil && mask.isEmpty
        return isWhole || ((allow ?? []) + mask.keys).contains { $0.isField(inside: Self.key) }
    }
}

extension TopicPattern {
    /// The pattern of the topics that both match; nil where there are none.
    func meet(_ other: TopicPattern) -> TopicPattern? {
        if covers(other) { return other }
        return other.covers(self) ? self : nil
    }
}

extension GroupPattern {
    /// The pattern of the groups that both match; nil where there are none.
    func meet(_ other: GroupPattern) -> GroupPattern? {
        if covers(other) { return other }
        return other.covers(self) ? self : nil
    }
}

extension Term {
    /// nil where they have no moment in common.
    func meet(_ other: Term) -> Term? {
        guard overlaps(other) else { return nil }
        return Term(
            start: max(start, other.start), end: min(end, other.end), fromText: start >= other.start ? fromText : other.fromText,
            untilText: end <= other.end ? untilText : other.untilText)
    }
}

extension String {
    /// Whether a field's path is another one, or leads on from it.
    func isField(inside path: String) -> Bool {
        self == path || hasPrefix(path) && [".", "/"].contains(dropFirst(path.count).first)
    }
}
