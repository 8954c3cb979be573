// API key 2. Finds offsets: the first (-2), the next (-1), the one with the largest timestamp (-3), or by time.
//
// Versions 1-7. Version 0 answered with a list of segment starts and no client needs it.
//
// - 2 adds the isolation level. 4 adds the leader epoch (KIP-320). 6 is flexible.
// - 7 allows the query for the largest timestamp (KIP-734). 8 and later ask for tiered storage, which is not here.

public struct ListOffsetsRequest: KafkaRequest {
    public typealias Response = ListOffsetsResponse
    public static var apiKey: ApiKey { .listOffsets }
    public static var versions: ClosedRange<Int16> { 1...7 }
    public static var flexibleSince: Int16 { 6 }

    public var replicaID: Int32 = 0
    public var isolationLevel: Int8 = 0
    public var topics: [ListOffsetsTopic] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.replicaID, "ReplicaId")
        if version >= 2 { try walker.int8(&message.isolationLevel, "IsolationLevel") }
        try walker.array(&message.topics, "Topics")
        try walker.noTags()
    }

    public struct ListOffsetsTopic: WireStructure {
        public var name = ""
        public var partitions: [ListOffsetsPartition] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct ListOffsetsPartition: WireStructure {
            public var partitionIndex: Int32 = 0
            public var currentLeaderEpoch: Int32 = -1
            public var timestamp: Int64 = 0

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                if version >= 4 { try walker.int32(&message.currentLeaderEpoch, "CurrentLeaderEpoch") }
                try walker.int64(&message.timestamp, "Timestamp")
                try walker.noTags()
            }
        }
    }
}

public struct ListOffsetsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 1...7 }
    public static var flexibleSince: Int16 { 6 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var topics: [ListOffsetsTopicResponse] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 2 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.array(&message.topics, "Topics")
        try walker.noTags()
    }

    public struct ListOffsetsTopicResponse: WireStructure {
        public var name = ""
        public var partitions: [ListOffsetsPartitionResponse] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct ListOffsetsPartitionResponse: WireStructure {
            public var partitionIndex: Int32 = 0
            public var errorCode = ErrorCode.none
            public var timestamp: Int64 = -1
            public var offset: Int64 = -1
            public var leaderEpoch: Int32 = -1

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                try walker.errorCode(&message.errorCode, "ErrorCode")
                try walker.int64(&message.timestamp, "Timestamp")
                try walker.int64(&message.offset, "Offset")
                if version >= 4 { try walker.int32(&message.leaderEpoch, "LeaderEpoch") }
                try walker.noTags()
            }
        }
    }
}
