/// One line of a configuration as DescribeConfigs and HTTPS show it.
public struct ConfigurationEntry: Hashable, Sendable {
    public let name: String
    public let value: String
    public let source: Source
    public let isReadOnly: Bool
    public let type: ValueType
    public let meaning: String
    /// Where the value comes from and what would stand behind it, the one in force first (KIP-226).
    public let synonyms: [Synonym]

    public struct Synonym: Hashable, Sendable {
        public let name: String
        public let value: String
        public let source: Source
    }

    /// Kafka's numbers (org.apache.kafka.clients.admin.ConfigEntry, DescribeConfigsResponse).
    public enum Source: Int8, Hashable, Sendable {
        case topic = 1
        /// broker.yaml
        case staticBroker = 4
        case builtIn = 5
    }

    /// Kafka's numbers (KIP-569).
    public enum ValueType: Int8, Hashable, Sendable {
        case boolean = 1
        case string = 2
        case int = 3
        case long = 5
        case list = 7
    }

    /// What a key takes of an answer.
    struct Size {
        let name: String
        /// With a value of up to 128 bytes, in the mean of all keys, and what stands around them.
        let bytes: Int
        let meaningBytes: Int

        init(_ name: String, _ meaning: String) {
            self.name = name
            bytes = name.utf8.count + 128 + 16
            meaningBytes = meaning.utf8.count
        }
    }

    static let topicKeys = TopicConfiguration.table.rows.map { Size($0.name, $0.meaning) }
    static let brokerKeys = BrokerSettings.table.rows.map { Size($0.name, $0.meaning) }

    var isDefault: Bool { source != .topic }
}

extension ConfigurationEntry {
    /// Every key of a topic.
    static func all(
        of values: [String: String], _ configuration: TopicConfiguration, _ broker: BrokerSettings, readOnly: Bool
    ) -> [ConfigurationEntry] {
        let inherited = TopicConfiguration(defaultsOf: broker)
        return TopicConfiguration.table.rows.map { row in
            var synonyms: [Synonym] = []
            if values[row.name] != nil {
                synonyms.append(Synonym(name: row.name, value: row.text(in: configuration), source: .topic))
            }
            if let brokerRow = brokerSettings[row.name].flatMap({ BrokerSettings.table[$0] }) {
                synonyms.append(
                    Synonym(name: brokerRow.name, value: brokerRow.text(in: broker), source: source(of: brokerRow, in: broker)))
            } else {
                synonyms.append(Synonym(name: row.name, value: row.text(in: inherited), source: .builtIn))
            }
            return ConfigurationEntry(
                name: row.name, value: row.text(in: configuration), source: synonyms[0].source, isReadOnly: readOnly || row.name == TopicRules.holdKey,
                type: row.name == "cleanup.policy" ? .list : ValueType(row.kind), meaning: row.meaning, synonyms: synonyms)
        }
    }

    /// Every setting of the broker: read-only, because broker.yaml is their home.
    static func all(of broker: BrokerSettings) -> [ConfigurationEntry] {
        BrokerSettings.table.rows.map { row in
            let source = source(of: row, in: broker)
            let value = row.text(in: broker)
            return ConfigurationEntry(
                name: row.name, value: value, source: source, isReadOnly: true, type: ValueType(row.kind), meaning: row.meaning,
                synonyms: [Synonym(name: row.name, value: value, source: source)])
        }
    }

    private static func source(of row: Setting<BrokerSettings>, in broker: BrokerSettings) -> Source {
        row.text(in: broker) == row.text(in: BrokerSettings()) ? .builtIn : .staticBroker
    }

    /// The broker setting that a topic takes over where it says nothing (Kafka, "Topic Configs", server default property).
    private static let brokerSettings = [
        "max.message.bytes": "message.max.bytes",
        "message.timestamp.type": "log.message.timestamp.type",
        "retention.ms": "log.retention.ms",
        "retention.bytes": "log.retention.bytes",
        "segment.bytes": "log.segment.bytes",
        "segment.ms": "log.roll.ms",
    ]
}

extension ConfigurationEntry.ValueType {
    init<Root>(_ kind: Setting<Root>.Kind) {
        switch kind {
        case .boolean: self = .boolean
        case .integer(_, let range): self = range.upperBound <= Int(Int32.max) ? .int : .long
        case .choice, .text: self = .string
        }
    }
}
