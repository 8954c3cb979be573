public import MessageSchema

/// The broker's settings: what stands under `kafka:` in broker.yaml. Names, units and defaults are Kafka's where Kafka has
/// the setting (Apache Kafka documentation, "Broker Configs"), so that what operators and test suites know applies.
public struct BrokerSettings: Hashable, Sendable {
    public var nodeID = 1
    public var partitionCount = 1
    public var autoCreateTopics = false
    public var deleteTopics = true

    public var requestBytesMax = 104_857_600
    public var messageBytesMax = 1_048_588
    public var fetchBytesMax = 57_671_680
    public var fetchSessionSlots = 1000

    public var connectionsMax = 10_000
    public var connectionsPerNodeMax = 200
    public var connectionIdleMilliseconds = 600_000

    public var groupSessionTimeoutMillisecondsMin = 6000
    public var groupSessionTimeoutMillisecondsMax = 1_800_000
    public var groupInitialRebalanceDelayMilliseconds = 3000
    public var groupMembersMax = 1000
    public var offsetRetentionMinutes = 10_080
    public var offsetRetentionCheckMilliseconds = 600_000
    public var offsetMetadataBytesMax = 4096

    public var producerIDExpirationMilliseconds = 86_400_000

    public var retentionMilliseconds = -1
    public var retentionBytes = -1
    public var retentionCheckMilliseconds = 300_000
    public var segmentBytes = 1 << 30
    public var segmentMilliseconds = 604_800_000
    public var timestampType = "CreateTime"

    public var assertsSchemaFormats = true
    public var allowsBacktrackingPatterns = false
    public var unknownFields = "refused"

    /// Whether witnesses are asked to cosign: no setting by a name of its own, it follows from the policy file that broker.yaml names.
    public var hasWitnessQuorum = false

    public init() {}

    /// - Parameter values: names and values as in broker.yaml.
    /// - Throws: a sentence that names the first setting that is unknown or out of range; nothing is half applied.
    public init(_ values: [String: String]) throws(SettingError) {
        try Self.table.apply(values, to: &self, of: "the broker")
        guard groupSessionTimeoutMillisecondsMin <= groupSessionTimeoutMillisecondsMax else {
            throw SettingError("group.min.session.timeout.ms must not be above group.max.session.timeout.ms")
        }
        guard messageBytesMax <= requestBytesMax else {
            throw SettingError("message.max.bytes must not be above socket.request.max.bytes")
        }
    }

    /// How schemas are compiled. A change holds from the next start, for every schema of the registry.
    public var schemaOptions: SchemaOptions {
        var options = SchemaOptions()
        options.assertsFormats = assertsSchemaFormats
        options.allowsBacktrackingPatterns = allowsBacktrackingPatterns
        options.unknownFields = SchemaOptions.UnknownFields(rawValue: unknownFields) ?? .refused
        return options
    }

    /// `node.id` as the protocol carries it.
    public var node: Int32 { Int32(nodeID) }

    /// Every setting, with its range. The defaults are those of `BrokerSettings()`.
    public static let table = SettingTable<BrokerSettings>([
        .integer("node.id", \.nodeID, 0...Int(Int32.max), "The id by which clients know this broker."),
        .integer(
            "num.partitions", \.partitionCount, 1...Limits.partitionsPerTopicMax,
            "Partitions of a topic that is made without saying how many."),
        .boolean(
            "auto.create.topics.enable", \.autoCreateTopics,
            "Asking for a topic's metadata makes it, for those who may administer it."),
        .boolean("delete.topic.enable", \.deleteTopics, "Topics can be deleted."),

        .integer(
            "socket.request.max.bytes", \.requestBytesMax, 65_536...Int(Int32.max) / 2,
            "The largest request; a longer one closes its connection before anything is allocated for it."),
        .integer(
            "message.max.bytes", \.messageBytesMax, 1024...Int(Int32.max) / 2,
            "The largest record batch, where the topic does not say max.message.bytes."),
        .integer(
            "fetch.max.bytes", \.fetchBytesMax, 1024...1 << 30,
            "The largest fetch response; a first batch that alone is larger is still sent whole."),
        .integer(
            "max.incremental.fetch.session.cache.slots", \.fetchSessionSlots, 0...100_000,
            "Incremental fetch sessions kept (KIP-227); beyond that, clients fetch without one."),

        .integer("max.connections", \.connectionsMax, 1...1_000_000, "Connections in all."),
        .integer("hanbridge.max.connections.per.node", \.connectionsPerNodeMax, 1...1_000_000, "Connections of one node."),
        .integer(
            "connections.max.idle.ms", \.connectionIdleMilliseconds, 1000...Int(Int32.max),
            "A connection without a request for so long is closed."),

        .integer(
            "group.min.session.timeout.ms", \.groupSessionTimeoutMillisecondsMin, 1...Int(Int32.max),
            "The shortest session time-out that a group member may ask for."),
        .integer(
            "group.max.session.timeout.ms", \.groupSessionTimeoutMillisecondsMax, 1...Int(Int32.max),
            "The longest session time-out that a group member may ask for."),
        .integer(
            "group.initial.rebalance.delay.ms", \.groupInitialRebalanceDelayMilliseconds, 0...Int(Int32.max),
            "How long an empty group waits for more members before its first rebalance."),
        .integer("group.max.size", \.groupMembersMax, 1...10_000, "Members of one group."),
        .integer(
            "offsets.retention.minutes", \.offsetRetentionMinutes, 1...Int(Int32.max),
            "Committed offsets of a group without members are kept for so long."),
        .integer(
            "offsets.retention.check.interval.ms", \.offsetRetentionCheckMilliseconds, 1...Int(Int32.max),
            "How often expired offsets are looked for."),
        .integer(
            "offset.metadata.max.bytes", \.offsetMetadataBytesMax, 0...65_536,
            "The longest text that a client may store beside a committed offset."),

        .integer(
            "producer.id.expiration.ms", \.producerIDExpirationMilliseconds, 1...Int(Int32.max),
            "An idempotent producer that is silent for so long is forgotten."),

        .integer(
            "log.retention.ms", \.retentionMilliseconds, -1...Int.max,
            "Records older than this are deleted, where the topic does not say; -1 keeps all."),
        .integer(
            "log.retention.bytes", \.retentionBytes, -1...Int.max,
            "The oldest records beyond this size of a partition are deleted; -1 keeps all."),
        .integer(
            "log.retention.check.interval.ms", \.retentionCheckMilliseconds, 1...Int(Int32.max),
            "How often records to delete are looked for."),
        .integer("log.segment.bytes", \.segmentBytes, 1_048_576...Int(Int32.max), "The size at which a segment is closed."),
        .integer("log.roll.ms", \.segmentMilliseconds, 1...Int.max, "The age at which a segment is closed."),
        .choice(
            "log.message.timestamp.type", \.timestampType, ["CreateTime", "LogAppendTime"],
            "Whose clock a record's timestamp is."),

        .boolean(
            "hanbridge.schema.formats.assert", \.assertsSchemaFormats,
            "JSON Schema's format is checked, and not only an annotation."),
        .boolean(
            "hanbridge.schema.patterns.backtracking", \.allowsBacktrackingPatterns,
            "Every schema may have patterns with look-around and back-references; without it a steward allows them one by one."),
        .choice(
            "hanbridge.schema.unknown.fields", \.unknownFields, ["refused", "allowed"],
            "Protobuf fields that the message type does not have."),
    ])
}
