/// What bounds groups beside the settings under `kafka:`. Each has a test at the limit and one past it.
struct GroupSettings: Hashable, Sendable {
    var rules = ConsumerGroupRules()
    /// Coordinator shards: each owns the groups whose ids fall to it.
    var shardCount = 4
    /// Groups in all.
    var groupsMax = 10_000
    /// Metadata, assignments and ids of the members of all groups.
    var memberBytesMax = 64 << 20
    /// Committed offsets of all groups.
    var offsetsMax = 1_000_000
    /// Bytes of a group's id.
    var groupIDBytesMax = 250
    /// Bytes of a `group.instance.id` (Kafka's clients allow as many).
    var instanceIDBytesMax = 249
    /// ms that offsets of a group without members are kept.
    var offsetRetention: Int64 = 10_080 * 60_000
    /// ms between two looks for expired offsets.
    var offsetRetentionCheckInterval: Int64 = 600_000
    /// Bytes of the text beside a committed offset.
    var offsetMetadataBytesMax = 4096

    init() {}

    init(_ settings: BrokerSettings) {
        rules.sessionTimeouts =
            Int64(settings.groupSessionTimeoutMillisecondsMin)...Int64(settings.groupSessionTimeoutMillisecondsMax)
        rules.initialRebalanceDelay = Int64(settings.groupInitialRebalanceDelayMilliseconds)
        rules.membersMax = settings.groupMembersMax
        offsetRetention = Int64(settings.offsetRetentionMinutes) * 60_000
        offsetRetentionCheckInterval = Int64(settings.offsetRetentionCheckMilliseconds)
        offsetMetadataBytesMax = settings.offsetMetadataBytesMax
    }

    /// A shard's share of a limit on all groups.
    func share(of limit: Int) -> Int { max(1, limit / shardCount) }

    /// For the README's table; those with a setting of their own stand in ``BrokerSettings``.
    static var limitRows: [Limits.Row] {
        let settings = GroupSettings()
        return [
            Limits.Row(name: "groups", value: settings.groupsMax, meaning: "POLICY_VIOLATION"),
            Limits.Row(name: "committed offsets of all groups", value: settings.offsetsMax, meaning: "POLICY_VIOLATION"),
            Limits.Row(
                name: "metadata and assignments of all group members, bytes", value: settings.memberBytesMax,
                meaning: "POLICY_VIOLATION"),
            Limits.Row(
                name: "metadata of a group member, bytes", value: settings.rules.memberMetadataBytesMax,
                meaning: "POLICY_VIOLATION"),
            Limits.Row(
                name: "assignment of a group member, bytes", value: settings.rules.assignmentBytesMax,
                meaning: "POLICY_VIOLATION"),
            Limits.Row(name: "rebalance time-out, ms", value: Int(settings.rules.rebalanceTimeoutMax), meaning: "shortened to it"),
            Limits.Row(name: "group id, bytes", value: settings.groupIDBytesMax, meaning: "INVALID_GROUP_ID"),
            Limits.Row(name: "group.instance.id, bytes", value: settings.instanceIDBytesMax, meaning: "INVALID_REQUEST"),
        ]
    }
}
