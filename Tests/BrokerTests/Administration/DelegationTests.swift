import AccessPolicy
import Storage
import Testing

@testable import Broker

/// Handing on within one's own agency: who may, what the audit and the explanations say of it.
@Suite("Delegation")
struct DelegationTests {
    private static let source = """
        agreements:
          - id: DSA-1
            topic: health.vaccination.v1
            owner: health
            parties: [{node: education/schools/*, may: [subscribe], delegate: true}]

        """
    private static let handedOn = """
        agreements:
          - id: EDU-1
            delegates: DSA-1
            agency: education
            topic: health.vaccination.v1
            parties: [{node: education/reports/*, may: [subscribe]}]

        """

    private func fixture() async throws -> AdministrationFixture {
        let fixture = try await AdministrationFixture(agreements: nil)
        _ = try await fixture.administration.applyAgreements(["a.yaml": Self.source], by: .node(fixture.root())).get()
        return fixture
    }

    private let both = ["a.yaml": source, "b.yaml": handedOn]

    private func decide(_ fixture: AdministrationFixture) throws -> Decision.Outcome {
        fixture.services.decide(.subscribe(topic: "health.vaccination.v1"), for: try BrokerFixture.peer("education/reports/one")).outcome
    }

    @Test("a steward of the party's agency hands on, nobody else's steward does, and the audit says what of what")
    func applied() async throws {
        let fixture = try await fixture()
        for stranger in [try fixture.steward(), try BrokerFixture.peer("education/reports/one")] {
            guard case .failure(.notAllowed) = await fixture.administration.applyAgreements(both, by: .node(stranger)) else {
                return #expect(Bool(false), "\(stranger.identity.path) may not")
            }
        }
        let steward = try BrokerFixture.peer("education/steward/minh", roles: [.steward])
        #expect(try await fixture.administration.applyAgreements(both, by: .node(steward)).get().added == ["EDU-1"])
        let rule = Decision.Ground.delegation(RuleCitation(agreement: "EDU-1", rule: 0), of: RuleCitation(agreement: "DSA-1", rule: 0))
        #expect(try decide(fixture) == .allowed(by: rule) && rule.auditWord == "agreement:EDU-1#0/DSA-1#0")
        let change = try #require(try fixture.entries().last { $0.data.action == "agreements.apply" })
        #expect(change.data.details?["handedOn"] == "1: EDU-1/DSA-1" && change.data.node == "education/steward/minh")
        // It may not change what it was given.
        let wider = ["a.yaml": Self.source.replacing("schools", with: "*"), "b.yaml": Self.handedOn]
        guard case .failure(.notAllowed) = await fixture.administration.applyAgreements(wider, by: .node(steward)) else {
            return #expect(Bool(false), "the source is its owner's to change")
        }
        #expect(fixture.administration.agreements(visibleTo: try fixture.steward()).map(\.agreement.id) == ["DSA-1", "EDU-1"], "the owner sees it")
        let asked = ExplanationQuestion(
            node: try BrokerFixture.peer("education/reports/one").identity, question: .subscribe(topic: "health.vaccination.v1"), instant: nil)
        let view = try await fixture.administration.explain(asked, to: steward).get()
        #expect(view.explanation.rules.contains { $0.agreement == "EDU-1" && $0.verdict == .allows && $0.source?.description == "DSA-1#0" })
        #expect(view.explanation.owners == ["health"])
    }

    @Test("the owner ends or narrows what it gave without asking who handed it on, which is over at once")
    func ended() async throws {
        let fixture = try await fixture()
        _ = try await fixture.administration.applyAgreements(both, by: .node(try fixture.root())).get()
        _ = try await fixture.administration.endAgreement("DSA-1", because: nil, by: try fixture.steward()).get()
        #expect(try decide(fixture) == .refused(.agreementEnded(id: "EDU-1")) || decide(fixture) == .refused(.noAgreement))
        let narrowed = both.mapValues { $0.replacing(", delegate: true", with: "") }
        let applied = try await fixture.administration.applyAgreements(narrowed, by: .node(try fixture.steward())).get()
        #expect(applied.warnings.contains { $0.message.hasPrefix("delegation EDU-1 hands on nothing") })
        #expect(try decide(fixture) == .refused(.noAgreement))
    }

    @Test("rehearsing a set tells who would lose what was handed on, by both rules")
    func rehearsed() async throws {
        let fixture = try await fixture()
        let instant = fixture.clock.now()
        func policy(_ files: [String: String]) throws -> PolicySnapshot {
            try PolicySnapshot(compiling: try AgreementsCheck(files: files, at: instant).accepted(), version: 1)
        }
        let comparison = PolicyComparison(from: try policy(both), to: try policy(["a.yaml": Self.source]), at: instant)
        let effects = comparison.effects(on: [UsedAccess(node: "education/reports/one", topic: "health.vaccination.v1", isReplay: false, purpose: nil)])
        #expect(effects.count == 1 && effects[0].nodes == "education/reports/*" && effects[0].before == "EDU-1#0/DSA-1#0" && effects[0].after == nil)
    }
}
