import AccessPolicy
import Foundation
import Testing

/// The smallest models in which everything that can interfere does, decided by the compiled snapshot and by the rules as they are read:
/// every principal, topic, operation, purpose, time and order of the rules. All of them take hours in a debug build: with
/// HANBRIDGE_EXHAUSTIVE all are tried, else some drawn at random, others in each run.
@Suite struct SmallModelTests {
    /// What one party may, must not, and sees.
    private struct Terms {
        var may: Set<Right> = []
        var deny: Set<Right> = []
        var purposes: [String] = []
        var fields: FieldGrant?
        var rows: [String: [String]] = [:]
        var groups: [String] = []

        func party(_ node: String, isDelegable: Bool = false) throws -> PartyRule {
            PartyRule(
                node: try NodePattern(node), may: may, deny: deny, purposes: purposes, fields: fields, rows: rows,
                groups: try groups.map { try GroupPattern($0) }, isDelegable: isDelegable)
        }
    }

    private let readings = [
        Terms(may: [.subscribe]), Terms(may: [.subscribe], purposes: ["p"]), Terms(may: [.subscribe], purposes: ["p", "q"], groups: ["g*"]),
        Terms(may: [.subscribe], fields: FieldGrant(allow: ["ward", "name"], mask: ["name": .redact])),
        Terms(may: [.subscribe, .replay], purposes: ["p"], rows: ["ward": ["x"]]),
        Terms(may: [.subscribe, .publish], fields: FieldGrant(allow: nil, mask: ["id": .hash]), rows: ["ward": ["x", "y"]], groups: ["g"]),
    ]

    private let denials: [Terms] = [
        Terms(deny: [.subscribe]), Terms(deny: [.publish, .replay]), Terms(deny: [.administer, .erase]), Terms(deny: [.describe]),
    ]

    private let terms = [Term(start: 0, end: 20), Term(start: 10, end: 30)]

    private func acls() throws -> [Agreement] {
        try [
            AccessBinding(.topic, .literal, "t", node: NodePattern("a/u/n"), operation: .read, permission: .allow),
            AccessBinding(.topic, .prefixed, "t", node: NodePattern("*/*/*"), operation: .all, permission: .allow),
            AccessBinding(.topic, .prefixed, "t", node: NodePattern("a/u/*"), operation: .write, permission: .deny),
            AccessBinding(.topic, .literal, "*", node: NodePattern("a/u/n"), operation: .read, permission: .deny),
            AccessBinding(.group, .prefixed, "g", node: NodePattern("*/*/*"), operation: .read, permission: .allow),
            AccessBinding(.group, .literal, "g", node: NodePattern("a/*/*"), operation: .all, permission: .deny),
        ].map(\.agreement)
    }

    private let questions: [AccessQuestion] = {
        var questions: [AccessQuestion] = [.produceIdempotently, .useGroup("g"), .useGroup("gx"), .useGroup("a.g"), .administerGroup("g")]
        for topic in ["t", "tx", "u"] {
            questions += [.publish(topic: topic), .tombstone(topic: topic), .erase(topic: topic), .describe(topic: topic), .administer(topic: topic)]
            for purpose in [.none, .purpose("p"), .purpose("q"), .purpose("x"), .unreadable] as [PurposeDeclaration] {
                questions += [.subscribe(topic: topic, purpose: purpose), .replay(topic: topic, purpose: purpose)]
            }
        }
        return questions
    }()

    private func identities() throws -> [NodeIdentity] {
        try [
            NodeIdentity(authority: "city", agency: "a", unit: "u", node: "n"),
            NodeIdentity(authority: "city", agency: "a", unit: "u", node: "m", roles: [.operator]),
            NodeIdentity(authority: "city", agency: "a", unit: "v", node: "n", roles: [.steward]),
            NodeIdentity(authority: "city", agency: "b", unit: "u", node: "n"),
        ]
    }

    private let instants: [PolicyInstant] = [-1, 0, 9, 10, 19, 20, 29, 30]

    /// Decides everything under every given order of a set.
    /// - Returns: how many decisions that were.
    private func decide(_ orders: [[Agreement]], closing closed: Set<String>, _ identities: [NodeIdentity], seed: UInt64) throws -> Int {
        var decided = 0
        for set in orders {
            let naive = NaivePolicy(agreements: set, closed: closed)
            let policy = try PolicySnapshot(compiling: set, version: 1, refusing: []).closing(closed)
            for identity in identities {
                for question in questions {
                    for instant in instants {
                        let decision = policy.decide(question, for: identity, at: instant)
                        let isRight = decision.isAllowed == naive.allows(question, identity, instant)
                        if !isRight || !shows(decision, question, as: naive, identity, instant) {
                            Issue.record("seed \(seed): \(naive), \(question), \(identity.path) \(identity.roles), at \(instant): \(decision.outcome)")
                            return decided
                        }
                        decided += 1
                    }
                }
            }
        }
        return decided
    }

    private func shows(
        _ decision: Decision, _ question: AccessQuestion, as naive: NaivePolicy, _ identity: NodeIdentity, _ instant: PolicyInstant
    ) -> Bool {
        guard let (right, topic, declared) = reading(question) else { return true }
        return sampleRecords.allSatisfy { decision.records.shown($0) == naive.shown($0, right, topic, declared, identity, instant) }
    }

    private var isExhaustive: Bool { ProcessInfo.processInfo.environment["HANBRIDGE_EXHAUSTIVE"] != nil }

    @Test("two rules, be they of agreements, denials, ACLs or emergencies, are decided as they are read, in both orders")
    func pairs() throws {
        var ones: [Agreement] = try acls()
        let others = [
            Terms(may: [.subscribe], purposes: ["q"]), Terms(may: [.publish, .tombstone], deny: [.subscribe]), Terms(may: [.administer, .erase]),
            Terms(may: [.replay], purposes: ["p"]),
        ]
        for node in ["a/u/n", "a/u/*", "*/*/*"] {
            for topic in ["t", "t*"] {
                for party in readings + denials + others {
                    for term in terms {
                        ones.append(Agreement(id: "A\(ones.count)", topic: try TopicPattern(topic), owner: "a", parties: [try party.party(node)], term: term))
                    }
                }
            }
        }
        for party in readings.filter({ $0.may.isSubset(of: [.subscribe, .replay]) }) {
            ones.append(
                Agreement(
                    id: "EMERGENCY-\(ones.count)", topic: .literal("t"), owner: "a", parties: [try party.party("b/u/*")], term: Term(start: 9, end: 19)))
        }
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var decided = 0
        let identities = try identities()
        for (index, first) in ones.enumerated() {
            guard isExhaustive || Int.random(in: 0..<4, using: &generator) == 0 else { continue }
            let seconds = isExhaustive ? Array(ones.indices[..<index]) : [ones.indices.randomElement(using: &generator) ?? index].filter { $0 != index }
            for second in seconds {
                let set = [first, ones[second]]
                let closed: Set<String> = (index + second).isMultiple(of: 2) ? ["t"] : []
                decided += try decide([set, set.reversed()], closing: closed, identities, seed: seed)
            }
        }
        print("SmallModelTests.pairs seed \(seed) decided \(decided)")
    }

    @Test("what is handed on is what both rules give, whatever else allows or denies, and never goes beyond the agency")
    func delegations() throws {
        let (terms, readings) = (terms, readings)
        func agreements(
            _ id: String, nodes: [String], topics: [String], of parties: [Terms], isDelegable: Bool, delegates: String?
        ) throws -> [Agreement] {
            try nodes.flatMap { node in
                try topics.flatMap { topic in
                    try parties.flatMap { party in
                        try terms.map { term in
                            Agreement(
                                id: id, topic: try TopicPattern(topic), owner: delegates == nil ? "o" : "a",
                                parties: [try party.party(node, isDelegable: isDelegable)], term: term, delegates: delegates)
                        }
                    }
                }
            }
        }
        let administering = Terms(may: [.administer, .erase, .publish, .tombstone])
        let sources = try agreements(
            "S", nodes: ["a/u/n", "a/u/*"], topics: ["t", "t*"], of: readings + [administering], isDelegable: true, delegates: nil)
        // One to another agency, as no file can have it, must give nothing either.
        let delegations = try agreements(
            "D", nodes: ["a/v/n", "a/*/*", "b/u/n"], topics: ["t", "t*", "tx"], of: readings + [administering], isDelegable: false, delegates: "S")
        let denials = try denials.map { Agreement(id: "N", topic: .prefix("t"), owner: "o", parties: [try $0.party("a/u/*")], term: terms[1]) }
        let second = Agreement(
            id: "S2", topic: .literal("t"), owner: "o", parties: [try readings[1].party("a/v/n"), try readings[3].party("a/u/n", isDelegable: true)])
        let chain = Agreement(id: "D2", topic: .prefix("t"), owner: "a", parties: [try readings[0].party("a/v/*")], delegates: "D")
        let thirds: [[Agreement]] = [[], [second], [chain]] + denials.map { [$0] } + (try acls().map { [$0] })
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var (decided, passed) = (0, 0)
        let identities = try identities()
        for (index, source) in sources.enumerated() {
            for (other, delegation) in delegations.enumerated() {
                for (third, more) in thirds.enumerated() {
                    guard isExhaustive || Int.random(in: 0..<1_500, using: &generator) == 0 else { continue }
                    let set = [source, delegation] + more
                    let closed: Set<String> = (index + other + third).isMultiple(of: 2) ? ["t"] : []
                    decided += try decide([set, set.reversed()], closing: closed, identities, seed: seed)
                    passed += 1
                }
            }
        }
        #expect(passed > 10)
        print("SmallModelTests.delegations seed \(seed) decided \(decided)")
    }
}
