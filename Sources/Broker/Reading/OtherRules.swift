import AccessPolicy
import Sentences
import Storage

/// A reading under other rules than those by which today's decision lets the reader in: those of a past time, for an auditor whom an agreement
/// lets replay a topic today; or those of another node, for who may read every record whole, so that no more is shown than that. The delivery ledger
/// names the reader, and the rule and version by which it was shown something.
struct OtherRules: Sendable {
    /// Today's: when another one is in force, this one lets nobody in any more.
    let policy: PolicySnapshot
    let topic: Topic
    let reading: Reading

    /// For as long as today's decision holds.
    func holds(at moment: RequestMoment) -> Bool {
        moment.policy === policy && moment.now < reading.grounds.decision.holdsUntil && moment.catalogue[topic.id] != nil
    }
}

extension BrokerServices {
    /// - Parameters:
    ///   - instant: ms since 1970; nil for the rules of now.
    ///   - node: whose rules; nil for the reader's own.
    func reading(
        _ name: String, underRulesAt instant: Int64?, of node: NodeIdentity?, for purpose: PurposeDeclaration, by peer: Peer
    ) async -> Result<OtherRules, RecordPageRefusal> {
        let (today, now) = (policy.value, clock.now())
        let question = AccessQuestion.replay(topic: name, purpose: purpose)
        var permitted: Decision?
        if let instant {
            // Both are audited where they refuse.
            let replay = decide(question, for: peer)
            guard replay.isAllowed, decide(.audit, for: peer).isAllowed, instant <= now else {
                return .failure(RecordPageRefusal(.forbidden, .pastRulesNeed))
            }
            permitted = replay
        }
        if node != nil {
            let own = today.reading(name, for: purpose, by: peer.identity, at: now)
            if own == nil { _ = decide(question, for: peer) }
            permitted = own.flatMap { $0.decision.records == .unrestricted ? $0.decision : nil }
        }
        guard let permitted, let topic = catalogue.value[name] else { return .failure(RecordPageRefusal(.forbidden, .othersRulesNeed)) }
        let rules: PolicySnapshot
        do {
            rules = if let instant { try await Administration(self).policy(at: instant) } else { today }
        } catch {
            return .failure(RecordPageRefusal(.unavailable, .pastRulesUnreadable))
        }
        guard let (asked, found) = rules.reading(name, for: purpose, by: node ?? peer.identity, at: instant ?? now) else {
            return .failure(RecordPageRefusal(.forbidden, node.map { .othersRulesRefuse($0.path) } ?? .pastRulesRefuse))
        }
        let decision = Decision(
            found.outcome, policyVersion: found.policyVersion,
            holdsUntil: instant == nil ? min(permitted.holdsUntil, found.holdsUntil) : permitted.holdsUntil, purpose: found.purpose, records: found.records)
        audit.allowed(asked, by: decision, peer: peer)
        let reading = Reading(asked, by: decision, projections.restriction(of: decision.records, on: topic, under: today))
        return .success(OtherRules(policy: today, topic: topic, reading: reading))
    }
}

extension PolicySnapshot {
    /// By what a node reads a topic, as a fetch decides it (`TopicAccess`): whom an agreement denies reading is not let in by the right to replay.
    fileprivate func reading(
        _ name: String, for purpose: PurposeDeclaration, by node: NodeIdentity, at instant: PolicyInstant
    ) -> (question: AccessQuestion, decision: Decision)? {
        let subscribe = AccessQuestion.subscribe(topic: name, purpose: purpose), replay = AccessQuestion.replay(topic: name, purpose: purpose)
        let subscribing = decide(subscribe, for: node, at: instant)
        if subscribing.isAllowed { return (subscribe, subscribing) }
        if case .refused(.denied) = subscribing.outcome { return nil }
        let replaying = decide(replay, for: node, at: instant)
        return replaying.isAllowed ? (replay, replaying) : nil
    }
}
