import AccessPolicy
import Testing

@Suite struct AgreementsCheckTests {
    /// 2026-06-01
    private let now: PolicyInstant = 1_780_246_800_000

    private func entry(_ id: String, topic: String = "health.v1", owner: String = "health", party: String = "{node: a/b/c, may: [publish]}", extra: String = "") -> String {
        "agreements:\n  - id: \(id)\n    topic: \"\(topic)\"\n    owner: \(owner)\n    parties:\n      - \(party)\n    \(extra)\n"
    }

    @Test("a clean set is accepted, in the order of its files")
    func clean() throws {
        let check = AgreementsCheck(files: ["b.yaml": entry("B", topic: "b", owner: "b"), "a.yaml": entry("A")], at: now)
        #expect(check.errors.isEmpty && check.warnings.isEmpty)
        #expect(try check.accepted().map(\.id) == ["A", "B"])
    }

    @Test("an id may stand once in the whole set")
    func duplicateAcrossFiles() {
        let check = AgreementsCheck(files: ["a.yaml": entry("A"), "b.yaml": entry("A")], at: now)
        #expect(check.errors.count == 1)
        #expect(check.errors.first?.file == "b.yaml")
        #expect(throws: AgreementsError.self) { try check.accepted() }
    }

    @Test("a set with a word that is not enforced is refused as a whole")
    func unenforced() {
        let check = AgreementsCheck(
            files: ["a.yaml": entry("A"), "b.yaml": entry("B", party: "{node: a/b/c, may: [erase]}")], at: now, refusing: [.erase])
        #expect(check.errors.count == 1)
        #expect(check.agreements.isEmpty)
    }

    @Test("the right to erase is accepted, and told to be of no use yet")
    func erasure() {
        let check = AgreementsCheck(files: ["a.yaml": entry("A", party: "{node: a/b/c, may: [erase]}")], at: now)
        #expect(check.errors.isEmpty && check.warnings.contains { $0.line > 0 && $0.message.hasSuffix("erases no person's data") })
    }

    @Test(
        "what has ended or ends within thirty days is mentioned",
        arguments: [("2026-05-31", "ended"), ("2026-06-30", "within 30 days"), ("2026-07-31", nil)])
    func terms(until: String, words: String?) {
        let check = AgreementsCheck(files: ["a.yaml": entry("A", extra: "until: \(until)")], at: now)
        #expect(check.errors.isEmpty)
        if let words {
            #expect(check.warnings.contains { $0.message.contains(words) })
        } else {
            #expect(check.warnings.isEmpty)
        }
    }

    @Test("two owners of one topic and a repeated grant are mentioned")
    func contradictions() {
        let owners = AgreementsCheck(
            files: ["a.yaml": entry("A"), "b.yaml": entry("B", topic: "health.*", owner: "education")], at: now)
        #expect(owners.warnings.contains { $0.message.contains("two owners") })
        let repeated = AgreementsCheck(files: ["a.yaml": entry("A"), "b.yaml": entry("B")], at: now)
        #expect(repeated.warnings.contains { $0.message.contains("repeats") })
        let consecutive = AgreementsCheck(
            files: ["a.yaml": entry("A", extra: "until: 2026-12-31"), "b.yaml": entry("B", extra: "from: 2027-01-01")], at: now)
        #expect(consecutive.warnings.isEmpty)
    }

    @Test("a grant that another agreement denies altogether is mentioned where the grant stands")
    func neverTakesEffect() {
        let files = [
            "a.yaml": entry("A", party: "{node: a/b/c, may: [publish]}"),
            "b.yaml": entry("B", topic: "health.*", party: "{node: a/*/*, deny: [publish, subscribe]}"),
        ]
        let warnings = AgreementsCheck(files: files, at: now).warnings
        #expect(warnings.map(\.description) == [
            "a.yaml:6:9: agreement B denies a/*/* what A grants a/b/c here, which therefore never takes effect: publish"
        ])
        // An exception is what denials are for.
        for party in ["{node: a/b/d, deny: [publish]}", "{node: a/*/*, deny: [subscribe]}"] {
            let exception = ["a.yaml": files["a.yaml"] ?? "", "b.yaml": entry("B", topic: "health.*", party: party)]
            #expect(AgreementsCheck(files: exception, at: now).warnings.isEmpty)
        }
        let shorter = ["a.yaml": files["a.yaml"] ?? "", "b.yaml": entry("B", party: "{node: a/*/*, deny: [publish]}", extra: "until: 2027-01-01")]
        #expect(AgreementsCheck(files: shorter, at: now).warnings.isEmpty)
    }

    @Test("a set at its limits, all on one topic, is checked in bounded time and says where it stopped comparing")
    func bounded() {
        func parties(_ item: Int) -> String { (0..<150).map { "{node: a/b/n\(item)-\($0), may: [publish]}" }.joined(separator: ", ") }
        let items = (0..<100).map { "  - {id: X\($0), topic: t, owner: o, parties: [\(parties($0))]}\n" }
        let check = AgreementsCheck(files: ["1": "agreements:\n" + items.joined()], at: now)
        #expect(check.errors.map(\.message) == [])
        #expect(check.warnings.count == 1 && check.warnings.contains { $0.message.contains("too many on the same topics") && $0.line > 1 })
    }

    @Test("a purpose that another agreement does not ask for is mentioned")
    func purposeAround() {
        let purposed = entry("A", party: "{node: a/b/*, may: [subscribe], purpose: [care]}")
        let around = AgreementsCheck(files: ["a.yaml": purposed, "b.yaml": entry("B", topic: "*", party: "{node: a/*/c, may: [subscribe]}")], at: now)
        #expect(around.warnings.contains { $0.message.contains("asks a/b/* for a purpose here, and B lets a/*/c read * without one") && $0.line == 6 })
        let apart = AgreementsCheck(files: ["a.yaml": purposed, "b.yaml": entry("B", topic: "h", party: "{node: a/*/c, may: [subscribe]}")], at: now)
        #expect(apart.warnings.isEmpty)
    }

    @Test("a restriction that another rule lifts, and a rule that no record reaches, are mentioned where they stand")
    func restrictions() throws {
        func warnings(_ first: String, _ second: String) -> [String] {
            let files = ["a.yaml": entry("A", party: first), "b.yaml": entry("B", topic: "health.*", party: second)]
            return AgreementsCheck(files: files, at: now, refusing: []).warnings.map(\.description)
        }
        let names = "{node: a/b/*, may: [subscribe], fields: {allow: [name]}}"
        let lifted = warnings(names, "{node: a/*/*, may: [subscribe]}")
        #expect(lifted == ["a.yaml:6:9: agreement A restricts what a/b/* sees here, and B lets a/*/* read health.* without that restriction"])
        #expect(warnings(names, "{node: a/*/*, may: [replay], purpose: [x]}").isEmpty)
        #expect(warnings(names, "{node: b/*/*, may: [subscribe]}").isEmpty)
        let purposed = "{node: a/b/*, may: [subscribe], purpose: [x], where: {ward: [w]}}"
        #expect(warnings(purposed, "{node: a/b/*, may: [subscribe], purpose: [y]}").isEmpty)

        func order(_ parties: String) -> [String] {
            AgreementsCheck(files: ["a.yaml": entry("A", party: parties)], at: now, refusing: []).warnings.map(\.message)
        }
        let unreached = order("\(names)\n      - {node: a/b/c, may: [subscribe], where: {ward: [w]}}")
        #expect(unreached == ["no record reaches this rule of agreement A for a/b/c: A comes before it and shows every record to a/b/*"])
        #expect(order("{node: a/b/c, may: [subscribe], where: {ward: [w]}}\n      - \(names)").isEmpty)
    }

    @Test("what somebody ended is ended in the set, and what was written is there too")
    func ended() throws {
        let files = ["a.yaml": entry("A"), AgreementEnd.fileName: "A 1000 User:a/b/c\n"]
        let check = AgreementsCheck(files: files, at: now)
        #expect(check.agreements.map(\.term.end) == [1000] && check.written.map(\.term.end) == [.max])
        #expect(!AgreementsCheck(files: ["a.yaml": entry("A"), ".other": ""], at: now).errors.isEmpty)
        #expect(!AgreementsCheck(files: ["a.yaml": entry("A"), AgreementEnd.fileName: "A soon x"], at: now).errors.isEmpty)
        let ends = [AgreementEnd(agreement: "B", at: 2, by: "User:a/b/c"), AgreementEnd(agreement: "A", at: 1, by: "User:a/b/c")]
        #expect(try AgreementEnd.parse(AgreementEnd.text(ends)) == ends.reversed())
    }

    @Test("a grant of everything and a group of another agency are mentioned")
    func breadth() {
        #expect(!AgreementsCheck(files: ["a.yaml": entry("A", topic: "*")], at: now).warnings.isEmpty)
        let groups = entry("A", party: "{node: a/b/c, may: [subscribe], groups: [health.*, mine]}")
        let warnings = AgreementsCheck(files: ["a.yaml": groups], at: now).warnings
        #expect(warnings.count == 1 && warnings[0].message.contains("“health.*”"))
    }

    @Test("a set is bounded in files, bytes and agreements")
    func limits() {
        func files(_ count: Int) -> [String: String] {
            Dictionary(uniqueKeysWithValues: (0..<count).map { ("\($0).yaml", "agreements: []") })
        }
        #expect(AgreementsCheck(files: files(AgreementsLimits.filesMax), at: now).errors.isEmpty)
        #expect(!AgreementsCheck(files: files(AgreementsLimits.filesMax + 1), at: now).errors.isEmpty)
        let half = (0..<AgreementsLimits.agreementsMax / 2).map { index in
            "  - {id: X\(index), topic: t\(index), owner: o, parties: [{node: a/b/c, may: [publish]}]}\n"
        }
        let one = "agreements:\n" + half.joined()
        let two = one.replacing("id: X", with: "id: Y").replacing("topic: t", with: "topic: s")
        #expect(AgreementsCheck(files: ["1": one, "2": two], at: now).errors.isEmpty)
        #expect(!AgreementsCheck(files: ["1": one, "2": two, "3": entry("Z")], at: now).errors.isEmpty)
    }
}
