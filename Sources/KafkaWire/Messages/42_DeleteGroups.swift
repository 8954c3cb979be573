// API key 42. Deletes empty consumer groups (KIP-229).
//
// Versions 0-2: 1 changes when throttling applies, 2 is flexible.

public struct DeleteGroupsRequest: KafkaRequest {
    public typealias Response = DeleteGroupsResponse
    public static var apiKey: ApiKey { .deleteGroups }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleSince: Int16 { 2 }

    public var groupsNames: [String] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.strings(&message.groupsNames, "GroupsNames")
        try walker.noTags()
    }
}

public struct DeleteGroupsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleSince: Int16 { 2 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var results: [DeletableGroupResult] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.array(&message.results, "Results")
        try walker.noTags()
    }

    public struct DeletableGroupResult: WireStructure {
        public var groupID = ""
        public var errorCode = ErrorCode.none

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.groupID, "GroupId")
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.noTags()
        }
    }
}
