import AccessPolicy
import MessageSchema
import Storage
import Testing

@testable import Broker

@Suite struct SubjectRightsTests {
    private let text = RegistryFixture.object(["a"])

    @Test("schemas of a topic are registered by stewards of its owner, by operators and by those who may administer it")
    func registering() async throws {
        let fixture = try await RegistryFixture()
        let subject = "health.records-value"
        for peer in [try fixture.ward, try fixture.school, try fixture.transportSteward, try fixture.auditor] {
            try await fixture.refused(40301) { try await fixture.register(text, in: subject, by: peer) }
        }
        try await fixture.register(text, in: subject, by: fixture.healthSteward)
        try await fixture.register(RegistryFixture.object(["a"], optional: ["b"]), in: subject, by: fixture.broker.healthIT())
        try await fixture.register(RegistryFixture.object(["a"], optional: ["c"]), in: "health.records-key", by: fixture.root)
        await fixture.broker.audit.writeWaiting()
        let refusals = try fixture.broker.entries().filter { $0.type.hasSuffix("refusal") }
        #expect(refusals.count == 4 && refusals.allSatisfy { $0.subject == "subject:\(subject)" && $0.data.action == "administer" })
    }

    @Test("every change of a subject needs the same right; those of the whole registry need an operator")
    func changing() async throws {
        let fixture = try await RegistryFixture()
        let subject = "health.records-value"
        try await fixture.register(text, in: subject)
        let registry = fixture.registry
        let other = try fixture.transportSteward
        try await fixture.refused(40301) { try await registry.delete(.latest, of: subject, permanently: false, by: other) }
        try await fixture.refused(40301) { try await registry.deleteSubject(subject, permanently: false, by: other) }
        try await fixture.refused(40301) { try await registry.setConfiguration(of: subject, level: .set(CompatibilityLevel.none), normalizes: .keep, by: other) }
        try await fixture.refused(40301) { try await registry.setMode(of: subject, .readOnly, force: false, by: other) }
        try await fixture.refused(40301) { try await registry.removeMode(of: subject, by: other) }
        let own = try fixture.healthSteward
        try await registry.setConfiguration(of: subject, level: .set(CompatibilityLevel.none), normalizes: .keep, by: own)
        try await fixture.refused(40301) { try await registry.setConfiguration(of: nil, level: .set(CompatibilityLevel.none), normalizes: .keep, by: own) }
        try await fixture.refused(40301) { try await registry.setMode(of: nil, .readOnly, force: false, by: own) }
        _ = try await registry.deleteSubject(subject, permanently: false, by: own)
    }

    @Test("hanbridge.owner decides over what agreements say")
    func topicOwner() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.broker.make("health.lent", configuration: ["hanbridge.owner": "transport"])
        try await fixture.register(text, in: "health.lent-value", by: fixture.transportSteward)
        try await fixture.refused(40301) { try await fixture.register("{}", in: "health.lent-value", by: fixture.healthSteward) }
    }

    @Test("a subject of no topic belongs to the agency that made it first")
    func firstCome() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.register(#"{"enum": ["a"]}"#, in: "wards", by: fixture.transportSteward)
        try await fixture.refused(40301) { try await fixture.register(#"{"enum": ["a", "b"]}"#, in: "wards", by: fixture.healthSteward) }
        try await fixture.register(#"{"enum": ["a", "b"]}"#, in: "wards", by: fixture.root)
        try await fixture.register(#"{"enum": ["a", "b", "c"]}"#, in: "wards", by: fixture.transportSteward)
        // Nobody takes a name that begins with another agency, and a plain member makes none at all.
        try await fixture.refused(40301) { try await fixture.register("{}", in: "health.shared", by: fixture.transportSteward) }
        try await fixture.refused(40301) { try await fixture.register("{}", in: "streets", by: fixture.ward) }
        try await fixture.register("{}", in: "transport.shared", by: fixture.transportSteward)
    }

    @Test("a topic takes its subject over from whoever made it before")
    func takenOver() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.register(text, in: "new.topic-value", by: fixture.transportSteward)
        try await fixture.broker.make("new.topic", configuration: ["hanbridge.owner": "health"])
        try await fixture.refused(40301) { try await fixture.register("{}", in: "new.topic-value", by: fixture.transportSteward) }
        try await fixture.register(RegistryFixture.object(["a"], optional: ["b"]), in: "new.topic-value", by: fixture.healthSteward)
    }

    @Test("whoever may describe the topic reads its subjects, and what they refer to; others are refused, and listings leave it out")
    func reading() async throws {
        let fixture = try await RegistryFixture()
        let registry = fixture.registry
        try await fixture.register(#"{"enum": ["hai-chau"]}"#, in: "wards", by: fixture.transportSteward)
        let ward = SchemaReference(name: "wards.json", target: fixture.name("wards", 1))
        try await fixture.register(#"{"$ref": "wards.json"}"#, in: "address", references: [ward], by: fixture.transportSteward)
        let address = SchemaReference(name: "address.json", target: fixture.name("address", 1))
        try await fixture.register(#"{"$ref": "address.json"}"#, in: "health.records-value", references: [address], by: fixture.root)
        try await fixture.register(text, in: "transport.counts-value", by: fixture.root)
        for peer in [try fixture.ward, try fixture.school] {
            #expect(registry.subjects(startingWith: "", .left, for: peer) == ["address", "health.records-value", "wards"])
            #expect(try registry.version(.latest, of: "wards", includingDeleted: false, for: peer).schema.id == 1)
            #expect(try registry.schema(id: 3, for: peer).id == 3)
            #expect(try registry.memberships(ofID: 1, includingDeleted: false, for: peer).map(\.description) == ["wards@1"])
            try await fixture.refused(40301) { try registry.schema(id: 4, for: peer) }
            try await fixture.refused(40301) { try registry.versions(of: "transport.counts-value", .left, for: peer) }
        }
        let station = try BrokerFixture.peer("transport/stations/one")
        #expect(registry.subjects(startingWith: "", .left, for: station) == ["address", "transport.counts-value", "wards"])
        for peer in [try fixture.auditor, try fixture.root] { #expect(registry.subjects(startingWith: "", .left, for: peer).count == 4 + AuditSchema.subjects.count) }
        let stranger = try BrokerFixture.peer("sport/clubs/one")
        #expect(registry.subjects(startingWith: "", .included, for: stranger) == [])
        try await fixture.refused(40301) { try registry.version(.latest, of: "wards", includingDeleted: false, for: stranger) }
        // One that is not there looks the same as one that one may not read.
        try await fixture.refused(40301) { try registry.versions(of: "health.none-value", .left, for: stranger) }
        try await fixture.refused(40401) { try registry.versions(of: "health.none-value", .left, for: fixture.ward) }
    }

    @Test("the same schema in two subjects is read by those who may read either, each seeing its own")
    func sharedID() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.register(text, in: "health.records-value")
        try await fixture.register(text, in: "transport.counts-value")
        let found = try fixture.registry.memberships(ofID: 1, includingDeleted: false, for: fixture.school)
        #expect(found.map(\.description) == ["health.records-value@1"])
    }
}
