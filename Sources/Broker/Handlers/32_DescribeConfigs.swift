import AccessPolicy
import KafkaWire
import Storage

// The configuration of topics and of this broker. Versions 0-4: from 1 with sources and synonyms, from 3 with types and, on
// request, documentation.
//
// Rights: to describe the topic; the broker's own settings are for operators. They are read-only: broker.yaml is their home.
// The broker resource with an empty name means the cluster-wide dynamic defaults (KIP-226), of which there are none.

enum DescribeConfigs: ControlHandler {
    typealias Answer = DescribeConfigsResponse.DescribeConfigsResult

    static func handle(_ request: DescribeConfigsRequest, in context: RequestContext) async -> DescribeConfigsResponse {
        var response = DescribeConfigsResponse()
        var seen: Set<NamedResource> = []
        // A resource named twice is described once: a small request must not make a huge response.
        let resources = request.resources.filter { seen.insert(.init(type: $0.resourceType, name: $0.resourceName)).inserted }
        let bytes = resources.map { answerBytes($0, request) }
        guard await context.reserveAnswer(min(bytes.reduce(0, +), Limits.answerBytesMax + (256 << 10) + 128 * resources.count)) else {
            return response
        }
        var bytesLeft = Limits.answerBytesMax
        for (resource, bytes) in zip(resources, bytes) {
            var answer = Answer()
            answer.resourceType = resource.resourceType
            answer.resourceName = resource.resourceName
            guard bytesLeft > 0 else {
                answer.errorCode = .invalidRequest
                answer.errorMessage = "ask for fewer at once"
                response.results.append(answer)
                continue
            }
            bytesLeft -= bytes
            switch entries(resource, in: context) {
            case .failure(let refusal):
                answer.errorCode = refusal.errorCode
                answer.errorMessage = refusal.sentence
            case .success(let entries):
                let wanted = resource.configurationKeys.map(Set.init)
                answer.configs = entries.filter { wanted?.contains($0.name) ?? true }.map { line($0, request) }
            }
            response.results.append(answer)
        }
        return response
    }

    /// What the answer about a resource takes at most.
    static func answerBytes(
        _ resource: DescribeConfigsRequest.DescribeConfigsResource, _ request: DescribeConfigsRequest
    ) -> Int {
        let keys = ConfigResource(rawValue: resource.resourceType) == .topic ? ConfigurationEntry.topicKeys : ConfigurationEntry.brokerKeys
        let wanted = resource.configurationKeys.map(Set.init)
        return keys.reduce(192 + 2 * resource.resourceName.utf8.count) { bytes, key in
            guard wanted?.contains(key.name) ?? true else { return bytes }
            return bytes + key.bytes + (request.includeSynonyms ? 2 * key.bytes : 0) + (request.includeDocumentation ? key.meaningBytes : 0)
        }
    }

    private static func entries(
        _ resource: DescribeConfigsRequest.DescribeConfigsResource, in context: RequestContext
    ) -> Result<[ConfigurationEntry], AdministrationRefusal> {
        let services = context.services
        switch ConfigResource(rawValue: resource.resourceType) {
        case .topic:
            switch context.describedTopic(resource.resourceName, in: services.catalogue.value) {
            case .failure(let refusal):
                return .failure(AdministrationRefusal(refusal.errorCode, "there is no topic of this name that this node may describe"))
            case .success(let topic):
                return .success(
                    ConfigurationEntry.all(
                        of: topic.record.configuration, topic.configuration, services.settings, readOnly: topic.isBrokerOwned))
            }
        case .broker:
            guard context.allows(.administerCluster) else { return .failure(.clusterNotAuthorized) }
            if resource.resourceName.isEmpty { return .success([]) }
            guard resource.resourceName == String(services.settings.node) else {
                return .failure(AdministrationRefusal(.invalidRequest, "the one broker is \(services.settings.node)"))
            }
            return .success(ConfigurationEntry.all(of: services.settings))
        case nil:
            return .failure(AdministrationRefusal(.invalidRequest, ConfigResource.unknownSentence))
        }
    }

    private static func line(
        _ entry: ConfigurationEntry, _ request: DescribeConfigsRequest
    ) -> Answer.DescribeConfigsResourceResult {
        .init {
            $0.name = entry.name
            $0.value = entry.value
            $0.readOnly = entry.isReadOnly
            $0.isDefault = entry.isDefault
            $0.configSource = entry.source.rawValue
            $0.configType = entry.type.rawValue
            if request.includeDocumentation { $0.documentation = entry.meaning }
            guard request.includeSynonyms else { return }
            $0.synonyms = entry.synonyms.map { synonym in
                .init {
                    $0.name = synonym.name
                    $0.value = synonym.value
                    $0.source = synonym.source.rawValue
                }
            }
        }
    }
}
