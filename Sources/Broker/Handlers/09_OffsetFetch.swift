import AccessPolicy
import KafkaWire
import Storage

// API key 9. Reads committed offsets.
//
// Rights: useGroup or describeGroup, and describe on each topic. Asked for all (null, from version 2), topics that one may not
// describe are left out; asked by name they answer TOPIC_AUTHORIZATION_FAILED, whether they exist or not.
//
// - A partition without an offset answers -1 and no error, as does one of a topic that was deleted since: offsets belong to
//   an incarnation of a topic.
// - `requireStable` (version 7) is accepted and changes nothing: there are no transactions, so no offset is pending.
// - Versions 0 and 1 have no error for the whole; it is said with each partition.
// - The answer holds at most `Limits.partitionsPerRequestMax` partitions beyond the first group's; further groups answer
//   INVALID_REQUEST, so that a small request cannot make a huge response. So does a group whose offsets take more than
//   `Limits.answerBytesMax`.
enum OffsetFetch: ControlHandler {
    private typealias Fetched = [(topic: String, partitions: [FetchedPartition])]

    private struct FetchedPartition {
        let index: Int32
        var offset: CommittedOffset?
        var error = ErrorCode.none
    }

    static func handle(_ request: OffsetFetchRequest, in context: RequestContext) async -> OffsetFetchResponse {
        var response = OffsetFetchResponse()
        var (bytes, bytesLeft) = (256, Limits.answerBytesMax)
        var isAnswered: [Bool] = []
        for (group, topics) in groups(of: request, in: context) {
            let needed = await context.services.groups.shard(ofGroup: group).fetchedBytes(ofGroup: group, topics)
            isAnswered.append(needed <= bytesLeft)
            bytes += needed <= bytesLeft ? needed : 64 + group.utf8.count
            bytesLeft -= needed <= bytesLeft ? needed : 0
        }
        guard await context.reserveAnswer(bytes) else { return response }
        if context.apiVersion >= 8 {
            var room = Limits.partitionsPerRequestMax
            for (number, group) in request.groups.enumerated() {
                let names = group.topics.map { $0.map { ($0.name, $0.partitionIndexes) } }
                if number > 0 && room <= 0 || !isAnswered[number] {
                    response.groups.append(answer(group.groupID, [], .invalidRequest))
                    continue
                }
                let (fetched, error) = await fetch(names, ofGroup: group.groupID, in: context)
                room -= fetched.reduce(0) { $0 + $1.partitions.count }
                response.groups.append(answer(group.groupID, fetched, error))
            }
            return response
        }
        let names = request.topics.map { $0.map { ($0.name, $0.partitionIndexes) } }
        let (fetched, error) =
            isAnswered[0] ? await fetch(names, ofGroup: request.groupID, in: context) : ([], ErrorCode.invalidRequest)
        response.errorCode = error
        if error != .none, context.apiVersion < 2 {
            let refused: Fetched = (names ?? []).map { topic, indexes in
                (topic, indexes.map { FetchedPartition(index: $0, error: error) })
            }
            response.topics = answer(refused)
        } else {
            response.topics = answer(fetched)
        }
        return response
    }

    /// Each group asked for, with its partitions; nil for all.
    private static func groups(
        of request: OffsetFetchRequest, in context: RequestContext
    ) -> [(String, [(topic: String, partitions: [Int32])]?)] {
        guard context.apiVersion >= 8 else {
            return [(request.groupID, request.topics.map { $0.map { ($0.name, $0.partitionIndexes) } })]
        }
        return request.groups.map { group in (group.groupID, group.topics.map { $0.map { ($0.name, $0.partitionIndexes) } }) }
    }

    private static func fetch(
        _ names: [(String, [Int32])]?, ofGroup group: String, in context: RequestContext
    ) async -> (Fetched, ErrorCode) {
        guard context.mayUse(group: group, or: .describeGroup(group)) else { return ([], .groupAuthorizationFailed) }
        let shard = context.services.groups.shard(ofGroup: group)
        guard await shard.isValid(groupID: group) else { return ([], .invalidGroupID) }

        let visible = names.map { names in names.map { ($0.0, $0.1, context.allows(.describe(topic: $0.0))) } }
        let wanted = visible.map { topics in
            topics.filter(\.2).flatMap { topic in topic.1.map { PartitionName(topic: topic.0, partition: $0) } }
        }
        let found: [CommittedOffset]
        switch await shard.offsets(ofGroup: group, partitions: wanted) {
        case .success(let offsets): found = offsets
        case .failure(let failure): return ([], failure.refusal.errorCode)
        }
        guard let visible else { return (all(found, in: context), .none) }

        let byName = Dictionary(found.map { ($0.partition, $0) }) { $1 }
        let fetched: Fetched = visible.map { topic, indexes, isVisible in
            let partitions = indexes.map { index in
                isVisible
                    ? FetchedPartition(index: index, offset: byName[PartitionName(topic: topic, partition: index)])
                    : FetchedPartition(index: index, error: .topicAuthorizationFailed)
            }
            return (topic, partitions)
        }
        return (fetched, .none)
    }

    /// Sorted, so neighbours of one topic belong together.
    private static func all(_ found: [CommittedOffset], in context: RequestContext) -> Fetched {
        var fetched: Fetched = []
        var hidden: String?
        for offset in found {
            let topic = offset.partition.topic
            if topic == hidden { continue }
            if fetched.last?.topic != topic {
                guard context.shows(.describe(topic: topic)) else {
                    hidden = topic
                    continue
                }
                fetched.append((topic, []))
            }
            fetched[fetched.count - 1].partitions.append(FetchedPartition(index: offset.partition.partition, offset: offset))
        }
        return fetched
    }

    private static func answer(_ fetched: Fetched) -> [OffsetFetchResponse.OffsetFetchResponseTopic] {
        fetched.map { topic, partitions in
            var answered = OffsetFetchResponse.OffsetFetchResponseTopic()
            answered.name = topic
            answered.partitions = partitions.map { partition in
                var each = OffsetFetchResponse.OffsetFetchResponseTopic.OffsetFetchResponsePartition()
                each.partitionIndex = partition.index
                each.committedOffset = partition.offset?.offset ?? -1
                each.committedLeaderEpoch = partition.offset?.leaderEpoch ?? -1
                each.metadata = partition.offset?.metadata ?? ""
                each.errorCode = partition.error
                return each
            }
            return answered
        }
    }

    private static func answer(
        _ group: String, _ fetched: Fetched, _ error: ErrorCode
    ) -> OffsetFetchResponse.OffsetFetchResponseGroup {
        var answered = OffsetFetchResponse.OffsetFetchResponseGroup()
        answered.groupID = group
        answered.errorCode = error
        answered.topics = fetched.map { name, partitions in
            var topic = OffsetFetchResponse.OffsetFetchResponseGroup.OffsetFetchResponseTopics()
            topic.name = name
            topic.partitions = partitions.map { partition in
                var each = OffsetFetchResponse.OffsetFetchResponseGroup.OffsetFetchResponseTopics.OffsetFetchResponsePartitions()
                each.partitionIndex = partition.index
                each.committedOffset = partition.offset?.offset ?? -1
                each.committedLeaderEpoch = partition.offset?.leaderEpoch ?? -1
                each.metadata = partition.offset?.metadata ?? ""
                each.errorCode = partition.error
                return each
            }
            return topic
        }
        return answered
    }
}
