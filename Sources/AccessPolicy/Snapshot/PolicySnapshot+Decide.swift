extension PolicySnapshot {
    /// Decides one question for one node at one time. No allocation, one hash or binary search and the rules that concern the
    /// node's agency on that topic.
    public func decide(_ question: AccessQuestion, for identity: NodeIdentity, at instant: PolicyInstant) -> Decision {
        switch question {
        case .publish(let topic):
            topic.isBrokerOwnedTopic ? refuse(.brokerOwned) : agreed(.publish, on: topic, for: identity, at: instant)
        case .tombstone(let topic):
            topic.isBrokerOwnedTopic ? refuse(.brokerOwned) : agreed(.tombstone, on: topic, for: identity, at: instant)
        case .subscribe(let topic):
            topic.isBrokerOwnedTopic
                ? subscribeToBrokerOwned(topic, for: identity) : agreed(.subscribe, on: topic, for: identity, at: instant)
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
        case .audit:
            role(.auditor, of: identity) ?? refuse(.roleMissing(.auditor))
        }
    }

    // MARK: Topics

    /// Payloads: agreements alone, whatever the roles.
    private func agreed(
        _ right: Right, on topic: String, for identity: NodeIdentity, at instant: PolicyInstant
    ) -> Decision {
        conclude(finding(RightSet(right), on: topic, for: identity, at: instant))
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
        return role(.operator, of: identity) ?? agreed(.administer, on: topic, for: identity, at: instant)
    }

    private func produceIdempotently(for identity: NodeIdentity, at instant: PolicyInstant) -> Decision {
        var finding = Finding()
        publishers.forEach(concerning: identity) { finding.consider($0, at: instant) }
        return conclude(finding)
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
        _ rights: RightSet, on topic: String, for identity: NodeIdentity, at instant: PolicyInstant
    ) -> Finding {
        var finding = Finding()
        var next = topics.entry(covering: topic)
        while let index = next {
            topics.entries[index].grants.forEach(concerning: identity) { grant in
                if !grant.rights.isDisjoint(with: rights) { finding.consider(grant, at: instant) }
            }
            next = topics.entries[index].parent
        }
        return finding
    }

    // MARK: Groups

    private func useGroup(_ group: String, for identity: NodeIdentity, at instant: PolicyInstant) -> Decision {
        switch groupOwner(of: group, askedBy: identity) {
        case .asker: return allow(.ownGroup)
        case .another: return refuse(.groupOfAnotherAgency)
        case .nobody: break
        }
        var finding = Finding()
        groupUsers.forEach(concerning: identity) { grant in
            if grant.groups.contains(where: { $0.matches(group) }) { finding.consider(grant, at: instant) }
        }
        return conclude(finding)
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

    /// Allowed until the last of the grants in force ends; refused until the first of those to come begins.
    private func conclude(_ finding: Finding) -> Decision {
        if let grant = finding.inForce {
            let ground = Decision.Ground.agreement(id: agreements[grant.agreement].id, rule: grant.rule)
            return Decision(.allowed(by: ground), policyVersion: version, holdsUntil: grant.end)
        }
        if let grant = finding.pending {
            let refusal = Decision.Refusal.agreementNotYetInForce(id: agreements[grant.agreement].id)
            return Decision(.refused(refusal), policyVersion: version, holdsUntil: grant.start)
        }
        if let grant = finding.ended { return refuse(.agreementEnded(id: agreements[grant.agreement].id)) }
        return refuse(.noAgreement)
    }
}
