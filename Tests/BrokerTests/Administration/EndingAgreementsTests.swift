import AccessPolicy
import Storage
import Testing

@testable import Broker

@Suite("Ending agreements")
struct EndingAgreementsTests {
    private static func agreement(_ id: String, owner: String, extra: String = "") -> String {
        "  - {id: \(id), topic: \(owner).a, owner: \(owner), parties: [{node: \(owner)/ward/*, may: [publish]}]\(extra)}\n"
    }

    private static func files(_ extra: String = "") -> [String: String] {
        ["city.yaml": "agreements:\n" + agreement("H", owner: "health", extra: extra) + agreement("T", owner: "traffic")]
    }

    private func fixture() async throws -> AdministrationFixture {
        let fixture = try await AdministrationFixture(agreements: nil)
        _ = try await fixture.administration.applyAgreements(Self.files(), by: .node(fixture.root())).get()
        return fixture
    }

    private func mayPublish(_ agency: String, _ fixture: AdministrationFixture) throws -> Decision.Outcome {
        fixture.services.decide(.publish(topic: "\(agency).a"), for: try BrokerFixture.peer("\(agency)/ward/x")).outcome
    }

    @Test("an agreement ends at once, as one more version that the audit names with its ground, and the others stay")
    func ends() async throws {
        let fixture = try await fixture()
        let ended = try await fixture.administration.endAgreement("H", because: "Quyết định 99", by: try fixture.steward()).get()
        #expect(ended.version == 2 && ended.endedAt == fixture.clock.now())
        #expect(try mayPublish("health", fixture) == .refused(.agreementEnded(id: "H")))
        #expect(try mayPublish("traffic", fixture) == .allowed(by: .agreement(id: "T", rule: 0)))
        let entry = try #require(try fixture.entries().last { $0.type == "hanbridge.audit.change" })
        #expect(entry.data.action == "agreements.end" && entry.data.details?["agreement"] == "H" && entry.data.details?["why"] == "Quyết định 99")
        #expect(fixture.metadata.snapshot.agreements.map(\.summary.version) == [1, 2])
        #expect(fixture.administration.agreements(visibleTo: try fixture.root()).map(\.standing) == [.ended, .inForce])
    }

    @Test("the same files applied again bring nothing back, by hand or from a directory; a changed agreement does")
    func staysEnded() async throws {
        let fixture = try await fixture()
        _ = try await fixture.administration.endAgreement("H", because: nil, by: try fixture.root()).get()
        let again = try await fixture.administration.applyAgreements(Self.files(), by: .directory(name: "agreements")).get()
        #expect(!again.isNewVersion && again.version == 2)
        // Another agreement of the set changes: the end stays.
        var other = Self.files()
        other["more.yaml"] = "agreements:\n" + Self.agreement("P", owner: "portal")
        #expect(try await fixture.administration.applyAgreements(other, by: .node(try fixture.root())).get().added == ["P"])
        #expect(try mayPublish("health", fixture) == .refused(.agreementEnded(id: "H")))
        let renewed = try await fixture.administration.applyAgreements(Self.files(", until: 2030-01-01"), by: .node(try fixture.root())).get()
        #expect(renewed.changed == ["H"])
        #expect(try mayPublish("health", fixture) == .allowed(by: .agreement(id: "H", rule: 0)))
        #expect(fixture.metadata.snapshot.agreements.last?.files[AgreementEnd.fileName] == nil)
    }

    @Test("an ended agreement is ended after a restart too")
    func restart() async throws {
        let fixture = try await fixture()
        _ = try await fixture.administration.endAgreement("H", because: nil, by: try fixture.root()).get()
        let next = try await AdministrationFixture(store: fixture.store, metadata: fixture.metadata, agreements: nil)
        #expect(try mayPublish("health", next) == .refused(.agreementEnded(id: "H")))
    }

    @Test("who may not change an agreement does not end it, and nobody ends what has ended or what one may not see")
    func refusals() async throws {
        let fixture = try await fixture()
        func end(_ id: String, by peer: Peer) async -> String {
            switch await fixture.administration.endAgreement(id, because: nil, by: peer) {
            case .success: "ended"
            case .failure(.notAllowed): "not allowed"
            case .failure(.unknown): "unknown"
            case .failure(.invalid): "invalid"
            case .failure(.storage): "storage"
            }
        }
        #expect(await end("H", by: try fixture.stranger()) == "not allowed")
        #expect(await end("T", by: try fixture.steward()) == "unknown")
        #expect(await end("X", by: try fixture.root()) == "unknown")
        #expect(await end("T", by: try fixture.root()) == "ended")
        #expect(await end("T", by: try fixture.root()) == "invalid")
        fixture.auditPartition.change { $0.appendError = .diskFull }
        #expect(await end("H", by: try fixture.root()) == "storage")
        fixture.auditPartition.change { $0.appendError = nil }
        #expect(try mayPublish("health", fixture) == .allowed(by: .agreement(id: "H", rule: 0)))
    }

    @Test("an agreement that has not begun can be ended, and never begins")
    func notBegun() async throws {
        let fixture = try await AdministrationFixture(agreements: nil)
        _ = try await fixture.administration.applyAgreements(Self.files(", from: 2030-01-01"), by: .node(fixture.root())).get()
        _ = try await fixture.administration.endAgreement("H", because: nil, by: try fixture.root()).get()
        fixture.clock.set(1_995_372_800_000)
        #expect(try mayPublish("health", fixture) == .refused(.agreementEnded(id: "H")))
    }

    @Test("a set that brings a file of the broker's own is refused")
    func ownFile() async throws {
        let fixture = try await fixture()
        for name in [AgreementEnd.fileName, ".other"] {
            let files = Self.files().merging([name: "T 0 User:a/b/c\n"]) { $1 }
            guard case .failure(.invalid) = await fixture.administration.applyAgreements(files, by: .node(try fixture.root())) else {
                return #expect(Bool(false), "\(name) was accepted")
            }
        }
    }
}
