import AccessPolicy
import KafkaWire

/// What a connection remembers of the topics it publishes to and reads from: the topic and whether it may. One look-up a
/// topic on the way of a record in place of a decision.
///
/// What is remembered is void when the policy or the catalogue changes, and each decision by itself at its `holdsUntil`.
/// Refusals are audited when they are decided, so a client that insists costs one audit record, not one a request; so is the first
/// access that is allowed.
struct TopicAccess {
    enum Right: Hashable {
        case publish
        /// For what the request declares.
        case read(PurposeDeclaration)
    }

    enum Verdict {
        /// For publishing.
        case open(Topic)
        /// For reading, with what it stands on and how much it shows.
        case reading(Topic, Reading)
        /// The node may, but there is no such topic.
        case unknown
        /// The node may not. Whether it exists is not told, unless the node may describe it.
        case refused(mayDescribe: Bool)
    }

    private struct Entry {
        let verdict: Verdict
        /// ms since 1970
        let holdsUntil: Int64
    }

    private var publishing: [String: Entry] = [:]
    private var reading: [String: Entry] = [:]
    private var readingByID: [UUID128: Entry] = [:]
    /// What the entries for reading were decided for: a client says the same in all its requests, as a rule.
    private var purpose = PurposeDeclaration.none
    private var policy: PolicySnapshot?
    private var catalogueVersion: UInt64 = .max
    /// ms since 1970: of the last request.
    private var lookedAt = Int64.min

    /// Forgets what an older policy or catalogue said, and everything when the clock was set back: decisions hold until a time, not
    /// from one. Once a request, before the look-ups.
    mutating func refresh(at moment: RequestMoment) {
        let isClockBack = moment.now < lookedAt
        lookedAt = moment.now
        guard isClockBack || policy !== moment.policy || catalogueVersion != moment.catalogue.version else { return }
        policy = moment.policy
        catalogueVersion = moment.catalogue.version
        publishing.removeAll(keepingCapacity: true)
        reading.removeAll(keepingCapacity: true)
        readingByID.removeAll(keepingCapacity: true)
    }

    mutating func topic(
        named name: String, for right: Right, by peer: Peer, at moment: RequestMoment, audit: any AccessAuditing
    ) -> Verdict {
        let known =
            switch right {
            case .publish: publishing[name]
            case .read(let purpose): readingEntries(for: purpose)[name]
            }
        if let known, known.holdsUntil > moment.now { return known.verdict }
        let entry = Self.decide(name, moment.catalogue[name], right, peer, moment, audit)
        // No topic has such a name, and a client could make the connection remember megabytes of them.
        guard name.utf8.count <= Limits.topicNameLengthMax, isNewest(moment) else { return entry.verdict }
        makeRoom()
        switch right {
        case .publish: publishing[name] = entry
        case .read: reading[name] = entry
        }
        return entry.verdict
    }

    /// For reading by topic id (KIP-516). An id that does not exist is `unknown` for everyone.
    mutating func topic(
        withID id: UUID128, for purpose: PurposeDeclaration, by peer: Peer, at moment: RequestMoment, audit: any AccessAuditing
    ) -> Verdict {
        forgetOther(than: purpose)
        if let known = readingByID[id], known.holdsUntil > moment.now { return known.verdict }
        guard let topic = moment.catalogue[id] else { return .unknown }
        let entry = Self.decide(topic.name, topic, .read(purpose), peer, moment, audit)
        guard isNewest(moment) else { return entry.verdict }
        makeRoom()
        readingByID[id] = entry
        return entry.verdict
    }

    /// How many topics' verdicts are remembered.
    var count: Int { publishing.count + reading.count + readingByID.count }

    private mutating func readingEntries(for purpose: PurposeDeclaration) -> [String: Entry] {
        forgetOther(than: purpose)
        return reading
    }

    private mutating func forgetOther(than purpose: PurposeDeclaration) {
        guard self.purpose != purpose else { return }
        self.purpose = purpose
        reading.removeAll(keepingCapacity: true)
        readingByID.removeAll(keepingCapacity: true)
    }

    /// A request that waited for a read may be of before a change that another one has met since: what it is told is not remembered.
    private func isNewest(_ moment: RequestMoment) -> Bool { policy === moment.policy && catalogueVersion == moment.catalogue.version }

    private static func decide(
        _ name: String, _ topic: Topic?, _ right: Right, _ peer: Peer, _ moment: RequestMoment, _ audit: any AccessAuditing
    ) -> Entry {
        func decide(_ question: AccessQuestion) -> Decision { moment.policy.decide(question, for: peer.identity, at: moment.now) }
        var question: AccessQuestion
        var decision: Decision
        var open = Verdict.open
        switch right {
        case .publish:
            question = .publish(topic: name)
            decision = decide(question)
            if decision.isAllowed { audit.allowed(question, by: decision, peer: peer) }
        case .read(let purpose):
            question = .subscribe(topic: name, purpose: purpose)
            decision = decide(question)
            // The right to replay reads too: it commits no offsets, and asks for a purpose that is declared. Whom an agreement denies
            // reading is not let in by it.
            let replay = AccessQuestion.replay(topic: name, purpose: purpose)
            if !decision.isAllowed, !decision.isDenial, case let other = decide(replay) {
                if other.isAllowed { question = replay }
                decision = other.isAllowed ? other.holding(until: decision.holdsUntil) : decision.holding(until: other.holdsUntil)
            }
            if decision.isAllowed {
                audit.allowed(question, by: decision, peer: peer)
                let (asked, found) = (question, decision)
                open = { .reading($0, Reading(asked, by: found, moment.projections.restriction(of: found.records, on: $0, under: moment.policy))) }
            }
        }
        switch decision.outcome {
        case .allowed:
            return Entry(verdict: topic.map(open) ?? .unknown, holdsUntil: decision.holdsUntil)
        case .refused(let refusal):
            audit.refused(question, refusal: refusal, policyVersion: decision.policyVersion, peer: peer)
            let describing = moment.policy.decide(.describe(topic: name), for: peer.identity, at: moment.now)
            return Entry(
                verdict: .refused(mayDescribe: describing.isAllowed),
                holdsUntil: min(decision.holdsUntil, describing.holdsUntil))
        }
    }

    private mutating func makeRoom() {
        guard count >= Limits.decisionsPerConnectionMax else { return }
        publishing.removeAll(keepingCapacity: true)
        reading.removeAll(keepingCapacity: true)
        readingByID.removeAll(keepingCapacity: true)
    }
}

extension Decision {
    /// An agreement says no, whatever others allow.
    fileprivate var isDenial: Bool {
        if case .refused(.denied) = outcome { true } else { false }
    }
}
