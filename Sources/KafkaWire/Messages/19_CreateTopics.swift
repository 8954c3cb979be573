// API key 19. Creates topics.
//
// Versions 0-7.
//
// - 1 adds dry runs and messages. 2 adds throttling. 4 lets the broker choose partitions and replication by -1 (KIP-464).
// - 5 is flexible and answers with the configuration (KIP-525). 6 may be throttled (KIP-599). 7 answers with the id (KIP-516).

public struct CreateTopicsRequest: KafkaRequest {
    public typealias Response = CreateTopicsResponse
    public static var apiKey: ApiKey { .createTopics }
    public static var versions: ClosedRange<Int16> { 0...7 }
    public static var flexibleSince: Int16 { 5 }

    public var topics: [CreatableTopic] = []
    public var timeoutMilliseconds: Int32 = 60000
    public var validateOnly = false

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.topics, "Topics")
        try walker.int32(&message.timeoutMilliseconds, "timeoutMs")
        if version >= 1 { try walker.bool(&message.validateOnly, "validateOnly") }
        try walker.noTags()
    }

    public struct CreatableTopic: WireStructure {
        public var name = ""
        public var numPartitions: Int32 = 0
        public var replicationFactor: Int16 = 0
        public var assignments: [CreatableReplicaAssignment] = []
        public var configs: [CreatableTopicConfig] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.int32(&message.numPartitions, "NumPartitions")
            try walker.int16(&message.replicationFactor, "ReplicationFactor")
            try walker.array(&message.assignments, "Assignments")
            try walker.array(&message.configs, "Configs")
            try walker.noTags()
        }

        public struct CreatableReplicaAssignment: WireStructure {
            public var partitionIndex: Int32 = 0
            public var brokerIDs: [Int32] = []

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                try walker.int32s(&message.brokerIDs, "BrokerIds")
                try walker.noTags()
            }
        }

        public struct CreatableTopicConfig: WireStructure {
            public var name = ""
            public var value: String?

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.name, "Name")
                try walker.string(&message.value, "Value")
                try walker.noTags()
            }
        }
    }
}

public struct CreateTopicsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...7 }
    public static var flexibleSince: Int16 { 5 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var topics: [CreatableTopicResult] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 2 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.array(&message.topics, "Topics")
        try walker.noTags()
    }

    public struct CreatableTopicResult: WireStructure {
        public var name = ""
        public var topicID = UUID128.zero
        public var errorCode = ErrorCode.none
        public var errorMessage: String?
        public var topicConfigErrorCode = ErrorCode.none
        public var numPartitions: Int32 = -1
        public var replicationFactor: Int16 = -1
        public var configs: [CreatableTopicConfigs]?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            if version >= 7 { try walker.uuid(&message.topicID, "TopicId") }
            try walker.errorCode(&message.errorCode, "ErrorCode")
            if version >= 1 { try walker.string(&message.errorMessage, "ErrorMessage") }
            if version >= 5 {
                try walker.int32(&message.numPartitions, "NumPartitions")
                try walker.int16(&message.replicationFactor, "ReplicationFactor")
                try walker.array(&message.configs, "Configs")
            }
            try walker.beginTags()
            if try walker.tag(0, isPresent: message.topicConfigErrorCode != .none) {
                try walker.errorCode(&message.topicConfigErrorCode, "TopicConfigErrorCode")
            }
            try walker.endTags()
        }

        public struct CreatableTopicConfigs: WireStructure {
            public var name = ""
            public var value: String?
            public var readOnly = false
            public var configSource: Int8 = -1
            public var isSensitive = false

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.name, "Name")
                try walker.string(&message.value, "Value")
                try walker.bool(&message.readOnly, "ReadOnly")
                try walker.int8(&message.configSource, "ConfigSource")
                try walker.bool(&message.isSensitive, "IsSensitive")
                try walker.noTags()
            }
        }
    }
}
