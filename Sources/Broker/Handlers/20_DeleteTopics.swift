import AccessPolicy
import KafkaWire

// Deletes topics, by name or, from version 6 on, by id. Versions 0-6.
//
// Right: to administer the topic. A name that one may not administer answers TOPIC_AUTHORIZATION_FAILED whether it exists or
// not; an id that one may not describe answers as one that does not exist. The answer goes out when the topic is gone for good
// in the metadata.

enum DeleteTopics: ControlHandler {
    typealias Answer = DeleteTopicsResponse.DeletableTopicResult

    private struct Named: Hashable {
        let name: String?
        let id: UUID128
    }

    static func handle(_ request: DeleteTopicsRequest, in context: RequestContext) async -> DeleteTopicsResponse {
        var response = DeleteTopicsResponse()
        guard await context.reserveAnswer(2 * Limits.sentenceBytesMax + (request.topicNames.count + request.topics.count) * Limits.sentenceBytesMax) else { return response }
        if context.apiVersion < 6 {
            var seen: Set<String> = []
            for name in request.topicNames where seen.insert(name).inserted {
                response.responses.append(await delete(name, in: context))
            }
        } else {
            var seen: Set<Named> = []
            for topic in request.topics where seen.insert(Named(name: topic.name, id: topic.topicID)).inserted {
                response.responses.append(await delete(topic, in: context))
            }
        }
        return response
    }

    private static func delete(
        _ topic: DeleteTopicsRequest.DeleteTopicState, in context: RequestContext
    ) async -> Answer {
        switch (topic.name, topic.topicID) {
        case (let name?, .zero):
            return await delete(name, in: context)
        case (_?, _):
            return answer(
                topic.name, topic.topicID, AdministrationRefusal(.invalidRequest, "name the topic or give its id, not both"))
        case (nil, .zero):
            return answer(nil, .zero, AdministrationRefusal(.invalidRequest, "neither a name nor an id"))
        case (nil, let id):
            guard let found = context.services.catalogue.value[id], context.allows(.describe(topic: found.name)) else {
                return answer(nil, id, AdministrationRefusal(.unknownTopicID, "there is no topic with this id"))
            }
            let refusal = await TopicAdministration(context.services).delete(found.name, by: context.peer)
            return answer(found.name, id, refusal)
        }
    }

    private static func delete(_ name: String, in context: RequestContext) async -> Answer {
        // Before it is gone: answers carry the id too.
        let id = context.services.catalogue.value[name]?.id ?? .zero
        let refusal = await TopicAdministration(context.services).delete(name, by: context.peer)
        return answer(name, refusal == nil ? id : .zero, refusal)
    }

    private static func answer(_ name: String?, _ id: UUID128, _ refusal: AdministrationRefusal?) -> Answer {
        .init {
            $0.name = name
            $0.topicID = id
            $0.errorCode = refusal?.errorCode ?? .none
            $0.errorMessage = refusal?.sentence
        }
    }
}
