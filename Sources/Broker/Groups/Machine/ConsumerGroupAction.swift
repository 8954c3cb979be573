import Storage

/// What the shard is to do after an event, in this order.
enum ConsumerGroupAction: Hashable, Sendable {
    case answerJoin(RequestTicket, JoinAnswer)
    case answerSync(RequestTicket, SyncAnswer)
    /// Make the record durable, then report `recordStored` with the same purpose.
    case store(GroupRecord, StorePurpose)
}

/// Names a request that may have to wait. Given by the shard, never used twice in a run.
struct RequestTicket: Hashable, Sendable {
    let rawValue: UInt64
}

/// Why a record is being stored, and so what follows.
enum StorePurpose: Hashable, Sendable {
    /// The leader's assignment: the members are told when it is durable.
    case assignment(generation: Int32)
    /// The last member has gone; nobody waits.
    case becameEmpty
    /// A static member came back under a new id; its join waits.
    case staticMemberReplaced(RequestTicket, memberID: String, formerLeader: String?, skipsAssignment: Bool)
}

enum JoinAnswer: Hashable, Sendable {
    case joined(Joined)
    /// With the member id that the client is to use next: the new one for `memberIDRequired`.
    case refused(GroupRefusal, memberID: String)

    struct Joined: Hashable, Sendable {
        var memberID: String
        var generation: Int32
        var protocolType: String
        var protocolName: String
        var leader: String
        /// KIP-814: the member is the leader and keeps the assignment as it is.
        var skipsAssignment: Bool
        /// For the leader only.
        var members: [Participant]
    }

    struct Participant: Hashable, Sendable {
        var memberID: String
        var instance: String?
        var metadata: [UInt8]
    }
}

enum SyncAnswer: Hashable, Sendable {
    case assigned([UInt8], protocolType: String, protocolName: String?)
    case refused(GroupRefusal)
}

/// Why a group request was not served. `ErrorCode(_:)` in `GroupRefusal+ErrorCode.swift` gives Kafka's number for each.
enum GroupRefusal: Hashable, Sendable, CaseIterable {
    case unknownMember
    case illegalGeneration
    case rebalanceInProgress
    case fencedInstance
    case inconsistentProtocol
    case invalidSessionTimeout
    case memberIDRequired
    case groupFull
    /// A limit on groups, metadata, assignments or offsets.
    case limitReached
    case invalidGroupID
    case invalidRequest
    case groupNotFound
    case groupNotEmpty
    /// KIP-496: a member reads the topic whose offsets were to be deleted.
    case subscribedToTopic
    case groupBeingLoaded
    /// Trying again may help: the group is being deleted, the store failed, the connection went away.
    case notAvailable
}
