// API key 21. Deletes the records before an offset (-1: before the high watermark) (KIP-107).
//
// Versions 0-2: 1 changes when throttling applies, 2 is flexible.

public struct DeleteRecordsRequest: KafkaRequest {
    public typealias Response = DeleteRecordsResponse
    public static var apiKey: ApiKey { .deleteRecords }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleSince: Int16 { 2 }

    public var topics: [DeleteRecordsTopic] = []
    public var timeoutMilliseconds: Int32 = 0

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.topics, "Topics")
        try walker.int32(&message.timeoutMilliseconds, "TimeoutMs")
        try walker.noTags()
    }

    public struct DeleteRecordsTopic: WireStructure {
        public var name = ""
        public var partitions: [DeleteRecordsPartition] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct DeleteRecordsPartition: WireStructure {
            public var partitionIndex: Int32 = 0
            public var offset: Int64 = 0

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                try walker.int64(&message.offset, "Offset")
                try walker.noTags()
            }
        }
    }
}

public struct DeleteRecordsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleSince: Int16 { 2 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var topics: [DeleteRecordsTopicResult] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.array(&message.topics, "Topics")
        try walker.noTags()
    }

    public struct DeleteRecordsTopicResult: WireStructure {
        public var name = ""
        public var partitions: [DeleteRecordsPartitionResult] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct DeleteRecordsPartitionResult: WireStructure {
            public var partitionIndex: Int32 = 0
            public var lowWatermark: Int64 = 0
            public var errorCode = ErrorCode.none

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                try walker.int64(&message.lowWatermark, "LowWatermark")
                try walker.errorCode(&message.errorCode, "ErrorCode")
                try walker.noTags()
            }
        }
    }
}
