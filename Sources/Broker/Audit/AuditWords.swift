public import AccessPolicy

extension AccessQuestion {
    /// The question as the audit names it: what was wanted, of what.
    var auditWords: (action: String, resource: String) {
        switch self {
        case .publish(let topic): ("publish", "topic:\(topic)")
        case .tombstone(let topic): ("tombstone", "topic:\(topic)")
        case .erase(let topic): ("erase", "topic:\(topic)")
        case .subscribe(let topic, _): ("subscribe", "topic:\(topic)")
        case .replay(let topic, _): ("replay", "topic:\(topic)")
        case .describe(let topic): ("describe", "topic:\(topic)")
        case .administer(let topic): ("administer", "topic:\(topic)")
        case .useGroup(let group): ("use", "group:\(group)")
        case .describeGroup(let group): ("describe", "group:\(group)")
        case .administerGroup(let group): ("administer", "group:\(group)")
        case .produceIdempotently: ("produce-idempotently", "cluster")
        case .describeCluster: ("describe", "cluster")
        case .administerCluster: ("administer", "cluster")
        case .administerAgreements(let owner): ("administer", "agreements:\(owner)")
        case .administerSubject(let subject, _): ("administer", "subject:\(subject)")
        case .describeSubject(let subject, _): ("describe", "subject:\(subject)")
        case .explain(let agency, _): ("explain", "agency:\(agency)")
        case .audit: ("read", "audit")
        }
    }
}

extension Decision.Ground {
    var auditWord: String {
        switch self {
        case .agreement, .delegation: "agreement:\(citationText ?? "")"
        case .role(let role): "role:\(role.rawValue)"
        case .ownGroup: "own-group"
        case .ownAgency: "own-agency"
        case .everyone: "everyone"
        }
    }
}

extension Decision.Refusal {
    /// As `_audit.access` has it.
    public var word: String { auditWord }

    var auditWord: String {
        switch self {
        case .noAgreement: "no-agreement"
        case .agreementNotYetInForce(let id): "agreement-not-yet-in-force:\(id)"
        case .agreementEnded(let id): "agreement-ended:\(id)"
        case .denied(let id, let rule): "denied:\(id)#\(rule)"
        case .purposeNotDeclared: "purpose-not-declared"
        case .purposeNotAgreed: "purpose-not-agreed"
        case .purposeUnreadable: "purpose-unreadable"
        case .roleMissing(let role): "role-missing:\(role.rawValue)"
        case .groupOfAnotherAgency: "group-of-another-agency"
        case .brokerOwned: "broker-owned"
        }
    }
}
