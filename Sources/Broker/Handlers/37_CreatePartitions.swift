import AccessPolicy
import KafkaWire

// Raises the number of partitions of topics (KIP-195). Versions 0-3.
//
// Right: to administer the topic. Records stay where they are; keys may go to other partitions from then on, as in Kafka.

enum CreatePartitions: ControlHandler {
    static func handle(_ request: CreatePartitionsRequest, in context: RequestContext) async -> CreatePartitionsResponse {
        var response = CreatePartitionsResponse()
        guard await context.reserveAnswer(request.topics.reduce(256) { $0 + Limits.sentenceBytesMax + $1.name.utf8.count }) else { return response }
        let counts = request.topics.reduce(into: [:]) { $0[$1.name, default: 0] += 1 }
        var answered: Set<String> = []
        for topic in request.topics where answered.insert(topic.name).inserted {
            let refusal: AdministrationRefusal? =
                if counts[topic.name, default: 0] > 1 {
                    AdministrationRefusal(.invalidRequest, "the topic stands more than once in one request")
                } else {
                    await TopicAdministration(context.services).setPartitionCount(
                        topic.count, of: topic.name, assignments: topic.assignments?.map(\.brokerIDs),
                        validateOnly: request.validateOnly, by: context.peer)
                }
            response.results.append(
                .init {
                    $0.name = topic.name
                    $0.errorCode = refusal?.errorCode ?? .none
                    $0.errorMessage = refusal?.sentence
                })
        }
        return response
    }
}
