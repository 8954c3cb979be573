import AccessPolicy
import Sentences
import Storage

/// A reading under the rules that were in force at a time: what an auditor whom an agreement lets replay a topic today would have been shown
/// then. Today's rules let in, those of the time say what is shown, and the delivery ledger names both the node and the version of then.
struct PastRules: Sendable {
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
    /// - Parameter instant: ms since 1970.
    func reading(
        _ name: String, underRulesAt instant: Int64, for purpose: PurposeDeclaration, by peer: Peer
    ) async -> Result<PastRules, RecordPageRefusal> {
        let (today, now) = (policy.value, clock.now())
        let replay = AccessQuestion.replay(topic: name, purpose: purpose)
        // Both are audited where they refuse.
        let permitted = decide(replay, for: peer)
        guard permitted.isAllowed, decide(.audit, for: peer).isAllowed, instant <= now, let topic = catalogue.value[name] else {
            return .failure(RecordPageRefusal(.forbidden, .pastRulesNeed))
        }
        let then: PolicySnapshot
        do {
            then = try await Administration(self).policy(at: instant)
        } catch {
            return .failure(RecordPageRefusal(.unavailable, .pastRulesUnreadable))
        }
        for question in [replay, .subscribe(topic: name, purpose: purpose)] {
            let past = then.decide(question, for: peer.identity, at: instant)
            guard past.isAllowed else { continue }
            let decision = Decision(
                past.outcome, policyVersion: past.policyVersion, holdsUntil: permitted.holdsUntil, purpose: past.purpose, records: past.records)
            audit.allowed(question, by: decision, peer: peer)
            let reading = Reading(question, by: decision, projections.restriction(of: decision.records, on: topic, under: today))
            return .success(PastRules(policy: today, topic: topic, reading: reading))
        }
        return .failure(RecordPageRefusal(.forbidden, .pastRulesRefuse))
    }
}
