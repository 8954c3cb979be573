public import KafkaWire
public import Storage

/// A topic of the catalogue: what was stored of it, its typed configuration, and its open partitions. Immutable; a change
/// makes another one.
public final class Topic: Sendable {
    public let record: TopicRecord
    public let configuration: TopicConfiguration
    /// By partition number: exactly `record.partitionCount` of them.
    public let partitions: [any PartitionLog]

    public init(record: TopicRecord, configuration: TopicConfiguration, partitions: [any PartitionLog]) {
        precondition(
            partitions.count == Int(record.partitionCount),
            "topic \(record.name) has \(record.partitionCount) partitions and \(partitions.count) logs")
        self.record = record
        self.configuration = configuration
        self.partitions = partitions
    }

    public var name: String { record.name }
    public var id: UUID128 { record.id }
    public var isBrokerOwned: Bool { TopicName.isBrokerOwned(record.name) }

    /// What it takes at most in an answer that names each of its partitions with a state: Metadata, DescribeLogDirs.
    var describedBytes: Int { 64 + name.utf8.count + 48 * partitions.count }

    /// The log of a partition as a client numbers it; nil where there is none.
    public func partition(_ index: Int32) -> (any PartitionLog)? {
        guard index >= 0, Int(index) < partitions.count else { return nil }
        return partitions[Int(index)]
    }
}
