import AccessPolicy
import Testing

@Suite struct CanonicalTests {
    private func canonical(_ yaml: String) throws -> String {
        try #require(try AgreementsFile.parse(yaml: yaml, name: "a").agreements.first).canonicalJSON
    }

    private static let block = """
        agreements:
          - id: A-1
            topic: health.*
            owner: health
            parties:
              - node: education/schools/*
                may: [subscribe, replay]
                purpose: [care, audit]
                groups: [shared-*]
              - {node: "*/*/*", deny: [tombstone]}
            legalBasis: "Quyết định “1” \\\\ 2"
            from: 2026-01-01
            until: 2026-12-31
            signedBy: [health/steward/linh]
        """

    @Test("the canonical form is this, byte for byte")
    func form() throws {
        #expect(try canonical(Self.block) == #"{"from":1767200400000,"id":"A-1","legalBasis":"Quyết định “1” \\ 2","owner":"health","parties":"#
            + #"[{"groups":["shared-*"],"may":["replay","subscribe"],"node":"education/schools/*","purpose":["audit","care"]},"#
            + #"{"deny":["tombstone"],"node":"*/*/*"}],"signedBy":["health/steward/linh"],"topic":"health.*","until":1798736400000}"#)
    }

    @Test("what does not change the meaning does not change the form: order, style, comments, time zone")
    func sameMeaning() throws {
        let flow = """
            # written another way
            timeZone: UTC
            agreements:
              - {until: "2026-12-31T16:59:59.999Z", from: "2025-12-31T17:00:00Z", signedBy: [health/steward/linh], owner: health, topic: "health.*",
                 legalBasis: 'Quyết định “1” \\ 2', parties: [
                 {groups: [shared-*], purpose: [audit, care], may: [replay, subscribe], node: education/schools/*}, {deny: [tombstone], node: "*/*/*"}],
                 id: A-1}
            """
        #expect(try canonical(flow) == canonical(Self.block))
    }

    @Test("every change of meaning changes it", arguments: [
        ("A-1", "A-2"), ("health.*", "health.a"), ("owner: health", "owner: healthy"), ("[subscribe, replay]", "[subscribe]"), ("care", "cure"),
        ("schools/*", "schools/a"), ("shared-*", "shared-"), ("tombstone", "publish"), ("“1”", "“2”"), ("2026-01-01", "2026-01-02"),
        ("2026-12-31", "2026-12-30"), ("linh", "minh"), ("    legalBasis", "    timeZone: UTC\n    legalBasis"),
        ("        groups: [shared-*]\n", ""), ("    from: 2026-01-01\n", ""),
    ])
    func changes(from: String, to: String) throws {
        let changed = Self.block.replacing(from, with: to)
        #expect(changed != Self.block)
        #expect(try canonical(changed) != canonical(Self.block))
    }
}
