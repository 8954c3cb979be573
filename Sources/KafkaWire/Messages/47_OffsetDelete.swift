// API key 47. Deletes a consumer group's offsets of partitions that it is not subscribed to (KIP-496).
//
// Version 0.

public struct OffsetDeleteRequest: KafkaRequest {
    public typealias Response = OffsetDeleteResponse
    public static var apiKey: ApiKey { .offsetDelete }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleSince: Int16 { .max }

    public var groupID = ""
    public var topics: [OffsetDeleteRequestTopic] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.string(&message.groupID, "GroupId")
        try walker.array(&message.topics, "Topics")
    }

    public struct OffsetDeleteRequestTopic: WireStructure {
        public var name = ""
        public var partitions: [OffsetDeleteRequestPartition] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitions, "Partitions")
        }

        public struct OffsetDeleteRequestPartition: WireStructure {
            public var partitionIndex: Int32 = 0

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
            }
        }
    }
}

public struct OffsetDeleteResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleSince: Int16 { .max }

    public var errorCode = ErrorCode.none
    public var throttleTimeMilliseconds: Int32 = 0
    public var topics: [OffsetDeleteResponseTopic] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.errorCode(&message.errorCode, "ErrorCode")
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.array(&message.topics, "Topics")
    }

    public struct OffsetDeleteResponseTopic: WireStructure {
        public var name = ""
        public var partitions: [OffsetDeleteResponsePartition] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitions, "Partitions")
        }

        public struct OffsetDeleteResponsePartition: WireStructure {
            public var partitionIndex: Int32 = 0
            public var errorCode = ErrorCode.none

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                try walker.errorCode(&message.errorCode, "ErrorCode")
            }
        }
    }
}
