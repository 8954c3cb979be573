extension PolicySnapshot {
    /// Decides one question for one node at one time. No allocation but of a group's beginnings, one hash or binary search and the
    /// rules that concern the node's agency on that topic.
    public func decide(_ question: AccessQuestion, for identity: NodeIdentity, at instant: PolicyInstant) -> Decision {
        switch question {
        case .publish(let topic):
            topic.isBrokerOwnedTopic ? refuse(.brokerOwned) : agreed(.publish, on: topic, for: identity, at: instant)
        case .tombstone(let topic):
            topic.isBrokerOwnedTopic ? refuse(.brokerOwned) : agreed(.tombstone, on: topic, for: identity, at: instant)
        case .erase(let topic):
            topic.isBrokerOwnedTopic ? refuse(.brokerOwned) : agreed(.erase, on: topic, for: identity, at: instant)
        case .subscribe(let topic, let purpose):
            topic.isBrokerOwnedTopic
                ? subscribeToBrokerOwned(topic, for: identity)
                : agreed(.subscribe, on: topic, for: identity, Finding.PurposeNeed(purpose, mustBeDeclared: false), at: instant)
        case .replay(let topic, let purpose):
            topic.isBrokerOwnedTopic
                ? subscribeToBrokerOwned(topic, for: identity)
                : agreed(.replay, on: topic, for: identity, Finding.PurposeNeed(purpose, mustBeDeclared: true), at: instant)
        case .describe(let topic):
            describe(topic, for: identity, at: instant)
        case .administer(let topic):
            administer(topic, for: identity, at: instant)
        case .useGroup(let group):
            useGroup(group, for: identity, at: instant)
        case .describeGroup(let group):
            role(.operator, of: identity) ?? role(.auditor, of: identity) ?? useGroup(group, for: identity, at: instant)
        case .administerGroup(let group):
            role(.operator, of: identity) ?? administerOwnGroup(group, for: identity)
        case .produceIdempotently:
            produceIdempotently(for: identity, at: instant)
        case .describeCluster:
            allow(.everyone)
        case .administerCluster:
            role(.operator, of: identity) ?? refuse(.roleMissing(.operator))
        case .administerAgreements(let owner):
            administerAgreements(of: owner, for: identity)
        case .administerSubject(_, let owners):
            role(.operator, of: identity) ?? administerSubject(owners, for: identity)
        case .describeSubject(_, let owners):
            role(.operator, of: identity) ?? role(.auditor, of: identity)
                ?? (owners.contains(identity.agency) ? allow(.ownAgency) : refuse(.noAgreement))
        case .explain(let agency, let owners):
            role(.operator, of: identity) ?? role(.auditor, of: identity) ?? administerSubject(owners.union([agency]), for: identity)
        case .audit:
            role(.auditor, of: identity) ?? refuse(.roleMissing(.auditor))
        }
    }

    // MARK: Topics

    /// Payloads: agreements alone, whatever the roles.
    private func agreed(
        _ right: Right, on topic: String, for identity: NodeIdentity, _ need: Finding.PurposeNeed = .none, at instant: PolicyInstant
    ) -> Decision {
        conclude(finding(RightSet(right), on: topic, for: identity, need, at: instant))
    }

    private func subscribeToBrokerOwned(_ topic: String, for identity: NodeIdentity) -> Decision {
        guard topic.isAuditTopic else { return refuse(.brokerOwned) }
        return role(.auditor, of: identity) ?? refuse(.roleMissing(.auditor))
    }

    private func describe(_ topic: String, for identity: NodeIdentity, at instant: PolicyInstant) -> Decision {
        if let decision = role(.operator, of: identity) ?? role(.auditor, of: identity) { return decision }
        guard !topic.isBrokerOwnedTopic else { return refuse(.roleMissing(.auditor)) }
        if identity.roles.contains(.steward), owners(of: topic).contains(identity.agency) { return allow(.role(.steward)) }
        return conclude(finding(.any, on: topic, for: identity, at: instant))
    }

    private func administer(_ topic: String, for identity: NodeIdentity, at instant: PolicyInstant) -> Decision {
        guard !topic.isBrokerOwnedTopic else { return refuse(.brokerOwned) }
        let finding = finding(RightSet(.administer), on: topic, for: identity, at: instant)
        // A denial beats a role too: it freezes a topic until the agreement that denies is changed.
        guard identity.roles.contains(.operator), !finding.isDenied else { return conclude(finding) }
        return Decision(.allowed(by: .role(.operator)), policyVersion: version, holdsUntil: finding.holdsUntil)
    }

    private func produceIdempotently(for identity: NodeIdentity, at instant: PolicyInstant) -> Decision {
        anywhere(publishers, RightSet(.publish), for: identity, at: instant) { _ in true }
    }

    /// What a rule allows wherever its agreement's topics are, for questions that are not about a topic. A rule counts unless a
    /// denial in force takes from it, on every topic that it covers, all that it allows.
    private func anywhere(
        _ grants: GrantTable, _ rights: RightSet, for identity: NodeIdentity, at instant: PolicyInstant, where fits: (Grant) -> Bool
    ) -> Decision {
        var whole = Finding(rights, at: instant)
        grants.forEach(concerning: identity) { grant in
            guard fits(grant) else { return }
            guard !denials.isEmpty else { return whole.consider(grant) }
            var part = Finding(grant.rights, at: instant)
            let source = source(of: grant)
            let topics = source?.topic ?? agreements[grant.agreement].topic
            func consider(_ denial: Grant) {
                if agreements[denial.agreement].topic.covers(topics) { part.considerDenial(denial) }
            }
            denials.forEach(concerning: identity, consider)
            if let source { denials.forEach(concerningAll: source.node, consider) }
            part.consider(grant)
            whole.merge(part)
        }
        return conclude(whole)
    }

    /// The agencies that agreements name as owners of the topic.
    public func owners(of topic: String) -> Set<String> {
        var owners: Set<String> = []
        var next = topic.isBrokerOwnedTopic ? nil : topics.entry(covering: topic)
        while let index = next {
            owners.formUnion(topics.entries[index].owners)
            next = topics.entries[index].parent
        }
        return owners
    }

    func finding(
        _ rights: RightSet, on topic: String, for identity: NodeIdentity, _ need: Finding.PurposeNeed = .none, at instant: PolicyInstant
    ) -> Finding {
        var finding = Finding(rights, need: need, at: instant)
        let first = topics.entry(covering: topic)
        if !denials.isEmpty {
            var next = first
            while let index = next {
                topics.entries[index].denials.forEach(concerning: identity) { finding.considerDenial($0) }
                next = topics.entries[index].parent
            }
        }
        let isClosed = !closedTopics.isEmpty && closedTopics.contains(topic)
        var next = first
        while let index = next {
            topics.entries[index].grants.forEach(concerning: identity) { grant in
                guard !isClosed || !grant.isLimited else { return }
                if grant.source < 0 || denials.isEmpty || grant.rights.isDisjoint(with: finding.asked) { return finding.consider(grant) }
                finding.consider(grant, left: leftOfSource(grant, finding.asked, from: first, at: instant))
            }
            next = topics.entries[index].parent
        }
        return finding
    }

    // MARK: Delegations

    func source(of grant: Grant) -> EffectiveRule.Source? { grant.source < 0 ? nil : sources[Int(grant.source)] }

    /// Whether a right that a delegation hands on is denied to all nodes of its source, and so to those that have it from them.
    func isTakenFromSource(_ grant: Grant, _ right: RightSet, on topic: String, at instant: PolicyInstant) -> Bool {
        guard grant.source >= 0, !denials.isEmpty else { return false }
        return !leftOfSource(grant, right, from: topics.entry(covering: topic), at: instant).isWhole
    }

    /// - Parameter entry: the most particular one of the topic.
    private func leftOfSource(_ grant: Grant, _ asked: RightSet, from entry: Int?, at instant: PolicyInstant) -> Finding {
        var left = Finding(asked, at: instant)
        var next = entry
        while let index = next, let nodes = source(of: grant)?.node {
            topics.entries[index].denials.forEach(concerningAll: nodes) { left.considerDenial($0) }
            next = topics.entries[index].parent
        }
        return left
    }

    // MARK: Groups

    private func useGroup(_ group: String, for identity: NodeIdentity, at instant: PolicyInstant) -> Decision {
        if let denial = denial(ofGroup: group, for: identity) {
            return refuse(.denied(id: agreements[denial.agreement].id, rule: denial.rule))
        }
        switch groupOwner(of: group, askedBy: identity) {
        case .asker: return allow(.ownGroup)
        case .another: return refuse(.groupOfAnotherAgency)
        case .nobody: break
        }
        return anywhere(groupUsers, [RightSet(.subscribe), RightSet(.replay)], for: identity, at: instant) { grant in
            grant.groups.contains { $0.matches(group) }
        }
    }

    /// Only ACLs deny groups, and they have no dates.
    private func denial(ofGroup group: String, for identity: NodeIdentity) -> Grant? {
        guard !groupDenials.isEmpty else { return nil }
        var found: Grant?
        groupDenials.forEach(concerning: identity) { denial in
            if found == nil, denial.groups.contains(where: { $0.matches(group) }) { found = denial }
        }
        return found
    }

    /// A shared group is administered by operators only: its offsets belong to several.
    private func administerOwnGroup(_ group: String, for identity: NodeIdentity) -> Decision {
        switch groupOwner(of: group, askedBy: identity) {
        case .asker: allow(.ownGroup)
        case .another: refuse(.groupOfAnotherAgency)
        case .nobody: refuse(.roleMissing(.operator))
        }
    }

    private enum GroupOwner { case asker, another, nobody }

    /// A group id is an agency, or begins with one and a dot, and then belongs to it. Where agencies `health` and `health.lab` both
    /// exist, `health.lab.x` is the latter's: the longest wins. Only beginnings that can be an agency are tried, so a group id of
    /// thirty thousand dots costs no more than one of sixty-three.
    private func groupOwner(of group: String, askedBy identity: NodeIdentity) -> GroupOwner {
        var beginning = group.utf8.prefix(NodeIdentity.componentBytesMax + 1)
        if group.utf8.count <= NodeIdentity.componentBytesMax {
            if group == identity.agency { return .asker }
            if agencies.contains(group) { return .another }
        }
        while let dot = beginning.lastIndex(of: UInt8(ascii: ".")) {
            beginning = group.utf8[..<dot]
            let agency = Substring(beginning)
            if agency == identity.agency { return .asker }
            if agencies.contains(String(agency)) { return .another }
        }
        return .nobody
    }

    // MARK: Agreements

    /// Operators apply whole sets; a steward those of its own agency. What makes an agreement binding is its stewards'
    /// signatures, not who carried it to the broker.
    private func administerAgreements(of owner: String, for identity: NodeIdentity) -> Decision {
        if let decision = role(.operator, of: identity) { return decision }
        guard owner == identity.agency, let decision = role(.steward, of: identity) else {
            return refuse(.roleMissing(.steward))
        }
        return decision
    }

    // MARK: Schemas

    private func administerSubject(_ owners: Set<String>, for identity: NodeIdentity) -> Decision {
        guard owners.contains(identity.agency), let decision = role(.steward, of: identity) else {
            return refuse(.roleMissing(.steward))
        }
        return decision
    }

    /// The agency that a name belongs to by its beginning, as group ids do: the longest that an agreement names.
    public func agency(owning name: String) -> String? {
        var beginning = Substring(name)
        while let dot = beginning.lastIndex(of: ".") {
            beginning = beginning[..<dot]
            if agencies.contains(String(beginning)) { return String(beginning) }
        }
        return nil
    }

    // MARK: Answers

    private func role(_ role: Role, of identity: NodeIdentity) -> Decision? {
        identity.roles.contains(role) ? allow(.role(role)) : nil
    }

    private func allow(_ ground: Decision.Ground) -> Decision {
        Decision(.allowed(by: ground), policyVersion: version, holdsUntil: .max)
    }

    private func refuse(_ refusal: Decision.Refusal) -> Decision {
        Decision(.refused(refusal), policyVersion: version, holdsUntil: .max)
    }

    /// The decision holds until the first of the rules that were looked at begins or ends.
    private func conclude(_ finding: Finding) -> Decision {
        func id(_ grant: Grant) -> String { agreements[grant.agreement].id }
        func ground(_ grant: Grant) -> Decision.Ground {
            guard let source = source(of: grant) else { return .agreement(id: id(grant), rule: grant.rule) }
            return .delegation(RuleCitation(agreement: id(grant), rule: grant.rule), of: source.citation)
        }
        let refusal: Decision.Refusal
        switch finding.conclusion {
        case .allowed(let grant, let purpose):
            return Decision(
                .allowed(by: ground(grant)), policyVersion: version, holdsUntil: finding.holdsUntil, purpose: purpose)
        case .shown(let views, let purpose):
            return show(views, for: purpose, until: finding.holdsUntil)
        case .denied(let denial): refusal = .denied(id: id(denial), rule: denial.rule)
        case .purpose(let purpose): refusal = purpose
        case .pending(let grant): refusal = .agreementNotYetInForce(id: id(grant))
        case .ended(let grant): refusal = .agreementEnded(id: id(grant))
        case .nothing: refusal = .noAgreement
        }
        return Decision(.refused(refusal), policyVersion: version, holdsUntil: finding.holdsUntil)
    }

    /// No record comes to a view behind one that asks nothing of the rows.
    private func show(_ indices: [Int32], for purpose: AgreedPurpose?, until holdsUntil: PolicyInstant) -> Decision {
        var shown: [RecordView] = []
        for index in indices {
            let view = views[Int(index)]
            shown.append(view)
            if view.rows.isEmpty { break }
        }
        return Decision(
            .allowed(by: shown[0].ground), policyVersion: version, holdsUntil: holdsUntil, purpose: purpose, records: .views(shown))
    }
}
