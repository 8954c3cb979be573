import AccessPolicy
import KafkaWire
import Storage

extension RequestContext {
    /// A topic that a request names and that one must be able to describe. One that does not exist and one that the node may
    /// not describe answer alike, so that names cannot be probed.
    func describedTopic(_ name: String, in catalogue: TopicCatalogue) -> Result<Topic, RequestRefusal> {
        guard allows(.describe(topic: name)) else { return .failure(RequestRefusal(.topicAuthorizationFailed)) }
        guard let topic = catalogue[name] else { return .failure(RequestRefusal(.unknownTopicOrPartition)) }
        return .success(topic)
    }
}

extension Topic {
    /// A partition that is in service, for a client that knows its leader epoch as this one; -1 where it knows none (KIP-320).
    func readablePartition(_ index: Int32, knownEpoch: Int32) -> Result<any PartitionLog, RequestRefusal> {
        guard let log = partition(index) else { return .failure(RequestRefusal(.unknownTopicOrPartition)) }
        let bounds = log.bounds
        if case .offline = bounds.state { return .failure(RequestRefusal(.kafkaStorageError)) }
        guard knownEpoch < 0 || knownEpoch == bounds.leaderEpoch else {
            return .failure(RequestRefusal(knownEpoch < bounds.leaderEpoch ? .fencedLeaderEpoch : .unknownLeaderEpoch))
        }
        return .success(log)
    }
}
