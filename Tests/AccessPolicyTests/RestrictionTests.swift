import AccessPolicy
import Foundation
import Testing

/// What a reader sees of records, as a table that people read: who, what, for what, when → which records, and what of them.
@Suite struct RestrictionTests {
    static let agreements = """
        agreements:
          - id: SCHOOLS
            topic: health.vaccination.v1
            owner: health
            parties:
              - node: education/schools/*
                may: [subscribe, publish]
                purpose: [enrolment-check]
                fields: {allow: [citizenId, vaccine], mask: {citizenId: last4}}
                where: {ward: [hai-chau, son-tra]}
              - node: education/schools/*
                may: [subscribe]
                purpose: [enrolment-check]
                fields: {allow: [vaccine]}
              - node: education/schools/*
                may: [subscribe]
                purpose: [enrolment-check]
                where: {ward: [lien-chieu]}
              - {node: education/schools/hoa, may: [subscribe], purpose: [outbreak], fields: {mask: {citizenId: hash}}}
          - id: WARDS
            topic: health.*
            owner: health
            parties:
              - {node: health/registry/*, may: [subscribe, replay]}
              - {node: health/registry/*, may: [subscribe], fields: {allow: [vaccine]}}
              - {node: ioc/*/*, may: [replay], purpose: [drill], where: {ward: [hai-chau], vaccine: [BCG, MMR]}}
              - {node: education/schools/le-loi, may: [subscribe], where: {ward: []}}
              - {node: education/schools/tre, may: [subscribe], purpose: [enrolment-check]}
            until: 2026-06-30
          - id: LATER
            topic: health.vaccination.v1
            owner: health
            parties:
              - {node: ioc/*/*, may: [subscribe], fields: {allow: []}}
              - {node: ioc/situation/*, deny: [subscribe]}
            from: 2026-07-01
        """

    static let cases = """
        # who                      what       for              day         comes to
        # The first view whose rows a record meets; behind one that takes every record there is none.
        education/schools/hoa      subscribe  enrolment-check  2026-06-01  SCHOOLS#0 [citizenId:last4 vaccine] where ward=hai-chau,son-tra; SCHOOLS#1 [vaccine]
        # Views are for their purpose alone.
        education/schools/hoa      subscribe  outbreak         2026-06-01  SCHOOLS#3 [* citizenId:hash]
        education/schools/hoa      subscribe  -                2026-06-01  purposeNotDeclared
        education/schools/oai      subscribe  -                2026-06-01  SCHOOLS#0 [citizenId:last4 vaccine] where ward=hai-chau,son-tra; SCHOOLS#1 [vaccine]
        education/schools/oai      subscribe  outbreak         2026-06-01  purposeNotAgreed
        # One rule without restriction shows all, with a purpose or without, for as long as it is in force.
        health/registry/a          subscribe  -                2026-06-01  everything
        health/registry/a          subscribe  -                2026-07-01  ended
        education/schools/tre      subscribe  -                2026-06-01  everything
        education/schools/tre      subscribe  -                2026-07-01  SCHOOLS#0 [citizenId:last4 vaccine] where ward=hai-chau,son-tra; SCHOOLS#1 [vaccine]
        # A restriction of rows to nothing shows nothing, and is no freedom: what asks for a purpose must be asked for.
        education/schools/le-loi   subscribe  -                2026-06-01  WARDS#3 [*] where ward=
        education/schools/le-loi   subscribe  enrolment-check  2026-06-01  SCHOOLS#0 [citizenId:last4 vaccine] where ward=hai-chau,son-tra; SCHOOLS#1 [vaccine]
        # Publishing is not restricted by what may be read.
        education/schools/hoa      publish    -                2026-06-01  everything
        # Replaying sees what its own rules show.
        ioc/situation/wall         replay     drill            2026-06-01  WARDS#2 [*] where vaccine=BCG,MMR ward=hai-chau
        ioc/situation/wall         replay     -                2026-06-01  purposeNotDeclared
        ioc/other/wall             subscribe  -                2026-07-01  LATER#0 []
        ioc/situation/wall         subscribe  -                2026-07-01  denied
        """

    @Test("each line of the table comes true", arguments: cases.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") })
    func line(_ line: String) throws {
        let words = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: true).map { $0.trimmingCharacters(in: .whitespaces) }
        let declared = PurposeDeclaration(words[2] == "-" ? nil : words[2])
        let topic = "health.vaccination.v1"
        let question: AccessQuestion =
            switch words[1] {
            case "publish": .publish(topic: topic)
            case "replay": .replay(topic: topic, purpose: declared)
            default: .subscribe(topic: topic, purpose: declared)
            }
        let day = try AgreementsFile.parse(
            yaml: agreement(party: "node: a/b/c\nmay: [publish]", extra: "from: \(words[3])T12:00+07:00"), name: "day").agreements[0].term.start
        let file = try AgreementsFile.parse(yaml: Self.agreements, name: "restrictions.yaml")
        let policy = try PolicySnapshot(compiling: file.agreements, version: 1, refusing: [])
        let decision = policy.decide(question, for: try node(words[0]), at: day)
        #expect(Self.text(decision) == words[4], "\(line)")
    }

    private static func text(_ decision: Decision) -> String {
        switch (decision.outcome, decision.records) {
        case (.refused(.denied), .nothing): return "denied"
        case (.refused(.agreementEnded), .nothing): return "ended"
        case (.refused(let refusal), .nothing): return "\(refusal)"
        case (.refused, _): return "a refusal that shows something"
        case (.allowed, .unrestricted): return "everything"
        case (.allowed(let ground), .views(let views)):
            guard let first = views.first, ground == .agreement(id: first.agreement, rule: first.rule) else { return "cites \(ground)" }
            return views.map(text).joined(separator: "; ")
        }
    }

    private static func text(_ view: RecordView) -> String {
        func field(_ name: String) -> String { view.masks[name].map { "\(name):\($0.rawValue)" } ?? name }
        let fields = view.allowed.map { $0.map(field) } ?? ["*"] + view.masks.keys.sorted().map(field)
        let rows = view.rows.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.joined(separator: ","))" }
        return "\(view.citation) [\(fields.joined(separator: " "))]" + (rows.isEmpty ? "" : " where \(rows.joined(separator: " "))")
    }

    @Test("a decision holds until any rule begins or ends that could change what it shows")
    func holdsUntil() throws {
        let file = try AgreementsFile.parse(yaml: Self.agreements, name: "restrictions.yaml")
        let policy = try PolicySnapshot(compiling: file.agreements, version: 1, refusing: [])
        let end = file.agreements[1].term.end
        let tre = policy.decide(.subscribe(topic: "health.vaccination.v1"), for: try node("education/schools/tre"), at: end - 1)
        #expect(tre.holdsUntil == end && tre.holding(until: 5).records == tre.records)
    }

    @Test("agreements that restrict reading grant nothing before the broker enforces it, unless it says that it does")
    func failsClosed() throws {
        let file = try AgreementsFile.parse(yaml: Self.agreements, name: "restrictions.yaml")
        for word in [UnenforcedWord.fields, .where] {
            #expect(throws: UnenforcedAgreement.self) { try PolicySnapshot(compiling: file.agreements, version: 1, refusing: [word]) }
            #expect(!AgreementsCheck(files: ["a.yaml": Self.agreements], at: 0, refusing: [word]).errors.isEmpty)
        }
        #expect(AgreementsCheck(files: ["a.yaml": Self.agreements], at: 0, refusing: [.erase]).errors.isEmpty)
    }

    @Test(
        "what is wrong with a restriction is told with its line and reason",
        arguments: [
            ("fields: x", "9", "fields must be a mapping"), ("fields: {}", "9", "fields is empty"),
            ("fields: {allow: x}", "9", "fields.allow must be a list"), ("fields: {allow: [x, x]}", "9", "“x” stands more than once"),
            ("fields: {allow: [\"\"]}", "9", "an entry of fields.allow is empty"), ("fields: {allow: [[x]]}", "9", "must be a single value"),
            ("fields: {mask: [x]}", "9", "fields.mask must be a mapping"), ("fields: {mask: {x: half}}", "9", "unknown mask “half”"),
            ("fields: {mask: {x: [hash]}}", "9", "a mask must be a single value"), ("fields: {mask: {\"\": hash}}", "9", "a field's name is empty"),
            ("fields:\n  allow: [x]\n  mask: {y: hash}", "11", "field “y” is masked and not among the allowed ones"),
            ("fields: {allow: [xy], mask: {x.y: hash}}", "9", "not among the allowed ones"),
            ("fields:\n  allow: [x]\n  deny: [y]", "11", "unknown word “deny”"), ("fields: {mask: {cіtizenId: last4}}", "9", "U+0456"),
            ("fields: {allow: [citizen\u{200B}Id]}", "9", "invisible U+200B"), ("where: [x]", "9", "where must be a mapping"),
            ("where: {}", "9", "where is empty"), ("where: {x: {y: z}}", "9", "where.x must be a list"),
            ("where: {wаrd: [x]}", "9", "U+0430"), ("where:\n  x: [y]\n  z: [a, a]", "11", "“a” stands more than once"),
            ("where: {x: [~]}", "9", "is empty"), ("fields: {allow: [x], allow: [y]}", "9", "more than once"),
        ])
    func mistakes(words: String, line: String, reason: String) throws {
        let yaml = agreement(party: "node: a/b/c\nmay: [subscribe]\npurpose: [p]\n\(words)")
        let found = try problems(yaml)
        #expect(found.contains { $0.message.contains(reason) && "\($0.line)" == line && $0.file == "test.yaml" }, "\(found)")
    }

    @Test("fields may be named as the schema names them: nested, in Vietnamese, and masked inside of what is allowed")
    func names() throws {
        for words in [
            "fields: {allow: [địaChỉ, họ-tên], mask: {họ-tên: redact}}", "fields: {allow: [address], mask: {address.street: drop}}",
            "fields: {allow: [address/ward]}", "where: {ward: hai-chau}", "where: {age: [18, 19], active: [true]}", "fields: {mask: {x: year}}",
        ] {
            #expect(throws: Never.self) { try AgreementsFile.parse(yaml: agreement(party: "node: a/b/c\nmay: [subscribe]\n\(words)"), name: "a") }
        }
        let file = try AgreementsFile.parse(yaml: agreement(party: "node: a/b/c\nmay: [replay]\nwhere: {age: [18, 0x13], on: no}"), name: "a")
        #expect(file.agreements[0].parties[0].rows == ["age": ["18", "0x13"], "on": ["no"]], "values are text, never YAML's guesses")
    }

    @Test("each limit of a restriction holds at its value and refuses one past it")
    func limits() throws {
        func agreement(_ words: String) -> String { AccessPolicyTests.agreement(party: "node: a/b/c\nmay: [subscribe]\n\(words)") }
        func fields(_ count: Int) -> String { (0..<count).map { "f\($0)" }.joined(separator: ", ") }
        func text(_ bytes: Int) -> String { String(repeating: "x", count: bytes) }
        let limits: [(Int, (Int) -> String)] = [
            (AgreementsLimits.entriesMax, { "fields: {allow: [\(fields($0))]}" }),
            (AgreementsLimits.entriesMax, { "fields: {mask: {\((0..<$0).map { "f\($0): drop" }.joined(separator: ", "))}}" }),
            (AgreementsLimits.entriesMax, { "where: {x: [\(fields($0))]}" }),
            (AgreementsLimits.entriesMax, { "where: {\((0..<$0).map { "f\($0): v" }.joined(separator: ", "))}" }),
            (AgreementsLimits.fieldNameBytesMax, { "fields: {allow: [\(text($0))]}" }),
            (AgreementsLimits.fieldNameBytesMax, { "fields: {mask: {\(text($0)): drop}}" }),
            (AgreementsLimits.fieldNameBytesMax, { "where: {\(text($0)): v}" }), (AgreementsLimits.valueBytesMax, { "where: {x: \(text($0))}" }),
        ]
        for (limit, words) in limits {
            #expect(throws: Never.self) { try AgreementsFile.parse(yaml: agreement(words(limit)), name: "a") }
            #expect(try !problems(agreement(words(limit + 1))).isEmpty)
        }
    }
}
