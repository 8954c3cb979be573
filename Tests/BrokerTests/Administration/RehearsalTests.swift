import AccessPolicy
import KafkaWire
import Storage
import Testing

@testable import Broker

/// What a changed set would give and take, against what was really read.
@Suite struct RehearsalTests {
    private static func set(_ parties: String...) -> [String: String] {
        let lines = parties.map { "      - \($0)\n" }.joined()
        return ["a.yaml": "agreements:\n  - id: HEALTH\n    topic: health.*\n    owner: health\n    parties:\n\(lines)"]
    }

    /// A fixture in which two schools and an office of statistics read.
    private func read() async throws -> AdministrationFixture {
        let fixture = try await AdministrationFixture(agreements: nil)
        let agreements = Self.set(
            "{node: education/schools/*, may: [subscribe]}", "{node: statistics/office/*, may: [subscribe, replay], purpose: [yearbook, survey]}")
        _ = try await fixture.administration.applyAgreements(agreements, by: .node(try fixture.root())).get()
        for (path, purpose) in [("education/schools/hoa", nil), ("education/schools/le-loi", nil), ("statistics/office/one", "yearbook")] as [(String, String?)] {
            try read("health.vaccination", as: path, for: purpose, in: fixture)
        }
        await fixture.audit.writeWaiting()
        return fixture
    }

    private func read(_ topic: String, as path: String, for purpose: String? = nil, in fixture: AdministrationFixture) throws {
        let peer = try BrokerFixture.peer(path)
        let question = AccessQuestion.subscribe(topic: topic, purpose: PurposeDeclaration(purpose))
        fixture.audit.allowed(question, by: fixture.services.decide(question, for: peer), peer: peer)
    }

    private func rehearse(_ files: [String: String], in fixture: AdministrationFixture, days: Int = 7) async throws -> Rehearsal {
        try #require(await fixture.administration.rehearse(files, days: days, for: try fixture.root())).get()
    }

    @Test("the set in force changes nothing; one that takes a party away says who would lose what, and why")
    func losses() async throws {
        let fixture = try await read()
        let same = try await rehearse(
            Self.set("{node: education/schools/*, may: [subscribe]}", "{node: statistics/office/*, may: [subscribe, replay], purpose: [yearbook, survey]}"),
            in: fixture)
        #expect(same.effects.isEmpty && same.accessCount == 3 && same.unused.isEmpty && !same.isCut)

        let without = try await rehearse(Self.set("{node: statistics/office/*, may: [subscribe], purpose: [survey]}"), in: fixture)
        #expect(without.effects.map(\.nodes) == ["education/schools/*", "statistics/office/*"])
        let schools = try #require(without.effects.first)
        #expect(schools.kind == .loses(.noAgreement) && schools.count == 2 && schools.example == "education/schools/hoa")
        #expect(schools.before == "HEALTH#0" && schools.after == nil && schools.topic == "health.vaccination")
        #expect(without.effects[1].kind == .loses(.purposeNotAgreed) && without.effects[1].purpose == "yearbook")
        #expect(fixture.services.policy.value.version == 1, "nothing was changed")
    }

    @Test("an agreement by which nobody reads is named, one that only lets publish is not")
    func unused() async throws {
        let fixture = try await read()
        var files = Self.set("{node: education/schools/*, may: [subscribe]}", "{node: statistics/office/*, may: [subscribe], purpose: [yearbook]}")
        files["b.yaml"] = """
            agreements:
              - {id: NOBODY, topic: health.*, owner: health, parties: [{node: traffic/*/*, may: [subscribe]}]}
              - {id: OTHER, topic: traffic.*, owner: traffic, parties: [{node: education/*/*, may: [subscribe]}]}
              - {id: WRITERS, topic: traffic.*, owner: traffic, parties: [{node: traffic/*/*, may: [publish]}]}
              - {id: OVER, topic: traffic.*, owner: traffic, parties: [{node: traffic/*/*, may: [subscribe]}], until: 2020-01-01}
            """
        #expect(try await rehearse(files, in: fixture).unused == ["NOBODY", "OTHER"])
    }

    @Test("only the days asked for are looked at")
    func days() async throws {
        let fixture = try await read()
        fixture.clock.set(fixture.clock.now() + 10 * 86_400_000)
        try read("health.later", as: "education/schools/hoa", in: fixture)
        await fixture.audit.writeWaiting()
        let none = Self.set("{node: x/y/z, may: [publish]}")
        #expect(try await rehearse(none, in: fixture, days: 7).effects.map(\.topic) == ["health.later"])
        #expect(Set(try await rehearse(none, in: fixture, days: 30).effects.map(\.topic)) == ["health.later", "health.vaccination"])
    }

    @Test("it is for operators and auditors, and a set with a mistake is refused as it would be")
    func refusals() async throws {
        let fixture = try await read()
        for peer in [try fixture.stranger(), try fixture.steward()] {
            #expect(await fixture.administration.rehearse([:], days: 7, for: peer) == nil)
        }
        let auditor = try BrokerFixture.peer("audit/office/one", roles: [.auditor])
        #expect(await fixture.administration.rehearse([:], days: 7, for: auditor) != nil)
        guard case .failure(.invalid(let problems)) = await fixture.administration.rehearse(["a.yaml": "agreements: ["], days: 7, for: auditor) else {
            return #expect(Bool(false), "it was accepted")
        }
        #expect(problems.first?.file == "a.yaml")
    }

    @Test("fields that would be lost are named for the rule that lets read, for all its nodes at once")
    func fields() throws {
        func policy(_ fields: String) throws -> PolicySnapshot {
            let yaml = "agreements: [{id: A, topic: t, owner: o, parties: [{node: education/schools/*, may: [subscribe], \(fields)}]}]"
            return try PolicySnapshot(compiling: try AgreementsFile.parse(yaml: yaml, name: "a").agreements, version: 1, refusing: [])
        }
        let comparison = PolicyComparison(
            from: try policy("fields: {allow: [citizenId, name]}"), to: try policy("fields: {allow: [name]}, where: {ward: [x]}"), at: 0)
        let accesses = Set(["hoa", "le-loi"].map { UsedAccess(node: "education/schools/\($0)", topic: "t", isReplay: false, purpose: nil) })
        let effects = comparison.effects(on: accesses)
        #expect(effects.count == 1 && effects[0].nodes == "education/schools/*" && effects[0].count == 2)
        guard case .sees(let difference) = effects[0].kind else { return #expect(Bool(false)) }
        #expect(difference.fields.map(\.name) == ["citizenId"] && difference.fields[0].after == .hidden && difference.rows?.after == [["ward": ["x"]]])
        #expect(comparison.effects(on: [UsedAccess(node: "not a node", topic: "t", isReplay: false, purpose: nil)]).isEmpty)
    }
}
