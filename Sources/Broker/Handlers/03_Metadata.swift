import AccessPolicy
import KafkaWire
import Storage

// The broker, and the topics that the node may describe, with their partitions. Versions 0-12.
//
// Right: to describe the topic. A listing leaves out what the node may not describe; asked by name, a topic that it may not
// describe and one that does not exist both answer TOPIC_AUTHORIZATION_FAILED, and by id UNKNOWN_TOPIC_ID.
//
// - A topic is made by asking for it only where `auto.create.topics.enable` says so and the node may administer it.
// - One broker: it leads every partition and is the only replica.

enum Metadata: ControlHandler {
    typealias TopicAnswer = MetadataResponse.MetadataResponseTopic

    static func handle(_ request: MetadataRequest, in context: RequestContext) async -> MetadataResponse {
        let services = context.services
        var response = MetadataResponse()
        guard await context.reserveAnswer(answerBytes(request, in: context)) else { return response }
        let address = services.advertised.value
        response.brokers = [
            .init {
                $0.nodeID = services.settings.node
                $0.host = address.host
                $0.port = address.port
            }
        ]
        response.clusterID = services.clusterID.kafkaText
        response.controllerID = services.settings.node
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AuthorizedOperations.cluster(in: context)
        }
        response.topics = await topics(request, in: context)
        if request.includeTopicAuthorizedOperations {
            for place in response.topics.indices where !response.topics[place].errorCode.isError {
                guard let name = response.topics[place].name else { continue }
                response.topics[place].topicAuthorizedOperations = AuthorizedOperations.topic(name, in: context)
            }
        }
        return response
    }

    /// What the answer takes at most.
    static func answerBytes(_ request: MetadataRequest, in context: RequestContext) -> Int {
        let catalogue = context.services.catalogue.value
        let beside = 1024
        guard let asked = request.topics, !(context.apiVersion == 0 && asked.isEmpty) else { return beside + catalogue.describedBytes }
        let unknown = 64 + (context.services.settings.autoCreateTopics ? 48 * context.services.settings.partitionCount : 0)
        var named: Set<UUID128> = []
        return asked.reduce(beside) { bytes, topic in
            guard let found = topic.topicID == .zero ? topic.name.flatMap({ catalogue[$0] }) : catalogue[topic.topicID] else {
                return bytes + unknown + (topic.name?.utf8.count ?? 0)
            }
            return bytes + (named.insert(found.id).inserted ? found.describedBytes : 0)
        }
    }

    private static func topics(_ request: MetadataRequest, in context: RequestContext) async -> [TopicAnswer] {
        let catalogue = context.services.catalogue.value
        let node = context.services.settings.node
        // In version 0 an empty list means all; from 1 on null does.
        guard let asked = request.topics, !(context.apiVersion == 0 && asked.isEmpty) else {
            return catalogue.topics.filter { context.shows(.describe(topic: $0.name)) }.map { TopicAnswer($0, node: node) }
        }
        // A topic named twice is answered once: a small request must not make a huge response.
        var answers: [TopicAnswer] = []
        var names: Set<String> = []
        var ids: Set<UUID128> = []
        for topic in asked {
            // An id counts before a name: Java's admin client sends an empty name beside it.
            if topic.topicID == .zero, let name = topic.name {
                guard names.insert(name).inserted else { continue }
                answers.append(await byName(name, request, catalogue, context))
            } else if ids.insert(topic.topicID).inserted {
                answers.append(byID(topic.topicID, catalogue, context))
            }
        }
        return answers
    }

    private static func byID(_ id: UUID128, _ catalogue: TopicCatalogue, _ context: RequestContext) -> TopicAnswer {
        guard let topic = catalogue[id], context.allows(.describe(topic: topic.name)) else {
            return .init {
                $0.errorCode = .unknownTopicID
                $0.topicID = id
            }
        }
        return TopicAnswer(topic, node: context.services.settings.node)
    }

    private static func byName(
        _ name: String, _ request: MetadataRequest, _ catalogue: TopicCatalogue, _ context: RequestContext
    ) async -> TopicAnswer {
        guard context.allows(.describe(topic: name)) else { return TopicAnswer(name, .topicAuthorizationFailed) }
        if let topic = catalogue[name] { return TopicAnswer(topic, node: context.services.settings.node) }
        guard (try? TopicName(name)) != nil else { return TopicAnswer(name, .invalidTopicException) }
        guard request.allowAutoTopicCreation, context.services.settings.autoCreateTopics,
            context.shows(.administer(topic: name))
        else { return TopicAnswer(name, .unknownTopicOrPartition) }
        return await make(name, context)
    }

    private static func make(_ name: String, _ context: RequestContext) async -> TopicAnswer {
        let administration = TopicAdministration(context.services)
        switch await administration.create(TopicWish(name: name), validateOnly: false, by: context.peer) {
        case .failure(let refusal) where refusal.errorCode != .topicAlreadyExists:
            return TopicAnswer(name, refusal.errorCode)
        case .success, .failure:
            // Made just now, by this request or by another one meanwhile.
            guard let topic = context.services.catalogue.value[name] else { return TopicAnswer(name, .leaderNotAvailable) }
            return TopicAnswer(topic, node: context.services.settings.node)
        }
    }
}

extension Metadata.TopicAnswer {
    init(_ name: String, _ errorCode: ErrorCode) {
        self.init()
        self.name = name
        self.errorCode = errorCode
    }

    init(_ topic: Topic, node: Int32) {
        self.init()
        name = topic.name
        topicID = topic.id
        isInternal = topic.isBrokerOwned
        partitions = topic.partitions.enumerated().map { index, log in
            .init {
                let bounds = log.bounds
                $0.partitionIndex = Int32(index)
                $0.leaderEpoch = bounds.leaderEpoch
                $0.replicaNodes = [node]
                switch bounds.state {
                case .online, .readOnly:
                    $0.leaderID = node
                    $0.isrNodes = [node]
                case .offline:
                    $0.errorCode = .leaderNotAvailable
                    $0.leaderID = -1
                    $0.offlineReplicas = [node]
                }
            }
        }
    }
}
