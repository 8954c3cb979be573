import AccessPolicy
import Foundation
import Testing

/// A rule as one reads it: a party of an agreement; of a delegation with a party of its source, both of which must say a thing.
struct NaiveRule {
    let of: [Agreement]
    let says: [PartyRule]

    func may(_ right: Right, _ topic: String, _ instant: PolicyInstant) -> Bool {
        of.allSatisfy { $0.topic.matches(topic) && $0.term.contains(instant) } && says.allSatisfy { $0.may.contains(right) }
    }

    func isInForce(at instant: PolicyInstant) -> Bool { of.allSatisfy { $0.term.contains(instant) } }

    /// For what it lets read; nil for anything, empty for nothing.
    var purposes: Set<String>? {
        let named = says.filter { !$0.purposes.isEmpty }.map { Set($0.purposes) }
        return named.first.map { named.reduce($0) { $0.intersection($1) } }
    }

    func meets(_ record: [String: String]) -> Bool {
        says.allSatisfy { $0.rows.allSatisfy { field, values in values.contains { $0 == record[field] } } }
    }

    var showsAll: Bool { says.allSatisfy { $0.fields == nil && $0.rows.isEmpty } }

    func shown(_ record: [String: String]) -> [String: String] {
        var shown: [String: String] = [:]
        for name in record.keys where says.allSatisfy({ $0.fields?.allow?.contains(name) ?? true }) {
            let masks = Set(says.compactMap { $0.fields?.mask[name]?.rawValue })
            shown[name] = masks.count > 1 ? (masks.contains("drop") ? "drop" : "redact") : masks.first ?? "as it is"
        }
        return shown
    }

    func usesGroup(_ group: String) -> Bool { says.allSatisfy { $0.groups.contains { $0.matches(group) } } }

    /// Of what was handed on: whether there is a purpose that both name, and a record that meets both.
    var isReadable: Bool {
        guard says.count > 1 else { return true }
        let fields = Set(says.flatMap(\.rows.keys))
        return purposes?.isEmpty != true && fields.allSatisfy { field in
            let named = says.compactMap { $0.rows[field].map(Set.init) }
            return !(named.first.map { named.reduce($0) { $0.intersection($1) } } ?? []).isEmpty
        }
    }

    /// The nodes that the source names, where something is handed on.
    var source: NodePattern? { says.count > 1 ? says[1].node : nil }
}

/// The rules once more, written for reading and not for speed: every agreement, every rule, one after the other.
struct NaivePolicy {
    let agreements: [Agreement]
    /// Topics that are classified too high for ACLs.
    var closed: Set<String> = []

    func allowsPayload(_ right: Right, _ topic: String, _ identity: NodeIdentity, _ instant: PolicyInstant) -> Bool {
        !covering(right, topic, identity, instant).isEmpty
    }

    /// By any right, but of what was handed on by nodes that may not describe.
    private func maySay(_ right: Right, _ topic: String, _ identity: NodeIdentity, _ instant: PolicyInstant) -> Bool {
        covering(right, topic, identity, instant).contains { rule in !(rule.source.map { denies(.describe, topic, toAll: $0, instant) } ?? false) }
    }

    /// The rules in force that allow something on a topic, unless one in force denies it to the node, or to those that handed it on.
    private func covering(_ right: Right, _ topic: String, _ identity: NodeIdentity, _ instant: PolicyInstant) -> [NaiveRule] {
        guard !topic.hasPrefix("_"), !denies(right, topic, identity, instant) else { return [] }
        return rules(of: identity).filter { rule in
            rule.may(right, topic, instant) && (rule.isReadable || ![.subscribe, .replay].contains(right)) && !(rule.of[0].id.hasPrefix(".acl") && closed.contains(topic))
                && !(rule.source.map { denies(right, topic, toAll: $0, instant) } ?? false)
        }
    }

    private func denies(_ right: Right, _ topic: String, _ identity: NodeIdentity, _ instant: PolicyInstant) -> Bool {
        denials(right, instant) { $0.matches(identity) }.contains { $0.topic.matches(topic) }
    }

    private func denies(_ right: Right, _ topic: String, toAll nodes: NodePattern, _ instant: PolicyInstant) -> Bool {
        denials(right, instant) { $0.covers(nodes) }.contains { $0.topic.matches(topic) }
    }

    private func denials(_ right: Right, _ instant: PolicyInstant, _ concerns: (NodePattern) -> Bool) -> [Agreement] {
        agreements.filter { agreement in
            agreement.term.contains(instant) && agreement.parties.contains { rule in
                rule.deny.contains(right) && concerns(rule.node) && !(agreement.id.hasPrefix(".acl") && !rule.groups.isEmpty)
            }
        }
    }

    /// Only ACLs deny groups by their ids.
    private func deniesGroup(_ group: String, _ identity: NodeIdentity) -> Bool {
        agreements.contains { agreement in
            agreement.id.hasPrefix(".acl") && agreement.parties.contains { rule in
                rule.node.matches(identity) && !rule.deny.isEmpty && rule.groups.contains { $0.matches(group) }
            }
        }
    }

    /// The purpose that reading would be for; nil where it is refused, an empty text where none is needed and none declared.
    func purpose(
        _ right: Right, _ topic: String, _ declared: PurposeDeclaration, _ identity: NodeIdentity, _ instant: PolicyInstant
    ) -> String? {
        let rules = covering(right, topic, identity, instant)
        switch declared {
        case .unreadable: return nil
        case .purpose(let id): return rules.contains { $0.purposes?.contains(id) ?? true } ? id : nil
        case .none:
            guard !rules.isEmpty, right == .subscribe else { return nil }
            if rules.contains(where: { $0.purposes == nil }) { return "" }
            let shared = Set(rules.flatMap { $0.purposes ?? [] })
            return shared.count == 1 ? shared.first : nil
        }
    }

    /// What reading shows of a record, its fields with their masks; nil where it is hidden, and where nothing may be read.
    func shown(
        _ record: [String: String], _ right: Right, _ topic: String, _ declared: PurposeDeclaration, _ identity: NodeIdentity,
        _ instant: PolicyInstant
    ) -> [String: String]? {
        guard let purpose = purpose(right, topic, declared, identity, instant) else { return nil }
        let rules = covering(right, topic, identity, instant).filter { $0.purposes?.contains(purpose) ?? true }
        if rules.contains(where: \.showsAll) { return record.mapValues { _ in "as it is" } }
        return rules.first { $0.meets(record) }?.shown(record)
    }

    /// Whether what a rule allows is denied on every topic that it is about.
    private func isVoid(_ right: Right, of rule: NaiveRule, for identity: NodeIdentity, _ instant: PolicyInstant) -> Bool {
        let denials = denials(right, instant) { $0.matches(identity) || (rule.source.map($0.covers) ?? false) }
        return denials.contains { denial in rule.of.contains { Self.isInside($0.topic, denial.topic) } }
    }

    private static func isInside(_ topics: TopicPattern, _ others: TopicPattern) -> Bool {
        switch (others, topics) {
        case (.literal(let name), .literal(let other)): name == other
        case (.literal, .prefix): false
        case (.prefix(let prefix), .literal(let other)), (.prefix(let prefix), .prefix(let other)): other.hasPrefix(prefix)
        }
    }

    private func rules(of identity: NodeIdentity) -> [NaiveRule] {
        agreements.flatMap { agreement in
            agreement.parties.filter { $0.node.matches(identity) }.flatMap { rule -> [NaiveRule] in
                guard let id = agreement.delegates else { return [NaiveRule(of: [agreement], says: [rule])] }
                guard let source = agreements.first(where: { $0.id == id }), source.delegates == nil, !id.hasPrefix("EMERGENCY-") else { return [] }
                guard rule.node.agency == agreement.owner,
                    Self.isInside(agreement.topic, source.topic) || Self.isInside(source.topic, agreement.topic)
                else { return [] }
                return source.parties.filter { $0.isDelegable && $0.node.agency == agreement.owner }.map {
                    NaiveRule(of: [agreement, source], says: [rule, $0])
                }
            }
        }
    }

    func allows(_ question: AccessQuestion, _ identity: NodeIdentity, _ instant: PolicyInstant) -> Bool {
        let roles = identity.roles
        switch question {
        case .publish(let topic): return allowsPayload(.publish, topic, identity, instant)
        case .erase(let topic): return allowsPayload(.erase, topic, identity, instant)
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
            if roles.contains(.steward), agreements.contains(where: { $0.topic.matches(topic) && $0.owner == identity.agency && $0.owner != "" && $0.delegates == nil }) {
                return true
            }
            return !denies(.describe, topic, identity, instant)
                && Right.allCases.contains { maySay($0, topic, identity, instant) }
        case .useGroup(let group):
            if deniesGroup(group, identity) { return false }
            let owner = groupOwner(group, identity)
            if let owner { return owner == identity.agency }
            return rules(of: identity).contains { rule in
                rule.isInForce(at: instant) && rule.usesGroup(group) && rule.isReadable
                    && [.subscribe, .replay].contains { right in
                        rule.says.allSatisfy { $0.may.contains(right) } && !isVoid(right, of: rule, for: identity, instant)
                    }
            }
        case .describeGroup(let group):
            return roles.contains(.operator) || roles.contains(.auditor) || allows(.useGroup(group), identity, instant)
        case .administerGroup(let group):
            return roles.contains(.operator) || groupOwner(group, identity) == identity.agency
        case .produceIdempotently:
            return rules(of: identity).contains { rule in
                rule.says.allSatisfy { $0.may.contains(.publish) } && rule.isInForce(at: instant) && !isVoid(.publish, of: rule, for: identity, instant)
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
    func shown(_ record: [String: String]) -> [String: String]? {
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
let sampleRecords = [
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

    /// What somebody hands on, of an agreement that there may be.
    mutating func delegation(_ id: Int) throws -> Agreement {
        let (agreement, agency) = (try agreement(id), pick(agencies))
        let parties = try agreement.parties.map { party in
            PartyRule(
                node: try NodePattern("\(agency)/\(party.node.unit ?? "*")/\(party.node.node ?? "*")"), may: party.may, purposes: party.purposes,
                fields: party.fields, rows: party.rows, groups: party.groups)
        }
        return Agreement(
            id: "D\(id)", topic: agreement.topic, owner: agency, parties: parties, term: agreement.term, delegates: "A\(Int.random(in: 0...4, using: &generator))")
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
        let agency = pick(agencies + ["*"])
        let path = "\(agency)/\(pick(["u", "*"]))/\(pick(["n", "m", "*"]))"
        let rights: [Set<Right>] = [
            [.publish], [.subscribe], [.subscribe], [.administer], [.publish, .subscribe], [.replay], [.subscribe, .replay], [.tombstone, .erase], [.describe], [],
        ]
        let denied: [Set<Right>] = [[], [], [], [], [.publish], [.subscribe], [.replay], [.administer], [.subscribe, .publish], [.tombstone], [.erase], [.describe]]
        let (may, deny) = (pick(rights), pick(denied))
        let patterns = try (0..<Int.random(in: 0...2, using: &generator)).map { _ in
            try GroupPattern(pick(["g", "g*", "a*", "b.g", "ax"]))
        }
        return PartyRule(
            node: try NodePattern(path), may: may, deny: deny.subtracting(may),
            purposes: pick([[], [], ["p"], ["p"], ["q"], ["p", "q"], ["r", "q"]]),
            fields: pick([nil, nil, nil, FieldGrant(allow: ["name"], mask: [:]), FieldGrant(allow: nil, mask: ["id": .last4])]),
            rows: pick([[:], [:], [:], ["ward": ["x"]], ["ward": ["x", "y"], "id": ["1"]]]), groups: patterns,
            isDelegable: agency != "*" && pick([true, false]))
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
            .publish(topic: topic), .tombstone(topic: topic), .erase(topic: topic), .subscribe(topic: topic, purpose: purpose),
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
            let handedOn = try (0..<Int.random(in: 0...3, using: &random.generator)).map { try random.delegation($0) }
            let agreements = written + handedOn + (try (0..<Int.random(in: 0...4, using: &random.generator)).map { _ in try random.binding() })
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
}

/// What a question would read, and what is declared for it; nil for every other question.
func reading(_ question: AccessQuestion) -> (Right, String, PurposeDeclaration)? {
    switch question {
    case .subscribe(let topic, let purpose): (.subscribe, topic, purpose)
    case .replay(let topic, let purpose): (.replay, topic, purpose)
    default: nil
    }
}
