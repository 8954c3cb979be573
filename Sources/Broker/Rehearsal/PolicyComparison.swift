public import AccessPolicy

/// Two sets of agreements asked the same questions. Pure.
struct PolicyComparison {
    private let before: PolicySnapshot
    private let after: PolicySnapshot
    private let instant: PolicyInstant

    init(from before: PolicySnapshot, to after: PolicySnapshot, at instant: PolicyInstant) {
        self.before = before
        self.after = after
        self.instant = instant
    }

    /// What several nodes of a rule meet alike is one effect.
    private struct Key: Hashable {
        let nodes: String
        let topic: String
        let isReplay: Bool
        let purpose: String?
        let kind: RehearsedEffect.Kind
        let before: String?
        let after: String?
    }

    /// Losses first, then by topic and nodes.
    func effects(on accesses: Set<UsedAccess>) -> [RehearsedEffect] {
        var nodes: [Key: Set<String>] = [:]
        for access in accesses {
            guard let identity = NodeIdentity(path: access.node) else { continue }
            let (old, new) = (decision(of: before, access, identity), decision(of: after, access, identity))
            guard let kind = Self.kind(from: old, to: new) else { continue }
            let pattern = Self.nodes(of: old, in: before) ?? Self.nodes(of: new, in: after) ?? access.node
            let key = Key(
                nodes: pattern, topic: access.topic, isReplay: access.isReplay, purpose: access.purpose, kind: kind,
                before: Self.citation(of: old), after: Self.citation(of: new))
            nodes[key, default: []].insert(access.node)
        }
        return nodes.map { key, nodes in
            RehearsedEffect(
                nodes: key.nodes, count: nodes.count, example: nodes.min() ?? key.nodes, topic: key.topic, isReplay: key.isReplay,
                purpose: key.purpose, kind: key.kind, before: key.before, after: key.after)
        }.sorted { Self.order(of: $0) < Self.order(of: $1) }
    }

    /// Agreements of the second set that let somebody read, and by which nothing that was used would be decided.
    func unused(by accesses: Set<UsedAccess>) -> [String] {
        let identities = accesses.compactMap { access in NodeIdentity(path: access.node).map { (access, $0) } }
        return after.agreements.filter { agreement in
            let readers = agreement.parties.filter { !$0.may.isDisjoint(with: [.subscribe, .replay]) }
            guard !agreement.isBinding, !readers.isEmpty, agreement.term.contains(instant) else { return false }
            return !identities.contains { access, identity in
                agreement.topic.matches(access.topic) && readers.contains { $0.node.matches(identity) && $0.may.contains(access.isReplay ? .replay : .subscribe) }
            }
        }.map(\.id)
    }

    private func decision(of policy: PolicySnapshot, _ access: UsedAccess, _ identity: NodeIdentity) -> Decision {
        policy.decide(access.question, for: identity, at: instant)
    }

    private static func kind(from before: Decision, to after: Decision) -> RehearsedEffect.Kind? {
        switch (before.outcome, after.outcome) {
        case (.refused, .refused): return nil
        case (.allowed, .refused(let refusal)): return .loses(refusal)
        case (.refused, .allowed): return .gains
        case (.allowed, .allowed):
            let difference = ScopeDifference(from: before.records, to: after.records)
            return difference.isEmpty ? nil : .sees(difference)
        }
    }

    private static func citation(of decision: Decision) -> String? {
        guard case .allowed(let ground) = decision.outcome else { return nil }
        return ground.citationText
    }

    /// Whom the rule that allows it names.
    private static func nodes(of decision: Decision, in policy: PolicySnapshot) -> String? {
        guard case .allowed(let ground) = decision.outcome, let citation = ground.citation?.rule,
            let agreement = policy.agreements.first(where: { $0.id == citation.agreement })
        else { return nil }
        return "\(agreement.parties[citation.rule].node)"
    }

    private static func order(of effect: RehearsedEffect) -> (Int, String, String, String) {
        let rank =
            switch effect.kind {
            case .loses: 0
            case .sees: 1
            case .gains: 2
            }
        return (rank, effect.topic, effect.nodes, effect.example)
    }
}

extension NodeIdentity {
    /// Of a node known by its path alone: what agreements say needs neither its authority nor its roles.
    public init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let identity = try? NodeIdentity(authority: "any", agency: parts[0], unit: parts[1], node: parts[2]) else {
            return nil
        }
        self = identity
    }
}
