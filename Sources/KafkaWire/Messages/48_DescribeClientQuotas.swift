// API key 48. Describes client quotas (KIP-546).
//
// Versions 0-1: 1 is flexible.

public struct DescribeClientQuotasRequest: KafkaRequest {
    public typealias Response = DescribeClientQuotasResponse
    public static var apiKey: ApiKey { .describeClientQuotas }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleSince: Int16 { 1 }

    public var components: [ComponentData] = []
    public var strict = false

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.components, "Components")
        try walker.bool(&message.strict, "Strict")
        try walker.noTags()
    }

    public struct ComponentData: WireStructure {
        public var entityType = ""
        /// 0 the name in `match`, 1 the default entity, 2 any name.
        public var matchType: Int8 = 0
        public var match: String?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.entityType, "EntityType")
            try walker.int8(&message.matchType, "MatchType")
            try walker.string(&message.match, "Match")
            try walker.noTags()
        }
    }
}

public struct DescribeClientQuotasResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleSince: Int16 { 1 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none
    public var errorMessage: String?
    public var entries: [EntryData]?

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.errorCode(&message.errorCode, "ErrorCode")
        try walker.string(&message.errorMessage, "ErrorMessage")
        try walker.array(&message.entries, "Entries")
        try walker.noTags()
    }

    public struct EntryData: WireStructure {
        public var entity: [EntityData] = []
        public var values: [ValueData] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.array(&message.entity, "Entity")
            try walker.array(&message.values, "Values")
            try walker.noTags()
        }

        public struct EntityData: WireStructure {
            public var entityType = ""
            /// nil for the default entity.
            public var entityName: String?

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.entityType, "EntityType")
                try walker.string(&message.entityName, "EntityName")
                try walker.noTags()
            }
        }

        public struct ValueData: WireStructure {
            public var key = ""
            public var value: Double = 0

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.key, "Key")
                try walker.float64(&message.value, "Value")
                try walker.noTags()
            }
        }
    }
}
