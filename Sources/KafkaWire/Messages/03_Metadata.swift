// API key 3. Names brokers, topics, partitions and their leaders.
//
// Versions 0-12. The request's topic list: in version 0 empty means all; from 1 on null means all and empty means none.
//
// - 1 adds the controller, racks and internal topics. 2 adds the cluster id. 3 adds throttling.
// - 4 lets the client forbid automatic creation. 5 adds offline replicas (KIP-112). 7 adds leader epochs (KIP-320).
// - 8-10 tell authorized operations (KIP-430); the cluster's moved to DescribeCluster afterwards (KIP-700).
// - 9 is flexible. 10 adds topic ids, 12 lets a client ask by them (KIP-516).

public struct MetadataRequest: KafkaRequest {
    public typealias Response = MetadataResponse
    public static var apiKey: ApiKey { .metadata }
    public static var versions: ClosedRange<Int16> { 0...12 }
    public static var flexibleSince: Int16 { 9 }
    /// librdkafka (seen: 2.x in confluent-kafka 2.16) reserves four bytes for the length of the topic list, asks for all topics
    /// with a compact null in the first of them and sends the other three too. Kafka ignores what follows a request.
    public static var bytesLeftMax: Int { 3 }

    public var topics: [MetadataRequestTopic]?
    public var allowAutoTopicCreation = true
    public var includeClusterAuthorizedOperations = false
    public var includeTopicAuthorizedOperations = false

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.topics, "Topics", nullable: version >= 1)
        if version >= 4 { try walker.bool(&message.allowAutoTopicCreation, "AllowAutoTopicCreation") }
        if version >= 8 && version <= 10 {
            try walker.bool(&message.includeClusterAuthorizedOperations, "IncludeClusterAuthorizedOperations")
        }
        if version >= 8 { try walker.bool(&message.includeTopicAuthorizedOperations, "IncludeTopicAuthorizedOperations") }
        try walker.noTags()
    }

    public struct MetadataRequestTopic: WireStructure {
        public var topicID = UUID128.zero
        public var name: String?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            if version >= 10 { try walker.uuid(&message.topicID, "TopicId") }
            try walker.string(&message.name, "Name", nullable: version >= 10)
            try walker.noTags()
        }
    }
}

public struct MetadataResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...12 }
    public static var flexibleSince: Int16 { 9 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var brokers: [MetadataResponseBroker] = []
    public var clusterID: String?
    public var controllerID: Int32 = -1
    public var topics: [MetadataResponseTopic] = []
    public var clusterAuthorizedOperations: Int32 = .min

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 3 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.array(&message.brokers, "Brokers")
        if version >= 2 { try walker.string(&message.clusterID, "ClusterId") }
        if version >= 1 { try walker.int32(&message.controllerID, "ControllerId") }
        try walker.array(&message.topics, "Topics")
        if version >= 8 && version <= 10 { try walker.int32(&message.clusterAuthorizedOperations, "ClusterAuthorizedOperations") }
        try walker.noTags()
    }

    public struct MetadataResponseBroker: WireStructure {
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
            if version >= 1 { try walker.string(&message.rack, "Rack") }
            try walker.noTags()
        }
    }

    public struct MetadataResponseTopic: WireStructure {
        public var errorCode = ErrorCode.none
        public var name: String?
        public var topicID = UUID128.zero
        public var isInternal = false
        public var partitions: [MetadataResponsePartition] = []
        public var topicAuthorizedOperations: Int32 = .min

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.string(&message.name, "Name", nullable: version >= 12)
            if version >= 10 { try walker.uuid(&message.topicID, "TopicId") }
            if version >= 1 { try walker.bool(&message.isInternal, "IsInternal") }
            try walker.array(&message.partitions, "Partitions")
            if version >= 8 { try walker.int32(&message.topicAuthorizedOperations, "TopicAuthorizedOperations") }
            try walker.noTags()
        }

        public struct MetadataResponsePartition: WireStructure {
            public var errorCode = ErrorCode.none
            public var partitionIndex: Int32 = 0
            public var leaderID: Int32 = 0
            public var leaderEpoch: Int32 = -1
            public var replicaNodes: [Int32] = []
            public var isrNodes: [Int32] = []
            public var offlineReplicas: [Int32] = []

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.errorCode(&message.errorCode, "ErrorCode")
                try walker.int32(&message.partitionIndex, "PartitionIndex")
                try walker.int32(&message.leaderID, "LeaderId")
                if version >= 7 { try walker.int32(&message.leaderEpoch, "LeaderEpoch") }
                try walker.int32s(&message.replicaNodes, "ReplicaNodes")
                try walker.int32s(&message.isrNodes, "IsrNodes")
                if version >= 5 { try walker.int32s(&message.offlineReplicas, "OfflineReplicas") }
                try walker.noTags()
            }
        }
    }
}
