// API key 23. Finds where a leader epoch ended, so that a consumer notices a truncated log (KIP-101, KIP-320).
//
// Versions 0-4: 1 answers with the epoch, 2 adds the current epoch and throttling, 3 the replica id, 4 is flexible.

public struct OffsetForLeaderEpochRequest: KafkaRequest {
    public typealias Response = OffsetForLeaderEpochResponse
    public static var apiKey: ApiKey { .offsetForLeaderEpoch }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 4 }

    public var replicaID: Int32 = -2
    public var topics: [OffsetForLeaderTopic] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 3 { try walker.int32(&message.replicaID, "ReplicaId") }
        try walker.array(&message.topics, "Topics")
        try walker.noTags()
    }

    public struct OffsetForLeaderTopic: WireStructure {
        public var topic = ""
        public var partitions: [OffsetForLeaderPartition] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.topic, "Topic")
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct OffsetForLeaderPartition: WireStructure {
            public var partition: Int32 = 0
            public var currentLeaderEpoch: Int32 = -1
            public var leaderEpoch: Int32 = 0

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partition, "Partition")
                if version >= 2 { try walker.int32(&message.currentLeaderEpoch, "CurrentLeaderEpoch") }
                try walker.int32(&message.leaderEpoch, "LeaderEpoch")
                try walker.noTags()
            }
        }
    }
}

public struct OffsetForLeaderEpochResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 4 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var topics: [OffsetForLeaderTopicResult] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 2 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.array(&message.topics, "Topics")
        try walker.noTags()
    }

    public struct OffsetForLeaderTopicResult: WireStructure {
        public var topic = ""
        public var partitions: [EpochEndOffset] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.topic, "Topic")
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct EpochEndOffset: WireStructure {
            public var errorCode = ErrorCode.none
            public var partition: Int32 = 0
            public var leaderEpoch: Int32 = -1
            public var endOffset: Int64 = -1

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.errorCode(&message.errorCode, "ErrorCode")
                try walker.int32(&message.partition, "Partition")
                if version >= 1 { try walker.int32(&message.leaderEpoch, "LeaderEpoch") }
                try walker.int64(&message.endOffset, "EndOffset")
                try walker.noTags()
            }
        }
    }
}
