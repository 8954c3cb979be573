// API key 15. Describes consumer groups and their members.
//
// Versions 0-5: 1 adds throttling, 3 authorized operations (KIP-430), 4 static members (KIP-345), 5 is flexible.

public struct DescribeGroupsRequest: KafkaRequest {
    public typealias Response = DescribeGroupsResponse
    public static var apiKey: ApiKey { .describeGroups }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleSince: Int16 { 5 }

    public var groups: [String] = []
    public var includeAuthorizedOperations = false

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.strings(&message.groups, "Groups")
        if version >= 3 { try walker.bool(&message.includeAuthorizedOperations, "IncludeAuthorizedOperations") }
        try walker.noTags()
    }
}

public struct DescribeGroupsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleSince: Int16 { 5 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var groups: [DescribedGroup] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 1 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.array(&message.groups, "Groups")
        try walker.noTags()
    }

    public struct DescribedGroup: WireStructure {
        public var errorCode = ErrorCode.none
        public var groupID = ""
        public var groupState = ""
        public var protocolType = ""
        public var protocolData = ""
        public var members: [DescribedGroupMember] = []
        public var authorizedOperations: Int32 = .min

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.string(&message.groupID, "GroupId")
            try walker.string(&message.groupState, "GroupState")
            try walker.string(&message.protocolType, "ProtocolType")
            try walker.string(&message.protocolData, "ProtocolData")
            try walker.array(&message.members, "Members")
            if version >= 3 { try walker.int32(&message.authorizedOperations, "AuthorizedOperations") }
            try walker.noTags()
        }

        public struct DescribedGroupMember: WireStructure {
            public var memberID = ""
            public var groupInstanceID: String?
            public var clientID = ""
            public var clientHost = ""
            public var memberMetadata: [UInt8] = []
            public var memberAssignment: [UInt8] = []

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.memberID, "MemberId")
                if version >= 4 { try walker.string(&message.groupInstanceID, "GroupInstanceId") }
                try walker.string(&message.clientID, "ClientId")
                try walker.string(&message.clientHost, "ClientHost")
                try walker.bytes(&message.memberMetadata, "MemberMetadata")
                try walker.bytes(&message.memberAssignment, "MemberAssignment")
                try walker.noTags()
            }
        }
    }
}
