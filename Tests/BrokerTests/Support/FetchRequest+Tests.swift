import KafkaWire

@testable import Broker

/// One partition of a fetch, in short.
struct Asked {
    var partition: Int32 = 0
    var offset: Int64 = 0
    var bytesMax: Int32 = 1 << 20
    var leaderEpoch: Int32 = -1
}

extension FetchRequest {
    /// A fetch of one topic; by name up to version 12, by id from 13 on.
    init(
        of topic: Topic, _ asked: [Asked], version: Int16, wait: Int32 = 0, minBytes: Int32 = 1, maxBytes: Int32 = 1 << 20,
        session: Int32 = 0, epoch: Int32 = -1
    ) {
        self.init()
        maxWaitMilliseconds = wait
        self.minBytes = minBytes
        self.maxBytes = maxBytes
        sessionID = session
        sessionEpoch = epoch
        add(topic, asked, version: version)
    }

    mutating func add(_ topic: Topic, _ asked: [Asked], version: Int16) {
        guard !asked.isEmpty else { return }
        topics.append(
            .init {
                if version < 13 { $0.topic = topic.name } else { $0.topicID = topic.id }
                $0.partitions = asked.map { one in
                    .init {
                        $0.partition = one.partition
                        $0.fetchOffset = one.offset
                        $0.partitionMaxBytes = one.bytesMax
                        $0.currentLeaderEpoch = one.leaderEpoch
                    }
                }
            })
    }
}

extension FetchResponse {
    typealias Partition = FetchableTopicResponse.PartitionData

    var partitions: [Partition] { responses.flatMap(\.partitions) }
}
