import MessageSchema
import Storage
import Testing

@testable import Broker

@Suite struct DeletionTests {
    private let subject = "health.x-value"

    private func twoVersions() async throws -> RegistryFixture {
        let fixture = try await RegistryFixture()
        try await fixture.register(RegistryFixture.object(["a"]), in: subject)
        try await fixture.register(RegistryFixture.object(["a"], optional: ["b"]), in: subject)
        return fixture
    }

    @Test("a version is deleted softly, then for good, and in no other order")
    func versions() async throws {
        let fixture = try await twoVersions()
        let registry = fixture.registry
        try await fixture.refused(40407) { try await registry.delete(.number(1), of: subject, permanently: true, by: fixture.root) }
        #expect(try await registry.delete(.number(1), of: subject, permanently: false, by: fixture.root) == 1)
        try await fixture.refused(40406) { try await registry.delete(.number(1), of: subject, permanently: false, by: fixture.root) }
        #expect(try registry.versions(of: subject, .left, for: fixture.root) == [2])
        #expect(try registry.versions(of: subject, .included, for: fixture.root) == [1, 2])
        #expect(try registry.versions(of: subject, .only, for: fixture.root) == [1])
        try await fixture.refused(40402) { try registry.version(.number(1), of: subject, includingDeleted: false, for: fixture.root) }
        #expect(try registry.version(.number(1), of: subject, includingDeleted: true, for: fixture.root).isDeleted)
        #expect(try registry.schema(id: 1, for: fixture.root).id == 1)
        #expect(try await registry.delete(.number(1), of: subject, permanently: true, by: fixture.root) == 1)
        try await fixture.refused(40402) { try registry.version(.number(1), of: subject, includingDeleted: true, for: fixture.root) }
        try await fixture.refused(40403) { try registry.schema(id: 1, for: fixture.root) }
        try await fixture.refused(40402) { try await registry.delete(.number(1), of: subject, permanently: true, by: fixture.root) }
        // Records of the log still find it, and the same schema gets its id back.
        #expect(fixture.snapshot.compiled(id: 1) != nil)
        let back = try await fixture.register(RegistryFixture.object(["a"]), in: "other")
        #expect(back.schema.id == 1)
    }

    @Test("a subject is deleted softly, then for good, with its settings; its numbers begin anew")
    func subjects() async throws {
        let fixture = try await twoVersions()
        let registry = fixture.registry
        try await registry.setConfiguration(of: subject, level: .set(.full), normalizes: .keep, by: fixture.root)
        try await fixture.refused(40405) { try await registry.deleteSubject(subject, permanently: true, by: fixture.root) }
        #expect(try await registry.deleteSubject(subject, permanently: false, by: fixture.root) == [1, 2])
        try await fixture.refused(40404) { try await registry.deleteSubject(subject, permanently: false, by: fixture.root) }
        #expect(registry.subjects(startingWith: "", .left, for: try fixture.root) == AuditSchema.subjects.map(\.name))
        #expect(registry.subjects(startingWith: "health", .included, for: try fixture.root) == [subject])
        #expect(registry.subjects(startingWith: "healthy", .included, for: try fixture.root) == [])
        #expect(registry.subjects(startingWith: "", .only, for: try fixture.root) == [subject])
        try await fixture.refused(40401) { try registry.versions(of: subject, .left, for: fixture.root) }
        try await fixture.refused(40401) { try registry.version(.latest, of: subject, includingDeleted: false, for: fixture.root) }
        #expect(try await registry.deleteSubject(subject, permanently: true, by: fixture.root) == [1, 2])
        try await fixture.refused(40401) { try await registry.deleteSubject(subject, permanently: true, by: fixture.root) }
        try await fixture.refused(40408) { try registry.configuration(of: subject, effective: false, for: fixture.root) }
        let anew = try await fixture.register(RegistryFixture.object(["z"]), in: subject)
        #expect(anew.name.version == 1 && anew.schema.id == 3)
    }

    @Test("a schema that comes back takes the place of its soft-deleted version")
    func comingBack() async throws {
        let fixture = try await twoVersions()
        _ = try await fixture.registry.delete(.number(2), of: subject, permanently: false, by: fixture.root)
        let back = try await fixture.register(RegistryFixture.object(["a"], optional: ["b"]), in: subject)
        #expect(back.name.version == 3 && back.schema.id == 2)
        #expect(try fixture.registry.versions(of: subject, .included, for: fixture.root) == [1, 3])
    }

    @Test("what something refers to stays, until what refers to it is gone; a code list too")
    func references() async throws {
        let fixture = try await RegistryFixture()
        let registry = fixture.registry
        try await fixture.register(#"{"enum": ["hai-chau"]}"#, in: "wards")
        let ward = SchemaReference(name: "wards.json", target: fixture.name("wards", 1))
        try await fixture.register(#"{"$ref": "wards.json"}"#, in: subject, references: [ward])
        try await fixture.refused(42206) { try await registry.delete(.number(1), of: "wards", permanently: false, by: fixture.root) }
        try await fixture.refused(42206) { try await registry.deleteSubject("wards", permanently: false, by: fixture.root) }
        _ = try await registry.deleteSubject(subject, permanently: false, by: fixture.root)
        #expect(try registry.referrers(of: .number(1), of: "wards", includingDeleted: false, for: fixture.root) == [])
        #expect(try registry.referrers(of: .number(1), of: "wards", includingDeleted: true, for: fixture.root) == [2])
        _ = try await registry.deleteSubject("wards", permanently: false, by: fixture.root)
        // The softly deleted schema may come back, and would have lost its reference.
        try await fixture.refused(42206) { try await registry.deleteSubject("wards", permanently: true, by: fixture.root) }
        _ = try await registry.deleteSubject(subject, permanently: true, by: fixture.root)
        _ = try await registry.deleteSubject("wards", permanently: true, by: fixture.root)
    }

    @Test("levels: the subject's own, else the registry's, else BACKWARD; only what is there can be removed")
    func levels() async throws {
        let fixture = try await twoVersions()
        let registry = fixture.registry
        #expect(try registry.configuration(of: nil, effective: false, for: fixture.ward).level == .backward)
        try await fixture.refused(40408) { try registry.configuration(of: subject, effective: false, for: fixture.root) }
        #expect(try registry.configuration(of: subject, effective: true, for: fixture.root).level == .backward)
        try await registry.setConfiguration(of: nil, level: .set(.forward), normalizes: .set(true), by: fixture.root)
        let effective = try registry.configuration(of: subject, effective: true, for: fixture.root)
        #expect(effective.level == .forward && effective.normalizes == true)
        try await registry.setConfiguration(of: subject, level: .set(.fullTransitive), normalizes: .keep, by: fixture.root)
        #expect(try registry.configuration(of: subject, effective: false, for: fixture.root).level == .fullTransitive)
        #expect(try await registry.removeConfiguration(of: subject, by: fixture.root).level == .fullTransitive)
        try await fixture.refused(40401) { try await registry.removeConfiguration(of: subject, by: fixture.root) }
        #expect(try await registry.removeConfiguration(of: nil, by: fixture.root).level == .forward)
        #expect(try registry.configuration(of: subject, effective: true, for: fixture.root).level == .backward)
        try await fixture.refused(40409) { try registry.mode(of: subject, effective: false, for: fixture.root) }
        #expect(try registry.mode(of: subject, effective: true, for: fixture.root) == .readWrite)
        try await fixture.refused(40401) { try await registry.removeMode(of: subject, by: fixture.root) }
    }

    @Test("a subject that is only configured is there for its settings alone, and goes with them")
    func configuredOnly() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.registry.setConfiguration(of: "wards", level: .set(CompatibilityLevel.none), normalizes: .keep, by: fixture.root)
        #expect(fixture.registry.subjects(startingWith: "", .included, for: try fixture.root) == AuditSchema.subjects.map(\.name))
        try await fixture.refused(40401) { try await fixture.registry.deleteSubject("wards", permanently: false, by: fixture.root) }
        _ = try await fixture.registry.removeConfiguration(of: "wards", by: fixture.root)
        #expect(fixture.snapshot.subjects.keys.allSatisfy { $0.hasPrefix("_") })
    }

    @Test("looking a schema up finds its version, or says whether the subject or the schema is missing")
    func lookUp() async throws {
        let fixture = try await twoVersions()
        let registry = fixture.registry
        let second = RegistryFixture.json(RegistryFixture.object(["a"], optional: ["b"]))
        #expect(try registry.lookUp(second, in: subject, includingDeleted: false, for: fixture.root).name.version == 2)
        try await fixture.refused(40403) {
            try registry.lookUp(RegistryFixture.json("{}"), in: subject, includingDeleted: false, for: fixture.root)
        }
        try await fixture.refused(40401) { try registry.lookUp(second, in: "other", includingDeleted: false, for: fixture.root) }
        _ = try await registry.delete(.number(2), of: subject, permanently: false, by: fixture.root)
        try await fixture.refused(40403) { try registry.lookUp(second, in: subject, includingDeleted: false, for: fixture.root) }
        #expect(try registry.lookUp(second, in: subject, includingDeleted: true, for: fixture.root).isDeleted)
        // Keys in another order are the same schema for whoever asks to normalise.
        var reordered = RegistryFixture.json(#"{"required":["a"],"additionalProperties":false,"properties":{"a":{"type":"string"}},"type":"object"}"#)
        try await fixture.refused(40403) { try registry.lookUp(reordered, in: subject, includingDeleted: false, for: fixture.root) }
        reordered.normalizes = true
        #expect(try registry.lookUp(reordered, in: subject, includingDeleted: false, for: fixture.root).name.version == 1)
    }

    @Test("a version is a number from 1, “latest” or -1")
    func selectors() throws {
        #expect(try VersionSelector("latest") == .latest && VersionSelector("-1") == .latest)
        #expect(try VersionSelector("2147483647") == .number(.max))
        for text in ["0", "-2", "", "x", "2147483648", "1.0"] {
            #expect(throws: RegistryRefusal.self) { try VersionSelector(text) }
        }
    }
}
