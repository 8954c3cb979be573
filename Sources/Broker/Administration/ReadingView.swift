public import AccessPolicy

/// Whether a node may read a topic as it asks now, and for what else it might: nothing that it could not find out by trying.
public struct ReadingView: Hashable, Sendable {
    public let isAllowed: Bool
    /// What it would read for; nil where it may not, and where no purpose is asked for and none was declared.
    public let purpose: AgreedPurpose?
    /// The purposes that its agreements in force name, sorted: one of them must be declared unless there is only one or `isFree`.
    public let purposes: [String]
    /// An agreement lets it read for anything.
    public let isFree: Bool
}

extension Administration {
    /// - Parameter purpose: as the request declares it.
    public func reading(_ topic: String, for purpose: PurposeDeclaration, by peer: Peer) -> ReadingView {
        let (policy, now) = (services.policy.value, services.clock.now())
        let decision = policy.decide(.subscribe(topic: topic, purpose: purpose), for: peer.identity, at: now)
        let purposes = policy.readingPurposes(on: topic, for: peer.identity, at: now)
        return ReadingView(
            isAllowed: decision.isAllowed, purpose: decision.purpose, purposes: purposes.named.sorted(), isFree: purposes.isFree)
    }
}
