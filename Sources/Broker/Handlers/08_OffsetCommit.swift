import AccessPolicy
import KafkaWire
import Storage

// API key 8. Answers when the offsets are durable.
//
// Rights: useGroup, and subscribe to each topic for the purpose that the request declares. One who may administer the group and describe the topic, as an operator
// resetting a group does, may commit into it as long as it has no members (generation -1, no member id); that is audited as
// a change. A commit by a user of the group is audited only when refused.
//
// - A topic that one may not subscribe to and one that does not exist are told apart only to those who may subscribe:
//   TOPIC_AUTHORIZATION_FAILED for the others.
// - The commit time of version 1 and the retention time of versions 2-4 are not used: offsets are kept for
//   `offsets.retention.minutes` (KIP-211).
enum OffsetCommit: ControlHandler {
    static func handle(_ request: OffsetCommitRequest, in context: RequestContext) async -> OffsetCommitResponse {
        let group = request.groupID
        let administers =
            request.generationIDOrMemberEpoch < 0 && request.memberID.isEmpty && request.groupInstanceID == nil
            && context.shows(.administerGroup(group))
        let uses = administers ? context.shows(.useGroup(group)) : context.allows(.useGroup(group))
        guard uses || administers else { return answer(request) { _ in .groupAuthorizationFailed } }

        var verdicts: [PartitionName: ErrorCode] = [:]
        var accepted: [CommittedOffset] = []
        var isReset = false
        for topic in request.topics {
            switch right(to: topic.name, uses: uses, administers: administers, in: context) {
            case .refused:
                for partition in topic.partitions {
                    verdicts[PartitionName(topic: topic.name, partition: partition.partitionIndex)] = .topicAuthorizationFailed
                }
                continue
            case .administrator: isReset = true
            case .subscriber: break
            }
            for partition in topic.partitions {
                switch check(partition, of: topic.name, in: context) {
                case .success(let offset): accepted.append(offset)
                case .failure(let refused):
                    verdicts[PartitionName(topic: topic.name, partition: partition.partitionIndex)] = refused.code
                }
            }
        }

        let outcome = await commit(accepted, request, isReset: isReset, in: context)
        return answer(request) { verdicts[$0] ?? outcome }
    }

    private enum Right { case subscriber, administrator, refused }

    private static func right(to topic: String, uses: Bool, administers: Bool, in context: RequestContext) -> Right {
        let reading = AccessQuestion.subscribe(topic: topic, purpose: context.purpose)
        if uses, context.shows(reading) { return .subscriber }
        if administers, context.shows(.describe(topic: topic)) { return .administrator }
        // Asked once more for the audit's sake: this time a refusal is written down.
        return context.allows(reading) && uses ? .subscriber : .refused
    }

    private struct Refused: Error {
        let code: ErrorCode
    }

    private static func check(
        _ partition: OffsetCommitRequest.OffsetCommitRequestTopic.OffsetCommitRequestPartition, of topic: String,
        in context: RequestContext
    ) -> Result<CommittedOffset, Refused> {
        guard let known = context.services.catalogue.value[topic], known.partition(partition.partitionIndex) != nil else {
            return .failure(Refused(code: .unknownTopicOrPartition))
        }
        let metadata = partition.committedMetadata ?? ""
        guard metadata.utf8.count <= context.services.settings.offsetMetadataBytesMax else {
            return .failure(Refused(code: .offsetMetadataTooLarge))
        }
        guard partition.committedOffset >= 0 else { return .failure(Refused(code: .invalidRequest)) }
        return .success(
            CommittedOffset(
                partition: PartitionName(topic: topic, partition: partition.partitionIndex), topicID: known.id,
                offset: partition.committedOffset, leaderEpoch: partition.committedLeaderEpoch, metadata: metadata,
                committedAt: context.services.clock.now()))
    }

    private static func commit(
        _ offsets: [CommittedOffset], _ request: OffsetCommitRequest, isReset: Bool, in context: RequestContext
    ) async -> ErrorCode {
        if isReset, !offsets.isEmpty {
            let details = ["partitions": String(offsets.count)]
            guard await context.recorded("group.reset", group: request.groupID, details: details) else {
                return .coordinatorNotAvailable
            }
        }
        let refusal = await context.services.groups.shard(ofGroup: request.groupID).commit(
            offsets, by: MemberClaim(memberID: request.memberID, instance: request.groupInstanceID),
            generation: request.generationIDOrMemberEpoch, group: request.groupID)
        return refusal?.errorCode ?? .none
    }

    private static func answer(
        _ request: OffsetCommitRequest, _ verdict: (PartitionName) -> ErrorCode
    ) -> OffsetCommitResponse {
        var response = OffsetCommitResponse()
        response.topics = request.topics.map { topic in
            var answered = OffsetCommitResponse.OffsetCommitResponseTopic()
            answered.name = topic.name
            answered.partitions = topic.partitions.map { partition in
                var each = OffsetCommitResponse.OffsetCommitResponseTopic.OffsetCommitResponsePartition()
                each.partitionIndex = partition.partitionIndex
                each.errorCode = verdict(PartitionName(topic: topic.name, partition: partition.partitionIndex))
                return each
            }
            return answered
        }
        return response
    }
}
