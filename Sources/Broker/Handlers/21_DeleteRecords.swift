import AccessPolicy
import KafkaWire

// Deletes the records before an offset, -1 for all that is there (KIP-107). Versions 0-2.
//
// Right: to administer the topic ("cut its head"). Nobody may on the broker's own topics. An offset at or below the log start
// changes nothing and answers the log start, as in Kafka.

enum DeleteRecords: ControlHandler {
    typealias Answer = DeleteRecordsResponse.DeleteRecordsTopicResult

    static func handle(_ request: DeleteRecordsRequest, in context: RequestContext) async -> DeleteRecordsResponse {
        var response = DeleteRecordsResponse()
        for topic in request.topics { response.topics.append(await delete(topic, in: context)) }
        return response
    }

    private static func delete(
        _ topic: DeleteRecordsRequest.DeleteRecordsTopic, in context: RequestContext
    ) async -> Answer {
        let isAllowed = context.allows(.administer(topic: topic.name))
        var answer = Answer()
        answer.name = topic.name
        for partition in topic.partitions {
            var result = Answer.DeleteRecordsPartitionResult()
            result.partitionIndex = partition.partitionIndex
            result.lowWatermark = -1
            if isAllowed {
                let outcome = await TopicAdministration(context.services).deleteRecords(
                    before: partition.offset, partition: partition.partitionIndex, of: topic.name, by: context.peer)
                switch outcome {
                case .success(let logStart): result.lowWatermark = logStart
                case .failure(let refusal): result.errorCode = refusal.errorCode
                }
            } else {
                result.errorCode = .topicAuthorizationFailed
            }
            answer.partitions.append(result)
        }
        return answer
    }
}
