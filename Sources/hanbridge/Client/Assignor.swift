/// How the leader of a group shares the partitions out (Kafka's RangeAssignor and RoundRobinAssignor). Pure.
enum Assignor: String, CaseIterable, Sendable {
    case range
    case roundRobin = "roundrobin"

    struct Member: Hashable, Sendable {
        let memberID: String
        let topics: [String]
    }

    /// - Parameter partitionCounts: of the topics that members subscribe to; topics not listed do not exist.
    func assign(_ members: [Member], partitionCounts: [String: Int32]) -> [String: [TopicPartition]] {
        var result = Dictionary(uniqueKeysWithValues: members.map { ($0.memberID, [TopicPartition]()) })
        let sorted = members.sorted { $0.memberID < $1.memberID }
        switch self {
        case .range:
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
        case .roundRobin:
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
        }
        return result
    }
}
