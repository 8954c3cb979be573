import AccessPolicy
import MessageSchema
import Sentences
import Testing

@testable import hanbridge

/// What agreements say of fields, held against schemas.
@Suite struct FieldFindingsTests {
    private static let schema = """
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false,
         "properties": {"citizenId": {"type": "string", "x-personal": true}, "ward": {"type": "string"}, "doses": {"type": "integer"},
                        "diagnosis": {"type": "string", "x-sensitivity": "high"}}}
        """

    private static let key = """
        {"type": "object", "properties": {"citizenId": {"type": "string", "x-personal": true}, "ward": {"type": "string"}, "parts": {"type": "integer"}}}
        """

    private func findings(_ party: String, topic: String = "health.v1", in schemas: [String] = ["health.v1"], key: Bool = false) throws -> [String] {
        func compiled(_ text: String) throws -> CompiledSchema {
            try CompiledSchema(compiling: SchemaSource(format: .json, text: text, references: [])) { _ in .unknown }
        }
        let both = TopicSchemas(value: try compiled(Self.schema), key: key ? try compiled(Self.key) : nil)
        let yaml = """
            agreements:
              - id: A-1
                topic: "\(topic)"
                owner: health
                parties:
                  - {node: health/registry/*, may: [publish]}
                  - {node: education/schools/*, \(party)}
            """
        let check = AgreementsCheck(files: ["a.yaml": yaml], at: 0, refusing: [])
        #expect(check.errors.isEmpty, "\(check.errors)")
        return FieldFindings(Dictionary(uniqueKeysWithValues: schemas.map { ($0, both) })).all(of: check).map(\.description)
    }

    @Test("fields that the schema does not have, and masks that a field cannot bear, are told with the line of the party")
    func unknownFields() throws {
        let unknown = try findings("may: [subscribe], fields: {allow: [citizen, ward]}")
        #expect(unknown.count == 1 && unknown[0].hasPrefix("a.yaml:7:9: agreement A-1: the schema of health.v1 does not bear"))
        #expect(unknown[0].contains("citizen"))
        #expect(try findings("may: [subscribe], where: {district: [x]}").count == 1)
        #expect(try findings("may: [subscribe], fields: {allow: [ward, doses], mask: {doses: last4}}").count == 1)
        #expect(try findings("may: [subscribe], fields: {allow: [ward, doses]}, where: {ward: [x]}").isEmpty)
        #expect(try findings("may: [subscribe], fields: {allow: [ward, $key]}").isEmpty, "of keys it speaks as $key")
    }

    @Test("personal and sensitive fields that a party sees as they are, are told; masked and left out ones are not")
    func exposed() throws {
        let all = try findings("may: [subscribe]")
        #expect(all.count == 1 && all[0].contains("education/schools/* sees personal or sensitive fields of health.v1 as they are: "))
        #expect(all[0].contains("/citizenId") && all[0].contains("/diagnosis"))
        let one = try findings("may: [replay], purpose: [x], fields: {mask: {citizenId: hash}}")
        #expect(one.count == 1 && one[0].contains("/diagnosis") && !one[0].contains("citizenId"))
        #expect(try findings("may: [subscribe], fields: {allow: [ward]}").isEmpty)
        #expect(try findings("may: [subscribe], fields: {mask: {citizenId: drop, diagnosis: redact}}").isEmpty)
        #expect(try findings("may: [publish]").isEmpty)
    }

    @Test("fields of keys are held against the schema of the keys, where there is one")
    func keys() throws {
        #expect(try findings("may: [subscribe], fields: {allow: [ward, $key.shoeSize]}").isEmpty)
        let unknown = try findings("may: [subscribe], fields: {allow: [ward, $key.shoeSize]}", key: true)
        #expect(unknown.count == 1 && unknown[0].contains("$key.shoeSize: the schema has no such field"), "\(unknown)")
        #expect(try findings("may: [subscribe], fields: {allow: [ward, $key.parts], mask: {$key.parts: last4}}", key: true).count == 1)
        #expect(try findings("may: [subscribe], fields: {allow: [ward, $key], mask: {$key: last4}}").count == 1, "whatever the schema")
        #expect(try findings("may: [subscribe], fields: {allow: [ward, $key.ward]}", key: true).isEmpty)
        let exposed = try findings("may: [subscribe], fields: {allow: [ward, $key]}", key: true)
        #expect(exposed.count == 1 && exposed[0].hasSuffix("as they are: $key/citizenId"), "\(exposed)")
        #expect(try findings("may: [subscribe], fields: {allow: [ward, $key.citizenId], mask: {$key.citizenId: hash}}", key: true).isEmpty)
    }

    @Test("every topic that an agreement covers is looked at, and no other")
    func topics() throws {
        #expect(try findings("may: [subscribe]", topic: "health.*", in: ["health.v1", "health.v2", "education.v1"]).count == 2)
        #expect(try findings("may: [subscribe]", in: ["health.v2"]).isEmpty)
    }

    @Test("a draft says what is personal and masks it, in the language asked for, and is refused by name until somebody completes it")
    func draft() throws {
        let draft = AgreementDraft(
            id: "REQ-1", topic: "health.v1", owners: ["health"], stewards: ["health/steward/linh"], node: "education/schools/*",
            rights: [.subscribe], purposes: ["enrolment"], fields: ["citizenId", "ward"], until: nil,
            tagged: [TaggedField(path: "/citizenId", isPersonal: true, sensitivity: nil), TaggedField(path: "/diagnosis", isPersonal: false, sensitivity: "high")])
        let text = draft.yaml(in: .vietnamese)
        #expect(text.contains("Dự thảo") && text.contains("citizenId, diagnosis"))
        do {
            _ = try AgreementsFile.parse(yaml: text, name: "draft")
            Issue.record("a draft that nobody completed was accepted")
        } catch {
            #expect(error.problems.map(\.message) == ["legalBasis is empty", "until is empty"])
        }
        let completed = text.replacing("legalBasis:\n", with: "legalBasis: x\n").replacing("until: \n", with: "until: 2030-01-01\n")
        let agreement = try #require(try AgreementsFile.parse(yaml: completed, name: "draft").agreements.first)
        #expect(agreement.parties[0].fields == FieldGrant(allow: ["citizenId", "ward"], mask: ["citizenId": .redact]))
        #expect(agreement.parties[0].purposes == ["enrolment"] && agreement.signedBy == ["health/steward/linh"])
    }
}
