import Storage
import Testing

@testable import Broker

@Suite struct DocumentDigestTests {
    @Test("digests are those that another program makes, whatever order files come in")
    func vectors() {
        let agreements = DocumentDigest(agreements: ["á.yaml": "", "a.yaml": "agreements: []\n"])
        #expect(agreements.description == "cbd05c90e445a60c49e5e9e034fc841c462e29075e18bdd88e046655bb958f0f")
        let reference = SchemaReference(name: "other", target: SubjectVersionName(subject: "portal.x-value", version: 3))
        let schema = DocumentDigest(schema: #"{"type":"object"}"#, type: "JSON", references: [reference])
        #expect(schema.description == "d702ca0bd866ec833f4c84b95c260ea116820deccf599877a31ba9c6f8ea482d")
    }

    @Test("the audit record of a change has the digest of the document as it is stored")
    func audited() async throws {
        let fixture = try await AdministrationFixture(agreements: nil)
        let files = ["city.yaml": "agreements:\n  - {id: A, topic: a.b, owner: a, parties: [{node: a/b/*, may: [publish]}]}\n"]
        _ = try await fixture.administration.applyAgreements(files, by: .node(fixture.root())).get()
        let applied = try #require(try fixture.entries().last { $0.data.action == "agreements.apply" })
        let stored = try #require(fixture.metadata.snapshot.agreements.last)
        #expect(applied.data.details?["sha256"] == DocumentDigest(agreements: stored.files).description)

        let registry = try await RegistryFixture()
        try await registry.register(RegistryFixture.object(["a"]), in: "health.x-value")
        // The same schema under another name, with other white space, is the one that is there.
        try await registry.register(RegistryFixture.object(["a"]) + "\n", in: "health.y-value")
        let registered = try registry.broker.entries().filter { $0.data.action == "schema.register" }
        let schema = try #require(registry.snapshot.compiled(id: 1)?.record)
        #expect(registered.map { $0.data.details?["sha256"] } == [DocumentDigest(schema).description, DocumentDigest(schema).description])
    }
}
