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
        guard await context.reserveAnswer(request.resources.reduce(256) { $0 + Limits.sentenceBytesMax + $1.resourceName.utf8.count }) else { return response }
        let defaults = TopicConfiguration(defaultsOf: context.services.settings)
        response.responses = await context.alterEach(request.resources, \.resource, validateOnly: request.validateOnly) { resource in
            return { (current) throws(AdministrationRefusal) in try values(of: resource, from: current, defaults: defaults) }
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
        of resource: IncrementalAlterConfigsRequest.AlterConfigsResource, from current: [String: String], defaults: TopicConfiguration
    ) throws(AdministrationRefusal) -> [String: String] {
        var values = current
        var seen: Set<String> = []
        for config in resource.configs {
            guard seen.insert(config.name).inserted else {
                throw AdministrationRefusal(.invalidRequest, "\(config.name.cut(to: 128)) stands more than once")
            }
            try apply(config, to: &values, defaults: defaults)
        }
        return values
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

extension IncrementalAlterConfigsRequest.AlterConfigsResource {
    fileprivate var resource: NamedResource { NamedResource(type: resourceType, name: resourceName) }
}
