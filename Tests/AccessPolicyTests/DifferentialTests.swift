import AccessPolicy
import Foundation
import Testing

/// The rules once more, written for reading and not for speed: every agreement, every rule, one after the other.
private struct NaivePolicy {
    let agreements: [Agreement]
    /// Topics that are classified too high for ACLs.
    var closed: Set<String> = []

    func allowsPayload(_ right: Right, _ topic: String, _ identity: NodeIdentity, _ instant: PolicyInstant) -> Bool {
        !covering(right, topic, identity, instant).isEmpty
    }

    /// The rules in force that allow something on a topic, unless one in force denies it.
    private func covering(_ right: Right, _ topic: String, _ identity: NodeIdentity, _ instant: PolicyInstant) -> [PartyRule] {
        guard !topic.hasPrefix("_"), !denies(right, topic, identity, instant) else { return [] }
        return rules(of: identity).filter { agreement, rule in
            agreement.topic.matches(topic) && rule.may.contains(right) && agreement.term.contains(instant)
                && !(agreement.id.hasPrefix(".acl") && closed.contains(topic))
        }.map(\.1)
    }

    private func denies(_ right: Right, _ topic: String, _ identity: NodeIdentity, _ instant: PolicyInstant) -> Bool {
        rules(of: identity).contains { agreement, rule in
            agreement.topic.matches(topic) && rule.deny.contains(right) && agreement.term.contains(instant)
        }
    }

    /// Only ACLs deny groups by their ids.
    private func deniesGroup(_ group: String, _ identity: NodeIdentity) -> Bool {
        rules(of: identity).contains { agreement, rule in
            agreement.id.hasPrefix(".acl") && !rule.deny.isEmpty && rule.groups.contains { $0.matches(group) }
        }
    }

    /// The purpose that reading would be for; nil where it is refused, an empty text where none is needed and none declared.
    func purpose(
        _ right: Right, _ topic: String, _ declared: PurposeDeclaration, _ identity: NodeIdentity, _ instant: PolicyInstant
    ) -> String? {
        let rules = covering(right, topic, identity, instant)
        switch declared {
        case .unreadable: return nil
        case .purpose(let id): return rules.contains { $0.purposes.isEmpty || $0.purposes.contains(id) } ? id : nil
        case .none:
            guard !rules.isEmpty, right == .subscribe else { return nil }
            if rules.contains(where: { $0.purposes.isEmpty }) { return "" }
            let shared = Set(rules.flatMap(\.purposes))
            return shared.count == 1 ? shared.first : nil
        }
    }

    /// What reading shows of a record, its fields with their masks; nil where it is hidden, and where nothing may be read.
    func shown(
        _ record: [String: String], _ right: Right, _ topic: String, _ declared: PurposeDeclaration, _ identity: NodeIdentity,
        _ instant: PolicyInstant
    ) -> [String: String]? {
        guard let purpose = purpose(right, topic, declared, identity, instant) else { return nil }
        let rules = covering(right, topic, identity, instant).filter {
            $0.purposes.isEmpty || $0.purposes.contains(purpose)
        }
        if rules.contains(where: { $0.fields == nil && $0.rows.isEmpty }) { return record.mapValues { _ in "as it is" } }
        let rule = rules.first { rule in rule.rows.allSatisfy { field, values in values.contains { $0 == record[field] } } }
        guard let rule else { return nil }
        let visible = record.filter { rule.fields?.allow?.contains($0.key) ?? true }
        return Dictionary(uniqueKeysWithValues: visible.keys.map { ($0, rule.fields?.mask[$0]?.rawValue ?? "as it is") })
    }

    /// Whether what a rule allows is denied on every topic that its agreement covers.
    private func isVoid(_ right: Right, of agreement: Agreement, for identity: NodeIdentity, _ instant: PolicyInstant) -> Bool {
        rules(of: identity).contains { denier, rule in
            let isOfGroups = denier.id.hasPrefix(".acl") && !rule.groups.isEmpty
            guard rule.deny.contains(right), denier.term.contains(instant), !isOfGroups else { return false }
            switch (denier.topic, agreement.topic) {
            case (.literal(let name), .literal(let other)): return name == other
            case (.literal, .prefix): return false
            case (.prefix(let prefix), .literal(let other)), (.prefix(let prefix), .prefix(let other)): return other.hasPrefix(prefix)
            }
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
        case .subscribe(let topic, let purpose):
            if topic.hasPrefix("_audit.") { return roles.contains(.auditor) }
            return self.purpose(.subscribe, topic, purpose, identity, instant) != nil
        case .replay(let topic, let purpose):
            if topic.hasPrefix("_audit.") { return roles.contains(.auditor) }
            return self.purpose(.replay, topic, purpose, identity, instant) != nil
        case .administer(let topic):
            if topic.hasPrefix("_") || denies(.administer, topic, identity, instant) { return false }
            return roles.contains(.operator) || allowsPayload(.administer, topic, identity, instant)
        case .describe(let topic):
            if roles.contains(.operator) || roles.contains(.auditor) { return true }
            if topic.hasPrefix("_") { return false }
            if roles.contains(.steward), agreements.contains(where: { $0.topic.matches(topic) && $0.owner == identity.agency && $0.owner != "" }) {
                return true
            }
            return !denies(.describe, topic, identity, instant)
                && Right.allCases.contains { allowsPayload($0, topic, identity, instant) }
        case .useGroup(let group):
            if deniesGroup(group, identity) { return false }
            let owner = groupOwner(group, identity)
            if let owner { return owner == identity.agency }
            return rules(of: identity).contains { agreement, rule in
                agreement.term.contains(instant) && rule.groups.contains { $0.matches(group) }
                    && [.subscribe, .replay].contains { rule.may.contains($0) && !isVoid($0, of: agreement, for: identity, instant) }
            }
        case .describeGroup(let group):
            return roles.contains(.operator) || roles.contains(.auditor) || allows(.useGroup(group), identity, instant)
        case .administerGroup(let group):
            return roles.contains(.operator) || groupOwner(group, identity) == identity.agency
        case .produceIdempotently:
            return rules(of: identity).contains { agreement, rule in
                rule.may.contains(.publish) && agreement.term.contains(instant) && !isVoid(.publish, of: agreement, for: identity, instant)
            }
        case .describeCluster: return true
        case .administerCluster: return roles.contains(.operator)
        case .administerAgreements(let owner):
            return roles.contains(.operator) || roles.contains(.steward) && owner == identity.agency
        case .administerSubject(_, let owners):
            return roles.contains(.operator) || roles.contains(.steward) && owners.contains(identity.agency)
        case .describeSubject(_, let owners):
            return roles.contains(.operator) || roles.contains(.auditor) || owners.contains(identity.agency)
        case .explain(let agency, let owners):
            return roles.contains(.operator) || roles.contains(.auditor)
                || roles.contains(.steward) && (agency == identity.agency || owners.contains(identity.agency))
        case .audit: return roles.contains(.auditor)
        }
    }

    private func groupOwner(_ group: String, _ identity: NodeIdentity) -> String? {
        let named = agreements.flatMap { agreement in [agreement.owner] + agreement.parties.compactMap(\.node.agency) }
        return (named + [identity.agency]).filter { $0 != "" }.filter { group == $0 || group.hasPrefix($0 + ".") }.max { $0.count < $1.count }
    }
}

extension RecordScope {
    /// What a reader makes of a record that is given to it under this scope.
    fileprivate func shown(_ record: [String: String]) -> [String: String]? {
        switch self {
        case .unrestricted: return record.mapValues { _ in "as it is" }
        case .views(let views):
            let view = views.first { view in view.rows.allSatisfy { field, values in values.contains { $0 == record[field] } } }
            guard let view else { return nil }
            let visible = record.filter { view.allowed?.contains($0.key) ?? true }
            return Dictionary(uniqueKeysWithValues: visible.keys.map { ($0, view.masks[$0]?.rawValue ?? "as it is") })
        }
    }
}

/// Every record that a restriction of the small models can tell apart.
private let sampleRecords = [
    ["ward": "x", "name": "n", "id": "1"], ["ward": "y", "name": "n", "id": "1"], ["ward": "z", "name": "n", "id": "2"], ["name": "n"],
]

/// Small alphabets, so that patterns, names and dates collide often.
private struct RandomPolicy {
    var generator: SeededGenerator

    mutating func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &generator)! }  // never empty

    let agencies = ["a", "b", "a.b"]
    let names = ["t", "t.", "t.x", "t.x.y", "t.xy", "u", "tt", "t.x.y.z"]
    let purposes = ["p", "q", "r"]
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

    /// What Kafka's ACL APIs could have made.
    mutating func binding() throws -> Agreement {
        let node = try NodePattern("\(pick(agencies + ["*"]))/\(pick(["u", "*"]))/\(pick(["n", "m", "*"]))")
        let permission = pick([.allow, .allow, .deny] as [AccessBinding.Permission])
        let pattern = pick(AccessBinding.PatternType.allCases)
        if pick([true, false, false]) {
            return try AccessBinding(.group, pattern, pick(["g", "a", "b.g"]), node: node, operation: pick([.read, .all]), permission: permission).agreement
        }
        let name = pick(pattern == .literal ? names + ["*"] : names)
        return try AccessBinding(.topic, pattern, name, node: node, operation: pick(AccessBinding.Operation.allCases), permission: permission).agreement
    }

    private mutating func party() throws -> PartyRule {
        let path = "\(pick(agencies + ["*"]))/\(pick(["u", "*"]))/\(pick(["n", "m", "*"]))"
        let rights: [Set<Right>] = [
            [.publish], [.subscribe], [.subscribe], [.administer], [.publish, .subscribe], [.replay], [.subscribe, .replay], [.tombstone], [.describe], [],
        ]
        let denied: [Set<Right>] = [[], [], [], [], [.publish], [.subscribe], [.replay], [.administer], [.subscribe, .publish], [.tombstone], [.describe]]
        let (may, deny) = (pick(rights), pick(denied))
        let patterns = try (0..<Int.random(in: 0...2, using: &generator)).map { _ in
            try GroupPattern(pick(["g", "g*", "a*", "b.g", "ax"]))
        }
        return PartyRule(
            node: try NodePattern(path), may: may, deny: deny.subtracting(may),
            purposes: pick([[], [], ["p"], ["p"], ["q"], ["p", "q"], ["r", "q"]]),
            fields: pick([nil, nil, nil, FieldGrant(allow: ["name"], mask: [:]), FieldGrant(allow: nil, mask: ["id": .last4])]),
            rows: pick([[:], [:], [:], ["ward": ["x"]], ["ward": ["x", "y"], "id": ["1"]]]), groups: patterns)
    }

    mutating func identity() throws -> NodeIdentity {
        let roles: [Set<Role>] = [[.member], [.member], [.operator], [.auditor], [.steward], []]
        return try NodeIdentity(
            authority: "city", agency: pick(agencies + ["z"]), unit: pick(["u", "v"]), node: pick(["n", "m", "o"]), roles: pick(roles))
    }

    mutating func question() -> AccessQuestion {
        let topic = pick(names + ["_audit.access", "_x", "other"])
        let group = pick(groups)
        let purpose = pick([.none, .none, .purpose(pick(purposes)), .purpose("x"), .unreadable] as [PurposeDeclaration])
        return pick([
            .publish(topic: topic), .tombstone(topic: topic), .subscribe(topic: topic, purpose: purpose),
            .subscribe(topic: topic, purpose: purpose), .replay(topic: topic, purpose: purpose), .describe(topic: topic), .administer(topic: topic), .useGroup(group),
            .describeGroup(group), .administerGroup(group), .produceIdempotently, .describeCluster, .administerCluster,
            .administerAgreements(owner: pick(agencies)), .administerSubject("s", owners: [pick(agencies)]),
            .describeSubject("s", owners: [pick(agencies), pick(agencies)]), .audit,
            .explain(agency: pick(agencies), owners: [pick(agencies)]),
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
            let written = try (0..<Int.random(in: 0...8, using: &random.generator)).map { try random.agreement($0) }
            let agreements = written + (try (0..<Int.random(in: 0...4, using: &random.generator)).map { _ in try random.binding() })
            let closed = Set([random.pick(random.names), random.pick(random.names)])
            let policy = try PolicySnapshot(compiling: agreements, version: 1, refusing: []).closing(closed)
            let naive = NaivePolicy(agreements: agreements, closed: closed)
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
                if let (right, topic, declared) = reading(question), !topic.hasPrefix("_") {
                    for record in sampleRecords {
                        let expected = naive.shown(record, right, topic, declared, identity, instant)
                        #expect(decision.records.shown(record) == expected, context)
                        let last = min(45, decision.holdsUntil - 1)
                        #expect(naive.shown(record, right, topic, declared, identity, last) == expected, context)
                    }
                }
                if case .subscribe(let topic, let declared) = question, decision.isAllowed, !topic.hasPrefix("_") {
                    let purpose = naive.purpose(.subscribe, topic, declared, identity, instant)
                    #expect(decision.purpose?.id ?? "" == purpose, context)
                    #expect(decision.purpose.map { $0.isImplied == (declared == .none) } ?? true, context)
                }
            }
        }
    }

    /// The smallest model in which everything that can interfere does: two agreements on one topic and on a prefix of it, each with
    /// every combination of what it allows, denies and asks for, in both orders, at every time before, between and after their dates.
    @Test("every principal, topic, operation, purpose, time and order of two rules is decided as the rules say")
    func smallModel() throws {
        let names = FieldGrant(allow: ["ward", "name"], mask: ["name": .redact])
        let parties: [(may: Set<Right>, deny: Set<Right>, purposes: [String], fields: FieldGrant?, rows: [String: [String]])] = [
            ([.subscribe], [], [], nil, [:]), ([.subscribe], [], ["p"], nil, [:]), ([.subscribe], [], ["q"], nil, [:]),
            ([.subscribe], [], ["p", "q"], nil, [:]), ([.replay], [], ["p"], nil, [:]), ([.publish, .tombstone], [.subscribe], [], nil, [:]),
            ([], [.subscribe], [], nil, [:]), ([], [.publish, .replay], [], nil, [:]), ([.administer], [], [], nil, [:]),
            ([], [.administer], [], nil, [:]), ([.publish], [], [], nil, [:]),
            ([.subscribe], [], [], names, [:]), ([.subscribe, .replay], [], ["p"], nil, ["ward": ["x"]]),
            ([.subscribe, .publish], [], [], FieldGrant(allow: nil, mask: ["id": .hash]), ["ward": ["x", "y"]]),
        ]
        let nodes = ["a/u/n", "a/u/*", "*/*/*"]
        let topics = ["t", "t*"]
        let terms = [Term(start: 0, end: 20), Term(start: 10, end: 30)]
        var ones: [(String, String, Int, Term)] = []
        for node in nodes { for topic in topics { for party in parties.indices { for term in terms { ones.append((node, topic, party, term)) } } } }
        func agreement(_ id: String, _ one: (String, String, Int, Term)) throws -> Agreement {
            let party = parties[one.2]
            return Agreement(
                id: id, topic: try TopicPattern(one.1), owner: "a",
                parties: [PartyRule(node: try NodePattern(one.0), may: party.may, deny: party.deny, purposes: party.purposes, fields: party.fields, rows: party.rows)],
                term: one.3)
        }
        let identities = [
            try NodeIdentity(authority: "city", agency: "a", unit: "u", node: "n"),
            try NodeIdentity(authority: "city", agency: "a", unit: "u", node: "m", roles: [.operator]),
            try NodeIdentity(authority: "city", agency: "b", unit: "u", node: "n"),
        ]
        var questions: [AccessQuestion] = [.produceIdempotently]
        for topic in ["t", "tx", "u"] {
            questions += [.publish(topic: topic), .tombstone(topic: topic), .describe(topic: topic), .administer(topic: topic)]
            for purpose in [.none, .purpose("p"), .purpose("q"), .purpose("x"), .unreadable] as [PurposeDeclaration] {
                questions += [.subscribe(topic: topic, purpose: purpose), .replay(topic: topic, purpose: purpose)]
            }
        }
        let seed = UInt64.random(in: 0 ... .max)
        print("DifferentialTests.smallModel seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var decided = 0
        for (index, first) in ones.enumerated() {
            // All pairs take minutes in a debug build: with HANBRIDGE_EXHAUSTIVE every second rule is tried, else a few drawn at random.
            let seconds = isExhaustive ? Array(ones.indices[...index]) : (0..<3).map { _ in ones.indices.randomElement(using: &generator) ?? index }
            for second in seconds {
                let set = [try agreement("A", first), try agreement("B", ones[second])]
                let orders = [set, set.reversed()].map { (NaivePolicy(agreements: $0), $0) }
                let policies = try orders.map { ($0.0, try PolicySnapshot(compiling: $0.1, version: 1, refusing: [])) }
                for identity in identities {
                    for question in questions {
                        for instant: PolicyInstant in [-1, 0, 9, 10, 19, 20, 29, 30] {
                            for (naive, policy) in policies {
                                let decision = policy.decide(question, for: identity, at: instant)
                                let isRight = decision.isAllowed == naive.allows(question, identity, instant)
                                if !isRight || !shows(decision, question, as: naive, identity, instant) {
                                    Issue.record("seed \(seed): \(naive), \(question), \(identity.path) \(identity.roles), at \(instant)")
                                }
                            }
                            decided += 2
                        }
                    }
                }
            }
        }
        print("DifferentialTests.smallModel decided \(decided)")
    }

    private func shows(
        _ decision: Decision, _ question: AccessQuestion, as naive: NaivePolicy, _ identity: NodeIdentity, _ instant: PolicyInstant
    ) -> Bool {
        guard let (right, topic, declared) = reading(question) else { return true }
        return sampleRecords.allSatisfy {
            decision.records.shown($0) == naive.shown($0, right, topic, declared, identity, instant)
        }
    }

    private func reading(_ question: AccessQuestion) -> (Right, String, PurposeDeclaration)? {
        switch question {
        case .subscribe(let topic, let purpose): (.subscribe, topic, purpose)
        case .replay(let topic, let purpose): (.replay, topic, purpose)
        default: nil
        }
    }

    private var isExhaustive: Bool { ProcessInfo.processInfo.environment["HANBRIDGE_EXHAUSTIVE"] != nil }
}
