// API key 10. Names the broker that coordinates a group.
//
// Versions 0-4. Key types: 0 a group, 1 a transactional id.
//
// - 1 adds key types and the error message. 3 is flexible. 4 asks for several keys at once (KIP-699).
// - 5 and 6 belong to later transactions and to share groups.

public struct FindCoordinatorRequest: KafkaRequest {
    public typealias Response = FindCoordinatorResponse
    public static var apiKey: ApiKey { .findCoordinator }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 3 }

    public var key = ""
    public var keyType: Int8 = 0
    public var coordinatorKeys: [String] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version <= 3 { try walker.string(&message.key, "Key") }
        if version >= 1 { try walker.int8(&message.keyType, "KeyType") }
        if version >= 4 { try walker.strings(&message.coordinatorKeys, "CoordinatorKeys") }
        try walker.noTags()
    }
}

public struct FindCoordinatorResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 3 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none
    public var errorMessage: String?
    public var nodeID: Int32 = 0
    public var host = ""
    public var port: Int32 = 0
    public var coordinators: [Coordinator] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 1 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        if version <= 3 { try walker.errorCode(&message.errorCode, "ErrorCode") }
        if version >= 1 && version <= 3 { try walker.string(&message.errorMessage, "ErrorMessage") }
        if version <= 3 {
            try walker.int32(&message.nodeID, "NodeId")
            try walker.string(&message.host, "Host")
            try walker.int32(&message.port, "Port")
        }
        if version >= 4 { try walker.array(&message.coordinators, "Coordinators") }
        try walker.noTags()
    }

    public struct Coordinator: WireStructure {
        public var key = ""
        public var nodeID: Int32 = 0
        public var host = ""
        public var port: Int32 = 0
        public var errorCode = ErrorCode.none
        public var errorMessage: String?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.key, "Key")
            try walker.int32(&message.nodeID, "NodeId")
            try walker.string(&message.host, "Host")
            try walker.int32(&message.port, "Port")
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.string(&message.errorMessage, "ErrorMessage")
            try walker.noTags()
        }
    }
}
