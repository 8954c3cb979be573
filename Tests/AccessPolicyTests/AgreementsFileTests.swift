import AccessPolicy
import Testing

@Suite struct AgreementsFileTests {
    /// INTERFACES.md's own example.
    static let whole = """
        agreements:
          - id: DSA-2026-014
            topic: health.vaccination.v1            # literal, or a prefix ending in *
            owner: health
            parties:
              - node: health/registry/*             # agency/unit/node, * for any at that level
                may: [publish]
              - node: education/schools/*
                may: [subscribe]
                purpose: [enrolment-check]
                fields:
                  allow: [citizenId, vaccine, date]
                  mask: { citizenId: last4 }        # last4, hash, year, drop, redact
                where: { ward: [hai-chau, son-tra] }
                groups: [school-dashboard-*]        # beside the agency's own
            legalBasis: "Decision 1234/QD-UBND"
            from: 2026-01-01
            until: 2026-12-31
            signedBy: [health/steward/linh, education/steward/minh]     # who must sign
        """

    @Test("the parser takes the whole grammar")
    func wholeGrammar() throws {
        let file = try AgreementsFile.parse(yaml: Self.whole, name: "a.yaml")
        let agreement = try #require(file.agreements.first)
        #expect(agreement.id == "DSA-2026-014")
        #expect(agreement.topic == .literal("health.vaccination.v1"))
        #expect(agreement.owner == "health")
        #expect(agreement.legalBasis == "Decision 1234/QD-UBND")
        #expect(agreement.signedBy == ["health/steward/linh", "education/steward/minh"])
        #expect(agreement.term.fromText == "2026-01-01")
        #expect(agreement.term.untilText == "2026-12-31")
        let schools = try #require(agreement.parties.last)
        #expect(schools.may == [.subscribe])
        #expect(schools.purposes == ["enrolment-check"])
        #expect(schools.fields == FieldGrant(allow: ["citizenId", "vaccine", "date"], mask: ["citizenId": .last4]))
        #expect(schools.rows == ["ward": ["hai-chau", "son-tra"]])
        #expect(schools.groups == [.prefix("school-dashboard-")])
        #expect(file.places.first?.line == 2)
    }

    @Test("words that are not enforced yet are refused by name, each with its place")
    func unenforcedWords() throws {
        let file = try AgreementsFile.parse(yaml: Self.whole, name: "a.yaml")
        #expect(Set(file.guardedWords.map(\.word)) == [.fields, .where])
        #expect(throws: Never.self) { try file.refuseUnenforcedWords([.erase]) }
        let error = #expect(throws: AgreementsError.self) { try file.refuseUnenforcedWords([.fields, .where]) }
        let lines = try #require(error).problems.map(\.description)
        #expect(lines.contains { $0.hasPrefix("a.yaml:12:") && $0.contains("“fields”") })
        #expect(lines.contains { $0.contains("“where”") })
    }

    @Test(
        "each right and rule that is not enforced yet is refused by its own name",
        arguments: [
            ("node: a/b/c\nmay: [erase]", UnenforcedWord.erase), ("node: a/b/c\ndeny: [erase]", .erase),
            ("node: a/b/c\nmay: [subscribe]\nfields: {allow: [x]}", .fields),
            ("node: a/b/c\nmay: [subscribe]\nwhere: {x: [y]}", .where),
        ])
    func everyUnenforcedWord(party: String, word: UnenforcedWord) throws {
        let file = try AgreementsFile.parse(yaml: agreement(party: party), name: "a.yaml")
        #expect(file.guardedWords.map(\.word) == [word])
        #expect(throws: AgreementsError.self) { try file.refuseUnenforcedWords([word]) }
        #expect(throws: UnenforcedAgreement(agreement: "A-1", words: [word])) {
            try PolicySnapshot(compiling: file.agreements, version: 1, refusing: [word])
        }
        #expect(throws: Never.self) { try PolicySnapshot(compiling: file.agreements, version: 1, refusing: []) }
    }

    @Test("a restriction that allows nothing is still a restriction: it is refused by name, never ignored")
    func emptyRestrictions() throws {
        for party in ["node: a/b/c\nmay: [subscribe]\nfields: {allow: []}", "node: a/b/c\nmay: [subscribe]\nwhere: {x: []}"] {
            let file = try AgreementsFile.parse(yaml: agreement(party: party), name: "a.yaml")
            #expect(throws: UnenforcedAgreement.self) {
                try PolicySnapshot(compiling: file.agreements, version: 1, refusing: [.fields, .where])
            }
        }
        for party in ["node: a/b/c\nmay: [subscribe]\nwhere: {}", "node: a/b/c\nmay: [subscribe]\npurpose: []", "node: a/b/c\ndeny: []"] {
            #expect(try !problems(agreement(party: party)).isEmpty)
        }
    }

    @Test("what restricts reading is refused where nothing may be read: a denial holds for every purpose, field and row")
    func restrictionsOfNothing() throws {
        for words in ["purpose: [p]", "groups: [g]", "fields: {allow: [x]}", "where: {x: [y]}"] {
            for rights in ["may: [publish]", "deny: [subscribe]"] {
                let found = try problems(agreement(party: "node: a/b/c\n\(rights)\n\(words)"))
                #expect(found.contains { $0.message.contains("may subscribe or replay") }, "\(rights), \(words)")
            }
        }
        for good in ["deny: [subscribe]", "may: [subscribe]\ndeny: [publish]\npurpose: [p]", "may: [replay]\npurpose: [p, q]"] {
            #expect(throws: Never.self) { try AgreementsFile.parse(yaml: agreement(party: "node: a/b/c\n\(good)"), name: "a") }
        }
    }

    @Test(
        "a name with a letter that only looks like ours, or with what nobody sees, is refused saying which and where",
        arguments: [
            ("heаlth", "character 3 is U+0430, which only looks like “a”"), ("health\u{200B}", "character 7 is the invisible U+200B"),
            ("ｈealth", "character 1 is U+FF48, which only looks like “h”"), ("hea\u{202E}lth", "character 4 is the invisible U+202E"),
            ("ｈ９", "U+FF48"), ("a‐b", "character 2 is U+2010, which only looks like “-”"), ("οwner", "U+03BF"),
        ])
    func lookalikes(name: String, sentence: String) throws {
        let good = agreement(party: "node: a/b/c\nmay: [subscribe]\ngroups: [shared]")
        for place in ["owner: health", "a/b/c", "A-1", "shared", "health.vaccination.v1"] {
            let name = place == "a/b/c" ? "a/b/\(name)" : place.hasPrefix("owner") ? "owner: \(name)" : name
            let found = try problems(good.replacing(place, with: name))
            #expect(found.contains { $0.message.contains("is not what it looks like") && $0.line > 1 }, "\(place) \(found)")
        }
        #expect(try problems(good.replacing("owner: health", with: "owner: \(name)")).contains { $0.message.contains(sentence) })
        #expect(try problems(good.replacing("owner:", with: "оwner:")).contains { $0.message.contains("U+043E") })
        // Law may quote what it likes, and Vietnamese is not suspicious.
        for text in ["Điều 5, Nghị định α", "Quyết định 1234/QĐ-UBND"] {
            #expect(throws: Never.self) { try AgreementsFile.parse(yaml: agreement(party: "node: a/b/c\nmay: [publish]", extra: "legalBasis: \(text)"), name: "a") }
        }
    }

    @Test("a mistake is told with its line and column")
    func places() throws {
        let yaml = """
            agreements:
              - id: A-1
                topic: a/b
                owner: Health
                parties:
                  - node: health/registry
                    may: [publish, fly]
            """
        let found = try problems(yaml)
        #expect(found.map { "\($0.line):\($0.column)" } == ["3:12", "4:12", "6:15", "7:24"])
        #expect(found[3].message.contains("“fly”"))
        #expect(found[0].description.hasPrefix("test.yaml:3:12: "))
    }

    @Test(
        "unknown words are refused at every level, naming those that are known",
        arguments: [
            ("agreement: []\nagreements: []", "“agreement”"),
            (agreement(party: "node: a/b/c\nmay: [publish]", extra: "untill: 2026-01-01"), "“untill”"),
            (agreement(party: "node: a/b/c\nmay: [publish]\npurposes: [x]"), "“purposes”"),
            (agreement(party: "node: a/b/c\nmay: [subscribe]\nfields: {deny: [x]}"), "“deny”"),
            (agreement(party: "node: a/b/c\nmay: [subscribe]\nfields: {mask: {x: last5}}"), "“last5”"),
        ])
    func unknownWords(yaml: String, quoted: String) throws {
        #expect(try problems(yaml).contains { $0.message.contains(quoted) })
    }

    @Test(
        "a file that is no agreements file gets a sentence, never a crash",
        arguments: [
            "[", "agreements", "agreements: 5", "agreements: {}", "- a", "a: b: c", "\u{0}", "agreements: [[[]]]", "agreements: [~]",
            "agreements:\n  - {id: a, id: b}", "? [a]\n: b", "agreements: []\n---\nagreements: []", "%", "!!binary x", "\t",
            "agreements: [{id: 5}]", "agreements:\n  - id: A\n    parties: x", String(repeating: "[", count: 20_000),
            String(repeating: "a: {", count: 20_000),
        ])
    func notAgreements(_ yaml: String) throws {
        #expect(try !problems(yaml).isEmpty)
    }

    @Test("an empty file and an empty list are sets without agreements")
    func emptyFiles() throws {
        #expect(try AgreementsFile.parse(yaml: "", name: "a").agreements.isEmpty)
        #expect(try AgreementsFile.parse(yaml: "# nothing yet\n", name: "a").agreements.isEmpty)
        #expect(try AgreementsFile.parse(yaml: "agreements: []", name: "a").agreements.isEmpty)
    }

    @Test("aliases, which could expand without end, are refused before anything is expanded")
    func aliasBomb() throws {
        var yaml = "a0: &a0 [x, x]\n"
        for level in 1...40 { yaml += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        yaml += "{*a40 : 1}: 2\n"
        #expect(try problems(yaml).first?.message.contains("aliases") == true)
        for lineBreak in ["\n", "\r", "\u{85}", "\u{2028}"] {
            #expect(try problems("- &a x\n-\(lineBreak)*a\n").first?.message.contains("aliases") == true)
        }
        let prose = agreement(party: "node: a/b/c\nmay: [publish]", extra: "legalBasis: Law & order 5 * 3")
        #expect(try AgreementsFile.parse(yaml: prose, name: "a").agreements.count == 1)
    }

    @Test("a duplicate id is refused")
    func duplicateID() throws {
        let one = agreement(party: "node: a/b/c\nmay: [publish]")
        let two = one + one.dropFirst("agreements:".count)
        #expect(try problems(two).contains { $0.message.contains("already") })
    }

    @Test("every agreement needs id, topic, owner and parties, and every party node and may")
    func requiredWords() throws {
        let missing = try problems("agreements:\n  - legalBasis: x").map(\.message)
        for word in ["id", "topic", "owner", "parties"] { #expect(missing.contains { $0.contains("“\(word)”") }) }
        #expect(try problems(agreement(party: "may: [publish]")).contains { $0.message.contains("“node”") })
        #expect(try problems(agreement(party: "node: a/b/c")).contains { $0.message.contains("“may”") })
        #expect(try !problems(agreement(party: "node: a/b/c\nmay: []")).isEmpty)
    }

    @Test("an agreement that ends before it begins is a mistake")
    func termBackwards() throws {
        let yaml = agreement(party: "node: a/b/c\nmay: [publish]", extra: "from: 2026-02-01\nuntil: 2026-01-31")
        #expect(try problems(yaml).contains { $0.message.contains("never be in force") })
    }

    @Test("each limit holds at its value and refuses one past it")
    func limits() throws {
        func parties(_ count: Int) -> String {
            "agreements:\n  - id: A\n    topic: t\n    owner: o\n    parties:\n"
                + (0..<count).map { "      - {node: a/b/n\($0), may: [publish]}\n" }.joined()
        }
        #expect(try AgreementsFile.parse(yaml: parties(AgreementsLimits.partiesMax), name: "a").agreements.count == 1)
        #expect(try !problems(parties(AgreementsLimits.partiesMax + 1)).isEmpty)

        let comment = "agreements: []\n#"
        let padding = String(repeating: "x", count: AgreementsLimits.fileBytesMax - comment.utf8.count)
        #expect(throws: Never.self) { try AgreementsFile.parse(yaml: comment + padding, name: "a") }
        #expect(try !problems(comment + padding + "x").isEmpty)

        func id(_ length: Int) -> String {
            agreement(party: "node: a/b/c\nmay: [publish]")
                .replacing("A-1", with: String(repeating: "i", count: length))
        }
        #expect(throws: Never.self) { try AgreementsFile.parse(yaml: id(AgreementsLimits.idBytesMax), name: "a") }
        #expect(try !problems(id(AgreementsLimits.idBytesMax + 1)).isEmpty)
    }

    @Test("a file with thousands of mistakes reports the first hundred")
    func manyProblems() throws {
        let yaml = "agreements:\n" + String(repeating: "  - {x: y}\n", count: 2_000)
        #expect(try problems(yaml).count == AgreementsError.problemsMax)
    }

    @Test("a seeded mutation of a good file is accepted or refused with a place, never a crash")
    func mutations() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("AgreementsFileTests.mutations seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            var bytes = Array(Self.whole.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...127, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...127, using: &generator), at: index)
                }
            }
            do {
                _ = try AgreementsFile.parse(yaml: String(decoding: bytes, as: UTF8.self), name: "m")
            } catch {
                #expect(!error.problems.isEmpty, "seed \(seed)")
            }
        }
    }
}
