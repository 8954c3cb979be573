import AccessPolicy
import Storage

/// Whose a subject is, and who may do what to it. Subjects follow topics:
///
/// - `<topic>-value` and `<topic>-key` belong to the topic, where it exists or an agreement is about it: to the agency of its
///   `hanbridge.owner`, or else to those that its agreements name as owners. Whoever may describe the topic reads them.
/// - Any other subject belongs to the agency that made it: code lists, and types that several topics share. Every topic that is
///   configured with the subject opens it to those who may describe that topic, and so does every schema that refers to it.
/// - A new subject is made by a steward whose agency owns every topic that is configured with it. Where there is none, any steward
///   makes it, unless its name begins with another agency and a dot.
///
/// Operators may everything here, as they may with topics.
struct SubjectRights {
    private let registry: SchemaRegistry
    private let catalogue: TopicCatalogue
    private let policy: PolicySnapshot
    private let instant: PolicyInstant
    private let peer: Peer
    /// Topics by the subject that they are configured with.
    private let configured: [String: [String]]
    /// What was decided before, so that a listing decides each topic once.
    private var topicVerdicts: [String: Bool] = [:]
    private var subjectVerdicts: [String: Bool] = [:]

    init(_ services: BrokerServices, _ peer: Peer) {
        registry = services.registry.value
        catalogue = services.catalogue.value
        policy = services.policy.value
        instant = services.clock.now()
        self.peer = peer
        // Those that say nothing have the subject of their own name, which is found by it.
        configured = Dictionary(grouping: catalogue.topics.filter { !["", TopicRules.untyped].contains($0.configuration.schemaSubject) }) {
            $0.configuration.schemaSubject
        }.mapValues { $0.map(\.name) }
    }

    // MARK: Changing

    /// The question that decides whether the peer may change the subject, and whether it is decided already by a right to
    /// administer the subject's topic.
    func administering(_ subject: String) -> (question: AccessQuestion, isAllowed: Bool) {
        let question = AccessQuestion.administerSubject(subject, owners: owners(of: subject))
        if allows(question) { return (question, true) }
        guard let topic = namesake(of: subject) else { return (question, false) }
        return (question, allows(.administer(topic: topic)))
    }

    /// The agencies whose stewards change a subject.
    private func owners(of subject: String) -> Set<String> {
        if let topic = namesake(of: subject) { return owners(ofTopic: topic) }
        if let record = registry.subjects[subject]?.record { return [record.owner] }
        let topics = configured[subject] ?? []
        if let first = topics.first {
            return topics.dropFirst().reduce(owners(ofTopic: first)) { $0.intersection(owners(ofTopic: $1)) }
        }
        return isClaimable(subject) ? [peer.identity.agency] : []
    }

    private func owners(ofTopic name: String) -> Set<String> {
        let owner = catalogue[name]?.configuration.owner ?? ""
        return owner.isEmpty ? policy.owners(of: name) : [owner]
    }

    private func isClaimable(_ subject: String) -> Bool {
        policy.agency(owning: subject).map { $0 == peer.identity.agency } ?? true
    }

    // MARK: Reading

    /// Whether the peer may read a subject; one that does not exist too, so that only those who may are told that.
    mutating func shows(_ subject: String) -> Bool {
        if let source = ProjectedSubject.source(of: subject) { return shows(source) }
        if let known = subjectVerdicts[subject] { return known }
        // A circle of references, which cannot be registered, would end here.
        subjectVerdicts[subject] = false
        let isShown = opensByTopic(subject) || opensByOwner(subject) || opensByReference(subject)
        subjectVerdicts[subject] = isShown
        return isShown
    }

    /// Whether the peer may read a schema by its id.
    mutating func shows(_ schema: RegisteredSchema) -> Bool {
        for name in Set(schema.memberships.map(\.name.subject)) where shows(name) { return true }
        return false
    }

    /// For the audit, where `shows` said no.
    func describing(_ subject: String) -> AccessQuestion {
        if let source = ProjectedSubject.source(of: subject) { return describing(source) }
        return .describeSubject(subject, owners: readers(of: subject))
    }

    private mutating func opensByTopic(_ subject: String) -> Bool {
        var topics = configured[subject] ?? []
        if let named = Self.topicName(of: subject) { topics.append(named) }
        for topic in topics where describes(topic) { return true }
        return false
    }

    private func opensByOwner(_ subject: String) -> Bool {
        allows(describing(subject)) || administering(subject).isAllowed
    }

    /// The agency that made a subject of no topic reads it; one that is not there might become anybody's.
    private func readers(of subject: String) -> Set<String> {
        if namesake(of: subject) != nil { return [] }
        if let record = registry.subjects[subject]?.record { return [record.owner] }
        return configured[subject] == nil && isClaimable(subject) ? [peer.identity.agency] : []
    }

    private mutating func opensByReference(_ subject: String) -> Bool {
        for version in registry.subjects[subject]?.versions ?? [] {
            for schema in registry.referrers(of: version.name, includingDeleted: true) where shows(schema) { return true }
        }
        return false
    }

    private mutating func describes(_ topic: String) -> Bool {
        if let known = topicVerdicts[topic] { return known }
        let verdict = allows(.describe(topic: topic))
        topicVerdicts[topic] = verdict
        return verdict
    }

    // MARK: Topics

    /// The topic whose name the subject has, where that topic decides about it.
    private func namesake(of subject: String) -> String? {
        guard let topic = Self.topicName(of: subject) else { return nil }
        return catalogue[topic] != nil || !policy.owners(of: topic).isEmpty ? topic : nil
    }

    /// Confluent's default strategy: `<topic>-value`, `<topic>-key`.
    private static func topicName(of subject: String) -> String? {
        for suffix in ["-value", "-key"] where subject.hasSuffix(suffix) && subject.utf8.count > suffix.utf8.count {
            return String(subject.dropLast(suffix.count))
        }
        return nil
    }

    private func allows(_ question: AccessQuestion) -> Bool {
        policy.decide(question, for: peer.identity, at: instant).isAllowed
    }
}
