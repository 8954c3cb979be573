// API key 16. Lists consumer groups.
//
// Versions 0-5: 1 adds throttling, 3 is flexible, 4 filters by state (KIP-518), 5 by type (KIP-848).

public struct ListGroupsRequest: KafkaRequest {
    public typealias Response = ListGroupsResponse
    public static var apiKey: ApiKey { .listGroups }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleSince: Int16 { 3 }

    public var statesFilter: [String] = []
    public var typesFilter: [String] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 4 { try walker.strings(&message.statesFilter, "StatesFilter") }
        if version >= 5 { try walker.strings(&message.typesFilter, "TypesFilter") }
        try walker.noTags()
    }
}

public struct ListGroupsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleSince: Int16 { 3 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none
    public var groups: [ListedGroup] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 1 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.errorCode(&message.errorCode, "ErrorCode")
        try walker.array(&message.groups, "Groups")
        try walker.noTags()
    }

    public struct ListedGroup: WireStructure {
        public var groupID = ""
        public var protocolType = ""
        public var groupState = ""
        public var groupType = ""

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.groupID, "GroupId")
            try walker.string(&message.protocolType, "ProtocolType")
            if version >= 4 { try walker.string(&message.groupState, "GroupState") }
            if version >= 5 { try walker.string(&message.groupType, "GroupType") }
            try walker.noTags()
        }
    }
}
