import AccessPolicy
import KafkaWire
import Storage
import Testing

@testable import Broker

@Suite struct PolicyAdministrationTests {
    private static func agreement(_ id: String, topic: String, owner: String, may: String = "publish") -> String {
        "  - {id: \(id), topic: \"\(topic)\", owner: \(owner), parties: [{node: \(owner)/ward/*, may: [\(may)]}]}\n"
    }

    private static func file(_ agreements: String...) -> [String: String] {
        ["city.yaml": "agreements:\n" + agreements.joined()]
    }

    private let two = file(
        agreement("A", topic: "health.a", owner: "health"), agreement("B", topic: "traffic.b", owner: "traffic"))

    @Test("a set comes into force whole, as the next version, stored, audited and decided by at once")
    func apply() async throws {
        let fixture = try await AdministrationFixture(agreements: nil)
        let ward = try BrokerFixture.peer("health/ward/tan-dinh")
        #expect(!fixture.services.decide(.publish(topic: "health.a"), for: ward).isAllowed)
        let applied = try await fixture.administration.applyAgreements(two, by: .node(fixture.root())).get()
        #expect(applied.version == 1 && applied.isNewVersion && applied.added == ["A", "B"])
        #expect(fixture.services.decide(.publish(topic: "health.a"), for: ward).isAllowed)
        let stored = try #require(fixture.metadata.snapshot.agreements.last)
        #expect(stored.files == two && stored.summary.version == 1 && stored.summary.appliedBy == "User:it/ops/root")
        let entry = try #require(try fixture.entries().last { $0.type == "hanbridge.audit.change" })
        #expect(entry.data.action == "agreements.apply" && entry.data.details?["added"] == "2: A B")
        #expect(entry.data.details?["version"] == "1")
    }

    @Test("the same set again makes no new version; another one says what it changes")
    func unchanged() async throws {
        let fixture = try await AdministrationFixture(agreements: nil)
        let (administration, root) = (fixture.administration, try fixture.root())
        _ = try await administration.applyAgreements(two, by: .node(root)).get()
        let again = try await administration.applyAgreements(two, by: .directory(name: "agreements")).get()
        #expect(again.version == 1 && !again.isNewVersion && again.added.isEmpty)
        #expect(fixture.metadata.snapshot.agreements.count == 1)
        let next = Self.file(
            Self.agreement("B", topic: "traffic.b", owner: "traffic", may: "subscribe"),
            Self.agreement("C", topic: "traffic.c", owner: "traffic"))
        let dry = try await administration.applyAgreements(next, by: .node(root), validateOnly: true).get()
        #expect(dry.version == 2 && fixture.services.policy.value.version == 1)
        let applied = try await administration.applyAgreements(next, by: .directory(name: "agreements")).get()
        #expect(applied.version == 2)
        #expect(applied.added == ["C"] && applied.changed == ["B"] && applied.removed == ["A"])
        #expect(fixture.metadata.snapshot.agreements.last?.summary.appliedBy == "file:agreements")
    }

    @Test("a set with a mistake or a right that there is not leaves the old one in force and says where")
    func invalid() async throws {
        let fixture = try await AdministrationFixture()
        let before = fixture.state()
        for text in ["agreements: [", Self.agreement("A", topic: "a", owner: "a", may: "vanish"), "agreements: [{id: 5}]"] {
            let files = ["bad.yaml": text.hasPrefix("agreements") ? text : "agreements:\n" + text]
            guard case .failure(.invalid(let problems)) = await fixture.administration.applyAgreements(files, by: .node(try fixture.root()))
            else { return #expect(Bool(false), "accepted \(text)") }
            #expect(problems.allSatisfy { $0.file == "bad.yaml" && $0.line > 0 })
        }
        #expect(fixture.state() == before)
        let refused = try fixture.entries().filter { $0.data.action == "agreements.refused" }
        #expect(refused.count == 3 && refused.allSatisfy { $0.data.details?["first"]?.hasPrefix("bad.yaml:") == true })
    }

    @Test("a file of a directory that is cut off is refused with its last line, though what is there of it is good")
    func halfWritten() async throws {
        let fixture = try await AdministrationFixture(agreements: nil)
        let whole = two["city.yaml"] ?? ""
        _ = try await fixture.administration.applyAgreements(two, by: .directory(name: "policy")).get()
        let cut = String(whole.prefix(while: { $0 != "B" }).dropLast("\n  - {id: ".count))
        #expect(throws: Never.self) { try AgreementsFile.parse(yaml: cut, name: "city.yaml") }
        guard case .failure(.invalid(let problems)) = await fixture.administration.applyAgreements(["city.yaml": cut], by: .directory(name: "policy"))
        else { return #expect(Bool(false), "half a file came into force") }
        #expect(problems.map(\.line) == [2] && problems[0].file == "city.yaml" && problems[0].message.contains("half written"))
        #expect(fixture.services.policy.value.agreements.count == 2)
        #expect(try fixture.entries().contains { $0.data.action == "agreements.refused" })
    }

    @Test("who is neither operator nor steward applies nothing, and is told before the set is read")
    func notAllowed() async throws {
        let fixture = try await AdministrationFixture()
        let before = fixture.state()
        for peer in [try fixture.healthIT(), try fixture.stranger(), try BrokerFixture.peer("a/b/c", roles: [.auditor])] {
            guard case .failure(.notAllowed) = await fixture.administration.applyAgreements(["x": "["], by: .node(peer)) else {
                return #expect(Bool(false), "\(peer.identity.path) applied agreements")
            }
        }
        #expect(fixture.state() == before)
    }

    @Test("a steward changes its own agency's agreements, on its own agency's topics, and nothing else of the set")
    func stewards() async throws {
        let fixture = try await AdministrationFixture(agreements: nil)
        _ = try await fixture.administration.applyAgreements(two, by: .node(fixture.root())).get()
        try await fixture.make("health.own", configuration: ["hanbridge.owner": "health"])
        try await fixture.make("health.foreign", configuration: ["hanbridge.owner": "traffic"])
        try await fixture.make("shared", configuration: ["hanbridge.owner": "health"])
        let steward = try fixture.steward()
        let traffic = Self.agreement("B", topic: "traffic.b", owner: "traffic")
        func outcome(_ agreements: String...) async -> Bool {
            let files = ["city.yaml": "agreements:\n" + agreements.joined()]
            switch await fixture.administration.applyAgreements(files, by: .node(steward), validateOnly: true) {
            case .success: return true
            case .failure: return false
            }
        }
        #expect(await outcome(Self.agreement("A", topic: "health.a", owner: "health", may: "subscribe"), traffic))
        #expect(await outcome(traffic), "its own agreement may go")
        #expect(await outcome(Self.agreement("N", topic: "shared", owner: "health"), traffic), "its own topic by its owner")
        #expect(await !outcome(Self.agreement("A", topic: "health.a", owner: "health")), "another's agreement went")
        #expect(await !outcome(Self.agreement("A", topic: "health.a", owner: "traffic"), traffic), "it gave an agreement away")
        #expect(await !outcome(Self.agreement("N", topic: "traffic.b", owner: "health"), traffic), "another's topic")
        #expect(await !outcome(Self.agreement("N", topic: "*", owner: "health"), traffic), "every topic")
        #expect(await !outcome(Self.agreement("N", topic: "healthy.*", owner: "health"), traffic), "a prefix that is not its own")
        #expect(await !outcome(Self.agreement("N", topic: "health.*", owner: "health"), traffic), "a prefix over another's topic")
        #expect(await !outcome(Self.agreement("N", topic: "health.foreign", owner: "health"), traffic), "another's by its owner")
        await fixture.audit.writeWaiting()
        let refused = try fixture.entries().filter { $0.type == "hanbridge.audit.refusal" }
        #expect(refused.contains { $0.subject == "agreements:health" && $0.data.reason == "role-missing:operator" }, "it is written down")
    }

    @Test("the signatures under an agreement are changed by whoever may change the agreement, and the audit names it")
    func signatures() async throws {
        let fixture = try await AdministrationFixture(agreements: nil)
        let (root, steward) = (AgreementsApplier.node(try fixture.root()), AgreementsApplier.node(try fixture.steward()))
        func signed(_ ids: String..., by byte: UInt8 = 1) -> [String: String] {
            ids.reduce(into: two) { files, id in
                let signature = AgreementSignature(signer: "health/steward/linh", certificates: [[1]], signature: [byte])
                files[SignatureFile.name(forAgreement: id)] = SignatureFile(agreement: id, signatures: [signature]).text
            }
        }
        func isApplied(_ files: [String: String], by applier: AgreementsApplier) async -> Bool {
            switch await fixture.administration.applyAgreements(files, by: applier) {
            case .success: true
            case .failure: false
            }
        }
        #expect(await isApplied(signed("A", "B"), by: root))
        #expect(await !isApplied(signed("A"), by: steward), "another agency's were left out")
        #expect(await !isApplied(two, by: steward))
        #expect(await !isApplied(signed("A", "B", by: 2), by: steward), "another agency's were replaced")
        #expect(await isApplied(signed("A", "B"), by: steward), "nothing changed")
        #expect(await isApplied(signed("B"), by: steward), "its own")
        #expect(await isApplied(signed("B", by: 2), by: root))
        let entry = try #require(try fixture.entries().last { $0.type == "hanbridge.audit.change" })
        #expect(entry.data.details?["signatures"] == "1: B")
    }

    @Test("where the metadata cannot take it, the old set stays in force and the audit says that it failed")
    func metadataFails() async throws {
        let fixture = try await AdministrationFixture()
        let before = fixture.state()
        fixture.metadata.fail(with: .diskFull)
        guard case .failure(.storage(.diskFull)) = await fixture.administration.applyAgreements(two, by: .node(try fixture.root()))
        else { return #expect(Bool(false), "applied") }
        fixture.metadata.fail(with: nil)
        #expect(fixture.state() == before)
        #expect(try fixture.entries().map(\.data.action) == ["agreements.apply", "agreements.apply.failed"])
    }

    @Test("versions and their files are for operators and auditors")
    func versions() async throws {
        let fixture = try await AdministrationFixture(agreements: nil)
        _ = try await fixture.administration.applyAgreements(two, by: .node(fixture.root())).get()
        let auditor = try BrokerFixture.peer("inspectorate/audit/a", roles: [.auditor])
        for peer in [try fixture.root(), auditor] {
            #expect(try await fixture.administration.agreementVersions(limit: 10, for: peer)?.map(\.version) == [1])
            #expect(try await fixture.administration.agreementSet(version: 1, for: peer)?.files == two)
        }
        #expect(try await fixture.administration.agreementVersions(limit: 10, for: fixture.steward()) == nil)
        #expect(try await fixture.administration.agreementSet(version: 1, for: fixture.stranger()) == nil)
        #expect(fixture.administration.agreements(visibleTo: auditor).count == 2)
        #expect(fixture.administration.agreements(visibleTo: try fixture.steward()).map(\.agreement.id) == ["A"])
    }

    @Test("agreements applied at once become versions one after the other")
    func race() async throws {
        let fixture = try await AdministrationFixture(agreements: nil)
        let root = try fixture.root()
        let versions = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let files = Self.file(Self.agreement("A\(number)", topic: "t", owner: "o"))
                    return try await fixture.administration.applyAgreements(files, by: .node(root)).get().version
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(versions.sorted() == Array(1...20))
        #expect(fixture.services.policy.value.version == 20)
    }
}
