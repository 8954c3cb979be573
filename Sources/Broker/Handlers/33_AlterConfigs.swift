import AccessPolicy
import KafkaWire

// Replaces the whole configuration of topics: what is not named goes back to its default, but for a legal hold, which stays. Versions 0-2.
// Old clients' way; IncrementalAlterConfigs is the one to use.
//
// Right: to administer the topic. The broker's settings are read-only: they stand in broker.yaml.

enum AlterConfigs: ControlHandler {
    static func handle(_ request: AlterConfigsRequest, in context: RequestContext) async -> AlterConfigsResponse {
        var response = AlterConfigsResponse()
        guard await context.reserveAnswer(request.resources.reduce(256) { $0 + Limits.sentenceBytesMax + $1.resourceName.utf8.count }) else { return response }
        response.responses = await context.alterEach(request.resources, \.resource, validateOnly: request.validateOnly) { resource in
            return { (current) throws(AdministrationRefusal) in
                current.filter { $0.key == TopicRules.holdKey }.merging(try values(of: resource)) { $1 }
            }
        } answer: { resource, refusal in
            .init {
                $0.errorCode = refusal?.errorCode ?? .none
                $0.errorMessage = refusal?.sentence
                $0.resourceType = resource.resourceType
                $0.resourceName = resource.resourceName
            }
        }
        return response
    }

    private static func values(
        of resource: AlterConfigsRequest.AlterConfigsResource
    ) throws(AdministrationRefusal) -> [String: String] {
        var values: [String: String] = [:]
        for config in resource.configs {
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

extension AlterConfigsRequest.AlterConfigsResource {
    fileprivate var resource: NamedResource { NamedResource(type: resourceType, name: resourceName) }
}
