import OrderedCollections

extension ConsumerGroup {
    /// Whether an offset commit may be stored. A commit is a sign of life too.
    mutating func commitRequested(
        by claim: MemberClaim, generation claimed: Int32, at now: Moment
    ) -> GroupRefusal? {
        guard !isDead else { return .notAvailable }
        if claimed < 0, isEmpty { return nil }  // a consumer that assigns its own partitions, or an administrator
        if claimed < 0, claim.memberID.isEmpty, claim.instance == nil { return .unknownMember }
        if let refusal = refusal(ofMember: claim.memberID, instance: claim.instance) { return refusal }
        guard claimed == generation else { return .illegalGeneration }
        switch state {
        case .empty, .dead:
            return .unknownMember
        case .completingRebalance:
            // It has joined the new generation and commits for partitions that it may no longer have.
            return .rebalanceInProgress
        case .preparingRebalance, .stable:
            restartSession(of: claim.memberID, at: now)
            return nil
        }
    }

    /// The topics that the members subscribe to; nil where that cannot be known, because a member's metadata is not that of
    /// the consumer protocol or the group is in between two generations.
    var subscribedTopics: Set<String>? {
        guard !members.isEmpty else { return [] }
        var topics: Set<String> = []
        for member in members.values {
            // In between, what was chosen last may not be what a newcomer speaks: any of its protocols says the topics.
            let metadata = member.supports(protocolName ?? "") ? member.metadata(of: protocolName) : member.protocols.first?.metadata
            switch GroupSubscription(metadata ?? [], protocolType: protocolType) {
            case .topics(let subscribed): topics.formUnion(subscribed)
            case .opaque: return nil
            }
        }
        return topics
    }

    var isConsumerProtocol: Bool { protocolType == GroupSubscription.consumerProtocolType }
}
