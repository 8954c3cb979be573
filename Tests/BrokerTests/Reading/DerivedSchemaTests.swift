import AccessPolicy
import KafkaWire
import MessageSchema
import NIOCore
import Storage
import Testing

@testable import Broker

/// What the schemas of restricted subscribers take of the registry, and what they do not.
@Suite("Schemas derived for restricted subscribers")
struct DerivedSchemaTests {
    /// As many derived schemas more in the registry.
    /// - Parameter age: in ms.
    private func derive(_ count: Int, in fixture: BrokerFixture, age: Int64 = 0) throws {
        let madeAt = fixture.clock.now() - age
        let text = #"{"title":"derived"}"#
        let compiled = try CompiledSchema(compiling: SchemaSource(format: .json, text: text, references: [])) { _ in .unknown }
        var change = RegistryChange()
        change.putSubjects = [SubjectRecord(name: "_projected.other", owner: "")]
        var programs: [Int32: CompiledSchema] = [:]
        let before = fixture.services.registry.value.subjects["_projected.other"]?.versions.last?.name.version ?? 0
        for number in 1...Int32(count) {
            let id = fixture.services.registry.value.lastID + number
            change.addedSchemas.append(SchemaRecord(id: id, format: "JSON", text: text, createdAt: madeAt))
            change.putVersions.append(
                SubjectVersionRecord(name: SubjectVersionName(subject: "_projected.other", version: before + number), schema: id, registeredAt: 0, registeredBy: "broker"))
            programs[id] = compiled
        }
        fixture.services.install(registry: fixture.services.registry.value.applying(change, programs: programs))
    }

    @Test("So many are kept and no more: the reader stays where it is, nothing is withheld, and publishers have their room")
    func full() async throws {
        let fixture = try BrokerFixture.restricted()
        fixture.store([.typed(People.person(1))])
        try derive(RegistryLimits.derivedSchemasMax, in: fixture)
        #expect(fixture.services.registry.value.derived.schemas == RegistryLimits.derivedSchemasMax)
        #expect(fixture.services.registry.value.published.schemas == 2)
        let school = try await LiveConnection(fixture)
        #expect(try await school.fetch(fixture).errorCode == .kafkaStorageError)
        #expect(fixture.withheld.isEmpty && fixture.services.projections.batches.count == 0)
        let operations = try BrokerFixture.peer("it/ops/one", roles: [.operator])
        _ = try await RegistryAdministration(fixture.services).register(SchemaSubmission(format: .json, text: #"{"title":"new"}"#), in: "other", by: operations)
        try await school.close()
    }

    @Test("Where there is no room the oldest makes place that is a day old and that nobody is shown records under; its id is not given again")
    func freed() async throws {
        let fixture = try BrokerFixture.restricted(more: "      - {node: traffic/cameras/*, may: [subscribe], fields: {allow: [ward]}}")
        fixture.store([.typed(People.person(1))])
        let school = try await LiveConnection(fixture)
        let shown = try #require(try await school.readAll(fixture).first?.schemaID)
        fixture.clock.set(fixture.clock.now() + RegistryLimits.derivedKeptMilliseconds)
        try derive(RegistryLimits.derivedSchemasMax - 2, in: fixture)
        try derive(1, in: fixture, age: RegistryLimits.derivedKeptMilliseconds)
        // In the store too.
        let registry = fixture.services.registry.value
        let (last, count) = (registry.lastID, RegistryLimits.derivedSchemasMax)
        #expect(registry.derived.schemas == count)
        var kept = RegistryChange()
        kept.addedSchemas = registry.listed.filter(\.isDerived).map(\.record).filter { $0.id != shown }
        kept.putSubjects = [SubjectRecord(name: "_projected.other", owner: "")]
        kept.putVersions = registry.subjects["_projected.other"]?.versions ?? []
        try await fixture.metadata.apply(.changeRegistry(kept))

        // One is in use, and all but one are of today: exactly a day is not older.
        let camera = try await LiveConnection(fixture, BrokerFixture.stranger)
        #expect(try await camera.fetch(fixture).errorCode == .kafkaStorageError)
        #expect(fixture.services.registry.value.lastID == last)
        fixture.clock.set(fixture.clock.now() + 1)
        let freed = last
        #expect(try await camera.readAll(fixture).first?.schemaID == last + 1)
        let now = fixture.services.registry.value
        #expect(now.derived.schemas == count && now.compiled(id: freed) == nil && now.compiled(id: shown) != nil)
        #expect(fixture.audit.changes.last?.details["freed"] == String(freed))
        #expect(!fixture.metadata.snapshot.image.registry.schemas.contains { $0.id == freed })
        #expect(try await school.readAll(fixture).first?.schemaID == shown)
        try await camera.close()
        try await school.close()
    }

    @Test("What readers under the policy before the last are shown may be on its way, and stays; under the one before that it does not")
    func inUse() throws {
        let fixture = try BrokerFixture.restricted()
        let projections = fixture.services.projections
        projections.use(7)
        for version in 2...3 {
            #expect(projections.schemasInUse == [7])
            fixture.services.install(policy: try BrokerFixture.policy(People.agreements(People.masked), version: Int64(version)))
        }
        #expect(projections.schemasInUse == [])
    }

    @Test("The last one that has room is registered")
    func last() async throws {
        let fixture = try BrokerFixture.restricted()
        fixture.store([.typed(People.person(1))])
        try derive(RegistryLimits.derivedSchemasMax - 1, in: fixture)
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).count == 1)
        #expect(fixture.services.registry.value.derived.schemas == RegistryLimits.derivedSchemasMax)
        try await school.close()
    }

    @Test("A schema that a publisher registers too is the publisher's from then on")
    func both() async throws {
        let fixture = try BrokerFixture.restricted()
        fixture.store([.typed(People.person(1))])
        let school = try await LiveConnection(fixture)
        let id = try #require(try await school.readAll(fixture).first?.schemaID)
        let text = try #require(fixture.services.registry.value.compiled(id: id)?.text)
        #expect(fixture.services.registry.value.derived.schemas == 1)
        let operations = try BrokerFixture.peer("it/ops/one", roles: [.operator])
        let version = try await RegistryAdministration(fixture.services).register(SchemaSubmission(format: .json, text: text), in: "same", by: operations)
        #expect(version.schema.id == id)
        #expect(fixture.services.registry.value.derived == RegistryUse() && fixture.services.registry.value.published.schemas == 3)
        try await school.close()
    }

    @Test("What is derived from a schema does not keep what that one imports from being deleted, and is not listed among what refers to it")
    func imports() async throws {
        let proto = #"syntax = "proto3"; import "ward.proto"; message Person { string name = 1; string citizen = 2; Ward ward = 3; }"#
        let fixture = try BrokerFixture(
            configuration: ["hanbridge.schema.subject": ""], agreements: People.agreements("fields: {allow: [name, ward]}"))
        let registry = RegistryAdministration(fixture.services)
        let operations = try BrokerFixture.peer("it/ops/one", roles: [.operator])
        _ = try await registry.register(
            SchemaSubmission(format: .protobuf, text: #"syntax = "proto3"; message Ward { string name = 1; }"#), in: "ward", by: operations)
        let reference = SchemaReference(name: "ward.proto", target: SubjectVersionName(subject: "ward", version: 1))
        let person = try await registry.register(
            SchemaSubmission(format: .protobuf, text: proto, references: [reference]), in: "health.records-value", by: operations)
        var record = ByteBuffer(bytes: [0])
        record.writeInteger(person.schema.id)
        // Message indexes, and name: "An".
        record.writeBytes([0, 0x0A, 2, 0x41, 0x6E])
        var builder = RecordBatchBuilder()
        builder.append(key: nil, value: record, headers: [], timestamp: Batches.timestamp)
        fixture.store(builder.build(), schemaIDs: .uniform(person.schema.id))
        let school = try await LiveConnection(fixture)
        let shown = try #require(try await school.readAll(fixture).first?.schemaID)
        #expect(shown != person.schema.id)
        #expect(try registry.referrers(of: .number(1), of: "ward", includingDeleted: true, for: operations) == [person.schema.id])
        for permanently in [false, true] {
            _ = try await registry.delete(.number(1), of: "health.records-value", permanently: permanently, by: operations)
        }
        _ = try await registry.delete(.number(1), of: "ward", permanently: false, by: operations)
        try await school.close()
    }
}
