import KafkaWire

/// What the configuration APIs are about (org.apache.kafka.common.config.ConfigResource.Type). Others, such as a broker's
/// loggers (8), are not here.
enum ConfigResource: Int8 {
    case topic = 2
    case broker = 4

    static let unknownSentence = "only topics (2) and the broker (4) have a configuration here"
}
