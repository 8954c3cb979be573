// API key 35. Tells how much room partitions take (KIP-113).
//
// Versions 0-4: 2 is flexible, 3 adds an error for the whole answer, 4 the volume's size (KIP-827).

public struct DescribeLogDirsRequest: KafkaRequest {
    public typealias Response = DescribeLogDirsResponse
    public static var apiKey: ApiKey { .describeLogDirs }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 2 }

    public var topics: [DescribableLogDirTopic]?

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.topics, "Topics")
        try walker.noTags()
    }

    public struct DescribableLogDirTopic: WireStructure {
        public var topic = ""
        public var partitions: [Int32] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.topic, "Topic")
            try walker.int32s(&message.partitions, "Partitions")
            try walker.noTags()
        }
    }
}

public struct DescribeLogDirsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 2 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none
    public var results: [DescribeLogDirsResult] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        if version >= 3 { try walker.errorCode(&message.errorCode, "ErrorCode") }
        try walker.array(&message.results, "Results")
        try walker.noTags()
    }

    public struct DescribeLogDirsResult: WireStructure {
        public var errorCode = ErrorCode.none
        public var logDir = ""
        public var topics: [DescribeLogDirsTopic] = []
        public var totalBytes: Int64 = -1
        public var usableBytes: Int64 = -1

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.string(&message.logDir, "LogDir")
            try walker.array(&message.topics, "Topics")
            if version >= 4 {
                try walker.int64(&message.totalBytes, "TotalBytes")
                try walker.int64(&message.usableBytes, "UsableBytes")
            }
            try walker.noTags()
        }

        public struct DescribeLogDirsTopic: WireStructure {
            public var name = ""
            public var partitions: [DescribeLogDirsPartition] = []

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.name, "Name")
                try walker.array(&message.partitions, "Partitions")
                try walker.noTags()
            }

            public struct DescribeLogDirsPartition: WireStructure {
                public var partitionIndex: Int32 = 0
                public var partitionSize: Int64 = 0
                public var offsetLag: Int64 = 0
                public var isFutureKey = false

                public init() {}

                public static func layout<W: LayoutWalker>(
                    _ message: inout Self, by walker: inout W, version: Int16
                ) throws(W.Failure) {
                    try walker.int32(&message.partitionIndex, "PartitionIndex")
                    try walker.int64(&message.partitionSize, "PartitionSize")
                    try walker.int64(&message.offsetLag, "OffsetLag")
                    try walker.bool(&message.isFutureKey, "IsFutureKey")
                    try walker.noTags()
                }
            }
        }
    }
}
