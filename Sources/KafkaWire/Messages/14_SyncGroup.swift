// API key 14. Hands out assignments: the second half of a rebalance.
//
// Versions 0-5: 1 adds throttling, 3 static members (KIP-345), 4 is flexible, 5 checks protocol type and name (KIP-559).

public struct SyncGroupRequest: KafkaRequest {
    public typealias Response = SyncGroupResponse
    public static var apiKey: ApiKey { .syncGroup }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleSince: Int16 { 4 }

    public var groupID = ""
    public var generationID: Int32 = 0
    public var memberID = ""
    public var groupInstanceID: String?
    public var protocolType: String?
    public var protocolName: String?
    public var assignments: [SyncGroupRequestAssignment] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.string(&message.groupID, "GroupId")
        try walker.int32(&message.generationID, "GenerationId")
        try walker.string(&message.memberID, "MemberId")
        if version >= 3 { try walker.string(&message.groupInstanceID, "GroupInstanceId") }
        if version >= 5 {
            try walker.string(&message.protocolType, "ProtocolType")
            try walker.string(&message.protocolName, "ProtocolName")
        }
        try walker.array(&message.assignments, "Assignments")
        try walker.noTags()
    }

    public struct SyncGroupRequestAssignment: WireStructure {
        public var memberID = ""
        public var assignment: [UInt8] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.memberID, "MemberId")
            try walker.bytes(&message.assignment, "Assignment")
            try walker.noTags()
        }
    }
}

public struct SyncGroupResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleSince: Int16 { 4 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none
    public var protocolType: String?
    public var protocolName: String?
    public var assignment: [UInt8] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 1 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.errorCode(&message.errorCode, "ErrorCode")
        if version >= 5 {
            try walker.string(&message.protocolType, "ProtocolType")
            try walker.string(&message.protocolName, "ProtocolName")
        }
        try walker.bytes(&message.assignment, "Assignment")
        try walker.noTags()
    }
}
