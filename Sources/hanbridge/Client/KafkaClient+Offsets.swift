import KafkaWire

/// Where in a partition to look.
enum OffsetPosition: Equatable, Sendable {
    case earliest
    case latest
    /// The first record whose timestamp is at or after this, ms since 1970; the end where there is none.
    case time(Int64)

    /// As ListOffsets carries it.
    var timestamp: Int64 {
        switch self {
        case .earliest: -2
        case .latest: -1
        case .time(let milliseconds): milliseconds
        }
    }
}

extension KafkaClient {
    /// The offsets at a position, for each partition.
    func offsets(of topic: String, partitions: [Int32], at position: OffsetPosition) async throws(ClientError) -> [Int32: Int64] {
        let leaders = try await leaders(of: topic)
        let byLeader = Dictionary(grouping: partitions) { leaders[$0] }
        var found: [Int32: Int64] = [:]
        for (leader, partitions) in byLeader {
            guard let leader else { throw .refused(.leaderNotAvailable, message: nil) }
            let response = try await connection(to: leader).call(
                ListOffsetsRequest {
                    $0.replicaID = -1
                    $0.topics = [
                        .init {
                            $0.name = topic
                            $0.partitions = partitions.map { partition in
                                .init {
                                    $0.partitionIndex = partition
                                    $0.timestamp = position.timestamp
                                }
                            }
                        }
                    ]
                })
            for answer in response.topics.flatMap(\.partitions) {
                try answer.errorCode.check()
                found[answer.partitionIndex] = answer.offset
            }
        }
        if case .time = position {
            let late = found.filter { $0.value < 0 }.map(\.key)
            if !late.isEmpty { found.merge(try await offsets(of: topic, partitions: late, at: .latest)) { $1 } }
        }
        return found
    }

    /// Committed offsets of a group, by topic and partition; nil asks for all.
    func committedOffsets(of group: String, topics: [String: [Int32]]? = nil) async throws(ClientError) -> [TopicPartition: Int64] {
        let coordinator = try await coordinator(of: group)
        let response = try await connection(to: coordinator).call(
            OffsetFetchRequest {
                $0.groupID = group
                $0.topics = topics.map { topics in
                    topics.map { name, partitions in
                        .init {
                            $0.name = name
                            $0.partitionIndexes = partitions
                        }
                    }
                }
            })
        try response.errorCode.check()
        var offsets: [TopicPartition: Int64] = [:]
        for topic in response.topics {
            for partition in topic.partitions {
                try partition.errorCode.check()
                if partition.committedOffset >= 0 {
                    offsets[TopicPartition(topic: topic.name, partition: partition.partitionIndex)] = partition.committedOffset
                }
            }
        }
        return offsets
    }
}

struct TopicPartition: Hashable, Comparable, Sendable {
    let topic: String
    let partition: Int32

    static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}
