import AccessPolicy
import KafkaWire

// Creates topics. Versions 0-7. For KIP-464 (-1 for defaults) the version does not matter; 5 and later get the configuration
// back, 7 the id.
//
// Right: to administer a topic of that name (an agreement's `administer`, or the role operator). Asked first, so that a node
// without it learns nothing of what exists.

enum CreateTopics: ControlHandler {
    typealias Answer = CreateTopicsResponse.CreatableTopicResult

    static func handle(_ request: CreateTopicsRequest, in context: RequestContext) async -> CreateTopicsResponse {
        var response = CreateTopicsResponse()
        guard await context.reserveAnswer(answerBytes(request)) else { return response }
        let counts = request.topics.reduce(into: [:]) { $0[$1.name, default: 0] += 1 }
        var answered: Set<String> = []
        for topic in request.topics where answered.insert(topic.name).inserted {
            if counts[topic.name, default: 0] > 1 {
                let refusal = AdministrationRefusal(.invalidRequest, "the topic stands more than once in one request")
                response.topics.append(answer(topic.name, refusal))
            } else {
                response.topics.append(await create(topic, validateOnly: request.validateOnly, in: context))
            }
        }
        return response
    }

    /// What the answer takes at most: each topic's whole configuration, or a sentence.
    static func answerBytes(_ request: CreateTopicsRequest) -> Int {
        let configuration = ConfigurationEntry.topicKeys.reduce(0) { $0 + $1.bytes }
        return request.topics.reduce(256) { $0 + configuration + Limits.sentenceBytesMax + $1.name.utf8.count }
    }

    private static func create(
        _ topic: CreateTopicsRequest.CreatableTopic, validateOnly: Bool, in context: RequestContext
    ) async -> Answer {
        switch wish(topic) {
        case .failure(let refusal):
            // Whether a malformed wish is told so is a right of those who may have it.
            return answer(topic.name, context.allows(.administer(topic: topic.name)) ? refusal : .topicNotAuthorized)
        case .success(let wish):
            let administration = TopicAdministration(context.services)
            switch await administration.create(wish, validateOnly: validateOnly, by: context.peer) {
            case .failure(let refusal): return answer(topic.name, refusal)
            case .success(let made): return answer(topic.name, made)
            }
        }
    }

    private static func wish(
        _ topic: CreateTopicsRequest.CreatableTopic
    ) -> Result<TopicWish, AdministrationRefusal> {
        var wish = TopicWish(
            name: topic.name, partitionCount: topic.numPartitions, replicationFactor: topic.replicationFactor)
        for assignment in topic.assignments {
            guard wish.assignments.updateValue(assignment.brokerIDs, forKey: assignment.partitionIndex) == nil else {
                return .failure(
                    AdministrationRefusal(.invalidReplicaAssignment, "partition \(assignment.partitionIndex) is assigned twice"))
            }
        }
        for config in topic.configs {
            guard let value = config.value else {
                return .failure(AdministrationRefusal(.invalidConfig, "\(config.name.cut(to: 128)) has no value"))
            }
            guard wish.configuration.updateValue(value, forKey: config.name) == nil else {
                return .failure(AdministrationRefusal(.invalidConfig, "\(config.name.cut(to: 128)) stands more than once"))
            }
        }
        return .success(wish)
    }

    private static func answer(_ name: String, _ refusal: AdministrationRefusal) -> Answer {
        .init {
            $0.name = name
            $0.errorCode = refusal.errorCode
            $0.errorMessage = refusal.sentence
        }
    }

    private static func answer(_ name: String, _ made: TopicMade) -> Answer {
        .init {
            $0.name = name
            $0.topicID = made.id
            $0.numPartitions = made.partitionCount
            $0.replicationFactor = 1
            $0.configs = made.configuration.map { entry in
                .init {
                    $0.name = entry.name
                    $0.value = entry.value
                    $0.readOnly = entry.isReadOnly
                    $0.configSource = entry.source.rawValue
                }
            }
        }
    }
}
