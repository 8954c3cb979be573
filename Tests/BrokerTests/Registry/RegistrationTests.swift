import MessageSchema
import Storage
import Testing

@testable import Broker

@Suite struct RegistrationTests {
    private let subject = "health.x-value"

    @Test("versions of a subject are dense from 1, ids of the registry too, and the same schema has one id everywhere")
    func numbers() async throws {
        let fixture = try await RegistryFixture()
        let first = try await fixture.register(RegistryFixture.object(["a"]), in: subject)
        let again = try await fixture.register(RegistryFixture.object(["a"]) + "\n", in: subject)
        let second = try await fixture.register(RegistryFixture.object(["a"], optional: ["b"]), in: subject)
        let elsewhere = try await fixture.register(RegistryFixture.object(["a"]), in: "health.y-value")
        #expect(first.name.version == 1 && first.schema.id == 1)
        #expect(again.name == first.name && again.schema.id == 1)
        #expect(second.name.version == 2 && second.schema.id == 2)
        #expect(elsewhere.name.version == 1 && elsewhere.schema.id == 1)
        #expect(first.registeredBy == "User:it/ops/root")
    }

    @Test("registering and finding what is there changes and audits nothing; a change is one audited event")
    func audit() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.register(RegistryFixture.object(["a"]), in: subject)
        let writes = fixture.broker.metadata.snapshot.writes
        try await fixture.register(RegistryFixture.object(["a"]), in: subject)
        #expect(fixture.broker.metadata.snapshot.writes == writes)
        try await fixture.registry.setConfiguration(of: nil, level: .set(CompatibilityLevel.none), normalizes: .keep, by: fixture.root)
        _ = try await fixture.registry.deleteSubject(subject, permanently: false, by: fixture.root)
        let entries = try fixture.broker.entries().filter { $0.data.action.hasPrefix("schema.") }
        #expect(entries.map(\.data.action) == ["schema.register", "schema.configure", "schema.delete"])
        #expect(entries[0].subject == "subject:\(subject)" && entries[0].data.details?["id"] == "1")
        #expect(entries[1].subject == "registry" && entries[1].data.details?["compatibility"] == "default → NONE")
    }

    @Test("what cannot be audited or stored is not registered, and a store that refuses is told to the audit")
    func failingStore() async throws {
        let fixture = try await RegistryFixture()
        fixture.broker.metadata.fail(with: .diskFull)
        try await fixture.refused(50001) { try await fixture.register(RegistryFixture.object(["a"]), in: subject) }
        fixture.broker.metadata.fail(with: nil)
        #expect(fixture.snapshot.latest(subject: subject) == nil)
        #expect(try fixture.broker.entries().last?.data.action == "schema.register.failed")
        try await fixture.register(RegistryFixture.object(["a"]), in: subject)
        #expect(fixture.snapshot.lastID == 1)
    }

    @Test("an incompatible schema is refused with the rule and the path, at the level that holds")
    func compatibility() async throws {
        let fixture = try await RegistryFixture()
        func record(_ fields: String...) -> SchemaSubmission {
            let list = fields.map { "{\"name\": \"\($0)\", \"type\": \"string\"}" }.joined(separator: ", ")
            return SchemaSubmission(format: .avro, text: "{\"type\": \"record\", \"name\": \"R\", \"fields\": [\(list)]}")
        }
        _ = try await fixture.registry.register(record("a"), in: subject, by: fixture.root)
        let next = record("a", "b")
        do {
            _ = try await fixture.registry.register(next, in: subject, by: fixture.root)
            Issue.record("an incompatible schema was registered")
        } catch let refusal as RegistryRefusal {
            #expect(refusal.code == 409 && refusal.sentence.contains("BACKWARD") && refusal.sentence.contains("errorType"))
        }
        let verdict = try fixture.registry.incompatibilities(of: next, in: subject, with: nil, for: fixture.root)
        #expect(verdict.level == .backward && !verdict.found.isEmpty)
        try await fixture.registry.setConfiguration(of: subject, level: .set(CompatibilityLevel.none), normalizes: .keep, by: fixture.root)
        _ = try await fixture.registry.register(next, in: subject, by: fixture.root)
        // Against one version, at the level of the subject.
        try await fixture.registry.setConfiguration(of: subject, level: .set(.backward), normalizes: .keep, by: fixture.root)
        let old = record("a")
        #expect(try fixture.registry.incompatibilities(of: old, in: subject, with: .number(1), for: fixture.root).found.isEmpty)
        try await fixture.refused(40402) {
            try fixture.registry.incompatibilities(of: old, in: subject, with: .number(9), for: fixture.root)
        }
    }

    @Test("a schema that does not parse, refers to nothing, or refers to what is of another language is 42201")
    func invalid() async throws {
        let fixture = try await RegistryFixture()
        for text in ["", "{", #"{"type": "cat"}"#, #"{"$ref": "nowhere.json"}"#] {
            try await fixture.refused(42201) { try await fixture.register(text, in: subject) }
        }
        let nowhere = SchemaReference(name: "x.json", target: fixture.name("nobody", 1))
        try await fixture.refused(42201) { try await fixture.register("{}", in: subject, references: [nowhere]) }
        let latest = SchemaReference(name: "x.json", target: fixture.name("nobody", SchemaSubmission.latest))
        try await fixture.refused(42201) { try await fixture.register("{}", in: subject, references: [latest]) }
        #expect(fixture.snapshot.lastID == 0 && fixture.snapshot.subjects.keys.allSatisfy { $0.hasPrefix("_") })
    }

    @Test("references are resolved whole: what a reference refers to is found too, and “latest” becomes a number")
    func references() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.register(#"{"enum": ["hai-chau"]}"#, in: "ward")
        let ward = SchemaReference(name: "ward.json", target: fixture.name("ward", SchemaSubmission.latest))
        try await fixture.register(
            #"{"type": "object", "properties": {"ward": {"$ref": "ward.json"}}}"#, in: "address", references: [ward])
        let address = SchemaReference(name: "address.json", target: fixture.name("address", 1))
        let person = try await fixture.register(
            #"{"type": "object", "properties": {"home": {"$ref": "address.json"}}}"#, in: subject, references: [address])
        #expect(fixture.snapshot.latest(subject: "address")?.record.references.first?.target.version == 1)
        let good = Array(#"{"home": {"ward": "hai-chau"}}"#.utf8)
        let bad = Array(#"{"home": {"ward": "x"}}"#.utf8)
        #expect(good.withUnsafeBytes { person.schema.compiled?.violations(in: $0).isEmpty } == true)
        #expect(bad.withUnsafeBytes { person.schema.compiled?.violations(in: $0).isEmpty } == false)
        #expect(try fixture.registry.referrers(of: .number(1), of: "ward", includingDeleted: false, for: fixture.root) == [2])
        // One name cannot be two schemas.
        try await fixture.register(#"{"enum": ["son-tra", "hai-chau"]}"#, in: "ward")
        let other = SchemaReference(name: "ward.json", target: fixture.name("ward", 2))
        try await fixture.refused(42201) { try await fixture.register("{}", in: "z", references: [address, other]) }
    }

    @Test("exactly so many references, direct or not, and one more")
    func referenceLimit() async throws {
        let fixture = try await RegistryFixture()
        var references: [SchemaReference] = []
        for number in 1...SchemaLimits.referencesMax + 1 {
            try await fixture.register(#"{"title": "\#(number)"}"#, in: "part-\(number)")
            references.append(SchemaReference(name: "part-\(number).json", target: fixture.name("part-\(number)", 1)))
        }
        let last = references.removeLast()
        try await fixture.register(#"{"title": "all"}"#, in: "all", references: references)
        try await fixture.refused(42201) {
            try await fixture.register("{}", in: "more", references: [last, SchemaReference(name: "all.json", target: fixture.name("all", 1))])
        }
        try await fixture.refused(42201) { try await fixture.register("{}", in: "more", references: references + [last]) }
    }

    @Test("in mode IMPORT a schema brings its id and version, and is not compared; outside it none may")
    func importMode() async throws {
        let fixture = try await RegistryFixture()
        var schema = RegistryFixture.json(RegistryFixture.object(["a"]))
        schema.id = 500
        schema.version = 3
        try await fixture.refused(42205) { try await fixture.registry.register(schema, in: subject, by: fixture.root) }
        try await fixture.registry.setMode(of: subject, .import, force: false, by: fixture.root)
        let imported = try await fixture.registry.register(schema, in: subject, by: fixture.root)
        #expect(imported.schema.id == 500 && imported.name.version == 3)
        let same = try await fixture.registry.register(schema, in: subject, by: fixture.root)
        #expect(same.name == imported.name)
        var other = RegistryFixture.json(RegistryFixture.object(["b"]))
        other.id = 500
        try await fixture.refused(42205) { try await fixture.registry.register(other, in: subject, by: fixture.root) }
        other.id = 499
        other.version = 3
        try await fixture.refused(42205) { try await fixture.registry.register(other, in: subject, by: fixture.root) }
        other.version = 1
        #expect(try await fixture.registry.register(other, in: subject, by: fixture.root).name.version == 1)
        try await fixture.refused(42205) { try await fixture.register(RegistryFixture.object(["c"]), in: subject) }
        _ = try await fixture.registry.removeMode(of: subject, by: fixture.root)
        let next = try await fixture.register(RegistryFixture.object(["a"], optional: ["d"]), in: subject)
        #expect(next.name.version == 4 && next.schema.id == 501)
        // A number of one's own outside IMPORT is the next one or refused.
        var numbered = RegistryFixture.json(RegistryFixture.object(["a"], optional: ["d", "e"]))
        numbered.version = 7
        try await fixture.refused(42201) { try await fixture.registry.register(numbered, in: subject, by: fixture.root) }
        numbered.version = 5
        #expect(try await fixture.registry.register(numbered, in: subject, by: fixture.root).name.version == 5)
        try await fixture.refused(42205) {
            try await fixture.registry.setMode(of: subject, .import, force: false, by: fixture.root)
        }
    }

    @Test("READONLY takes no change, and READONLY_OVERRIDE holds over what a subject says")
    func readOnly() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.register(RegistryFixture.object(["a"]), in: subject)
        try await fixture.registry.setMode(of: subject, .readOnly, force: false, by: fixture.root)
        try await fixture.refused(42205) { try await fixture.register(RegistryFixture.object(["a"], optional: ["b"]), in: subject) }
        try await fixture.refused(42205) { try await fixture.registry.delete(.latest, of: subject, permanently: false, by: fixture.root) }
        try await fixture.refused(42205) { try await fixture.registry.deleteSubject(subject, permanently: false, by: fixture.root) }
        try await fixture.registry.setMode(of: subject, .readWrite, force: false, by: fixture.root)
        try await fixture.registry.setMode(of: nil, .readOnlyOverride, force: false, by: fixture.root)
        try await fixture.refused(42205) { try await fixture.register(RegistryFixture.object(["a"], optional: ["b"]), in: subject) }
        #expect(try fixture.registry.mode(of: subject, effective: true, for: fixture.root) == .readOnlyOverride)
        #expect(try await fixture.registry.removeMode(of: nil, by: fixture.root) == .readOnlyOverride)
        try await fixture.register(RegistryFixture.object(["a"], optional: ["b"]), in: subject)
    }

    @Test("a subject's name has 1 to 255 bytes, and is none of the broker's own")
    func names() async throws {
        let fixture = try await RegistryFixture()
        let longest = String(repeating: "x", count: RegistryLimits.subjectBytesMax)
        try await fixture.register("{}", in: longest)
        for name in ["", longest + "x", "a\nb", ":.context:a", "_audit.access-value", "none"] {
            try await fixture.refused(42208) { try await fixture.register("{}", in: name) }
        }
    }

    @Test("a subject has so many versions and not one more; a version deleted for good makes room")
    func versionLimit() async throws {
        let metadata = InMemoryMetadataStore()
        var change = RegistryChange()
        change.putSubjects = [SubjectRecord(name: subject, owner: "health")]
        for number in 1..<Int32(RegistryLimits.versionsPerSubjectMax) {
            change.addedSchemas.append(SchemaRecord(id: number, format: "JSON", text: #"{"title": "\#(number)"}"#, createdAt: 0))
            change.putVersions.append(
                SubjectVersionRecord(name: .init(subject: subject, version: number), schema: number, registeredAt: 0, registeredBy: "x"))
        }
        try await metadata.apply(.changeRegistry(change))
        let fixture = try await RegistryFixture(metadata: metadata)
        try await fixture.register(#"{"title": "last"}"#, in: subject)
        try await fixture.refused(42209) { try await fixture.register(#"{"title": "past"}"#, in: subject) }
        for permanently in [false, true] {
            _ = try await fixture.registry.delete(.number(1), of: subject, permanently: permanently, by: fixture.root)
        }
        try await fixture.register(#"{"title": "past"}"#, in: subject)
    }

    @Test("the registry keeps so many schemas, subjects and bytes, and not one more")
    func registryLimits() async throws {
        let metadata = InMemoryMetadataStore()
        var change = RegistryChange()
        // What only counts need not compile; the broker's own count too.
        let own = AuditSchema.subjects.count
        change.addedSchemas = (1..<Int32(RegistryLimits.schemasMax - own)).map { SchemaRecord(id: $0, format: "JSON", text: "{", createdAt: 0) }
        change.putSubjects = (1..<RegistryLimits.subjectsMax - own).map { SubjectRecord(name: "s-\($0)", owner: "health") }
        try await metadata.apply(.changeRegistry(change))
        let fixture = try await RegistryFixture(metadata: metadata)
        try await fixture.register(#"{"title": "last"}"#, in: "last")
        try await fixture.refused(42209) { try await fixture.register(#"{"title": "past"}"#, in: "last") }
        try await fixture.refused(42209) { try await fixture.register(#"{"title": "last"}"#, in: "past") }
        try await fixture.refused(42209) {
            try await fixture.registry.setConfiguration(of: "past", level: .set(CompatibilityLevel.none), normalizes: .keep, by: fixture.root)
        }
    }

    @Test("a list has so many codes, a schema names lists of so many, all schemas together of so many, and not one more")
    func codeLimits() async throws {
        let fixture = try await RegistryFixture()
        func list(_ count: Int) -> String { "{\"enum\": [\((0..<count).map { "\"c\($0)\"" }.joined(separator: ","))]}" }
        func naming(_ title: Int, _ lists: [String]) -> String {
            let properties = lists.enumerated().map { "\"p\($0.offset)\": {\"x-codelist\": \"\($0.element)@1\"}" }.joined(separator: ", ")
            return "{\"title\": \"\(title)\", \"properties\": {\(properties)}}"
        }
        let most = SchemaLimits.codesMax
        try await fixture.register(list(most), in: "full")
        try await fixture.register(list(most - 1), in: "second")
        try await fixture.register(list(1), in: "one")
        try await fixture.register(list(most + 1), in: "past")
        try await fixture.register(list(2), in: "two")
        // A subject with more codes is a schema like any other, and no code list.
        try await fixture.refused(42201) { try await fixture.register(naming(0, ["past"]), in: "a") }
        try await fixture.refused(42201) { try await fixture.register(naming(0, ["full", "second", "two"]), in: "a") }
        try await fixture.register(naming(1, ["full", "second", "one"]), in: "a")
        let checked = try #require(fixture.snapshot.latest(subject: "a")?.compiled)
        for (code, isValid) in [("c0", true), ("c\(most - 1)", true), ("c\(most)", false)] {
            let violations = Array("{\"p0\": \"\(code)\"}".utf8).withUnsafeBytes { checked.violations(in: $0) }
            #expect(violations.isEmpty == isValid, "\(code)")
        }
        for title in 2..<RegistryLimits.namedCodesMax / SchemaLimits.codesPerSchemaMax + 1 {
            try await fixture.register(naming(title, ["full", "second", "one"]), in: "b\(title)")
        }
        try await fixture.register(naming(50, ["one"]), in: "b")
        let left = RegistryLimits.namedCodesMax - fixture.snapshot.published.codes
        try await fixture.register(list(left + 1), in: "beyond")
        try await fixture.refused(42209) { try await fixture.register(naming(0, ["beyond"]), in: "c") }
        try await fixture.register(list(left), in: "left")
        try await fixture.register(naming(0, ["left"]), in: "c")
        try await fixture.refused(42209) { try await fixture.register(naming(100, ["one"]), in: "d") }
        // The same schema under another subject is no schema more.
        try await fixture.register(naming(0, ["left"]), in: "d")
    }

    @Test("all schemas together have so many bytes and not one more")
    func byteLimit() async throws {
        let metadata = InMemoryMetadataStore()
        let text = #"{"title": "x"}"#
        var change = RegistryChange()
        let own = AuditSchema.subjects.reduce(0) { $0 + $1.text.utf8.count }
        let big = String(repeating: "x", count: RegistryLimits.textBytesMax - own - text.utf8.count)
        change.addedSchemas = [SchemaRecord(id: 1, format: "JSON", text: big, createdAt: 0)]
        try await metadata.apply(.changeRegistry(change))
        let fixture = try await RegistryFixture(metadata: metadata)
        try await fixture.refused(42209) { try await fixture.register(#"{"title": "xy"}"#, in: "a") }
        try await fixture.register(text, in: "a")
    }
}
