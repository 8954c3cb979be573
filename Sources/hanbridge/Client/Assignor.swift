import KafkaWire

/// How the leader of a group shares the partitions out: Kafka's RangeAssignor, RoundRobinAssignor and CooperativeStickyAssignor.
/// Pure. In the order in which a member asks for them: the group takes the first that all of its members know.
enum Assignor: String, CaseIterable, Sendable {
    /// Members keep what they have wherever that is fair, and read on while the rest moves (KIP-429, KIP-54).
    case cooperativeSticky = "cooperative-sticky"
    case range
    case roundRobin = "roundrobin"

    struct Member: Hashable, Sendable {
        let memberID: String
        let topics: [String]
        /// What it held when it joined, and of which generation; for ``cooperativeSticky`` alone.
        var owned: Set<TopicPartition> = []
        var generation: Int32 = -1
    }

    /// A partition moves from one member to another in two rebalances: first it is taken away, then it is given.
    var isCooperative: Bool { self == .cooperativeSticky }

    /// - Parameter partitionCounts: of the topics that members subscribe to; topics not listed do not exist.
    func assign(_ members: [Member], partitionCounts: [String: Int32]) -> [String: [TopicPartition]] {
        switch self {
        case .cooperativeSticky: StickyAssignment.cooperative(members, partitionCounts: partitionCounts)
        case .range: Self.range(members, partitionCounts)
        case .roundRobin: Self.roundRobin(members, partitionCounts)
        }
    }

    /// What a member tells with its subscription, beside what every assignor is told. Java's CooperativeStickyAssignor puts the
    /// generation there, and reads it there from members too old to say it in the subscription itself (KIP-792).
    func userData(generation: Int32) -> [UInt8]? {
        guard isCooperative else { return nil }
        return withUnsafeBytes(of: generation.bigEndian) { Array($0) }
    }

    private static func range(_ members: [Member], _ partitionCounts: [String: Int32]) -> [String: [TopicPartition]] {
        var result = Dictionary(uniqueKeysWithValues: members.map { ($0.memberID, [TopicPartition]()) })
        let sorted = members.sorted { $0.memberID < $1.memberID }
        for topic in Set(members.flatMap(\.topics)).sorted() {
            let interested = sorted.filter { $0.topics.contains(topic) }
            let count = Int(partitionCounts[topic] ?? 0)
            for (index, member) in interested.enumerated() {
                // The first `remainder` members get one partition more.
                let (share, remainder) = count.quotientAndRemainder(dividingBy: interested.count)
                let start = index * share + min(index, remainder)
                let length = share + (index < remainder ? 1 : 0)
                result[member.memberID]?.append(
                    contentsOf: (start..<(start + length)).map { TopicPartition(topic: topic, partition: Int32($0)) })
            }
        }
        return result
    }

    private static func roundRobin(_ members: [Member], _ partitionCounts: [String: Int32]) -> [String: [TopicPartition]] {
        var result = Dictionary(uniqueKeysWithValues: members.map { ($0.memberID, [TopicPartition]()) })
        let sorted = members.sorted { $0.memberID < $1.memberID }
        let all = Set(members.flatMap(\.topics)).sorted().flatMap { topic in
            (0..<(partitionCounts[topic] ?? 0)).map { TopicPartition(topic: topic, partition: $0) }
        }
        var next = 0
        for partition in all {
            // Somebody subscribes to the topic, or it would not be in the list.
            while !sorted[next % sorted.count].topics.contains(partition.topic) { next += 1 }
            result[sorted[next % sorted.count].memberID]?.append(partition)
            next += 1
        }
        return result
    }
}

extension Assignor.Member {
    /// As it introduced itself to the coordinator. What cannot be read subscribes to nothing.
    init(_ member: JoinGroupResponse.JoinGroupResponseMember) {
        let subscription = (try? ConsumerProtocolSubscription.decode(blob: member.metadata)) ?? ConsumerProtocolSubscription()
        // Members of before KIP-792 say their generation in Java's user data only.
        let userData = subscription.userData ?? []
        let told = userData.count == 4 ? Int32(bitPattern: userData.reduce(0) { $0 << 8 | UInt32($1) }) : -1
        self.init(
            memberID: member.memberID, topics: subscription.topics,
            owned: Set(
                subscription.ownedPartitions.flatMap { topic in topic.partitions.map { TopicPartition(topic: topic.topic, partition: $0) } }),
            generation: subscription.generationID >= 0 ? subscription.generationID : told)
    }
}
