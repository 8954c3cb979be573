import AccessPolicy
import Testing

/// The rules once more, written for reading and not for speed: every agreement, every rule, one after the other.
private struct NaivePolicy {
    let agreements: [Agreement]

    func allowsPayload(_ right: Right, _ topic: String, _ identity: NodeIdentity, _ instant: PolicyInstant) -> Bool {
        !topic.hasPrefix("_")
            && rules(of: identity).contains { agreement, rule in
                agreement.topic.matches(topic) && rule.may.contains(right) && agreement.term.contains(instant)
            }
    }

    private func rules(of identity: NodeIdentity) -> [(Agreement, PartyRule)] {
        agreements.flatMap { agreement in
            agreement.parties.filter { $0.node.matches(identity) }.map { (agreement, $0) }
        }
    }

    func allows(_ question: AccessQuestion, _ identity: NodeIdentity, _ instant: PolicyInstant) -> Bool {
        let roles = identity.roles
        switch question {
        case .publish(let topic): return allowsPayload(.publish, topic, identity, instant)
        case .tombstone(let topic): return allowsPayload(.tombstone, topic, identity, instant)
        case .subscribe(let topic):
            if topic.hasPrefix("_audit.") { return roles.contains(.auditor) }
            return allowsPayload(.subscribe, topic, identity, instant)
        case .administer(let topic):
            if topic.hasPrefix("_") { return false }
            return roles.contains(.operator) || allowsPayload(.administer, topic, identity, instant)
        case .describe(let topic):
            if roles.contains(.operator) || roles.contains(.auditor) { return true }
            if topic.hasPrefix("_") { return false }
            if roles.contains(.steward), agreements.contains(where: { $0.topic.matches(topic) && $0.owner == identity.agency }) {
                return true
            }
            return Right.allCases.contains { allowsPayload($0, topic, identity, instant) }
        case .useGroup(let group):
            let owner = groupOwner(group, identity)
            if let owner { return owner == identity.agency }
            return rules(of: identity).contains { agreement, rule in
                agreement.term.contains(instant) && rule.groups.contains { $0.matches(group) }
            }
        case .describeGroup(let group):
            return roles.contains(.operator) || roles.contains(.auditor) || allows(.useGroup(group), identity, instant)
        case .administerGroup(let group):
            return roles.contains(.operator) || groupOwner(group, identity) == identity.agency
        case .produceIdempotently:
            return rules(of: identity).contains { $0.1.may.contains(.publish) && $0.0.term.contains(instant) }
        case .describeCluster: return true
        case .administerCluster: return roles.contains(.operator)
        case .administerAgreements(let owner):
            return roles.contains(.operator) || roles.contains(.steward) && owner == identity.agency
        case .administerSubject(_, let owners):
            return roles.contains(.operator) || roles.contains(.steward) && owners.contains(identity.agency)
        case .describeSubject(_, let owners):
            return roles.contains(.operator) || roles.contains(.auditor) || owners.contains(identity.agency)
        case .audit: return roles.contains(.auditor)
        }
    }

    private func groupOwner(_ group: String, _ identity: NodeIdentity) -> String? {
        let named = agreements.flatMap { agreement in [agreement.owner] + agreement.parties.compactMap(\.node.agency) }
        return (named + [identity.agency]).filter { group == $0 || group.hasPrefix($0 + ".") }.max { $0.count < $1.count }
    }
}

/// Small alphabets, so that patterns, names and dates collide often.
private struct RandomPolicy {
    var generator: SeededGenerator

    mutating func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &generator)! }  // never empty

    let agencies = ["a", "b", "a.b"]
    let names = ["t", "t.", "t.x", "t.x.y", "t.xy", "u", "tt", "t.x.y.z"]
    let groups = ["g", "g1", "a", "a.b", "a.b.c", "b.g", "ax", "g.a", ""]

    mutating func agreement(_ id: Int) throws -> Agreement {
        let dates: [PolicyInstant] = [.min, 10, 20, 30]
        let ends: [PolicyInstant] = [15, 20, 40, .max]
        let name = pick(names)
        return Agreement(
            id: "A\(id)", topic: try TopicPattern(pick([name, name + "*", "*"])), owner: pick(agencies),
            parties: try (0..<Int.random(in: 1...3, using: &generator)).map { _ in try party() },
            term: Term(start: pick(dates), end: pick(ends)))
    }

    private mutating func party() throws -> PartyRule {
        let path = "\(pick(agencies + ["*"]))/\(pick(["u", "*"]))/\(pick(["n", "m", "*"]))"
        let rights: [Set<Right>] = [[.publish], [.subscribe], [.administer], [.publish, .subscribe]]
        let patterns = try (0..<Int.random(in: 0...2, using: &generator)).map { _ in
            try GroupPattern(pick(["g", "g*", "a*", "b.g", "ax"]))
        }
        return PartyRule(node: try NodePattern(path), may: pick(rights), groups: patterns)
    }

    mutating func identity() throws -> NodeIdentity {
        let roles: [Set<Role>] = [[.member], [.member], [.operator], [.auditor], [.steward], []]
        return try NodeIdentity(
            authority: "city", agency: pick(agencies + ["z"]), unit: pick(["u", "v"]), node: pick(["n", "m", "o"]), roles: pick(roles))
    }

    mutating func question() -> AccessQuestion {
        let topic = pick(names + ["_audit.access", "_x", "other"])
        let group = pick(groups)
        return pick([
            .publish(topic: topic), .tombstone(topic: topic), .subscribe(topic: topic), .describe(topic: topic), .administer(topic: topic), .useGroup(group),
            .describeGroup(group), .administerGroup(group), .produceIdempotently, .describeCluster, .administerCluster,
            .administerAgreements(owner: pick(agencies)), .administerSubject("s", owners: [pick(agencies)]),
            .describeSubject("s", owners: [pick(agencies), pick(agencies)]), .audit,
        ])
    }
}

@Suite struct DifferentialTests {
    @Test("the compiled snapshot decides as the rules read one by one do, and its answers hold as long as they say")
    func agreesWithTheRules() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("DifferentialTests seed \(seed)")
        var random = RandomPolicy(generator: SeededGenerator(seed: seed))
        for _ in 0..<400 {
            let agreements = try (0..<Int.random(in: 0...8, using: &random.generator)).map { try random.agreement($0) }
            let policy = try PolicySnapshot(compiling: agreements, version: 1)
            let naive = NaivePolicy(agreements: agreements)
            for _ in 0..<60 {
                let identity = try random.identity()
                let question = random.question()
                let instant = PolicyInstant.random(in: 0...45, using: &random.generator)
                let decision = policy.decide(question, for: identity, at: instant)
                let context: Comment = "seed \(seed), \(question), \(identity.path) \(identity.roles), at \(instant)"
                #expect(decision.isAllowed == naive.allows(question, identity, instant), context)
                #expect(decision.holdsUntil > instant, context)
                for later in instant..<max(instant + 1, min(46, decision.holdsUntil)) {
                    #expect(naive.allows(question, identity, later) == decision.isAllowed, context)
                }
            }
        }
    }
}
