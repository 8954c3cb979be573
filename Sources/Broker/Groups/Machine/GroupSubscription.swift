import KafkaWire

/// What a member of a consumer group subscribes to. The broker takes no part in the assignment; it looks into the members'
/// metadata for the topics alone. What else stands there, such as the partitions that a cooperative member owns, changes at
/// every join and says nothing about what is wanted.
enum GroupSubscription: Hashable, Sendable {
    case topics(Set<String>)
    /// Not the consumer protocol, or not well-formed.
    case opaque

    static let consumerProtocolType = "consumer"

    init(_ metadata: [UInt8], protocolType: String) {
        guard protocolType == Self.consumerProtocolType,
            let subscription = try? ConsumerProtocolSubscription.decode(blob: metadata)
        else {
            self = .opaque
            return
        }
        self = .topics(Set(subscription.topics))
    }

    /// Whether a static member that comes back can keep its assignment. Other protocols' metadata cannot be compared; for
    /// them the chosen protocol decides, as in Kafka.
    func wantsTheSame(as other: GroupSubscription) -> Bool {
        switch (self, other) {
        case (.topics(let mine), .topics(let theirs)): mine == theirs
        case (.opaque, .opaque): true
        case (.topics, .opaque), (.opaque, .topics): false
        }
    }
}
