import AccessPolicy
import KafkaWire
import MessageSchema
import Storage

/// What a topic asks of each record, resolved once for a request: looking it up costs no lock.
struct RecordRules: Sendable {
    /// nil where values are not checked: an untyped topic, or one with `hanbridge.schema.validation=none`.
    let value: SubjectRule?
    /// nil where keys are not checked.
    let key: SubjectRule?
    /// The topic is a quarantine: the broker keeps records there, and a publisher only says what became of them.
    let takesResolutionsOnly: Bool
    /// Refused records are kept: all of them are looked for, not only as many as a refusal names.
    let keepsRefused: Bool
    /// Decided when the first tombstone comes.
    let mayTombstone: @Sendable () -> Bool
    /// Nodes of the topic's owner correct anybody's records, others their own.
    let ownsTopic: Bool
    let partitionCount: Int

    /// What the broker asks of itself.
    static let none = RecordRules(
        value: nil, key: nil, takesResolutionsOnly: false, keepsRefused: false, mayTombstone: { true }, ownsTopic: false, partitionCount: 0)

    /// Whether a batch with these traits needs no look at its records.
    func areMet(byAnyOf traits: ValidatedBatch.Traits) -> Bool {
        value == nil && key == nil && !takesResolutionsOnly && !traits.haveTombstones && !traits.haveHeaders
    }
}

extension RecordRules {
    init(of topic: Topic, for peer: Peer, at moment: RequestMoment, audit: any AccessAuditing) {
        let configuration = topic.configuration
        value = configuration.valueSubject(ofTopic: topic.name).flatMap {
            SubjectRule($0, configuration, version: configuration.schemaVersion, moment.registry)
        }
        key = configuration.keySubject == "none" ? nil : SubjectRule(configuration.keySubject, configuration, version: "latest", moment.registry)
        takesResolutionsOnly = moment.catalogue.isQuarantine(topic.name)
        keepsRefused = configuration.quarantine != "none"
        mayTombstone = {
            let question = AccessQuestion.tombstone(topic: topic.name)
            let decision = moment.policy.decide(question, for: peer.identity, at: moment.now)
            if case .refused(let refusal) = decision.outcome {
                audit.refused(question, refusal: refusal, policyVersion: decision.policyVersion, peer: peer)
            }
            return decision.isAllowed
        }
        ownsTopic = configuration.owner == peer.identity.agency
        partitionCount = topic.partitions.count
    }
}

/// The schemas that a record's value, or its key, may have (INTERFACES.md, "Topics").
struct SubjectRule: Sendable {
    let subject: String
    let framing: PayloadFraming
    /// `id` looks no further than the schema id.
    let isDeep: Bool
    private let registry: SchemaRegistry
    /// The one version that records may have: pinned, or for bare documents the latest.
    private let only: RegisteredSchema?
    /// Why no record can be taken now: a sentence for publishers.
    let obstacle: String?

    /// - Returns: nil where nothing is checked.
    init?(_ subject: String, _ configuration: TopicConfiguration, version: String, _ registry: SchemaRegistry) {
        guard configuration.schemaValidation != "none" else { return nil }
        self.subject = subject
        self.registry = registry
        isDeep = configuration.schemaValidation == "deep"
        framing = configuration.schemaFraming == "plain" ? .plain : .confluent
        let latest = registry.latest(subject: subject)
        if let pinned = Int32(version) {
            only = registry.version(subject: subject, pinned)
            obstacle = only == nil ? "subject \(subject) has no version \(pinned), to which the topic is pinned" : nil
        } else {
            only = framing == .plain ? latest : nil
            obstacle = latest == nil ? Self.unregistered(subject) : nil
        }
    }

    private static func unregistered(_ subject: String) -> String {
        "no schema is registered under subject \(subject): its steward registers one (hanbridge schema register FILE --subject \(subject)), or an operator makes the topic untyped (\(TopicRules.subjectKey)=\(TopicRules.untyped))"
    }

    enum Opened {
        case document(UnsafeRawBufferPointer, RegisteredSchema)
        case misframed(Violation)
    }

    /// Takes the frame off a payload.
    /// - Parameter last: the schema of the record before: mostly it is this one's too, and a look-up is saved.
    func open(_ payload: UnsafeRawBufferPointer, last: RegisteredSchema? = nil) -> Opened {
        switch framing {
        case .plain:
            guard let only else { return .misframed(wrongSchema) }
            return .document(payload, only)
        case .confluent:
            guard payload.count >= Self.frameBytes, payload[0] == 0 else {
                return .misframed(
                    Violation(path: "", rule: "framing", message: "a document is preceded by a zero byte and the four bytes of its schema's id"))
            }
            let id = Int32(bigEndian: payload.loadUnaligned(fromByteOffset: 1, as: Int32.self))
            guard let schema = last?.id == id ? last : schema(id: id) else { return .misframed(wrongSchema) }
            return .document(UnsafeRawBufferPointer(rebasing: payload[Self.frameBytes...]), schema)
        }
    }

    /// Confluent's wire format: a magic byte of 0 and the id in network order.
    static let frameBytes = 5

    private func schema(id: Int32) -> RegisteredSchema? {
        if let only { return only.id == id ? only : nil }
        guard let schema = registry.compiled(id: id), schema.isVersion(of: subject) else { return nil }
        return schema
    }

    private var wrongSchema: Violation {
        let wanted = only.map { "the schema with id \($0.id), a version of subject \(subject)" } ?? "a version of subject \(subject)"
        return Violation(path: "", rule: "schema-id", message: "the document's schema is not \(wanted)")
    }
}
