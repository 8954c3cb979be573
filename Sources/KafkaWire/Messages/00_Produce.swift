// API key 0. Appends record batches.
//
// Versions 0-11. 0-2 carry message sets of format 0 and 1 (`LegacyMessageSet`), from 3 on record batches (KIP-98). Versions 0
// and above are advertised because clients look for single ones: without 0-2 librdkafka stops compressing with some codecs.
//
// - 1 adds throttling, 2 the append time. 3 adds the transactional id. 4 adds KAFKA_STORAGE_ERROR (KIP-112).
// - 5 adds the log start offset. 7 allows zstd (KIP-110). 8 names the records that were refused (KIP-467).
// - 9 is flexible. 10 tells a client the new leader (KIP-951). 11 is like 10 (KIP-890's error codes).
// - 12 and later imply transactions of the second protocol and are not offered.

public import NIOCore

public struct ProduceRequest: KafkaRequest {
    public typealias Response = ProduceResponse
    public static var apiKey: ApiKey { .produce }
    public static var versions: ClosedRange<Int16> { 0...11 }
    public static var flexibleSince: Int16 { 9 }

    public var transactionalID: String?
    public var acks: Int16 = 0
    public var timeoutMilliseconds: Int32 = 0
    public var topicData: [TopicProduceData] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 3 { try walker.string(&message.transactionalID, "TransactionalId") }
        try walker.int16(&message.acks, "Acks")
        try walker.int32(&message.timeoutMilliseconds, "TimeoutMs")
        try walker.array(&message.topicData, "TopicData")
        try walker.noTags()
    }

    public struct TopicProduceData: WireStructure {
        public var name = ""
        public var partitionData: [PartitionProduceData] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitionData, "PartitionData")
            try walker.noTags()
        }

        public struct PartitionProduceData: WireStructure {
            public var index: Int32 = 0
            public var records: ByteBuffer?

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.index, "Index")
                try walker.records(&message.records, "Records")
                try walker.noTags()
            }
        }
    }
}

public struct ProduceResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...11 }
    public static var flexibleSince: Int16 { 9 }

    public var responses: [TopicProduceResponse] = []
    public var throttleTimeMilliseconds: Int32 = 0
    public var nodeEndpoints: [NodeEndpoint] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.responses, "Responses")
        if version >= 1 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.beginTags()
        if version >= 10, try walker.tag(0, isPresent: !message.nodeEndpoints.isEmpty) {
            try walker.array(&message.nodeEndpoints, "NodeEndpoints")
        }
        try walker.endTags()
    }

    public struct TopicProduceResponse: WireStructure {
        public var name = ""
        public var partitionResponses: [PartitionProduceResponse] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.array(&message.partitionResponses, "PartitionResponses")
            try walker.noTags()
        }

        public struct PartitionProduceResponse: WireStructure {
            public var index: Int32 = 0
            public var errorCode = ErrorCode.none
            public var baseOffset: Int64 = 0
            public var logAppendTimeMilliseconds: Int64 = -1
            public var logStartOffset: Int64 = -1
            public var recordErrors: [BatchIndexAndErrorMessage] = []
            public var errorMessage: String?
            public var currentLeader: LeaderIdAndEpoch?

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.int32(&message.index, "Index")
                try walker.errorCode(&message.errorCode, "ErrorCode")
                try walker.int64(&message.baseOffset, "BaseOffset")
                if version >= 2 { try walker.int64(&message.logAppendTimeMilliseconds, "LogAppendTimeMs") }
                if version >= 5 { try walker.int64(&message.logStartOffset, "LogStartOffset") }
                if version >= 8 {
                    try walker.array(&message.recordErrors, "RecordErrors")
                    try walker.string(&message.errorMessage, "ErrorMessage")
                }
                try walker.beginTags()
                if version >= 10, try walker.tag(0, isPresent: message.currentLeader != nil) {
                    try walker.structure(&message.currentLeader, "CurrentLeader")
                }
                try walker.endTags()
            }

            public struct BatchIndexAndErrorMessage: WireStructure {
                public var batchIndex: Int32 = 0
                public var batchIndexErrorMessage: String?

                public init() {}

                public static func layout<W: LayoutWalker>(
                    _ message: inout Self, by walker: inout W, version: Int16
                ) throws(W.Failure) {
                    try walker.int32(&message.batchIndex, "BatchIndex")
                    try walker.string(&message.batchIndexErrorMessage, "BatchIndexErrorMessage")
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
