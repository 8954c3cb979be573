// API key 9. Reads a consumer group's offsets.
//
// Versions 1-9. Version 0 read them from ZooKeeper.
//
// - 2 allows a null topic list, for all, and an error for the whole answer. 3 adds throttling. 5 adds the leader
//   epoch (KIP-320).
// - 6 is flexible. 7 lets a client wait for pending transactions (KIP-447).
// - 8 asks for several groups at once (KIP-709): `groups` takes the place of the fields before it.
// - 9 adds member and epoch (KIP-848).

public struct OffsetFetchRequest: KafkaRequest {
    public typealias Response = OffsetFetchResponse
    public static var apiKey: ApiKey { .offsetFetch }
    public static var versions: ClosedRange<Int16> { 1...9 }
    public static var flexibleSince: Int16 { 6 }

    public var groupID = ""
    public var topics: [OffsetFetchRequestTopic]?
    public var groups: [OffsetFetchRequestGroup] = []
    public var requireStable = false

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version <= 7 {
            try walker.string(&message.groupID, "GroupId")
            try walker.array(&message.topics, "Topics", nullable: version >= 2)
        }
        if version >= 8 { try walker.array(&message.groups, "Groups") }
        if version >= 7 { try walker.bool(&message.requireStable, "RequireStable") }
        try walker.noTags()
    }

    public struct OffsetFetchRequestTopic: WireStructure {
        public var name = ""
        public var partitionIndexes: [Int32] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.int32s(&message.partitionIndexes, "PartitionIndexes")
            try walker.noTags()
        }
    }

    public struct OffsetFetchRequestGroup: WireStructure {
        public var groupID = ""
        public var memberID: String?
        public var memberEpoch: Int32 = -1
        public var topics: [OffsetFetchRequestTopics]?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.groupID, "GroupId")
            if version >= 9 {
                try walker.string(&message.memberID, "MemberId")
                try walker.int32(&message.memberEpoch, "MemberEpoch")
            }
            try walker.array(&message.topics, "Topics")
            try walker.noTags()
        }

        public struct OffsetFetchRequestTopics: WireStructure {
            public var name = ""
            public var partitionIndexes: [Int32] = []

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.name, "Name")
                try walker.int32s(&message.partitionIndexes, "PartitionIndexes")
                try walker.noTags()
            }
        }
    }
}

public struct OffsetFetchResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 1...9 }
    public static var flexibleSince: Int16 { 6 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var topics: [OffsetFetchResponseTopic] = []
    public var errorCode = ErrorCode.none
    public var groups: [OffsetFetchResponseGroup] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 3 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        if version <= 7 { try walker.array(&message.topics, "Topics") }
        if version >= 2 && version <= 7 { try walker.errorCode(&message.errorCode, "ErrorCode") }
        if version >= 8 { try walker.array(&message.groups, "Groups") }
        try walker.noTags()
    }

    public struct OffsetFetchResponseTopic: WireStructure {
        public var name = ""
        public var partitions: [OffsetFetchResponsePartition] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct OffsetFetchResponsePartition: WireStructure {
            public var partitionIndex: Int32 = 0
            public var committedOffset: Int64 = 0
            public var committedLeaderEpoch: Int32 = -1
            public var metadata: String?
            public var errorCode = ErrorCode.none

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                try walker.int64(&message.committedOffset, "CommittedOffset")
                if version >= 5 { try walker.int32(&message.committedLeaderEpoch, "CommittedLeaderEpoch") }
                try walker.string(&message.metadata, "Metadata")
                try walker.errorCode(&message.errorCode, "ErrorCode")
                try walker.noTags()
            }
        }
    }

    public struct OffsetFetchResponseGroup: WireStructure {
        public var groupID = ""
        public var topics: [OffsetFetchResponseTopics] = []
        public var errorCode = ErrorCode.none

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.groupID, "GroupId")
            try walker.array(&message.topics, "Topics")
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.noTags()
        }

        public struct OffsetFetchResponseTopics: WireStructure {
            public var name = ""
            public var partitions: [OffsetFetchResponsePartitions] = []

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.name, "Name")
                try walker.array(&message.partitions, "Partitions")
                try walker.noTags()
            }

            public struct OffsetFetchResponsePartitions: WireStructure {
                public var partitionIndex: Int32 = 0
                public var committedOffset: Int64 = 0
                public var committedLeaderEpoch: Int32 = -1
                public var metadata: String?
                public var errorCode = ErrorCode.none

                public init() {}

                public static func layout<W: LayoutWalker>(
                    _ message: inout Self, by walker: inout W, version: Int16
                ) throws(W.Failure) {
                    try walker.int32(&message.partitionIndex, "PartitionIndex")
                    try walker.int64(&message.committedOffset, "CommittedOffset")
                    try walker.int32(&message.committedLeaderEpoch, "CommittedLeaderEpoch")
                    try walker.string(&message.metadata, "Metadata")
                    try walker.errorCode(&message.errorCode, "ErrorCode")
                    try walker.noTags()
                }
            }
        }
    }
}
