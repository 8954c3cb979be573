import AccessPolicy

extension AccessQuestion {
    /// The question as the audit names it: what was wanted, of what.
    var auditWords: (action: String, resource: String) {
        switch self {
        case .publish(let topic): ("publish", "topic:\(topic)")
        case .tombstone(let topic): ("tombstone", "topic:\(topic)")
        case .subscribe(let topic): ("subscribe", "topic:\(topic)")
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
        case .audit: ("read", "audit")
        }
    }
}

extension Decision.Refusal {
    var auditWord: String {
        switch self {
        case .noAgreement: "no-agreement"
        case .agreementNotYetInForce(let id): "agreement-not-yet-in-force:\(id)"
        case .agreementEnded(let id): "agreement-ended:\(id)"
        case .roleMissing(let role): "role-missing:\(role.rawValue)"
        case .groupOfAnotherAgency: "group-of-another-agency"
        case .brokerOwned: "broker-owned"
        }
    }
}
