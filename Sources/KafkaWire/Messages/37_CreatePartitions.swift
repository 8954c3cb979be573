// API key 37. Raises the number of partitions of topics (KIP-195).
//
// Versions 0-3: 1 changes when throttling applies, 2 is flexible, 3 may be throttled (KIP-599).

public struct CreatePartitionsRequest: KafkaRequest {
    public typealias Response = CreatePartitionsResponse
    public static var apiKey: ApiKey { .createPartitions }
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleSince: Int16 { 2 }

    public var topics: [CreatePartitionsTopic] = []
    public var timeoutMilliseconds: Int32 = 0
    public var validateOnly = false

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.topics, "Topics")
        try walker.int32(&message.timeoutMilliseconds, "TimeoutMs")
        try walker.bool(&message.validateOnly, "ValidateOnly")
        try walker.noTags()
    }

    public struct CreatePartitionsTopic: WireStructure {
        public var name = ""
        public var count: Int32 = 0
        public var assignments: [CreatePartitionsAssignment]?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.int32(&message.count, "Count")
            try walker.array(&message.assignments, "Assignments")
            try walker.noTags()
        }

        public struct CreatePartitionsAssignment: WireStructure {
            public var brokerIDs: [Int32] = []

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32s(&message.brokerIDs, "BrokerIds")
                try walker.noTags()
            }
        }
    }
}

public struct CreatePartitionsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleSince: Int16 { 2 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var results: [CreatePartitionsTopicResult] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.array(&message.results, "Results")
        try walker.noTags()
    }

    public struct CreatePartitionsTopicResult: WireStructure {
        public var name = ""
        public var errorCode = ErrorCode.none
        public var errorMessage: String?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.string(&message.errorMessage, "ErrorMessage")
            try walker.noTags()
        }
    }
}
