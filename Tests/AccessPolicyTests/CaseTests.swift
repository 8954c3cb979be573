import AccessPolicy
import Foundation
import Testing

/// Decisions as a table that people read: who, what, on which topic, for what, when → what comes of it.
@Suite struct CaseTests {
    static let agreements = """
        timeZone: Asia/Ho_Chi_Minh
        agreements:
          - id: VACC
            topic: health.vaccination.v1
            owner: health
            parties:
              - {node: health/registry/*, may: [publish, tombstone]}
              - {node: education/schools/*, may: [subscribe], purpose: [enrolment-check]}
              - {node: insurance/*/*, may: [subscribe], purpose: [claims, fraud-check]}
              - {node: inspectorate/audit/*, may: [replay], purpose: [inspection]}
          - id: WARDS
            topic: health.*
            owner: health
            parties:
              - {node: education/schools/le-loi, may: [subscribe], purpose: [school-meals]}
              - {node: ioc/*/*, may: [subscribe, replay]}
              - {node: health/it/*, may: [administer]}
            until: 2026-06-30
          - id: HOLD
            topic: health.vaccination.v1
            owner: health
            parties:
              - {node: "*/*/*", deny: [administer, tombstone]}
              - {node: ioc/*/kiosk, deny: [subscribe, replay]}
            from: 2026-06-10
            until: 2026-06-20
        """

    static let cases = """
        # who                      what       topic                   for              day         comes to
        health/registry/a          publish    health.vaccination.v1   -                2026-06-01  VACC#0
        health/registry/a          tombstone  health.vaccination.v1   -                2026-06-01  VACC#0
        health/registry/a          tombstone  health.vaccination.v1   -                2026-06-10  denied by HOLD#0
        health/registry/a          publish    health.vaccination.v1   -                2026-06-10  VACC#0
        health/registry/a          subscribe  health.vaccination.v1   -                2026-06-01  noAgreement
        # One purpose is implied, and is the only one that may be declared.
        education/schools/hoa      subscribe  health.vaccination.v1   -                2026-06-01  VACC#1 for enrolment-check (implied)
        education/schools/hoa      subscribe  health.vaccination.v1   enrolment-check  2026-06-01  VACC#1 for enrolment-check
        education/schools/hoa      subscribe  health.vaccination.v1   claims           2026-06-01  purposeNotAgreed
        education/schools/hoa      subscribe  health.vaccination.v1   Claims!          2026-06-01  purposeUnreadable
        education/schools/hoa      replay     health.vaccination.v1   enrolment-check  2026-06-01  noAgreement
        # Two agreements with two purposes: one must be declared, until one of them ends.
        education/schools/le-loi   subscribe  health.vaccination.v1   -                2026-06-01  purposeNotDeclared
        education/schools/le-loi   subscribe  health.vaccination.v1   school-meals     2026-06-01  WARDS#0 for school-meals
        education/schools/le-loi   subscribe  health.vaccination.v1   -                2026-07-01  VACC#1 for enrolment-check (implied)
        education/schools/le-loi   subscribe  health.vaccination.v1   school-meals     2026-07-01  purposeNotAgreed
        education/schools/le-loi   subscribe  health.other.v1         -                2026-07-01  ended WARDS
        # One rule with two purposes.
        insurance/x/y              subscribe  health.vaccination.v1   -                2026-06-01  purposeNotDeclared
        insurance/x/y              subscribe  health.vaccination.v1   fraud-check      2026-06-01  VACC#2 for fraud-check
        # A rule without purposes asks for none and takes any.
        ioc/situation/wall         subscribe  health.vaccination.v1   -                2026-06-01  WARDS#1
        ioc/situation/wall         subscribe  health.vaccination.v1   anything         2026-06-01  WARDS#1 for anything
        ioc/situation/wall         subscribe  health.vaccination.v1   purpose?         2026-06-01  purposeUnreadable
        # Replaying asks for a purpose that is declared.
        ioc/situation/wall         replay     health.vaccination.v1   -                2026-06-01  purposeNotDeclared
        ioc/situation/wall         replay     health.vaccination.v1   drill            2026-06-01  WARDS#1 for drill
        inspectorate/audit/one     replay     health.vaccination.v1   -                2026-06-01  purposeNotDeclared
        inspectorate/audit/one     replay     health.vaccination.v1   inspection       2026-06-01  VACC#3 for inspection
        inspectorate/audit/one     subscribe  health.vaccination.v1   inspection       2026-06-01  noAgreement
        # A denial beats every allow, of another agreement, of a role, while it is in force.
        ioc/situation/kiosk        subscribe  health.vaccination.v1   -                2026-06-09  WARDS#1
        ioc/situation/kiosk        subscribe  health.vaccination.v1   -                2026-06-10  denied by HOLD#1
        ioc/situation/kiosk        replay     health.vaccination.v1   drill            2026-06-20  denied by HOLD#1
        ioc/situation/kiosk        subscribe  health.vaccination.v1   -                2026-06-21  WARDS#1
        ioc/situation/kiosk        subscribe  health.other.v1         -                2026-06-15  WARDS#1
        health/it/root             administer health.vaccination.v1   -                2026-06-15  denied by HOLD#0
        health/it/root             administer health.other.v1         -                2026-06-15  WARDS#2
        it/ops/root+operator       administer health.vaccination.v1   -                2026-06-09  operator
        it/ops/root+operator       administer health.vaccination.v1   -                2026-06-15  denied by HOLD#0
        it/ops/root+operator       administer health.other.v1         -                2026-06-15  operator
        # Somebody whom nothing but a denial names.
        x/y/z                      publish    health.vaccination.v1   -                2026-06-15  noAgreement
        x/y/z                      tombstone  health.vaccination.v1   -                2026-06-15  denied by HOLD#0
        x/y/z                      describe   health.vaccination.v1   -                2026-06-15  denied by HOLD#0
        x/y/z                      describe   health.vaccination.v1   -                2026-06-01  noAgreement
        """

    @Test("each line of the table comes true", arguments: cases.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") })
    func line(_ line: String) throws {
        let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true).map { $0.trimmingCharacters(in: .whitespaces) }
        let who = words[0].split(separator: "+").map(String.init)
        let identity = try node(who[0], roles: Set(who.dropFirst().compactMap(Role.init)))
        let declared = PurposeDeclaration(words[3] == "-" ? nil : words[3])
        let question: AccessQuestion =
            switch words[1] {
            case "publish": .publish(topic: words[2])
            case "tombstone": .tombstone(topic: words[2])
            case "subscribe": .subscribe(topic: words[2], purpose: declared)
            case "replay": .replay(topic: words[2], purpose: declared)
            case "administer": .administer(topic: words[2])
            default: .describe(topic: words[2])
            }
        // The day's noon in Vietnam, by the dates of an agreement.
        let day = try AgreementsFile.parse(
            yaml: agreement(party: "node: a/b/c\nmay: [publish]", extra: "from: \(words[4])T12:00+07:00"), name: "day").agreements[0].term.start
        let decision = try snapshot(Self.agreements).decide(question, for: identity, at: day)
        #expect(Self.text(decision) == words[5], "\(line)")
    }

    private static func text(_ decision: Decision) -> String {
        let purpose = decision.purpose.map { " for \($0.id)\($0.isImplied ? " (implied)" : "")" } ?? ""
        switch decision.outcome {
        case .allowed(.agreement(let id, let rule)): return "\(id)#\(rule)\(purpose)"
        case .allowed(.role(let role)): return role.rawValue
        case .allowed(let ground): return "\(ground)"
        case .refused(.denied(let id, let rule)): return "denied by \(id)#\(rule)"
        case .refused(.agreementEnded(let id)): return "ended \(id)"
        case .refused(.agreementNotYetInForce(let id)): return "pending \(id)"
        case .refused(let refusal): return "\(refusal)"
        }
    }

    @Test("the purposes that one may read for are those of the agreements in force that are not denied")
    func readingPurposes() throws {
        let policy = try snapshot(Self.agreements)
        /// 2026-06-01
        let june: PolicyInstant = 1_780_246_800_000
        func purposes(_ path: String, at instant: PolicyInstant) throws -> ReadingPurposes {
            policy.readingPurposes(on: "health.vaccination.v1", for: try node(path), at: instant)
        }
        #expect(try purposes("education/schools/le-loi", at: june) == ReadingPurposes(named: ["enrolment-check", "school-meals"], isFree: false))
        #expect(try purposes("insurance/x/y", at: june).named == ["claims", "fraud-check"])
        #expect(try purposes("ioc/situation/kiosk", at: june).isFree)
        #expect(try purposes("ioc/situation/kiosk", at: june + 12 * 86_400_000) == ReadingPurposes())
        #expect(try purposes("x/y/z", at: june) == ReadingPurposes())
    }
}
