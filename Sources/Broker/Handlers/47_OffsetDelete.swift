import AccessPolicy
import KafkaWire
import Storage

// API key 47. Deletes a group's offsets of topics that it no longer reads, durably (KIP-496).
//
// Rights: administerGroup, and describe on each topic; audited as a change. A topic that a member subscribes to answers
// GROUP_SUBSCRIBED_TO_TOPIC; a group with members that are no consumers answers NON_EMPTY_GROUP.
enum OffsetDelete: ControlHandler {
    static func handle(_ request: OffsetDeleteRequest, in context: RequestContext) async -> OffsetDeleteResponse {
        let group = request.groupID
        guard context.allows(.administerGroup(group)) else { return refusal(.groupAuthorizationFailed) }

        let topics = context.services.catalogue.value
        var verdicts: [PartitionName: ErrorCode] = [:]
        var wanted: [PartitionName] = []
        for topic in request.topics {
            let isVisible = context.allows(.describe(topic: topic.name))
            for partition in topic.partitions {
                let name = PartitionName(topic: topic.name, partition: partition.partitionIndex)
                if !isVisible {
                    verdicts[name] = .topicAuthorizationFailed
                } else if topics[topic.name]?.partition(partition.partitionIndex) == nil {
                    verdicts[name] = .unknownTopicOrPartition
                } else {
                    wanted.append(name)
                }
            }
        }
        if !wanted.isEmpty {
            let details = ["partitions": String(wanted.count)]
            guard await context.recorded("group.deleteOffsets", group: group, details: details) else {
                return refusal(.coordinatorNotAvailable)
            }
        }
        let (whole, refused) = await context.services.groups.shard(ofGroup: group).deleteOffsets(wanted, group: group)
        if let whole { return refusal(whole.errorCode) }
        for (name, reason) in refused { verdicts[name] = reason.errorCode }
        return answer(request, verdicts)
    }

    private static func refusal(_ code: ErrorCode) -> OffsetDeleteResponse {
        var response = OffsetDeleteResponse()
        response.errorCode = code
        return response
    }

    private static func answer(_ request: OffsetDeleteRequest, _ verdicts: [PartitionName: ErrorCode]) -> OffsetDeleteResponse {
        var response = OffsetDeleteResponse()
        response.topics = request.topics.map { topic in
            var answered = OffsetDeleteResponse.OffsetDeleteResponseTopic()
            answered.name = topic.name
            answered.partitions = topic.partitions.map { partition in
                var each = OffsetDeleteResponse.OffsetDeleteResponseTopic.OffsetDeleteResponsePartition()
                each.partitionIndex = partition.partitionIndex
                each.errorCode = verdicts[PartitionName(topic: topic.name, partition: partition.partitionIndex)] ?? .none
                return each
            }
            return answered
        }
        return response
    }
}
