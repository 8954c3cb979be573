// API key 60. Names the cluster and its brokers (KIP-700).
//
// Versions 0-1: 1 asks for brokers (1) or controllers (2) (KIP-919).

public struct DescribeClusterRequest: KafkaRequest {
    public typealias Response = DescribeClusterResponse
    public static var apiKey: ApiKey { .describeCluster }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleSince: Int16 { 0 }

    public var includeClusterAuthorizedOperations = false
    public var endpointType: Int8 = 1

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.bool(&message.includeClusterAuthorizedOperations, "IncludeClusterAuthorizedOperations")
        if version >= 1 { try walker.int8(&message.endpointType, "EndpointType") }
        try walker.noTags()
    }
}

public struct DescribeClusterResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleSince: Int16 { 0 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none
    public var errorMessage: String?
    public var endpointType: Int8 = 1
    public var clusterID = ""
    public var controllerID: Int32 = -1
    public var brokers: [DescribeClusterBroker] = []
    public var clusterAuthorizedOperations: Int32 = .min

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.errorCode(&message.errorCode, "ErrorCode")
        try walker.string(&message.errorMessage, "ErrorMessage")
        if version >= 1 { try walker.int8(&message.endpointType, "EndpointType") }
        try walker.string(&message.clusterID, "ClusterId")
        try walker.int32(&message.controllerID, "ControllerId")
        try walker.array(&message.brokers, "Brokers")
        try walker.int32(&message.clusterAuthorizedOperations, "ClusterAuthorizedOperations")
        try walker.noTags()
    }

    public struct DescribeClusterBroker: WireStructure {
        public var brokerID: Int32 = 0
        public var host = ""
        public var port: Int32 = 0
        public var rack: String?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.int32(&message.brokerID, "BrokerId")
            try walker.string(&message.host, "Host")
            try walker.int32(&message.port, "Port")
            try walker.string(&message.rack, "Rack")
            try walker.noTags()
        }
    }
}
