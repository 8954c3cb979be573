// API key 11. Joins a consumer group: the first half of a rebalance.
//
// Versions 0-9.
//
// - 1 separates the rebalance time-out from the session time-out (KIP-62). 2 adds throttling.
// - 4 makes a new member come back with the id that it was given (KIP-394). 5 adds static members (KIP-345).
// - 6 is flexible. 7 tells the protocol type (KIP-559). 8 adds the member's reason (KIP-800).
// - 9 lets the leader skip the assignment (KIP-814).

public struct JoinGroupRequest: KafkaRequest {
    public typealias Response = JoinGroupResponse
    public static var apiKey: ApiKey { .joinGroup }
    public static var versions: ClosedRange<Int16> { 0...9 }
    public static var flexibleSince: Int16 { 6 }

    public var groupID = ""
    public var sessionTimeoutMilliseconds: Int32 = 0
    public var rebalanceTimeoutMilliseconds: Int32 = -1
    public var memberID = ""
    public var groupInstanceID: String?
    public var protocolType = ""
    public var protocols: [JoinGroupRequestProtocol] = []
    public var reason: String?

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.string(&message.groupID, "GroupId")
        try walker.int32(&message.sessionTimeoutMilliseconds, "SessionTimeoutMs")
        if version >= 1 { try walker.int32(&message.rebalanceTimeoutMilliseconds, "RebalanceTimeoutMs") }
        try walker.string(&message.memberID, "MemberId")
        if version >= 5 { try walker.string(&message.groupInstanceID, "GroupInstanceId") }
        try walker.string(&message.protocolType, "ProtocolType")
        try walker.array(&message.protocols, "Protocols")
        if version >= 8 { try walker.string(&message.reason, "Reason") }
        try walker.noTags()
    }

    public struct JoinGroupRequestProtocol: WireStructure {
        public var name = ""
        public var metadata: [UInt8] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.bytes(&message.metadata, "Metadata")
            try walker.noTags()
        }
    }
}

public struct JoinGroupResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...9 }
    public static var flexibleSince: Int16 { 6 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none
    public var generationID: Int32 = -1
    public var protocolType: String?
    public var protocolName: String?
    public var leader = ""
    public var skipAssignment = false
    public var memberID = ""
    public var members: [JoinGroupResponseMember] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 2 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.errorCode(&message.errorCode, "ErrorCode")
        try walker.int32(&message.generationID, "GenerationId")
        if version >= 7 { try walker.string(&message.protocolType, "ProtocolType") }
        try walker.string(&message.protocolName, "ProtocolName", nullable: version >= 7)
        try walker.string(&message.leader, "Leader")
        if version >= 9 { try walker.bool(&message.skipAssignment, "SkipAssignment") }
        try walker.string(&message.memberID, "MemberId")
        try walker.array(&message.members, "Members")
        try walker.noTags()
    }

    public struct JoinGroupResponseMember: WireStructure {
        public var memberID = ""
        public var groupInstanceID: String?
        public var metadata: [UInt8] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.memberID, "MemberId")
            if version >= 5 { try walker.string(&message.groupInstanceID, "GroupInstanceId") }
            try walker.bytes(&message.metadata, "Metadata")
            try walker.noTags()
        }
    }
}
