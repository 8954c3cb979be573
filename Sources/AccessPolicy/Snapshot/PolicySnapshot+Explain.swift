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

    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        case allows
        case denies
        /// It would, and has not begun.
        case pending
        /// It did, and has ended.
        case ended
        /// It allows it for other purposes, or for one that must be declared.
        case otherPurpose
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
        let covering = agreements.filter { $0.topic.matches(asked.topic) && !(isClosed && $0.opensOnlyUnclassified) }
        let rules = covering.flatMap { agreement in
            agreement.parties.indices.compactMap { index in
                verdict(of: agreement.parties[index], agreement.term, on: asked.rights, question.purpose, for: identity, at: instant).map {
                    ExplainedRule(agreement: agreement.id, rule: index, node: agreement.parties[index].node, verdict: $0)
                }
            }
        }
        let owners = Set(covering.filter { !$0.isBinding }.map(\.owner))
        let stewards = Set(covering.flatMap(\.signedBy).filter { signer in owners.contains { signer.hasPrefix("\($0)/") } })
        return Explanation(decision: decision, rules: rules, owners: owners.sorted(), stewards: stewards.sorted())
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
