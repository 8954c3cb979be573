import AccessPolicy
import KafkaWire
import MessageSchema
import Storage

/// The right to append to one topic as one writer, with what the topic asks of each record. Only this file makes one: for a publisher out of a
/// topic that `TopicAccess` opened for publishing, or for the broker itself.
struct AdmissionGrant {
    let topic: Topic
    /// H(DER SubjectPublicKeyInfo) of the publisher's certificate; zero for the broker itself.
    let writer: Digest256
    let rules: RecordRules
    /// The principal, for what the broker notes of a record.
    let principal: String

    private init(topic: Topic, writer: Digest256, rules: RecordRules, principal: String) {
        self.topic = topic
        self.writer = writer
        self.rules = rules
        self.principal = principal
    }

    /// Asks the policy for a publisher. A topic of the broker's own is refused to everyone: the policy says so, and this says
    /// it again.
    static func publishing(
        to name: String, as peer: Peer, access: inout TopicAccess, at moment: RequestMoment, audit: any AccessAuditing
    ) -> Result<AdmissionGrant, AdmissionRefusal> {
        switch access.topic(named: name, for: .publish, by: peer, at: moment, audit: audit) {
        case .open(let topic) where topic.isBrokerOwned:
            return .failure(AdmissionRefusal(.topicAuthorizationFailed, "the broker alone writes here"))
        case .open(let topic):
            if topic.configuration.isStrictAboutTimestamps, let obstacle = moment.timestamps.obstacle(at: moment.now) {
                return .failure(AdmissionRefusal(.policyViolation, obstacle))
            }
            let rules = RecordRules(of: topic, for: peer, at: moment, audit: audit)
            return .success(
                AdmissionGrant(topic: topic, writer: peer.writer, rules: rules, principal: peer.identity.principal))
        case .reading: preconditionFailure("a right to publish was asked for, and one to read found")
        case .unknown:
            return .failure(AdmissionRefusal(.unknownTopicOrPartition, "there is no such topic"))
        case .refused:
            return .failure(AdmissionRefusal(.topicAuthorizationFailed, "no agreement in force lets this node publish here"))
        }
    }

    /// For the broker's own topics.
    static func broker(_ topic: Topic) -> AdmissionGrant {
        precondition(topic.isBrokerOwned, "the broker writes to its own topics only, not to \(topic.name)")
        return AdmissionGrant(topic: topic, writer: .zero, rules: .none, principal: "broker")
    }

    /// For the broker to keep records in a quarantine that it did not take elsewhere.
    static func quarantine(_ topic: Topic) -> AdmissionGrant {
        precondition(!topic.isBrokerOwned, "\(topic.name) is no quarantine")
        return AdmissionGrant(topic: topic, writer: .zero, rules: .none, principal: "broker")
    }
}
