/// An agreement as one reader may see it.
public struct AgreementOverview: Hashable, Sendable {
    /// With the parties that the reader may see.
    public let agreement: Agreement
    public let standing: Term.Standing
}

extension PolicySnapshot {
    /// The agreements that concern a node, in the set's order: operators and auditors see all; a steward those that its agency owns
    /// or is party to, and what is handed on of its own; every other node those that name it, with only the parties that do.
    public func overview(for identity: NodeIdentity, at instant: PolicyInstant) -> [AgreementOverview] {
        let seesAll = !identity.roles.isDisjoint(with: [.operator, .auditor])
        let isSteward = identity.roles.contains(.steward)
        let own = isSteward ? Set(agreements.filter { $0.owner == identity.agency }.map(\.id)) : []
        return agreements.compactMap { agreement in
            let standing = agreement.term.standing(at: instant)
            let isOfOwn = agreement.delegates.map(own.contains) ?? false
            if seesAll || isSteward && (isOfOwn || agreement.concerns(agency: identity.agency)) {
                return AgreementOverview(agreement: agreement, standing: standing)
            }
            let parties = agreement.parties.filter { $0.node.matches(identity) }
            guard !parties.isEmpty else { return nil }
            return AgreementOverview(agreement: agreement.with(parties: parties), standing: standing)
        }
    }

    /// Those of the topics that the node may describe, in the order given.
    public func describable(
        _ topics: some Sequence<String>, by identity: NodeIdentity, at instant: PolicyInstant
    ) -> [String] {
        topics.filter { decide(.describe(topic: $0), for: identity, at: instant).isAllowed }
    }

    /// What a node may read a topic for, as a subscriber.
    public func readingPurposes(on topic: String, for identity: NodeIdentity, at instant: PolicyInstant) -> ReadingPurposes {
        var purposes = ReadingPurposes()
        guard !topic.isBrokerOwnedTopic, finding(RightSet(.subscribe), on: topic, for: identity, at: instant).isAllowed else { return purposes }
        var next = topics.entry(covering: topic)
        while let index = next {
            topics.entries[index].grants.forEach(concerning: identity) { grant in
                guard !grant.isLimited || !closedTopics.contains(topic) else { return }
                guard grant.rights.contains(RightSet(.subscribe)), grant.start <= instant, instant < grant.end else { return }
                guard !isTakenFromSource(grant, RightSet(.subscribe), on: topic, at: instant) else { return }
                if grant.purposes.isEmpty { purposes.isFree = true } else { purposes.named.formUnion(grant.purposes) }
            }
            next = topics.entries[index].parent
        }
        return purposes
    }

    /// The rights that agreements in force give a node on a topic, for one purpose or another.
    public func rights(on topic: String, for identity: NodeIdentity, at instant: PolicyInstant) -> Set<Right> {
        guard !topic.isBrokerOwnedTopic else { return [] }
        return Set(Right.allCases.filter { finding(RightSet($0), on: topic, for: identity, at: instant).isAllowed })
    }
}

/// What a node may read a topic for.
public struct ReadingPurposes: Hashable, Sendable {
    /// The purposes that agreements in force name.
    public var named: Set<String>
    /// One of them asks for no purpose: any may be declared, or none.
    public var isFree = false

    public init(named: Set<String> = [], isFree: Bool = false) {
        self.named = named
        self.isFree = isFree
    }
}

extension Agreement {
    func concerns(agency: String) -> Bool {
        owner == agency || parties.contains { $0.node.agency == nil || $0.node.agency == agency }
    }
}
