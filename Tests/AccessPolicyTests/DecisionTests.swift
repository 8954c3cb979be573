import AccessPolicy
import Testing

@Suite struct DecisionTests {
    private static let yaml = """
        agreements:
          - id: VACC
            topic: health.vaccination.v1
            owner: health
            parties:
              - {node: health/registry/*, may: [publish]}
              - {node: education/schools/*, may: [subscribe], groups: [school-dashboard-*, one-shared]}
          - id: OPS
            topic: health.*
            owner: health
            parties:
              - {node: health/it/*, may: [administer]}
          - id: OLD
            topic: traffic.count.v1
            owner: transport
            parties:
              - {node: police/*/*, may: [subscribe]}
            until: 2025-12-31
          - id: NEXT
            topic: traffic.count.v1
            owner: transport
            parties:
              - {node: police/*/*, may: [subscribe]}
            from: 2027-01-01
            until: 2027-12-31
          - id: OPEN
            topic: "*"
            owner: city
            parties:
              - {node: portal/open/*, may: [subscribe]}
        """
    /// 2026-06-01
    private let now: PolicyInstant = 1_780_246_800_000

    private func decide(
        _ question: AccessQuestion, _ path: String, roles: Set<Role> = [.member], at instant: PolicyInstant? = nil
    ) throws -> Decision {
        try snapshot(Self.yaml, version: 7).decide(question, for: node(path, roles: roles), at: instant ?? now)
    }

    @Test("nothing is allowed that no agreement allows")
    func denyByDefault() throws {
        let topic = "health.vaccination.v1"
        #expect(try decide(.publish(topic: topic), "education/schools/le-loi").outcome == .refused(.noAgreement))
        #expect(try decide(.subscribe(topic: topic), "health/registry/a").outcome == .refused(.noAgreement))
        #expect(try decide(.subscribe(topic: "no.such"), "education/schools/le-loi").outcome == .refused(.noAgreement))
        let stranger = try node("x/y/z")
        for question in [
            AccessQuestion.publish(topic: "a"), .subscribe(topic: "a"), .describe(topic: "a"), .administer(topic: "a"),
            .useGroup("g"), .describeGroup("g"), .administerGroup("g"), .produceIdempotently, .administerCluster,
            .administerAgreements(owner: "x"), .audit, .subscribe(topic: "_audit.access"),
        ] {
            #expect(!PolicySnapshot.empty.decide(question, for: stranger, at: now).isAllowed, "\(question)")
        }
    }

    @Test("an agreement grants exactly its rights, and the decision names agreement, rule and policy version")
    func grants() throws {
        let publish = try decide(.publish(topic: "health.vaccination.v1"), "health/registry/a")
        #expect(publish.outcome == .allowed(by: .agreement(id: "VACC", rule: 0)))
        #expect(publish.policyVersion == 7)
        let subscribe = try decide(.subscribe(topic: "health.vaccination.v1"), "education/schools/le-loi")
        #expect(subscribe.outcome == .allowed(by: .agreement(id: "VACC", rule: 1)))
        let administer = try decide(.administer(topic: "health.new.v1"), "health/it/admin")
        #expect(administer.outcome == .allowed(by: .agreement(id: "OPS", rule: 0)))
        #expect(try !decide(.administer(topic: "traffic.count.v1"), "health/it/admin").isAllowed)
    }

    @Test("roles never grant payloads")
    func rolesAndPayloads() throws {
        for role in Role.allCases {
            #expect(try !decide(.publish(topic: "health.vaccination.v1"), "it/ops/root", roles: [role]).isAllowed)
            #expect(try !decide(.subscribe(topic: "health.vaccination.v1"), "it/ops/root", roles: [role]).isAllowed)
        }
    }

    @Test("an operator administers and describes topics, groups and the cluster")
    func operators() throws {
        for question in [
            AccessQuestion.describe(topic: "any"), .administer(topic: "any"), .describeGroup("g"), .administerGroup("g"),
            .administerCluster, .administerAgreements(owner: "health"), .describe(topic: "_audit.access"),
        ] {
            #expect(try decide(question, "it/ops/root", roles: [.operator]).outcome == .allowed(by: .role(.operator)), "\(question)")
        }
        #expect(try decide(.audit, "it/ops/root", roles: [.operator]).outcome == .refused(.roleMissing(.auditor)))
        #expect(try !decide(.useGroup("g"), "it/ops/root", roles: [.operator]).isAllowed)
    }

    @Test("a steward has its own agency's agreements and sees the topics that it owns, and no others")
    func stewards() throws {
        let roles: Set<Role> = [.steward]
        #expect(try decide(.administerAgreements(owner: "health"), "health/dpo/linh", roles: roles).isAllowed)
        #expect(
            try decide(.administerAgreements(owner: "transport"), "health/dpo/linh", roles: roles).outcome
                == .refused(.roleMissing(.steward)))
        #expect(try decide(.describe(topic: "health.other"), "health/dpo/linh", roles: roles).isAllowed)
        #expect(try !decide(.describe(topic: "traffic.count.v1"), "health/dpo/linh", roles: roles).isAllowed)
        #expect(try !decide(.administer(topic: "health.other"), "health/dpo/linh", roles: roles).isAllowed)
    }

    @Test("schemas are changed by stewards of the agencies that the subject belongs to, and read by these agencies' nodes")
    func subjects() throws {
        let (own, other) = (AccessQuestion.administerSubject("s", owners: ["health"]), AccessQuestion.administerSubject("s", owners: ["transport"]))
        #expect(try decide(own, "health/dpo/linh", roles: [.steward]).outcome == .allowed(by: .role(.steward)))
        #expect(try decide(own, "health/dpo/linh").outcome == .refused(.roleMissing(.steward)))
        #expect(try decide(other, "health/dpo/linh", roles: [.steward]).outcome == .refused(.roleMissing(.steward)))
        #expect(try decide(.administerSubject("s", owners: []), "health/dpo/linh", roles: [.steward, .auditor]).isAllowed == false)
        #expect(try decide(other, "it/ops/root", roles: [.operator]).isAllowed)
        #expect(try decide(.describeSubject("s", owners: ["health"]), "health/ward/a").outcome == .allowed(by: .ownAgency))
        #expect(try decide(.describeSubject("s", owners: ["transport"]), "health/ward/a").outcome == .refused(.noAgreement))
        #expect(try decide(.describeSubject("s", owners: []), "audit/x/y", roles: [.auditor]).isAllowed)
    }

    @Test("a name belongs to the longest agency that it begins with")
    func agencyOfName() throws {
        let policy = try snapshot(Self.yaml)
        #expect(policy.agency(owning: "health.lab.x-value") == "health")
        #expect(policy.agency(owning: "health") == nil)
        #expect(policy.agency(owning: "healthy.x") == nil)
        #expect(policy.agency(owning: "wards") == nil)
    }

    @Test("an auditor reads audit topics, describes everything, and administers nothing")
    func auditors() throws {
        let roles: Set<Role> = [.auditor]
        for question in [
            AccessQuestion.audit, .subscribe(topic: "_audit.access"), .subscribe(topic: "_audit.delivery"),
            .describe(topic: "_audit.access"), .describe(topic: "anything"), .describeGroup("g"),
        ] {
            #expect(try decide(question, "inspectorate/audit/a", roles: roles).isAllowed, "\(question)")
        }
        for question in [
            AccessQuestion.administer(topic: "a"), .administerGroup("g"), .administerCluster, .useGroup("g"),
            .administerAgreements(owner: "health"),
        ] {
            #expect(try !decide(question, "inspectorate/audit/a", roles: roles).isAllowed, "\(question)")
        }
    }

    @Test("nobody writes or administers a topic of the broker's own, and only auditors read the audit")
    func brokerOwned() throws {
        let every: Set<Role> = Set(Role.allCases)
        #expect(try decide(.publish(topic: "_audit.access"), "it/ops/root", roles: every).outcome == .refused(.brokerOwned))
        #expect(try decide(.administer(topic: "_audit.access"), "it/ops/root", roles: every).outcome == .refused(.brokerOwned))
        #expect(try decide(.subscribe(topic: "_other"), "it/ops/root", roles: every).outcome == .refused(.brokerOwned))
        #expect(
            try decide(.subscribe(topic: "_audit.access"), "portal/open/web").outcome == .refused(.roleMissing(.auditor)))
        #expect(try !decide(.describe(topic: "_audit.access"), "portal/open/web").isAllowed)
    }

    @Test("a topic is described to whoever has a right in force on it")
    func describe() throws {
        #expect(try decide(.describe(topic: "health.vaccination.v1"), "education/schools/le-loi").isAllowed)
        #expect(try decide(.describe(topic: "health.vaccination.v1"), "health/it/admin").isAllowed)
        #expect(try !decide(.describe(topic: "health.vaccination.v1"), "police/hq/a").isAllowed)
        #expect(try !decide(.describe(topic: "traffic.count.v1"), "police/hq/a").isAllowed)
        #expect(try decide(.describe(topic: "traffic.count.v1"), "portal/open/web").isAllowed)
    }

    @Test("a group belongs to the agency that its id begins with; others need an agreement that names it")
    func groups() throws {
        #expect(try decide(.useGroup("education"), "education/schools/a").outcome == .allowed(by: .ownGroup))
        #expect(try decide(.useGroup("education.dash"), "education/schools/a").outcome == .allowed(by: .ownGroup))
        #expect(try decide(.useGroup("education-dash"), "education/schools/a").outcome == .refused(.noAgreement))
        #expect(try decide(.useGroup("health.x"), "education/schools/a").outcome == .refused(.groupOfAnotherAgency))
        #expect(try decide(.useGroup("health"), "education/schools/a").outcome == .refused(.groupOfAnotherAgency))
        let shared = try decide(.useGroup("school-dashboard-7"), "education/schools/a")
        #expect(shared.outcome == .allowed(by: .agreement(id: "VACC", rule: 1)))
        #expect(try decide(.useGroup("one-shared"), "education/schools/a").isAllowed)
        #expect(try !decide(.useGroup("one-shared2"), "education/schools/a").isAllowed)
        #expect(try !decide(.useGroup("school-dashboard-7"), "health/registry/a").isAllowed)
        #expect(try !decide(.useGroup(""), "education/schools/a").isAllowed)
        #expect(try decide(.administerGroup("education.dash"), "education/schools/a").outcome == .allowed(by: .ownGroup))
        #expect(try !decide(.administerGroup("one-shared"), "education/schools/a").isAllowed)
        #expect(try decide(.describeGroup("one-shared"), "education/schools/a").isAllowed)
    }

    @Test("an agreement cannot hand out another agency's groups, and the longest agency owns a group")
    func groupsOfOthers() throws {
        let policy = try snapshot(
            """
            agreements:
              - id: A
                topic: t
                owner: health.lab
                parties:
                  - {node: education/*/*, may: [subscribe], groups: [health*]}
                  - {node: health/*/*, may: [subscribe]}
            """)
        let school = try node("education/a/b")
        #expect(policy.decide(.useGroup("health.x"), for: school, at: now).outcome == .refused(.groupOfAnotherAgency))
        #expect(policy.decide(.useGroup("healthy"), for: school, at: now).isAllowed)
        let lab = try node("health.lab/a/b")
        let health = try node("health/a/b")
        #expect(policy.decide(.useGroup("health.lab.x"), for: lab, at: now).isAllowed)
        #expect(policy.decide(.useGroup("health.lab.x"), for: health, at: now).outcome == .refused(.groupOfAnotherAgency))
        #expect(policy.decide(.useGroup("health.labx"), for: health, at: now).isAllowed)
    }

    @Test("a group id of thirty thousand dots is decided like any other")
    func longGroup() throws {
        let group = String(repeating: ".", count: 30_000)
        #expect(try !decide(.useGroup(group), "education/schools/a").isAllowed)
        #expect(try decide(.useGroup("education." + group), "education/schools/a").isAllowed)
    }

    @Test("idempotent producing needs any right to publish")
    func idempotence() throws {
        #expect(try decide(.produceIdempotently, "health/registry/a").isAllowed)
        #expect(try !decide(.produceIdempotently, "education/schools/a").isAllowed)
        #expect(try !decide(.produceIdempotently, "health/it/a", roles: [.operator]).isAllowed)
    }

    @Test("a date that will change the answer bounds it")
    func holdsUntil() throws {
        let ended = try decide(.subscribe(topic: "traffic.count.v1"), "police/hq/a")
        #expect(ended.outcome == .refused(.agreementNotYetInForce(id: "NEXT")))
        let start = ended.holdsUntil
        let question = AccessQuestion.subscribe(topic: "traffic.count.v1")
        #expect(try decide(question, "police/hq/a", at: start - 1).outcome == ended.outcome)
        let allowed = try decide(question, "police/hq/a", at: start)
        #expect(allowed.outcome == .allowed(by: .agreement(id: "NEXT", rule: 0)))
        #expect(try decide(question, "police/hq/a", at: allowed.holdsUntil - 1).isAllowed)
        let after = try decide(question, "police/hq/a", at: allowed.holdsUntil)
        #expect(after.outcome == .refused(.agreementEnded(id: "NEXT")))
        #expect(after.holdsUntil == .max)
        #expect(try decide(.publish(topic: "health.vaccination.v1"), "health/registry/a").holdsUntil == .max)
    }

    @Test("a node sees the agreements that name it, stewards their agency's, operators and auditors all")
    func overview() throws {
        let policy = try snapshot(Self.yaml)
        func ids(_ path: String, _ roles: Set<Role> = [.member]) throws -> [String] {
            policy.overview(for: try node(path, roles: roles), at: now).map(\.agreement.id)
        }
        #expect(try ids("education/schools/a") == ["VACC"])
        #expect(try ids("police/hq/a") == ["OLD", "NEXT"])
        #expect(try ids("x/y/z").isEmpty)
        #expect(try ids("health/dpo/linh", [.steward]) == ["VACC", "OPS"])
        #expect(try ids("it/ops/root", [.operator]).count == 5)
        #expect(try ids("inspectorate/a/b", [.auditor]).count == 5)
        let seen = policy.overview(for: try node("education/schools/a"), at: now)
        #expect(seen.first?.agreement.parties.count == 1)
        #expect(policy.overview(for: try node("police/hq/a"), at: now).map(\.standing) == [.ended, .pending])
    }

    @Test("listings hold what one may describe, and rights are those in force")
    func listings() throws {
        let policy = try snapshot(Self.yaml)
        let topics = ["_audit.access", "health.vaccination.v1", "traffic.count.v1"]
        #expect(policy.describable(topics, by: try node("education/schools/a"), at: now) == ["health.vaccination.v1"])
        #expect(policy.describable(topics, by: try node("a/b/c", roles: [.auditor]), at: now) == topics)
        #expect(policy.rights(on: "health.vaccination.v1", for: try node("health/registry/a"), at: now) == [.publish])
        #expect(policy.rights(on: "_audit.access", for: try node("portal/open/a"), at: now).isEmpty)
    }
}
