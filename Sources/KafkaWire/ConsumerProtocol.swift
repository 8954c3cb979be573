// The blobs that consumers exchange through JoinGroup and SyncGroup (protocol type "consumer"). The broker carries them
// unread; it looks inside to describe groups and to know which topics a member is subscribed to.
//
// Versions 0-3: 1 adds owned partitions (KIP-429), 2 the generation (KIP-792), 3 the rack (KIP-881).
// A newer version is read as the newest known one: new versions only append.

/// What a member asks for.
public struct ConsumerProtocolSubscription: ConsumerProtocolBlob {
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleSince: Int16 { .max }

    public var topics: [String] = []
    public var userData: [UInt8]?
    public var ownedPartitions: [TopicPartition] = []
    public var generationID: Int32 = -1
    public var rackID: String?

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.strings(&message.topics, "Topics")
        try walker.bytes(&message.userData, "UserData")
        if version >= 1 { try walker.array(&message.ownedPartitions, "OwnedPartitions") }
        if version >= 2 { try walker.int32(&message.generationID, "GenerationId") }
        if version >= 3 { try walker.string(&message.rackID, "RackId") }
    }

    public struct TopicPartition: WireStructure {
        public var topic = ""
        public var partitions: [Int32] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.topic, "Topic")
            try walker.int32s(&message.partitions, "Partitions")
        }
    }
}

/// What the leader gives a member.
public struct ConsumerProtocolAssignment: ConsumerProtocolBlob {
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleSince: Int16 { .max }

    public var assignedPartitions: [TopicPartition] = []
    public var userData: [UInt8]?

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.assignedPartitions, "AssignedPartitions")
        try walker.bytes(&message.userData, "UserData")
    }

    public struct TopicPartition: WireStructure {
        public var topic = ""
        public var partitions: [Int32] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.topic, "Topic")
            try walker.int32s(&message.partitions, "Partitions")
        }
    }
}
