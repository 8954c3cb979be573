import KafkaWire
import Storage

// Where a leader epoch ended, so that a consumer notices a log that was cut behind its back (KIP-101, KIP-320). Versions 0-4.
//
// Right: to describe the topic. An epoch later than all is answered with -1 and -1.

enum OffsetForLeaderEpoch: ControlHandler {
    static func handle(_ request: OffsetForLeaderEpochRequest, in context: RequestContext) async -> OffsetForLeaderEpochResponse {
        var response = OffsetForLeaderEpochResponse()
        let catalogue = context.services.catalogue.value
        for topicRequest in request.topics {
            var result = OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult()
            result.topic = topicRequest.topic
            let topic = context.describedTopic(topicRequest.topic, in: catalogue)
            for query in topicRequest.partitions {
                var answer = OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult.EpochEndOffset()
                answer.partition = query.partition
                switch topic.flatMap({ $0.readablePartition(query.partition, knownEpoch: query.currentLeaderEpoch) }) {
                case .failure(let refusal):
                    answer.errorCode = refusal.errorCode
                case .success(let log):
                    if let (epoch, endOffset) = log.endOffset(ofEpoch: query.leaderEpoch) {
                        answer.leaderEpoch = epoch
                        answer.endOffset = endOffset.rawValue
                    }
                }
                result.partitions.append(answer)
            }
            response.topics.append(result)
        }
        return response
    }
}
