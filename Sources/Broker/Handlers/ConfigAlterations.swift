import AccessPolicy
import KafkaWire

/// A resource as the configuration APIs name it.
struct NamedResource: Hashable {
    let type: Int8
    let name: String
}

extension RequestContext {
    /// The new values of a topic's configuration, by those it has.
    typealias Alteration = @Sendable ([String: String]) throws(AdministrationRefusal) -> [String: String]

    /// Alters one resource after the other, as both configuration APIs do. One that stands more than once in the request is
    /// refused: which of the wishes should win is unclear, so none does.
    func alterEach<Wish: Sendable, Answer>(
        _ wishes: [Wish], _ resource: (Wish) -> NamedResource, validateOnly: Bool, by alteration: (Wish) -> Alteration,
        answer: (Wish, AdministrationRefusal?) -> Answer
    ) async -> [Answer] {
        var counts: [NamedResource: Int] = [:]
        for wish in wishes { counts[resource(wish), default: 0] += 1 }
        var answers: [Answer] = []
        for wish in wishes {
            let resource = resource(wish)
            let refusal: AdministrationRefusal? =
                if counts[resource] != 1 {
                    AdministrationRefusal(.invalidRequest, "the resource stands more than once in one request")
                } else {
                    await alter(resource, validateOnly: validateOnly, by: alteration(wish))
                }
            answers.append(answer(wish, refusal))
        }
        return answers
    }

    private func alter(
        _ resource: NamedResource, validateOnly: Bool, by alteration: @escaping Alteration
    ) async -> AdministrationRefusal? {
        switch ConfigResource(rawValue: resource.type) {
        case .topic:
            await TopicAdministration(services).configure(resource.name, validateOnly: validateOnly, by: peer, alteration)
        case .broker:
            allows(.administerCluster)
                ? AdministrationRefusal(.invalidConfig, "the broker's settings stand in broker.yaml and are read at its start")
                : .clusterNotAuthorized
        case nil: AdministrationRefusal(.invalidRequest, ConfigResource.unknownSentence)
        }
    }
}
