import AccessPolicy
import KafkaWire

// Changes single settings of topics (KIP-339). Versions 0-1.
//
// Right: to administer the topic. Setting, deleting (back to the default), and appending to or subtracting from a list; the
// one list of a topic is cleanup.policy. The broker's settings are read-only: they stand in broker.yaml.

enum IncrementalAlterConfigs: ControlHandler {
    typealias Alteration = IncrementalAlterConfigsRequest.AlterConfigsResource.AlterableConfig

    private enum Operation: Int8 {
        case set = 0, delete, append, subtract
    }

    static func handle(
        _ request: IncrementalAlterConfigsRequest, in context: RequestContext
    ) async -> IncrementalAlterConfigsResponse {
        var response = IncrementalAlterConfigsResponse()
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
        _ resource: IncrementalAlterConfigsRequest.AlterConfigsResource, validateOnly: Bool, in context: RequestContext
    ) async -> AdministrationRefusal? {
        if let refusal = context.refusalToAlter(resource.resourceType) { return refusal }
        let configs = resource.configs
        let defaults = TopicConfiguration(defaultsOf: context.services.settings)
        return await TopicAdministration(context.services).configure(
            resource.resourceName, validateOnly: validateOnly, by: context.peer
        ) { (current) throws(AdministrationRefusal) in
            var values = current
            var seen: Set<String> = []
            for config in configs {
                guard seen.insert(config.name).inserted else {
                    throw AdministrationRefusal(.invalidRequest, "\(config.name.cut(to: 128)) stands more than once")
                }
                try apply(config, to: &values, defaults: defaults)
            }
            return values
        }
    }

    private static func apply(
        _ config: Alteration, to values: inout [String: String], defaults: TopicConfiguration
    ) throws(AdministrationRefusal) {
        let name = config.name
        guard let operation = Operation(rawValue: config.configOperation) else {
            throw AdministrationRefusal(.invalidRequest, "there is no operation \(config.configOperation)")
        }
        guard operation != .delete else {
            guard TopicConfiguration.table[name] != nil else {
                throw AdministrationRefusal(.invalidConfig, "\(name.cut(to: 128)) is not a setting of a topic that Hanbridge knows")
            }
            values[name] = nil
            return
        }
        guard let value = config.value else {
            throw AdministrationRefusal(.invalidRequest, "\(name.cut(to: 128)) has no value")
        }
        if operation == .set {
            values[name] = value
            return
        }
        guard name == Self.listKey, let row = TopicConfiguration.table[name] else {
            throw AdministrationRefusal(.invalidConfig, "\(name.cut(to: 128)) is not a list, so nothing can be added or taken away")
        }
        var items = words(values[name] ?? row.text(in: defaults))
        let change = words(value)
        items.removeAll { change.contains($0) }
        if operation == .append { items += change }
        values[name] = items.joined(separator: ",")
    }

    private static let listKey = "cleanup.policy"

    private static func words(_ list: String) -> [String] {
        list.split(separator: ",").map { $0.trimmingPrefix(while: { $0 == " " }) }.map(String.init)
    }
}
