import AccessPolicy
import Storage
import Testing

@testable import Broker

@Suite("Explanations")
struct ExplainTests {
    private static let files = ["city.yaml": """
        agreements:
          - id: VACC
            topic: health.a
            owner: health
            parties:
              - {node: health/ward/*, may: [publish]}
              - {node: education/schools/*, may: [subscribe], purpose: [care, claims]}
            signedBy: [health/steward/linh, education/steward/minh]
          - id: SHARED
            topic: "traffic.*"
            owner: traffic
            parties:
              - {node: police/*/*, may: [subscribe]}
              - {node: health/ward/*, may: [subscribe], purpose: [ambulance]}
        """]
    private let school = "education/schools/hoa"

    private func fixture() async throws -> AdministrationFixture {
        let fixture = try await AdministrationFixture(agreements: nil)
        _ = try await fixture.administration.applyAgreements(Self.files, by: .node(fixture.root())).get()
        return fixture
    }

    private func explain(
        _ path: String, _ question: AccessQuestion, at instant: Int64? = nil, to peer: Peer, _ fixture: AdministrationFixture
    ) async throws -> ExplanationView? {
        let asked = ExplanationQuestion(node: try BrokerFixture.peer(path).identity, question: question, instant: instant)
        switch await fixture.administration.explain(asked, to: peer) {
        case .success(let view): return view
        case .failure(.notAllowed): return nil
        case .failure(let refusal): throw refusal
        }
    }

    @Test("the rule that allowed, or the right that is missing and whom to ask")
    func answers() async throws {
        let fixture = try await fixture()
        let root = try fixture.root()
        let allowed = try #require(try await explain(school, .subscribe(topic: "health.a", purpose: .purpose("care")), to: root, fixture))
        #expect(allowed.reason == "agreement:VACC#1" && allowed.explanation.decision.policyVersion == 1)
        #expect(allowed.explanation.rules.map(\.verdict) == [.allows])
        let undeclared = try #require(try await explain(school, .subscribe(topic: "health.a"), to: root, fixture))
        #expect(undeclared.reason == "purpose-not-declared" && undeclared.explanation.rules.map(\.verdict) == [.otherPurpose])
        let missing = try #require(try await explain(school, .publish(topic: "health.a"), to: root, fixture))
        #expect(missing.reason == "no-agreement")
        #expect(missing.explanation.rules.map(\.verdict) == [.otherNode, .otherRight])
        #expect(missing.explanation.owners == ["health"] && missing.explanation.stewards == ["health/steward/linh"])
    }

    @Test("the past is answered by the agreements of then: before the first, by each version, after an end")
    func past() async throws {
        let fixture = try await fixture()
        let root = try fixture.root()
        let applied = fixture.clock.now()
        fixture.clock.set(applied + 10_000)
        _ = try await fixture.administration.endAgreement("VACC", because: nil, by: root).get()
        fixture.clock.set(applied + 20_000)
        _ = try await fixture.administration.applyAgreements(["none.yaml": "agreements: []"], by: .node(root)).get()
        fixture.clock.set(applied + 30_000)
        let question = AccessQuestion.subscribe(topic: "health.a", purpose: .purpose("care"))
        for (instant, version, reason) in [
            (applied - 1, 0, "no-agreement"), (applied, 1, "agreement:VACC#1"), (applied + 9_999, 1, "agreement:VACC#1"),
            (applied + 10_000, 2, "agreement-ended:VACC"), (applied + 19_999, 2, "agreement-ended:VACC"), (applied + 20_000, 3, "no-agreement"),
        ] as [(Int64, Int64, String)] {
            let view = try #require(try await explain(school, question, at: instant, to: root, fixture))
            #expect(view.reason == reason && view.explanation.decision.policyVersion == version && view.instant == instant)
        }
        #expect(try await explain(school, question, to: root, fixture)?.reason == "no-agreement")
    }

    @Test("an outsider learns nothing: the same refusal for what there is and what there is not, and it is audited")
    func outsiders() async throws {
        let fixture = try await fixture()
        for peer in [try fixture.stranger(), try BrokerFixture.peer(school), try BrokerFixture.peer("portal/x/y", roles: [.steward])] {
            for topic in ["health.a", "no.such"] {
                #expect(try await explain(school, .subscribe(topic: topic), to: peer, fixture) == nil)
            }
        }
        await fixture.audit.writeWaiting()
        #expect(try fixture.entries().contains { $0.data.action == "explain" && $0.data.outcome == "refused" })
    }

    @Test("a steward learns all about its agency's topics, and of others' topics what names its own nodes")
    func stewards() async throws {
        let fixture = try await fixture()
        let health = try fixture.steward()
        #expect(try await explain(school, .publish(topic: "health.a"), to: health, fixture)?.explanation.rules.count == 2)
        let traffic = try #require(try await explain("health/ward/a", .subscribe(topic: "traffic.b"), to: health, fixture))
        #expect(traffic.reason == "agreement:SHARED#1" && traffic.explanation.rules.map(\.rule) == [1])
        #expect(traffic.explanation.owners == ["traffic"])
        let hidden = try #require(try await explain("health/it/a", .subscribe(topic: "traffic.b"), to: health, fixture))
        #expect(hidden.reason == "no-agreement" && hidden.explanation.rules.isEmpty && hidden.explanation.owners.isEmpty)
        #expect(try await explain("police/x/y", .subscribe(topic: "traffic.b"), to: health, fixture) == nil)
        #expect(try await explain("police/x/y", .subscribe(topic: "traffic.b"), to: BrokerFixture.peer("a/b/c", roles: [.auditor]), fixture) != nil)
    }
}
