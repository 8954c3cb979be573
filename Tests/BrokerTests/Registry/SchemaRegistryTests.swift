import MessageSchema
import Storage
import Testing

@testable import Broker

@Suite struct SchemaRegistryTests {
    @Test("white space between the tokens of JSON does not make another schema, white space in strings does")
    func identity() {
        #expect("{\"a b\" :\n\t\"c \\\" d\" }".withoutJSONSpace == "{\"a b\":\"c \\\" d\"}")
        func identity(_ text: String, _ format: SchemaFormat = .json) -> SchemaIdentity {
            SchemaIdentity(format: format, text: text, references: [], compiled: nil)
        }
        #expect(identity("{ \"a\": 1 }") == identity("{\"a\":1}"))
        #expect(identity("{\"a \":1}") != identity("{\"a\":1}"))
        #expect(identity("{}") != identity("{}", .avro))
        #expect(identity("message A {}", .protobuf) != identity("message  A {}", .protobuf))
    }

    @Test("ids, latest and pinned versions are found; a soft-deleted version is not the latest and is found by its number")
    func lookUps() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.register(RegistryFixture.object(["a"]), in: "health.x-value")
        try await fixture.register(RegistryFixture.object(["a"], optional: ["b"]), in: "health.x-value")
        let snapshot = fixture.snapshot
        #expect(snapshot.compiled(id: 1)?.version(in: "health.x-value") == 1)
        #expect(snapshot.compiled(id: 3) == nil && snapshot.compiled(id: 0) == nil && snapshot.compiled(id: -1) == nil)
        #expect(snapshot.latest(subject: "health.x-value")?.id == 2)
        #expect(snapshot.version(subject: "health.x-value", 1)?.id == 1)
        #expect(snapshot.version(subject: "health.x-value", 3) == nil && snapshot.latest(subject: "other") == nil)
        _ = try await fixture.registry.delete(.latest, of: "health.x-value", permanently: false, by: fixture.root)
        let after = fixture.snapshot
        #expect(after.latest(subject: "health.x-value")?.id == 1)
        #expect(after.version(subject: "health.x-value", 2)?.id == 2)
        #expect(after.compiled(id: 2)?.isVersion(of: "health.x-value") == false && after.compiled(id: 1)?.isVersion(of: "health.x-value") == true)
        // Whoever took the snapshot before keeps it.
        #expect(snapshot.latest(subject: "health.x-value")?.id == 2)
    }

    @Test("a program is compiled once, and every later snapshot has the same one")
    func compiledOnce() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.register(RegistryFixture.object(["a"]), in: "health.x-value")
        let payload = Array("{\"a\": \"x\"}".utf8)
        for subject in ["health.y-value", "wards"] {
            try await fixture.register(RegistryFixture.object(["a"]), in: subject)
            let schema = try #require(fixture.snapshot.compiled(id: 1))
            #expect(schema.memberships.contains { $0.name.subject == subject })
            #expect(payload.withUnsafeBytes { schema.compiled?.violations(in: $0) } == [])
        }
        #expect(fixture.snapshot.lastID == 1)
    }

    @Test("after a restart everything is as it was")
    func restart() async throws {
        let (metadata, store) = (InMemoryMetadataStore(), InMemoryPartitionStore())
        let fixture = try await RegistryFixture(metadata: metadata, store: store)
        try await fixture.register(#"{"enum": ["hai-chau", "son-tra"]}"#, in: "wards")
        let reference = SchemaReference(name: "wards.json", target: fixture.name("wards", 1))
        let text = #"{"type": "object", "properties": {"ward": {"$ref": "wards.json"}}}"#
        try await fixture.register(text, in: "health.x-value", references: [reference])
        try await fixture.registry.setConfiguration(
            of: "health.x-value", level: .set(.full), normalizes: .keep, by: fixture.root)
        let again = try await RegistryFixture(metadata: metadata, store: store)
        let schema = try #require(again.snapshot.latest(subject: "health.x-value"))
        #expect(schema.id == 2 && schema.text == text && schema.record.references == [reference])
        let bad = Array(#"{"ward": "nowhere"}"#.utf8)
        #expect(bad.withUnsafeBytes { schema.compiled?.violations(in: $0).isEmpty } == false)
        #expect(again.snapshot.level(of: "health.x-value") == .full)
        let next = try await again.register(RegistryFixture.object([]), in: "other")
        #expect(next.schema.id == 3)
    }

    @Test("a stored schema that does not compile keeps its id, says why, and keeps nothing else from working")
    func brokenSchema() async throws {
        let metadata = InMemoryMetadataStore()
        var change = RegistryChange()
        change.addedSchemas = [SchemaRecord(id: 1, format: "JSON", text: "{\"type\": 7", createdAt: 0)]
        change.putSubjects = [SubjectRecord(name: "health.x-value", owner: "health")]
        change.putVersions = [
            SubjectVersionRecord(name: .init(subject: "health.x-value", version: 1), schema: 1, registeredAt: 0, registeredBy: "User:a/b/c")
        ]
        try await metadata.apply(.changeRegistry(change))
        let fixture = try await RegistryFixture(metadata: metadata)
        let broken = try #require(fixture.snapshot.latest(subject: "health.x-value"))
        #expect(broken.compiled == nil)
        #expect(broken.refusal?.contains("schema 1") == true)
        // A mended version follows it.
        let mended = try await fixture.register(RegistryFixture.object(["a"]), in: "health.x-value")
        #expect(mended.name.version == 2 && mended.schema.compiled != nil)
        #expect(try fixture.registry.schema(id: 1, for: fixture.root).text == "{\"type\": 7")
    }
}
