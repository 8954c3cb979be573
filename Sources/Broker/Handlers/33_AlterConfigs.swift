import AccessPolicy
import KafkaWire

// Replaces the whole configuration of topics: what is not named goes back to its default. Versions 0-2. Old clients' way;
// IncrementalAlterConfigs is the one to use.
//
// Right: to administer the topic. The broker's settings are read-only: they stand in broker.yaml.

enum AlterConfigs: ControlHandler {
    typealias Answer = AlterConfigsResponse.AlterConfigsResourceResponse

    static func handle(_ request: AlterConfigsRequest, in context: RequestContext) async -> AlterConfigsResponse {
        var response = AlterConfigsResponse()
        let repeated = RepeatedResources(request.resources.map { ($0.resourceType, $0.resourceName) })
        for resource in request.resources {
            let refusal: AdministrationRefusal? =
                if repeated.contains(resource.resourceType, resource.resourceName) {
                    RepeatedResources.refusal
                } else {
                    await alter(resource, validateOnly: request.validateOnly, in: context)
                }
            response.responses.append(
                .init {
                    $0.errorCode = refusal?.errorCode ?? .none
                    $0.errorMessage = refusal?.sentence
                    $0.resourceType = resource.resourceType
                    $0.resourceName = resource.resourceName
                })
        }
        return response
    }

    private static func alter(
        _ resource: AlterConfigsRequest.AlterConfigsResource, validateOnly: Bool, in context: RequestContext
    ) async -> AdministrationRefusal? {
        if let refusal = context.refusalToAlter(resource.resourceType) { return refusal }
        let configs = resource.configs
        return await TopicAdministration(context.services).configure(
            resource.resourceName, validateOnly: validateOnly, by: context.peer
        ) { (_) throws(AdministrationRefusal) in
            var values: [String: String] = [:]
            for config in configs {
                guard let value = config.value else {
                    throw AdministrationRefusal(.invalidRequest, "\(config.name.cut(to: 128)) has no value")
                }
                guard values.updateValue(value, forKey: config.name) == nil else {
                    throw AdministrationRefusal(.invalidRequest, "\(config.name.cut(to: 128)) stands more than once")
                }
            }
            return values
        }
    }
}

/// Resources that stand more than once in one request: which of the wishes should win is unclear, so none does.
struct RepeatedResources {
    struct Resource: Hashable {
        let type: Int8
        let name: String
    }

    private var repeated: Set<Resource> = []

    init(_ resources: [(Int8, String)]) {
        var seen: Set<Resource> = []
        for (type, name) in resources {
            let resource = Resource(type: type, name: name)
            if !seen.insert(resource).inserted { repeated.insert(resource) }
        }
    }

    func contains(_ type: Int8, _ name: String) -> Bool { repeated.contains(Resource(type: type, name: name)) }

    static let refusal = AdministrationRefusal(.invalidRequest, "the resource stands more than once in one request")
}

extension RequestContext {
    /// Why a resource that is no topic cannot be altered; nil for a topic.
    func refusalToAlter(_ resourceType: Int8) -> AdministrationRefusal? {
        switch ConfigResource(rawValue: resourceType) {
        case .topic: nil
        case .broker:
            allows(.administerCluster)
                ? AdministrationRefusal(.invalidConfig, "the broker's settings stand in broker.yaml and are read at its start")
                : .clusterNotAuthorized
        case nil: AdministrationRefusal(.invalidRequest, ConfigResource.unknownSentence)
        }
    }
}
