public import Storage

/// A topic's configuration, typed: what the data plane and the log read on every request. Keys, units and ranges are
/// Kafka's where Kafka has one ("Topic Configs"); ours begin with `hanbridge.` (INTERFACES.md, "Topics").
public struct TopicConfiguration: Hashable, Sendable {
    public var messageBytesMax: Int
    /// `CreateTime` or `LogAppendTime`.
    public var timestampType: String
    /// How far a record's timestamp may lie behind or ahead of the broker's clock, ms.
    public var timestampBehindMilliseconds = Int.max
    public var timestampAheadMilliseconds = Int.max
    public var retentionMilliseconds: Int
    public var retentionBytes: Int
    public var segmentBytes: Int
    public var segmentMilliseconds: Int
    public var cleanupPolicy = "delete"
    public var compressionType = "producer"
    public var replicasInSyncMin = 1
    public var schemaSubject = "none"
    public var evidence = "record"
    public var acknowledgement = "durable"
    public var classification = "internal"
    /// The agency that owns the topic; empty where nobody said.
    public var owner = ""

    /// What a topic has that says nothing.
    public init(defaultsOf broker: BrokerSettings) {
        messageBytesMax = broker.messageBytesMax
        timestampType = broker.timestampType
        retentionMilliseconds = broker.retentionMilliseconds
        retentionBytes = broker.retentionBytes
        segmentBytes = broker.segmentBytes
        segmentMilliseconds = broker.segmentMilliseconds
    }

    /// - Parameter values: the topic's own configuration; only what differs from the default needs to be there.
    /// - Throws: a sentence that names the first key that is unknown, out of range or not built yet.
    public init(_ values: [String: String], defaultsOf broker: BrokerSettings) throws(SettingError) {
        self.init(defaultsOf: broker)
        for (name, why) in Self.notBuiltYet where values[name] != nil { throw SettingError("\(name) \(why)") }
        try Self.table.apply(values, to: &self, of: "a topic")
    }

    public var stampsAppendTime: Bool { timestampType == "LogAppendTime" }
    public var recordsLeaves: Bool { evidence == "record" }

    public var evidenceSettings: EvidenceSettings {
        EvidenceSettings(recordsLeaves: recordsLeaves, hidesLengths: false)
    }

    /// What the log needs of it.
    public func partitionSettings(brokerOwned: Bool) -> PartitionSettings {
        PartitionSettings(
            retentionMilliseconds: Int64(retentionMilliseconds), retentionBytes: Int64(retentionBytes),
            segmentBytes: Int64(segmentBytes), segmentMilliseconds: Int64(segmentMilliseconds), mayUseReserve: brokerOwned)
    }

    /// Every key that a topic may set. Words that this version does not act on are refused, never ignored.
    public static let table = SettingTable<TopicConfiguration>([
        .integer("max.message.bytes", \.messageBytesMax, 0...Int(Int32.max) / 2, "The largest record batch."),
        .choice(
            "message.timestamp.type", \.timestampType, ["CreateTime", "LogAppendTime"],
            "Whose clock a record's timestamp is."),
        .integer(
            "message.timestamp.before.max.ms", \.timestampBehindMilliseconds, 0...Int.max,
            "How far a record's timestamp may lie behind the broker's clock."),
        .integer(
            "message.timestamp.after.max.ms", \.timestampAheadMilliseconds, 0...Int.max,
            "How far a record's timestamp may lie ahead of the broker's clock."),
        .integer(
            "retention.ms", \.retentionMilliseconds, -1...Int.max, "Records older than this are deleted; -1 keeps all."),
        .integer(
            "retention.bytes", \.retentionBytes, -1...Int.max,
            "The oldest records beyond this size of a partition are deleted; -1 keeps all."),
        .integer("segment.bytes", \.segmentBytes, 1_048_576...Int(Int32.max), "The size at which a segment is closed."),
        .integer("segment.ms", \.segmentMilliseconds, 1...Int.max, "The age at which a segment is closed."),
        .choice("cleanup.policy", \.cleanupPolicy, ["delete"], "What happens to old records; compaction is not built."),
        .choice("compression.type", \.compressionType, ["producer"], "Batches stay compressed as the producer sent them."),
        .integer("min.insync.replicas", \.replicasInSyncMin, 1...1, "There is one replica, synced before it acknowledges."),
        .choice("hanbridge.schema.subject", \.schemaSubject, ["none"], "Topics are untyped in this version."),
        .choice("hanbridge.evidence", \.evidence, ["record", "none"], "Whether records become leaves of the topic's tree."),
        .choice("hanbridge.ack", \.acknowledgement, ["durable"], "What an acknowledgement promises."),
        .choice(
            "hanbridge.classification", \.classification, ["internal", "open", "personal", "sensitive"],
            "How careful people must be with the records."),
        .text("hanbridge.owner", \.owner, bytesMax: 63, "The agency that owns the topic."),
    ])

    private static let notBuiltYet: [(name: String, why: String)] = [
        ("hanbridge.schema.framing", "is not enforced by this version, so it cannot be set"),
        ("hanbridge.schema.validation", "is not enforced by this version, so it cannot be set"),
        ("hanbridge.schema.version", "is not enforced by this version, so it cannot be set"),
        ("hanbridge.quarantine", "is not built in this version, so it cannot be set"),
    ]
}
