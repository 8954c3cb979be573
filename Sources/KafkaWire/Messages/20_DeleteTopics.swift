// API key 20. Deletes topics.
//
// Versions 0-6: 1 adds throttling, 4 is flexible, 5 adds messages (KIP-599), 6 deletes by id too (KIP-516).

public struct DeleteTopicsRequest: KafkaRequest {
    public typealias Response = DeleteTopicsResponse
    public static var apiKey: ApiKey { .deleteTopics }
    public static var versions: ClosedRange<Int16> { 0...6 }
    public static var flexibleSince: Int16 { 4 }

    public var topics: [DeleteTopicState] = []
    public var topicNames: [String] = []
    public var timeoutMilliseconds: Int32 = 0

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 6 { try walker.array(&message.topics, "Topics") }
        if version <= 5 { try walker.strings(&message.topicNames, "TopicNames") }
        try walker.int32(&message.timeoutMilliseconds, "TimeoutMs")
        try walker.noTags()
    }

    public struct DeleteTopicState: WireStructure {
        public var name: String?
        public var topicID = UUID128.zero

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.uuid(&message.topicID, "TopicId")
            try walker.noTags()
        }
    }
}

public struct DeleteTopicsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...6 }
    public static var flexibleSince: Int16 { 4 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var responses: [DeletableTopicResult] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 1 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.array(&message.responses, "Responses")
        try walker.noTags()
    }

    public struct DeletableTopicResult: WireStructure {
        public var name: String?
        public var topicID = UUID128.zero
        public var errorCode = ErrorCode.none
        public var errorMessage: String?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name", nullable: version >= 6)
            if version >= 6 { try walker.uuid(&message.topicID, "TopicId") }
            try walker.errorCode(&message.errorCode, "ErrorCode")
            if version >= 5 { try walker.string(&message.errorMessage, "ErrorMessage") }
            try walker.noTags()
        }
    }
}
