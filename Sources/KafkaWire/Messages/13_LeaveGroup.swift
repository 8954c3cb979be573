// API key 13. Leaves a consumer group.
//
// Versions 0-5: 1 adds throttling, 3 removes several members at once, by instance id too (KIP-345), 4 is flexible, 5 adds
// a reason (KIP-800).

public struct LeaveGroupRequest: KafkaRequest {
    public typealias Response = LeaveGroupResponse
    public static var apiKey: ApiKey { .leaveGroup }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleSince: Int16 { 4 }

    public var groupID = ""
    public var memberID = ""
    public var members: [MemberIdentity] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.string(&message.groupID, "GroupId")
        if version <= 2 { try walker.string(&message.memberID, "MemberId") }
        if version >= 3 { try walker.array(&message.members, "Members") }
        try walker.noTags()
    }

    public struct MemberIdentity: WireStructure {
        public var memberID = ""
        public var groupInstanceID: String?
        public var reason: String?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.memberID, "MemberId")
            try walker.string(&message.groupInstanceID, "GroupInstanceId")
            if version >= 5 { try walker.string(&message.reason, "Reason") }
            try walker.noTags()
        }
    }
}

public struct LeaveGroupResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleSince: Int16 { 4 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none
    public var members: [MemberResponse] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 1 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.errorCode(&message.errorCode, "ErrorCode")
        if version >= 3 { try walker.array(&message.members, "Members") }
        try walker.noTags()
    }

    public struct MemberResponse: WireStructure {
        public var memberID = ""
        public var groupInstanceID: String?
        public var errorCode = ErrorCode.none

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.memberID, "MemberId")
            try walker.string(&message.groupInstanceID, "GroupInstanceId")
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.noTags()
        }
    }
}
