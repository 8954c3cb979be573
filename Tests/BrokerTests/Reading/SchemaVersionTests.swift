import AccessPolicy
import KafkaWire
import MessageSchema
import Storage
import Testing

@testable import Broker

/// Versions of a schema that do not have every field that an agreement names.
@Suite("Restrictions and versions of a schema")
struct SchemaVersionTests {
    /// Without `district`.
    private static let old = TestSchema(
        subject: "health.records-value", version: 1,
        text: #"{"type":"object","additionalProperties":false,"properties":{"ward":{"type":"string"},"name":{"type":"string"}}}"#)
    private static let new = TestSchema(
        subject: "health.records-value", version: 2,
        text: #"{"type":"object","additionalProperties":false,"properties":{"ward":{"type":"string"},"name":{"type":"string"},"district":{"type":"string"}}}"#)

    private func fixture(_ rule: String, more: String = "", schemas: [TestSchema] = [old, new]) throws -> BrokerFixture {
        try BrokerFixture(
            configuration: ["hanbridge.schema.subject": "", "hanbridge.quarantine": "health.quarantine"],
            agreements: People.agreements(rule, more: more), schemas: schemas, moreTopics: ["health.quarantine": [:]])
    }

    private func store(in fixture: BrokerFixture) {
        fixture.store([
            .typed(#"{"ward":"hai-chau","name":"An"}"#, schema: 1),
            .typed(#"{"ward":"hai-chau","name":"Bình","district":"east"}"#, schema: 2),
            .typed(#"{"ward":"son-tra","name":"Chi","district":"west"}"#, schema: 2),
        ])
    }

    @Test("A condition on a field that a version does not have is met by none of its records: they are hidden, and the next rule is asked")
    func conditionOnMissingField() async throws {
        for (rule, more, expected) in [
            ("where: {district: [east]}", "", ["Bình"]),
            ("where: {district: [east]}", "      - {node: education/schools/*, may: [subscribe], where: {ward: [hai-chau]}, fields: {allow: [name]}}", ["An", "Bình"]),
            ("where: {$key: [x]}", "", []),
        ] {
            let fixture = try fixture(rule, more: more)
            store(in: fixture)
            let school = try await LiveConnection(fixture)
            let names = try await school.readAll(fixture).compactMap(\.document)
            #expect(names.count == expected.count && zip(names, expected).allSatisfy { $0.contains($1) }, "\(names)")
            #expect(fixture.withheld.isEmpty)
            try await school.close()
        }
    }

    @Test("A rule whose fields do not fit withholds the records that meet its conditions; the others go to the next rule")
    func impossibleUnderConditions() async throws {
        let fixture = try fixture(
            "where: {ward: [son-tra]}, fields: {allow: [name, shoeSize]}",
            more: "      - {node: education/schools/*, may: [subscribe], fields: {allow: [name]}}")
        store(in: fixture)
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).map(\.offset) == [0, 1])
        #expect(fixture.withheld.map { $0.details["firstOffset"] } == ["2"] && fixture.withheld.first?.details["rule"] == "DSA-1#1")
        try await school.close()
    }

    @Test("What an older version does not name is never shown, though its records may have it and the only mask is on it")
    func openOlderVersion() async throws {
        let schemas = [(1 as Int32, ""), (2, #","district":{"type":"string"}"#)].map { version, more in
            TestSchema(
                subject: Self.old.subject, version: version,
                text: #"{"type":"object","properties":{"ward":{"type":"string"},"name":{"type":"string"}\#(more)}}"#)
        }
        for rule in ["fields: {mask: {district: redact}}", "fields: {mask: {district: drop}}", "where: {ward: [hai-chau]}, fields: {mask: {district: redact}}"] {
            let fixture = try fixture(rule, schemas: schemas)
            fixture.store([.typed(#"{"ward":"hai-chau","name":"An","district":"east"}"#, schema: 1)])
            let school = try await LiveConnection(fixture)
            #expect(try await school.readAll(fixture).map(\.document) == [#"{"ward":"hai-chau","name":"An"}"#], "\(rule)")
            try await school.close()
        }
    }

    @Test("Once a newer version has the field, older ones are shown without it, and what was withheld is not cached")
    func newerVersion() async throws {
        let fixture = try fixture("fields: {allow: [name, district]}", schemas: [Self.old])
        fixture.store([.typed(#"{"ward":"hai-chau","name":"An"}"#, schema: 1)])
        let school = try await LiveConnection(fixture)
        #expect(try await school.readAll(fixture).isEmpty)
        #expect(fixture.withheld.count == 1 && fixture.services.projections.batches.count == 1)
        let registry = RegistryAdministration(fixture.services)
        let version = try await registry.register(
            SchemaSubmission(format: .json, text: Self.new.text), in: Self.new.subject, by: try BrokerFixture.peer("it/ops/one", roles: [.operator]))
        #expect(version.name.version == 2)
        #expect(try await school.readAll(fixture).map(\.document) == [#"{"name":"An"}"#])
        try await school.close()
    }
}
