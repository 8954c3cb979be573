// API key 1. Reads record batches.
//
// Versions 4-17. Batches of magic 2 need 4 (KIP-98); every client since 0.11 has it.
//
// - 5 adds the log start offset. 7 brings incremental sessions (KIP-227). 9 adds the leader epoch (KIP-320).
// - 10 allows zstd (KIP-110). 11 adds the rack and the preferred replica (KIP-392).
// - 12 is flexible and adds tagged fields for diverging epochs (KIP-595). 13 replaces topic names by ids (KIP-516).
// - 14 is like 13 (tiered storage's error code, KIP-405). 15 moves the replica id into a tagged field (KIP-903).
// - 16 tells a client the new leader (KIP-951). 17 adds a replica's directory (KIP-853); only brokers send it.

public import NIOCore

public struct FetchRequest: KafkaRequest {
    public typealias Response = FetchResponse
    public static var apiKey: ApiKey { .fetch }
    public static var versions: ClosedRange<Int16> { 4...17 }
    public static var flexibleSince: Int16 { 12 }

    public var clusterID: String?
    public var replicaID: Int32 = -1
    public var replicaState: ReplicaState?
    public var maxWaitMilliseconds: Int32 = 0
    public var minBytes: Int32 = 0
    public var maxBytes: Int32 = .max
    public var isolationLevel: Int8 = 0
    public var sessionID: Int32 = 0
    public var sessionEpoch: Int32 = -1
    public var topics: [FetchTopic] = []
    public var forgottenTopicsData: [ForgottenTopic] = []
    public var rackID = ""

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version <= 14 { try walker.int32(&message.replicaID, "ReplicaId") }
        try walker.int32(&message.maxWaitMilliseconds, "MaxWaitMs")
        try walker.int32(&message.minBytes, "MinBytes")
        try walker.int32(&message.maxBytes, "MaxBytes")
        try walker.int8(&message.isolationLevel, "IsolationLevel")
        if version >= 7 {
            try walker.int32(&message.sessionID, "SessionId")
            try walker.int32(&message.sessionEpoch, "SessionEpoch")
        }
        try walker.array(&message.topics, "Topics")
        if version >= 7 { try walker.array(&message.forgottenTopicsData, "ForgottenTopicsData") }
        if version >= 11 { try walker.string(&message.rackID, "RackId") }
        try walker.beginTags()
        if try walker.tag(0, isPresent: message.clusterID != nil) {
            try walker.string(&message.clusterID, "ClusterId")
        }
        if version >= 15, try walker.tag(1, isPresent: message.replicaState != nil) {
            try walker.structure(&message.replicaState, "ReplicaState")
        }
        try walker.endTags()
    }

    public struct ReplicaState: WireStructure {
        public var replicaID: Int32 = -1
        public var replicaEpoch: Int64 = -1

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.int32(&message.replicaID, "ReplicaId")
            try walker.int64(&message.replicaEpoch, "ReplicaEpoch")
            try walker.noTags()
        }
    }

    public struct FetchTopic: WireStructure {
        public var topic = ""
        public var topicID = UUID128.zero
        public var partitions: [FetchPartition] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            if version <= 12 { try walker.string(&message.topic, "Topic") }
            if version >= 13 { try walker.uuid(&message.topicID, "TopicId") }
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct FetchPartition: WireStructure {
            public var partition: Int32 = 0
            public var currentLeaderEpoch: Int32 = -1
            public var fetchOffset: Int64 = 0
            public var lastFetchedEpoch: Int32 = -1
            public var logStartOffset: Int64 = -1
            public var partitionMaxBytes: Int32 = 0
            public var replicaDirectoryID = UUID128.zero

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partition, "Partition")
                if version >= 9 { try walker.int32(&message.currentLeaderEpoch, "CurrentLeaderEpoch") }
                try walker.int64(&message.fetchOffset, "FetchOffset")
                if version >= 12 { try walker.int32(&message.lastFetchedEpoch, "LastFetchedEpoch") }
                if version >= 5 { try walker.int64(&message.logStartOffset, "LogStartOffset") }
                try walker.int32(&message.partitionMaxBytes, "PartitionMaxBytes")
                try walker.beginTags()
                if version >= 17, try walker.tag(0, isPresent: message.replicaDirectoryID != .zero) {
                    try walker.uuid(&message.replicaDirectoryID, "ReplicaDirectoryId")
                }
                try walker.endTags()
            }
        }
    }

    public struct ForgottenTopic: WireStructure {
        public var topic = ""
        public var topicID = UUID128.zero
        public var partitions: [Int32] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            if version <= 12 { try walker.string(&message.topic, "Topic") }
            if version >= 13 { try walker.uuid(&message.topicID, "TopicId") }
            try walker.int32s(&message.partitions, "Partitions")
            try walker.noTags()
        }
    }
}

public struct FetchResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 4...17 }
    public static var flexibleSince: Int16 { 12 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none
    public var sessionID: Int32 = 0
    public var responses: [FetchableTopicResponse] = []
    public var nodeEndpoints: [NodeEndpoint] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        if version >= 7 {
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.int32(&message.sessionID, "SessionId")
        }
        try walker.array(&message.responses, "Responses")
        try walker.beginTags()
        if version >= 16, try walker.tag(0, isPresent: !message.nodeEndpoints.isEmpty) {
            try walker.array(&message.nodeEndpoints, "NodeEndpoints")
        }
        try walker.endTags()
    }

    public struct FetchableTopicResponse: WireStructure {
        public var topic = ""
        public var topicID = UUID128.zero
        public var partitions: [PartitionData] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            if version <= 12 { try walker.string(&message.topic, "Topic") }
            if version >= 13 { try walker.uuid(&message.topicID, "TopicId") }
            try walker.array(&message.partitions, "Partitions")
            try walker.noTags()
        }

        public struct PartitionData: WireStructure {
            public var partitionIndex: Int32 = 0
            public var errorCode = ErrorCode.none
            public var highWatermark: Int64 = 0
            public var lastStableOffset: Int64 = -1
            public var logStartOffset: Int64 = -1
            public var divergingEpoch: EpochEndOffset?
            public var currentLeader: LeaderIdAndEpoch?
            public var snapshotID: SnapshotId?
            public var abortedTransactions: [AbortedTransaction]?
            public var preferredReadReplica: Int32 = -1
            public var records: ByteBuffer?
            /// Sent in place of `records` where there are any: stored batches go out without being joined first.
            public var recordParts: [ByteBuffer] = []

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                try walker.errorCode(&message.errorCode, "ErrorCode")
                try walker.int64(&message.highWatermark, "HighWatermark")
                try walker.int64(&message.lastStableOffset, "LastStableOffset")
                if version >= 5 { try walker.int64(&message.logStartOffset, "LogStartOffset") }
                try walker.array(&message.abortedTransactions, "AbortedTransactions")
                if version >= 11 { try walker.int32(&message.preferredReadReplica, "PreferredReadReplica") }
                try walker.records(&message.records, parts: message.recordParts, "Records")
                try walker.beginTags()
                if try walker.tag(0, isPresent: message.divergingEpoch != nil) {
                    try walker.structure(&message.divergingEpoch, "DivergingEpoch")
                }
                if try walker.tag(1, isPresent: message.currentLeader != nil) {
                    try walker.structure(&message.currentLeader, "CurrentLeader")
                }
                if try walker.tag(2, isPresent: message.snapshotID != nil) {
                    try walker.structure(&message.snapshotID, "SnapshotId")
                }
                try walker.endTags()
            }

            public struct EpochEndOffset: WireStructure {
                public var epoch: Int32 = -1
                public var endOffset: Int64 = -1

                public init() {}

                public static func layout<W: LayoutWalker>(
                    _ message: inout Self, by walker: inout W, version: Int16
                ) throws(W.Failure) {
                    try walker.int32(&message.epoch, "Epoch")
                    try walker.int64(&message.endOffset, "EndOffset")
                    try walker.noTags()
                }
            }

            public struct LeaderIdAndEpoch: WireStructure {
                public var leaderID: Int32 = -1
                public var leaderEpoch: Int32 = -1

                public init() {}

                public static func layout<W: LayoutWalker>(
                    _ message: inout Self, by walker: inout W, version: Int16
                ) throws(W.Failure) {
                    try walker.int32(&message.leaderID, "LeaderId")
                    try walker.int32(&message.leaderEpoch, "LeaderEpoch")
                    try walker.noTags()
                }
            }

            public struct SnapshotId: WireStructure {
                public var endOffset: Int64 = -1
                public var epoch: Int32 = -1

                public init() {}

                public static func layout<W: LayoutWalker>(
                    _ message: inout Self, by walker: inout W, version: Int16
                ) throws(W.Failure) {
                    try walker.int64(&message.endOffset, "EndOffset")
                    try walker.int32(&message.epoch, "Epoch")
                    try walker.noTags()
                }
            }

            public struct AbortedTransaction: WireStructure {
                public var producerID: Int64 = 0
                public var firstOffset: Int64 = 0

                public init() {}

                public static func layout<W: LayoutWalker>(
                    _ message: inout Self, by walker: inout W, version: Int16
                ) throws(W.Failure) {
                    try walker.int64(&message.producerID, "ProducerId")
                    try walker.int64(&message.firstOffset, "FirstOffset")
                    try walker.noTags()
                }
            }
        }
    }

    public struct NodeEndpoint: WireStructure {
        public var nodeID: Int32 = 0
        public var host = ""
        public var port: Int32 = 0
        public var rack: String?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.int32(&message.nodeID, "NodeId")
            try walker.string(&message.host, "Host")
            try walker.int32(&message.port, "Port")
            try walker.string(&message.rack, "Rack")
            try walker.noTags()
        }
    }
}
