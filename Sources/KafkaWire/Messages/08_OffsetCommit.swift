// API key 8. Stores a consumer group's offsets.
//
// Versions 1-9. Version 0 stored them in ZooKeeper.
//
// - 1 adds generation and member, and alone has a time-stamp for each partition. 2-4 carry a retention time instead.
// - 3 adds throttling. 5 drops the retention time (KIP-211). 6 adds the leader epoch (KIP-320).
// - 7 adds static members (KIP-345). 8 is flexible. 9 is like 8 and allows the next consumer protocol (KIP-848).

public struct OffsetCommitRequest: KafkaRequest {
    public typealias Response = OffsetCommitResponse
    public static var apiKey: ApiKey { .offsetCommit }
    public static var versions: ClosedRange<Int16> { 1...9 }
    public static var flexibleSince: Int16 { 8 }

    public var groupID = ""
    public var generationIDOrMemberEpoch: Int32 = -1
    public var memberID = ""
    public var groupInstanceID: String?
    public var retentionTimeMilliseconds: Int64 = -1
    public var topics: [OffsetCommitRequestTopic] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.string(&message.groupID, "GroupId")
        try walker.int32(&message.generationIDOrMemberEpoch, "GenerationIdOrMemberEpoch")
        try walker.string(&message.memberID, "MemberId")
        if version >= 7 { try walker.string(&message.groupInstanceID, "GroupInstanceId") }
        if version >= 2 && version <= 4 { try walker.int64(&message.retentionTimeMilliseconds, "RetentionTimeMs") }
        try walker.array(&message.topics, "Topics")
        try walker.noTags()
    }

    public struct OffsetCommitRequestTopic: WireStructure {
        public var name = ""
        public var partitions: [OffsetCommitRequestPartition] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct OffsetCommitRequestPartition: WireStructure {
            public var partitionIndex: Int32 = 0
            public var committedOffset: Int64 = 0
            public var committedLeaderEpoch: Int32 = -1
            public var commitTimestamp: Int64 = -1
            public var committedMetadata: String?

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                try walker.int64(&message.committedOffset, "CommittedOffset")
                if version >= 6 { try walker.int32(&message.committedLeaderEpoch, "CommittedLeaderEpoch") }
                if version <= 1 { try walker.int64(&message.commitTimestamp, "CommitTimestamp") }
                try walker.string(&message.committedMetadata, "CommittedMetadata")
                try walker.noTags()
            }
        }
    }
}

public struct OffsetCommitResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 1...9 }
    public static var flexibleSince: Int16 { 8 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var topics: [OffsetCommitResponseTopic] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 3 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.array(&message.topics, "Topics")
        try walker.noTags()
    }

    public struct OffsetCommitResponseTopic: WireStructure {
        public var name = ""
        public var partitions: [OffsetCommitResponsePartition] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct OffsetCommitResponsePartition: WireStructure {
            public var partitionIndex: Int32 = 0
            public var errorCode = ErrorCode.none

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                try walker.errorCode(&message.errorCode, "ErrorCode")
                try walker.noTags()
            }
        }
    }
}
