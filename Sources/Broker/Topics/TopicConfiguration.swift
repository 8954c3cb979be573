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
    /// The registry subject of the values: a name, empty for `<topic>-value`, or `none` for an untyped topic.
    public var schemaSubject = ""
    /// The registry subject of the keys; `none` where they are not checked.
    public var keySubject = "none"
    public var schemaFraming = "confluent"
    public var schemaValidation = "deep"
    /// `latest`, or the number of the one version that records may have.
    public var schemaVersion = "latest"
    /// The topic that keeps refused records, or `none`.
    public var quarantine = "none"
    public var evidence = "record"
    /// Whether entries, which those may see who may not read the records, tell how long these are.
    public var evidenceLengths = "shown"
    /// How long entries and tiles outlive their records' appending, ms; -1 for ever.
    public var auditRetentionMilliseconds = -1
    /// Whether records wait for nothing, or are refused while no authority stamps checkpoints.
    public var timestamps = "recorded"
    public var acknowledgement = "durable"
    public var classification = "internal"
    /// `by-classification`, `reserved`, or `coalesced`.
    public var delivery = "by-classification"
    /// The agency that owns the topic; empty where nobody said.
    public var owner = ""
    /// The cases that hold the topic, with commas between.
    public var hold = ""
    /// Which of the partitions' logs were closed, and what goes on in their place (``LogReopening``).
    public var reopened = ""

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
    /// - Throws: a sentence that names the first key that is unknown or out of range.
    public init(_ values: [String: String], defaultsOf broker: BrokerSettings) throws(SettingError) {
        self.init(defaultsOf: broker)
        try Self.table.apply(values, to: &self, of: "a topic")
        guard recordsLeaves || acknowledged == .durable else {
            throw SettingError("hanbridge.ack: \(acknowledgement) needs hanbridge.evidence=record: what has no tree has no checkpoints")
        }
        guard recordsLeaves || !isStrictAboutTimestamps else {
            throw SettingError("hanbridge.timestamps: strict needs hanbridge.evidence=record: what has no tree has no checkpoints")
        }
        guard LogReopening.list(reopened) != nil else { throw SettingError("\(LogReopening.setting): not what hanbridge log reopen writes") }
        guard schemaVersion == "latest" || Int32(schemaVersion).map({ $0 >= 1 }) == true else {
            throw SettingError("hanbridge.schema.version: “\(schemaVersion.prefix(64))” is not latest or the number of a version")
        }
    }

    /// A subject's name: a topic's with `-value` or `-key`.
    static let subjectBytesMax = 255

    /// The registry subject of the values of the topic of this name; nil for an untyped topic.
    public func valueSubject(ofTopic name: String) -> String? {
        switch schemaSubject {
        case "none": nil
        case "": "\(name)-value"
        default: schemaSubject
        }
    }

    public var stampsAppendTime: Bool { timestampType == "LogAppendTime" }
    public var isStrictAboutTimestamps: Bool { timestamps == "strict" }
    public var recordsLeaves: Bool { evidence == "record" }
    public var acknowledged: Acknowledgement { Acknowledgement(rawValue: acknowledgement) ?? .durable }

    /// Nothing is sent before a durable entry of the delivery ledger covers it.
    public var reservesDeliveries: Bool {
        switch delivery {
        case "reserved": true
        case "coalesced": false
        default: ["personal", "sensitive"].contains(classification)
        }
    }

    private static let classifications = ["open", "internal", "personal", "sensitive"]

    /// The higher, the more care.
    var careLevel: Int { Self.classifications.firstIndex(of: classification) ?? Self.classifications.count }

    /// Whether as a quarantine it would be classified lower than this topic, whose records it holds whole.
    public func isLessCareful(than topic: TopicConfiguration) -> Bool { careLevel < topic.careLevel }

    public var evidenceSettings: EvidenceSettings {
        EvidenceSettings(recordsLeaves: recordsLeaves, hidesLengths: evidenceLengths == "hidden")
    }

    /// What the log needs of it.
    public func partitionSettings(brokerOwned: Bool) -> PartitionSettings {
        PartitionSettings(
            retentionMilliseconds: hold.isEmpty ? Int64(retentionMilliseconds) : -1, retentionBytes: hold.isEmpty ? Int64(retentionBytes) : -1,
            segmentBytes: Int64(segmentBytes), segmentMilliseconds: Int64(segmentMilliseconds), mayUseReserve: brokerOwned,
            recordsLeaves: recordsLeaves)
    }

    /// What `max.message.bytes` can be set to.
    static let messageBytesLimit = Int(Int32.max) / 2

    /// Every key that a topic may set. Words that this version does not act on are refused, never ignored.
    public static let table = SettingTable<TopicConfiguration>([
        .integer("max.message.bytes", \.messageBytesMax, 0...messageBytesLimit, "The largest record batch."),
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
        .text(
            "hanbridge.schema.subject", \.schemaSubject, bytesMax: subjectBytesMax,
            "The registry subject of the values; empty for <topic>-value, none for an untyped topic."),
        .text(
            "hanbridge.schema.key.subject", \.keySubject, bytesMax: subjectBytesMax,
            "The registry subject of the keys; none where keys are not checked."),
        .choice(
            "hanbridge.schema.framing", \.schemaFraming, ["confluent", "plain"],
            "Whether a schema id precedes each document, or it is bare."),
        .choice(
            "hanbridge.schema.validation", \.schemaValidation, ["deep", "id", "none"],
            "Whether the whole document is checked, its schema id alone, or nothing."),
        .text(
            "hanbridge.schema.version", \.schemaVersion, bytesMax: 10,
            "latest, or the number of the one version that records may have."),
        .text(
            "hanbridge.quarantine", \.quarantine, bytesMax: Limits.topicNameLengthMax,
            "The topic that keeps refused records with their violations, or none."),
        .choice("hanbridge.evidence", \.evidence, ["record", "none"], "Whether records become leaves of the topic's tree."),
        .choice(
            "hanbridge.evidence.lengths", \.evidenceLengths, ["shown", "hidden"],
            "Whether the tree's entries tell how long records are, to those who may not read them."),
        .integer(
            EvidencePruning.setting, \.auditRetentionMilliseconds, -1...Int.max,
            "Entries and tiles of deleted records go when they are older than this; -1 keeps them."),
        .choice(
            "hanbridge.timestamps", \.timestamps, ["recorded", "strict"],
            "Whether records are taken without regard to time-stamps, or refused once none has come for too long."),
        .choice("hanbridge.ack", \.acknowledgement, Acknowledgement.allCases.map(\.rawValue),
            "What an acknowledgement promises: that the records are on the disk, that a signed checkpoint covers them, or that witnesses cosigned one."),
        .choice(
            "hanbridge.classification", \.classification, ["internal", "open", "personal", "sensitive"],
            "How careful people must be with the records."),
        .choice(
            "hanbridge.delivery", \.delivery, ["by-classification", "reserved", "coalesced"],
            "Whether a durable entry of the delivery ledger covers records before they are sent (reserved), or tells of them within a second."),
        .text("hanbridge.owner", \.owner, bytesMax: 63, "The agency that owns the topic."),
        .text(
            "hanbridge.hold", \.hold, bytesMax: Administration.holdsPerTopicMax * (Administration.caseBytesMax + 1),
            "The cases for which nothing of the topic may be deleted; hanbridge hold sets it."),
        .text(
            LogReopening.setting, \.reopened, bytesMax: LogReopening.countMax * LogReopening.wordBytesMax,
            "The partitions' logs that were closed, and what goes on in their place; hanbridge log reopen sets it."),
    ])
}
