/// A decision with everything that it was made of, for those who may know: operators, auditors, stewards.
public struct Explanation: Sendable {
    public let decision: Decision
    /// Every rule of the agreements that cover the topic, and what it says to the question, in the set's order.
    public let rules: [ExplainedRule]
    /// The agencies that agreements name as owners of the topic, sorted: whom to ask.
    public let owners: [String]
    /// The nodes of these agencies that sign their agreements, sorted.
    public let stewards: [String]

    /// What concerns the node itself: of others' topics a party may know no more.
    public var seenByParty: Explanation {
        let own = rules.filter { $0.verdict != .otherNode }
        return Explanation(
            decision: decision, rules: own, owners: own.isEmpty ? [] : owners, stewards: own.isEmpty ? [] : stewards)
    }
}

/// What one rule says to a question.
public struct ExplainedRule: Hashable, Sendable {
    public let agreement: String
    public let rule: Int
    public let node: NodePattern
    public let verdict: Verdict
    /// The rule of which a delegation's rule hands something on.
    public let source: RuleCitation?

    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        case allows
        case denies
        /// It would, and has not begun.
        case pending
        /// It did, and has ended.
        case ended
        /// It allows it for other purposes, or for one that must be declared.
        case otherPurpose
        /// It hands on what its source does not give, or gives no more.
        case nothingHandedOn
        /// It is about the node, and about other rights.
        case otherRight
        /// It is about the right, and about other nodes.
        case otherNode
    }
}

extension PolicySnapshot {
    /// Slow and complete, where ``decide(_:for:at:)`` is fast: it goes through all agreements.
    public func explain(_ question: AccessQuestion, for identity: NodeIdentity, at instant: PolicyInstant) -> Explanation {
        let decision = decide(question, for: identity, at: instant)
        guard let asked = question.topicRights, !asked.topic.isBrokerOwnedTopic else {
            return Explanation(decision: decision, rules: [], owners: [], stewards: [])
        }
        let isClosed = closedTopics.contains(asked.topic)
        let covering = agreements.indices.filter {
            agreements[$0].topic.matches(asked.topic) && !(isClosed && agreements[$0].opensOnlyUnclassified)
        }
        let effective = Dictionary(grouping: EffectiveRule.all(of: agreements)) { [$0.agreement, $0.rule] }
        let rules = covering.flatMap { index in
            agreements[index].parties.indices.flatMap { rule in
                explained(rule, of: agreements[index], as: effective[[index, rule]] ?? [], asked, question.purpose, for: identity, at: instant)
            }
        }
        let owners = Set(covering.map { agreements[$0] }.filter { !$0.isBinding && $0.delegates == nil }.map(\.owner))
        let stewards = Set(covering.map { agreements[$0] }.flatMap(\.signedBy).filter { signer in owners.contains { signer.hasPrefix("\($0)/") } })
        return Explanation(decision: decision, rules: rules, owners: owners.sorted(), stewards: stewards.sorted())
    }

    /// - Parameter effective: what the rule comes to, one for each rule that it hands on.
    private func explained(
        _ index: Int, of agreement: Agreement, as effective: [EffectiveRule], _ asked: (topic: String, rights: Set<Right>),
        _ purpose: PurposeDeclaration, for identity: NodeIdentity, at instant: PolicyInstant
    ) -> [ExplainedRule] {
        let party = agreement.parties[index]
        func explained(_ verdict: ExplainedRule.Verdict, _ source: RuleCitation?) -> ExplainedRule {
            ExplainedRule(agreement: agreement.id, rule: index, node: party.node, verdict: verdict, source: source)
        }
        let written = verdict(of: party, agreement.term, on: asked.rights, purpose, for: identity, at: instant)
        guard agreement.delegates != nil else { return written.map { [explained($0, nil)] } ?? [] }
        let rules = effective.filter { $0.topic.matches(asked.topic) }.compactMap { rule -> ExplainedRule? in
            guard let verdict = verdict(of: rule.party, rule.term, on: asked.rights, purpose, for: identity, at: instant) else { return nil }
            let isTaken = verdict == .allows && asked.rights.intersection(rule.party.may).allSatisfy { right in
                rule.source.map { isDenied(right, toAll: $0.node, on: asked.topic, at: instant) } ?? false
            }
            return explained(isTaken ? .nothingHandedOn : verdict, rule.source?.citation)
        }
        if !rules.isEmpty { return rules }
        return written.map { [explained([.otherNode, .otherRight].contains($0) ? $0 : .nothingHandedOn, nil)] } ?? []
    }

    private func isDenied(_ right: Right, toAll nodes: NodePattern, on topic: String, at instant: PolicyInstant) -> Bool {
        agreements.contains { agreement in
            agreement.topic.matches(topic) && agreement.term.contains(instant)
                && agreement.parties.contains { $0.deny.contains(right) && $0.node.covers(nodes) }
        }
    }

    /// nil for a rule that has to do neither with the node nor with the right.
    private func verdict(
        of rule: PartyRule, _ term: Term, on rights: Set<Right>, _ purpose: PurposeDeclaration, for identity: NodeIdentity,
        at instant: PolicyInstant
    ) -> ExplainedRule.Verdict? {
        let (allows, denies) = (!rule.may.isDisjoint(with: rights), !rule.deny.isDisjoint(with: rights))
        guard rule.node.matches(identity) else { return allows || denies ? .otherNode : nil }
        guard allows || denies else { return .otherRight }
        switch term.standing(at: instant) {
        case .pending: return .pending
        case .ended: return .ended
        case .inForce: break
        }
        if denies && rights.count == 1 { return .denies }
        switch purpose {
        case .none where rights == [.replay]: return .otherPurpose
        case .none where rule.purposes.count <= 1 || rights.count > 1: return allows ? .allows : .denies
        case .purpose(let id) where rule.purposes.isEmpty || rule.purposes.contains(id): return .allows
        case .none, .purpose, .unreadable: return .otherPurpose
        }
    }
}

extension AccessQuestion {
    /// The topic that the question is about.
    public var topic: String? { topicRights?.topic }

    /// The topic that the question is about, and the rights any one of which answers it.
    var topicRights: (topic: String, rights: Set<Right>)? {
        switch self {
        case .publish(let topic): (topic, [.publish])
        case .tombstone(let topic): (topic, [.tombstone])
        case .erase(let topic): (topic, [.erase])
        case .subscribe(let topic, _): (topic, [.subscribe])
        case .replay(let topic, _): (topic, [.replay])
        case .describe(let topic): (topic, Set(Right.allCases))
        case .administer(let topic): (topic, [.administer])
        case .useGroup, .describeGroup, .administerGroup, .produceIdempotently, .describeCluster, .administerCluster,
            .administerAgreements, .administerSubject, .describeSubject, .explain, .audit:
            nil
        }
    }
}
