// API key 12. Keeps a member of a consumer group alive, and tells it of a rebalance.
//
// Versions 0-4: 1 adds throttling, 3 static members (KIP-345), 4 is flexible.

public struct HeartbeatRequest: KafkaRequest {
    public typealias Response = HeartbeatResponse
    public static var apiKey: ApiKey { .heartbeat }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 4 }

    public var groupID = ""
    public var generationID: Int32 = 0
    public var memberID = ""
    public var groupInstanceID: String?

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.string(&message.groupID, "GroupId")
        try walker.int32(&message.generationID, "GenerationId")
        try walker.string(&message.memberID, "MemberId")
        if version >= 3 { try walker.string(&message.groupInstanceID, "GroupInstanceId") }
        try walker.noTags()
    }
}

public struct HeartbeatResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 4 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 1 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.errorCode(&message.errorCode, "ErrorCode")
        try walker.noTags()
    }
}
