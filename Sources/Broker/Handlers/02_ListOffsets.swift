import AccessPolicy
import KafkaWire
import Storage

// Finds offsets: the first (-2), the next (-1), the one with the largest timestamp (-3, KIP-734), or the first record whose
// own timestamp is not before a time. Versions 1-7.
//
// Right: to describe the topic. There are no transactions, so both isolation levels see the same end.

enum ListOffsets: ControlHandler {
    private static let latest: Int64 = -1
    private static let earliest: Int64 = -2
    private static let largestTimestamp: Int64 = -3

    typealias Answer = ListOffsetsResponse.ListOffsetsTopicResponse.ListOffsetsPartitionResponse

    static func handle(_ request: ListOffsetsRequest, in context: RequestContext) async -> ListOffsetsResponse {
        var response = ListOffsetsResponse()
        let catalogue = context.services.catalogue.value
        for topicRequest in request.topics {
            var topicResponse = ListOffsetsResponse.ListOffsetsTopicResponse()
            topicResponse.name = topicRequest.name
            let topic = context.describedTopic(topicRequest.name, in: catalogue)
            for query in topicRequest.partitions {
                topicResponse.partitions.append(await answer(query, of: topic, version: context.apiVersion))
            }
            response.topics.append(topicResponse)
        }
        return response
    }

    private static func answer(
        _ query: ListOffsetsRequest.ListOffsetsTopic.ListOffsetsPartition, of topic: Result<Topic, RequestRefusal>, version: Int16
    ) async -> Answer {
        var answer = Answer()
        answer.partitionIndex = query.partitionIndex
        switch topic.flatMap({ $0.readablePartition(query.partitionIndex, knownEpoch: query.currentLeaderEpoch) }) {
        case .failure(let refusal):
            answer.errorCode = refusal.errorCode
        case .success(let log):
            do {
                try await find(query.timestamp, in: log, version, &answer)
            } catch {
                answer.errorCode = ErrorCode(error)
            }
        }
        return answer
    }

    private static func find(
        _ timestamp: Int64, in log: any PartitionLog, _ version: Int16, _ answer: inout Answer
    ) async throws(StorageError) {
        let bounds = log.bounds
        switch timestamp {
        case latest:
            answer.offset = bounds.highWatermark.rawValue
            answer.leaderEpoch = bounds.leaderEpoch
        case earliest:
            answer.offset = bounds.logStart.rawValue
            answer.leaderEpoch = bounds.leaderEpoch
        case largestTimestamp where version >= 7:
            answer.found(try await log.lookUp(.largestRecordTime))
        case 0...:
            answer.found(try await log.lookUp(.recordTime(atLeast: timestamp)))
        default:
            answer.errorCode = .unsupportedVersion
        }
    }
}

extension ListOffsets.Answer {
    /// Nothing that late: offset and timestamp stay -1, without an error.
    fileprivate mutating func found(_ result: TimestampedOffset?) {
        guard let result else { return }
        offset = result.offset.rawValue
        timestamp = result.timestamp
        leaderEpoch = result.leaderEpoch
    }
}
