import AccessPolicy
import KafkaWire
import Storage

/// A topic wish that passed every rule.
struct TopicPlan: Sendable {
    let name: TopicName
    let partitionCount: Int32
    let values: [String: String]
    let configuration: TopicConfiguration

    /// - Parameters:
    ///   - isOperator: an operator may make untyped topics by name and choose any owner.
    ///   - owners: the agencies that agreements name as owners of such a topic.
    init(
        _ wish: TopicWish, isOperator: Bool, owners: Set<String>, catalogue: TopicCatalogue, settings: BrokerSettings
    ) throws(AdministrationRefusal) {
        name = try Self.name(wish.name, isOperator: isOperator, catalogue)
        partitionCount = try Self.partitionCount(wish, settings)
        guard catalogue.partitionCount + Int(partitionCount) <= Limits.partitionsMax else {
            throw AdministrationRefusal(
                .invalidPartitions, "the broker has \(catalogue.partitionCount) partitions and takes \(Limits.partitionsMax)")
        }
        var values = wish.configuration
        if values[TopicRules.ownerKey] == nil, owners.count == 1 { values[TopicRules.ownerKey] = owners.first }
        self.values = values
        configuration = try TopicRules.configuration(
            values, of: wish.name, changing: [:], isOperator: isOperator, owners: owners, catalogue: catalogue, settings: settings)
    }

    private static func name(
        _ text: String, isOperator: Bool, _ catalogue: TopicCatalogue
    ) throws(AdministrationRefusal) -> TopicName {
        let name: TopicName
        do { name = try TopicName(text) } catch { throw AdministrationRefusal(.invalidTopicException, error.description) }
        guard catalogue[text] == nil else {
            throw AdministrationRefusal(.topicAlreadyExists, "topic “\(text)” exists already")
        }
        if let other = catalogue.topicColliding(with: name) {
            // The other may be a topic that this node may not know of: its name is for operators.
            let existing = isOperator ? "the existing “\(other)”" : "an existing topic"
            throw AdministrationRefusal(
                .invalidTopicException, "“\(text)” and \(existing) differ only in '.' and '_', which metrics print alike")
        }
        return name
    }

    private static func partitionCount(
        _ wish: TopicWish, _ settings: BrokerSettings
    ) throws(AdministrationRefusal) -> Int32 {
        guard wish.assignments.isEmpty else { return try assignedCount(wish, settings) }
        guard wish.replicationFactor == -1 || wish.replicationFactor == 1 else {
            throw AdministrationRefusal(
                .invalidReplicationFactor, "this broker keeps one replica of each partition: ask for 1, or -1 for the default")
        }
        let count = wish.partitionCount == -1 ? Int32(settings.partitionCount) : wish.partitionCount
        guard (1...Int32(Limits.partitionsPerTopicMax)).contains(count) else {
            throw AdministrationRefusal(
                .invalidPartitions, "a topic has 1 to \(Limits.partitionsPerTopicMax) partitions, or -1 for the default")
        }
        return count
    }

    private static func assignedCount(
        _ wish: TopicWish, _ settings: BrokerSettings
    ) throws(AdministrationRefusal) -> Int32 {
        guard wish.partitionCount == -1, wish.replicationFactor == -1 else {
            throw AdministrationRefusal(
                .invalidRequest, "with assignments, the number of partitions and the replication factor are -1")
        }
        guard wish.assignments.count <= Limits.partitionsPerTopicMax else {
            throw AdministrationRefusal(.invalidPartitions, "a topic has at most \(Limits.partitionsPerTopicMax) partitions")
        }
        let count = Int32(wish.assignments.count)
        guard (0..<count).allSatisfy({ wish.assignments[$0] == [settings.node] }) else {
            throw AdministrationRefusal(
                .invalidReplicaAssignment,
                "assignments name partitions 0 to \(count - 1), each on the one broker, \(settings.node)")
        }
        return count
    }
}

extension TopicCatalogue {
    /// A topic whose name metrics would print as this one's.
    func topicColliding(with name: TopicName) -> String? {
        topics.first { $0.name != name.text && $0.name.collisionKey == name.collisionKey }?.name
    }
}

extension String {
    fileprivate var collisionKey: String { replacing(".", with: "_") }
}
