// API key 49. Alters client quotas (KIP-546).
//
// Versions 0-1: 1 is flexible.

public struct AlterClientQuotasRequest: KafkaRequest {
    public typealias Response = AlterClientQuotasResponse
    public static var apiKey: ApiKey { .alterClientQuotas }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleSince: Int16 { 1 }

    public var entries: [EntryData] = []
    public var validateOnly = false

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.entries, "Entries")
        try walker.bool(&message.validateOnly, "ValidateOnly")
        try walker.noTags()
    }

    public struct EntryData: WireStructure {
        public var entity: [EntityData] = []
        public var ops: [OpData] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.array(&message.entity, "Entity")
            try walker.array(&message.ops, "Ops")
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

        public struct OpData: WireStructure {
            public var key = ""
            public var value: Double = 0
            public var remove = false

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.key, "Key")
                try walker.float64(&message.value, "Value")
                try walker.bool(&message.remove, "Remove")
                try walker.noTags()
            }
        }
    }
}

public struct AlterClientQuotasResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleSince: Int16 { 1 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var entries: [EntryData] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.array(&message.entries, "Entries")
        try walker.noTags()
    }

    public struct EntryData: WireStructure {
        public var errorCode = ErrorCode.none
        public var errorMessage: String?
        public var entity: [EntityData] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.string(&message.errorMessage, "ErrorMessage")
            try walker.array(&message.entity, "Entity")
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
    }
}
