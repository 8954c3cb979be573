import AccessPolicy

/// Whom to ask for an agreement about a topic.
public struct Stewardship: Hashable, Sendable {
    /// The agencies that own it, by its configuration and its agreements, sorted.
    public let owners: [String]
    /// Their nodes that sign agreements about it, sorted.
    public let stewards: [String]
}

extension Administration {
    /// To be asked for a topic that the peer may describe.
    public func stewardship(of topic: String) -> Stewardship {
        let policy = services.policy.value
        let configured = services.catalogue.value[topic]?.configuration.owner ?? ""
        let owners = policy.owners(of: topic).union(configured.isEmpty ? [] : [configured])
        let signers = Set(policy.agreements.filter { $0.topic.matches(topic) }.flatMap(\.signedBy))
        return Stewardship(
            owners: owners.sorted(), stewards: signers.filter { signer in owners.contains { signer.hasPrefix("\($0)/") } }.sorted())
    }
}
