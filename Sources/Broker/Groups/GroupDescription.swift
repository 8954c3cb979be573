import OrderedCollections

/// What operators see of a consumer group: DescribeGroups, ListGroups, HTTPS and the metrics.
public struct GroupDescription: Hashable, Sendable {
    public let group: String
    /// Kafka's word: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead.
    public let state: String
    /// "consumer" …, or empty where only offsets were committed.
    public let protocolType: String
    /// The assignor that was chosen; empty unless the group is stable.
    public let protocolName: String
    public let generation: Int32
    public let leader: String?
    /// ms since 1970, when the group last changed between empty and not.
    public let stateChangedAt: Int64
    public let members: [Member]
    /// Partitions with a committed offset.
    public let offsetCount: Int

    public struct Member: Hashable, Sendable {
        public let memberID: String
        public let groupInstanceID: String?
        public let clientID: String
        public let clientHost: String
        /// `User:agency/unit/node`
        public let principal: String
        /// Empty unless the group is stable, as in Kafka: in between, it is about to change.
        public let metadata: [UInt8]
        public let assignment: [UInt8]
    }

    init(_ group: ConsumerGroup, offsetCount: Int) {
        self.group = group.id
        state = group.stateName
        protocolType = group.protocolType
        protocolName = group.isStable ? group.protocolName ?? "" : ""
        generation = group.generation
        leader = group.leader
        stateChangedAt = group.stateChangedAt
        members = group.members.values.map { member in
            Member(
                memberID: member.id, groupInstanceID: member.instance, clientID: member.clientID,
                clientHost: member.clientHost, principal: member.principal,
                metadata: group.isStable ? member.metadata(of: group.protocolName) : [],
                assignment: group.isStable ? member.assignment : [])
        }
        self.offsetCount = offsetCount
    }
}
