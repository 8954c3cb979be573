import AccessPolicy
import KafkaWire
import Storage
import Testing

@testable import Broker

/// Breaking the glass: two people, a few hours, written down.
@Suite struct EmergencyTests {
    private let nurse = "hospital/ward/nurse"

    private func text(_ change: (String) -> String = { $0 }, until: String = "2026-11-23T08:00+07:00") -> String {
        change(
            """
            agreements:
              - id: EMERGENCY-2026-1
                topic: health.vaccination.v1
                owner: health
                parties: [{node: hospital/ward/*, may: [subscribe]}]
                legalBasis: "Ngộ độc tập thể, chỉ đạo 12/SYT"
                until: \(until)

            """)
    }

    private func fixture() async throws -> AdministrationFixture {
        let fixture = try await AdministrationFixture()
        // 2026-11-23T01:40+07:00
        fixture.clock.set(1_795_372_800_000)
        return fixture
    }

    private func mayRead(_ fixture: AdministrationFixture) throws -> Bool {
        fixture.services.decide(.subscribe(topic: "health.vaccination.v1"), for: try BrokerFixture.peer(nurse)).isAllowed
    }

    private func steward(_ path: String, key: UInt64) throws -> Peer { try BrokerFixture.peer(path, roles: [.steward], writer: key) }

    @Test("what one asks for and another confirms is open at once, cited by its name, and over by itself")
    func opened() async throws {
        let fixture = try await fixture()
        let (first, second) = (try steward("hospital/steward/an", key: 11), try steward("health/steward/linh", key: 12))
        let asked = try await fixture.administration.askEmergency(text(), by: first).get()
        #expect(asked.agreement == "EMERGENCY-2026-1" && asked.until == 1_795_395_600_001)
        #expect(try !mayRead(fixture), "one person opens nothing")
        _ = try await fixture.administration.confirmEmergency("EMERGENCY-2026-1", reading: text(), by: second).get()
        #expect(try mayRead(fixture))
        let decision = fixture.services.decide(.subscribe(topic: "health.vaccination.v1"), for: try BrokerFixture.peer(nurse))
        #expect(decision.outcome == .allowed(by: .agreement(id: "EMERGENCY-2026-1", rule: 0)))

        let entries = try fixture.entries()
        #expect(entries.contains { $0.data.action == "emergency.asked" && $0.data.node == "hospital/steward/an" })
        let opened = try #require(entries.last { $0.data.action == "emergency.opened" })
        #expect(opened.data.details?["askedBy"] == "hospital/steward/an" && opened.data.details?["confirmedBy"] == "health/steward/linh")
        #expect(opened.data.details?["why"]?.contains("Ngộ độc") == true)

        // Applying a set leaves it alone while it is open, and drops it when it is over.
        let set = ["a.yaml": "agreements: []\n"]
        _ = try await fixture.administration.applyAgreements(set, by: .node(try fixture.root())).get()
        #expect(try mayRead(fixture))
        fixture.clock.set(asked.until)
        #expect(try !mayRead(fixture))
        _ = try await fixture.administration.applyAgreements(["a.yaml": "agreements: []\n# later\n"], by: .node(try fixture.root())).get()
        #expect(!fixture.services.policy.value.agreements.contains { $0.isEmergency })
    }

    @Test("what one asked for can be confirmed after a restart, by another person only, and once")
    func restart() async throws {
        let fixture = try await fixture()
        let first = try steward("hospital/steward/an", key: 11)
        _ = try await fixture.administration.askEmergency(text(), by: first).get()
        let again = try await AdministrationFixture(store: fixture.store, metadata: fixture.metadata)
        again.clock.set(fixture.clock.now())
        guard case .failure(.notAllowed) = await again.administration.confirmEmergency("EMERGENCY-2026-1", reading: text(), by: first) else {
            return #expect(Bool(false), "one person alone")
        }
        _ = try await again.administration.confirmEmergency("EMERGENCY-2026-1", reading: text(), by: steward("health/steward/linh", key: 12)).get()
        #expect(try mayRead(again))
        #expect(again.metadata.snapshot.emergencies.isEmpty)
    }

    @Test("it can be ended before its time, and stays ended")
    func ended() async throws {
        let fixture = try await fixture()
        _ = try await fixture.administration.askEmergency(text(), by: steward("hospital/steward/an", key: 11)).get()
        _ = try await fixture.administration.confirmEmergency("EMERGENCY-2026-1", reading: text(), by: try fixture.root()).get()
        _ = try await fixture.administration.endAgreement("EMERGENCY-2026-1", because: "over", by: try fixture.root()).get()
        #expect(try !mayRead(fixture))
        _ = try await fixture.administration.applyAgreements(["a.yaml": "agreements: []\n"], by: .node(try fixture.root())).get()
        #expect(try !mayRead(fixture))
    }

    @Test("nobody confirms alone: not the same person, not with the same key, not without the owner or an operator, not without a role, not late")
    func twoPeople() async throws {
        let fixture = try await fixture()
        let first = try steward("hospital/steward/an", key: 11)
        _ = try await fixture.administration.askEmergency(text(), by: first).get()
        let others = [
            first, try steward("hospital/steward/an", key: 99), try steward("health/steward/linh", key: 11),
            try steward("hospital/steward/binh", key: 12), try BrokerFixture.peer("health/registry/one", writer: 13),
        ]
        for peer in others {
            guard case .failure(.notAllowed) = await fixture.administration.confirmEmergency("EMERGENCY-2026-1", reading: text(), by: peer) else {
                return #expect(Bool(false), "\(peer.identity.path) confirmed")
            }
        }
        guard case .failure(.unknown) = await fixture.administration.confirmEmergency("EMERGENCY-2026-2", reading: text(), by: try fixture.root()) else {
            return #expect(Bool(false), "what nobody asked for")
        }
        fixture.clock.set(1_795_372_800_000 + PendingEmergency.confirmMilliseconds)
        guard case .failure(.unknown) = await fixture.administration.confirmEmergency("EMERGENCY-2026-1", reading: text(), by: try fixture.root()) else {
            return #expect(Bool(false), "an hour later")
        }
        #expect(try !mayRead(fixture))
    }

    @Test("whoever may confirm it is shown what waits, and opens nothing but what was read")
    func shown() async throws {
        let fixture = try await fixture()
        let (first, second) = (try steward("hospital/steward/an", key: 11), try steward("health/steward/linh", key: 12))
        _ = try await fixture.administration.askEmergency(text(), by: first).get()
        for peer in [first, second, try fixture.root()] {
            let shown = try await fixture.administration.emergencies(for: peer).get()
            #expect(shown.map(\.text) == [text()] && shown.map(\.askedBy) == ["hospital/steward/an"])
        }
        #expect(try await fixture.administration.emergencies(for: steward("police/steward/ca", key: 14)).get().isEmpty)
        guard case .failure(.notAllowed) = await fixture.administration.emergencies(for: try fixture.stranger()) else {
            return #expect(Bool(false), "a stranger is shown it")
        }
        // Somebody asks for more under the same id, after the second person has looked.
        let wider = text { $0.replacing("hospital/ward/*", with: "hospital/*/*") }
        _ = try await fixture.administration.askEmergency(wider, by: first).get()
        guard case .failure(.notAllowed) = await fixture.administration.confirmEmergency("EMERGENCY-2026-1", reading: text(), by: second) else {
            return #expect(Bool(false), "what nobody has read")
        }
        #expect(try !mayRead(fixture))
        _ = try await fixture.administration.confirmEmergency("EMERGENCY-2026-1", reading: wider, by: second).get()
        #expect(try mayRead(fixture))
        #expect(try await fixture.administration.emergencies(for: second).get().isEmpty)
    }

    @Test("an emergency is one agreement to read, with a reason, for at most a day")
    func bounds() async throws {
        let fixture = try await fixture()
        func reason(_ yaml: String) async throws -> String {
            switch await fixture.administration.askEmergency(yaml, by: try fixture.root()) {
            case .success: "accepted"
            case .failure(.invalid(let problems)): problems.map(\.message).joined(separator: "; ")
            case .failure(let other): "\(other)"
            }
        }
        #expect(try await reason(text()) == "accepted")
        #expect(try await reason(text(until: "2026-11-24T01:39+07:00")) == "accepted")
        #expect(try await reason(text(until: "2026-11-24T01:41+07:00")).contains("next 24 hours"))
        #expect(try await reason(text(until: "2026-11-22")).contains("next 24 hours"))
        for (from, to, words) in [
            ("EMERGENCY-", "DSA-", "begins with"), ("    legalBasis", "    # legalBasis", "its reason"), ("    until", "    # until", "next 24 hours"),
            ("[subscribe]", "[publish]", "nothing else"), ("may: [subscribe]", "deny: [subscribe]", "nothing else"),
            ("hospital/ward/*", "\"*/ward/*\"", "names the agency"), ("    owner", "    from: 2026-11-23T02:00\n    owner", "begins now"),
        ] {
            #expect(try await reason(text { $0.replacing(from, with: to) }).contains(words), "\(to)")
        }
        #expect(try await reason("agreements: []\n").contains("one agreement"))
        guard case .failure(.notAllowed) = await fixture.administration.askEmergency(text(), by: try fixture.stranger()) else {
            return #expect(Bool(false), "a stranger asked")
        }
        let smuggled = ["a.yaml": text()]
        guard case .failure(.invalid(let problems)) = await fixture.administration.applyAgreements(smuggled, by: .node(try fixture.root())) else {
            return #expect(Bool(false), "one person applied an emergency")
        }
        #expect(problems.first?.message.contains("break-glass") == true && problems.first?.line == 2)
    }
}
