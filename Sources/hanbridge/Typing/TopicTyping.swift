import KafkaWire
import MessageSchema

/// How a topic's records are typed, as its configuration says (README.md, "Typed messages").
struct TopicTyping: Equatable, Sendable {
    /// The registry subject of the values; nil for an untyped topic.
    var valueSubject: String?
    /// The registry subject of the keys; nil where they are not checked.
    var keySubject: String?
    var framing = PayloadFraming.confluent
    /// `latest` or a number.
    var version = "latest"
    /// The topic that keeps refused records.
    var quarantine: String?
    /// Bytes of a batch.
    var messageBytesMax: Int?

    /// Of topics whose broker knows no types.
    static let untyped = TopicTyping()

    var isTyped: Bool { valueSubject != nil || keySubject != nil }

    init() {}

    /// - Parameter settings: by name, as DescribeConfigs gives them.
    init(of topic: String, _ settings: [String: String]) {
        switch settings["hanbridge.schema.subject"] {
        case nil, "none": valueSubject = nil
        case "": valueSubject = "\(topic)-value"
        case let subject: valueSubject = subject
        }
        keySubject = settings["hanbridge.schema.key.subject"].flatMap { $0 == "none" ? nil : $0 }
        framing = settings["hanbridge.schema.framing"] == "plain" ? .plain : .confluent
        version = settings["hanbridge.schema.version"] ?? "latest"
        quarantine = settings["hanbridge.quarantine"].flatMap { $0 == "none" ? nil : $0 }
        messageBytesMax = settings["max.message.bytes"].flatMap { Int($0) }
    }

    static let keys = [
        "hanbridge.schema.subject", "hanbridge.schema.key.subject", "hanbridge.schema.framing", "hanbridge.schema.version",
        "hanbridge.quarantine", "max.message.bytes",
    ]
}

extension KafkaClient {
    func typing(of topic: String) async throws(ClientError) -> TopicTyping {
        let response: DescribeConfigsResponse
        do {
            response = try await call(
                DescribeConfigsRequest {
                    $0.resources = [
                        .init {
                            $0.resourceType = Topic.resourceType
                            $0.resourceName = topic
                            $0.configurationKeys = TopicTyping.keys
                        }
                    ]
                })
        } catch .unsupported {
            return .untyped
        }
        guard let result = response.results.first else { return .untyped }
        try result.errorCode.check(result.errorMessage)
        let settings = result.configs.compactMap { entry in entry.value.map { (entry.name, $0) } }
        return TopicTyping(of: topic, Dictionary(settings, uniquingKeysWith: { first, _ in first }))
    }
}
