public import KafkaWire

/// A topic as somebody asks for it.
public struct TopicWish: Hashable, Sendable {
    public var name: String
    /// -1 for the broker's `num.partitions` (KIP-464).
    public var partitionCount: Int32
    /// -1 or 1: this broker is the only replica.
    public var replicationFactor: Int16
    /// Partition to brokers, where the client assigns by hand; then both numbers above are -1.
    public var assignments: [Int32: [Int32]]
    public var configuration: [String: String]

    public init(
        name: String, partitionCount: Int32 = -1, replicationFactor: Int16 = -1, assignments: [Int32: [Int32]] = [:],
        configuration: [String: String] = [:]
    ) {
        self.name = name
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
        self.assignments = assignments
        self.configuration = configuration
    }
}

/// A topic that was made, or would have been.
public struct TopicMade: Sendable {
    /// Zero where the request only asked whether it could be made.
    public let id: UUID128
    public let partitionCount: Int32
    public let configuration: [ConfigurationEntry]
}
