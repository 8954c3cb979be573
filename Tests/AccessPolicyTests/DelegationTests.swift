import AccessPolicy
import Testing

/// Handing on within one's own agency what that was given, and never more.
@Suite struct DelegationTests {
    private let source = """
        agreements:
          - id: DSA-1
            topic: health.*
            owner: health
            parties:
              - {node: education/schools/*, may: [subscribe, replay], purpose: [enrolment-check, meals], delegate: true,
                 fields: {allow: [citizenId, address, date], mask: {citizenId: last4}}, where: {ward: [hai-chau, son-tra]}, groups: [school-*]}
              - {node: ioc/*/*, may: [subscribe]}
            from: 2026-01-01
            until: 2026-12-31

        """

    private func delegation(_ lines: String, topic: String = "health.vaccination.v1", extra: String = "") -> String {
        """
        agreements:
          - id: EDU-1
            delegates: DSA-1
            agency: education
            topic: \(topic)
            parties:
              - {\(lines)}
            \(extra)

        """
    }

    private func check(_ delegation: String, source: String? = nil) -> AgreementsCheck {
        AgreementsCheck(files: ["a.yaml": source ?? self.source, "b.yaml": delegation], at: june, refusing: [])
    }

    private let june: PolicyInstant = 1_780_300_000_000

    private func decide(
        _ delegation: String, _ question: AccessQuestion = .subscribe(topic: "health.vaccination.v1", purpose: .purpose("meals")), _ path: String = "education/reports/one"
    ) throws -> Decision {
        let policy = try PolicySnapshot(compiling: try check(delegation).accepted(), version: 1, refusing: [])
        return policy.decide(question, for: try node(path), at: june)
    }

    @Test("what is handed on shows what both rules show, for the purposes and groups of both, and cites both")
    func meets() throws {
        let handed = delegation(
            "node: education/reports/*, may: [subscribe], purpose: [meals], fields: {allow: [address.ward, citizenId]}, where: {ward: [son-tra, x]}, groups: [school-meals, y]")
        let decision = try decide(handed)
        let ground = Decision.Ground.delegation(RuleCitation(agreement: "EDU-1", rule: 0), of: RuleCitation(agreement: "DSA-1", rule: 0))
        #expect(decision.outcome == .allowed(by: ground) && ground.citationText == "EDU-1#0/DSA-1#0")
        guard case .views(let views) = decision.records else { return #expect(Bool(false), "it is restricted") }
        #expect(views.count == 1 && views[0].citation == "EDU-1#0/DSA-1#0")
        #expect(views[0].allowed == ["address.ward", "citizenId"] && views[0].masks == ["citizenId": .last4] && views[0].rows == ["ward": ["son-tra"]])
        #expect(try decide(handed, .subscribe(topic: "health.vaccination.v1")).purpose?.id == "meals")
        #expect(try decide(handed, .useGroup("school-meals")).isAllowed)
        #expect(try !decide(handed, .useGroup("y")).isAllowed && !decide(handed, .useGroup("school-other")).isAllowed)
        let refused: [AccessQuestion] = [
            .subscribe(topic: "health.vaccination.v1", purpose: .purpose("enrolment-check")), .replay(topic: "health.vaccination.v1", purpose: .purpose("meals")),
            .subscribe(topic: "health.other.v1", purpose: .purpose("meals")), .publish(topic: "health.vaccination.v1"),
        ]
        for question in refused { #expect(try !decide(handed, question).isAllowed, "\(question)") }
        #expect(try !decide(handed, .subscribe(topic: "health.vaccination.v1", purpose: .purpose("meals")), "statistics/reports/one").isAllowed)
        #expect(check(handed).warnings.map(\.message).contains { $0.hasSuffix("counts as far as that does: y") })
    }

    @Test("it ends with its source, with what its source's nodes lose, and with its own date")
    func ends() throws {
        let handed = delegation("node: education/reports/*, may: [subscribe]", extra: "until: 2026-09-30")
        let question = AccessQuestion.subscribe(topic: "health.vaccination.v1", purpose: .purpose("meals"))
        let reader = try node("education/reports/one")
        let policy = try PolicySnapshot(compiling: try check(handed).accepted(), version: 1, refusing: [])
        let decision = policy.decide(question, for: reader, at: june)
        // 2026-10-01T00:00+07:00
        #expect(decision.isAllowed && decision.holdsUntil == 1_790_787_600_000)
        #expect(policy.decide(question, for: reader, at: decision.holdsUntil).outcome == .refused(.agreementEnded(id: "EDU-1")))

        let ended = AgreementsCheck(
            files: ["a.yaml": source, "b.yaml": handed, AgreementEnd.fileName: AgreementEnd.text([AgreementEnd(agreement: "DSA-1", at: june - 1, by: "x")])],
            at: june, refusing: [])
        #expect(try !PolicySnapshot(compiling: ended.agreements, version: 2, refusing: []).decide(question, for: reader, at: june).isAllowed)
        let denied = source + "  - {id: HOLD, topic: health.vaccination.v1, owner: health, parties: [{node: education/schools/*, deny: [subscribe]}]}\n"
        let held = try PolicySnapshot(compiling: try check(handed, source: denied).accepted(), version: 3, refusing: [])
        #expect(held.decide(question, for: reader, at: june).outcome == .refused(.denied(id: "HOLD", rule: 0)))
        #expect(held.explain(question, for: reader, at: june).rules.first { $0.agreement == "EDU-1" }?.verdict == .nothingHandedOn)
        #expect(policy.explain(question, for: reader, at: june).rules.contains { $0.verdict == .allows && $0.source == RuleCitation(agreement: "DSA-1", rule: 0) })
    }

    @Test(
        "a delegation beyond its agency, that denies, is handed on again or names an owner is refused with its line",
        arguments: [
            ("node: health/registry/*, may: [subscribe]", "", "a delegation goes to nodes of its own agency, education/…, and to no others"),
            ("node: \"*/schools/*\", may: [subscribe]", "", "a delegation goes to nodes of its own agency, education/…, and to no others"),
            ("node: education/schools/*, deny: [subscribe]", "", "a delegation denies nothing"),
            ("node: education/schools/*, may: [subscribe], delegate: true", "", "what was handed on is not handed on again"),
            ("node: education/schools/*, may: [subscribe], delegate: maybe", "", "delegate is true or false"),
            ("node: education/schools/*, may: [subscribe]", "owner: education", "a delegation (“delegates”) names its “agency”, every other agreement the records' “owner”"),
        ])
    func refused(_ party: String, _ extra: String, _ message: String) throws {
        let problems = try problems(delegation(party, extra: extra))
        #expect(problems.map(\.message) == [message] && problems[0].line > 0)
    }

    @Test("a party of every agency has nothing to hand on, and an agreement without delegates names no agency")
    func refusedElsewhere() throws {
        #expect(
            try problems(agreement(party: "node: \"*/*/*\"\nmay: [subscribe]\ndelegate: true")).map(\.message)
                == ["delegate needs a party of one agency, which hands on to its own nodes"])
        #expect(
            try problems(agreement(party: "node: education/*/*\nmay: [subscribe]", extra: "agency: education")).map(\.message)
                == ["a delegation (“delegates”) names its “agency”, every other agreement the records' “owner”"])
    }

    @Test("where a delegation gives nothing, or less than it says, check tells so, and the set is accepted: the owner need not wait for it")
    func warned() throws {
        func warnings(_ delegation: String, source: String? = nil) -> [String] {
            let check = check(delegation, source: source)
            #expect(check.errors.isEmpty)
            return check.warnings.map(\.message).filter { $0.contains("delegation") }
        }
        let plain = delegation("node: education/reports/*, may: [subscribe]")
        #expect(warnings(plain) == [])
        #expect(warnings(plain, source: "agreements: []\n") == ["delegation EDU-1 hands on nothing: there is no agreement DSA-1 of the set that can be handed on"])
        #expect(
            warnings(plain, source: source.replacing(", delegate: true", with: ""))
                == ["delegation EDU-1 hands on nothing: agreement DSA-1 has no party of education with “delegate: true”"])
        #expect(
            warnings(delegation("node: education/reports/*, may: [publish]"))
                == ["delegation EDU-1 hands on nothing to education/reports/*: agreement DSA-1 gives none of it"])
        #expect(
            warnings(delegation("node: education/reports/*, may: [subscribe, publish], purpose: [meals, fun], fields: {allow: [name, date]}", topic: "'*'"))
                == ["delegation EDU-1 says more for education/reports/* than agreement DSA-1 gives, and counts as far as that does: publish, fun, name, topic"])
        #expect(
            warnings(delegation("node: education/reports/*, may: [subscribe]", extra: "until: 2027-06-30"))
                == ["delegation EDU-1 ends with agreement DSA-1, before its own date"])
    }

    @Test("a key is seen where both rules name it, and of two masks on a field none shows more than both")
    func fields() throws {
        func view(_ given: String, _ handed: String) throws -> RecordView? {
            let source = """
                agreements:
                  - id: DSA-1
                    topic: health.vaccination.v1
                    owner: health
                    parties: [{node: education/schools/*, may: [subscribe], delegate: true, fields: \(given)}]

                """
            let check = check(delegation("node: education/reports/*, may: [subscribe], fields: \(handed)"), source: source)
            let policy = try PolicySnapshot(compiling: try check.accepted(), version: 1, refusing: [])
            let decision = policy.decide(.subscribe(topic: "health.vaccination.v1"), for: try node("education/reports/one"), at: june)
            guard case .views(let views) = decision.records else { return nil }
            return views.first
        }
        #expect(try view("{mask: {id: last4}}", "{allow: [$key, id]}")?.allowed == ["id"])
        #expect(try view("{mask: {id: last4}}", "{mask: {$key: hash}}")?.masks == ["id": .last4])
        #expect(try view("{allow: [$key, id]}", "{allow: [id], mask: {id: hash}}")?.allowed == ["id"])
        #expect(try view("{allow: [$key, id]}", "{mask: {$key: hash}}")?.masks == ["$key": .hash])
        #expect(try view("{mask: {id: last4}}", "{mask: {id: year}}")?.masks == ["id": .redact])
        #expect(try view("{mask: {id: last4}}", "{mask: {id: drop}}")?.masks == ["id": .drop])
        #expect(try view("{mask: {address: drop}}", "{allow: [address.ward]}")?.masks == ["address.ward": .drop])
        #expect(try view("{allow: [name]}", "{allow: [id]}")?.allowed == [])
    }

    @Test("what is held against the schemas is what counts, not what a delegation says")
    func counted() throws {
        let counted = check(delegation("node: education/reports/*, may: [subscribe]")).countedRules
        #expect(counted.map { "\($0.agreement)#\($0.party) \($0.topic)" } == ["DSA-1#0 health.*", "DSA-1#1 health.*", "EDU-1#0 health.vaccination.v1"])
        #expect(counted[2].rule.fields == counted[0].rule.fields && counted[2].rule.rows == counted[0].rule.rows)
        #expect(check(delegation("node: education/reports/*, may: [publish]")).countedRules.count == 2)
    }

    @Test("that a party may hand on is part of what is signed, and a delegation's source is")
    func canonical() throws {
        let handed = try AgreementsFile.parse(yaml: delegation("node: education/reports/*, may: [subscribe]"), name: "b.yaml").agreements[0]
        #expect(
            handed.canonicalJSON
                == #"{"agency":"education","delegates":"DSA-1","id":"EDU-1","parties":[{"may":["subscribe"],"node":"education/reports/*"}],"topic":"health.vaccination.v1"}"#)
        #expect(try AgreementsFile.parse(yaml: source, name: "a.yaml").agreements[0].canonicalJSON.contains(#"{"delegate":true,"fields""#))
    }
}
