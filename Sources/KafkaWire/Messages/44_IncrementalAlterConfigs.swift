// API key 44. Changes single settings of a resource (KIP-339).
//
// Operations: 0 set, 1 delete, 2 append to a list, 3 subtract from it.
//
// Versions 0-1: 1 is flexible.

public struct IncrementalAlterConfigsRequest: KafkaRequest {
    public typealias Response = IncrementalAlterConfigsResponse
    public static var apiKey: ApiKey { .incrementalAlterConfigs }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleSince: Int16 { 1 }

    public var resources: [AlterConfigsResource] = []
    public var validateOnly = false

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.resources, "Resources")
        try walker.bool(&message.validateOnly, "ValidateOnly")
        try walker.noTags()
    }

    public struct AlterConfigsResource: WireStructure {
        public var resourceType: Int8 = 0
        public var resourceName = ""
        public var configs: [AlterableConfig] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.int8(&message.resourceType, "ResourceType")
            try walker.string(&message.resourceName, "ResourceName")
            try walker.array(&message.configs, "Configs")
            try walker.noTags()
        }

        public struct AlterableConfig: WireStructure {
            public var name = ""
            public var configOperation: Int8 = 0
            public var value: String?

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.name, "Name")
                try walker.int8(&message.configOperation, "ConfigOperation")
                try walker.string(&message.value, "Value")
                try walker.noTags()
            }
        }
    }
}

public struct IncrementalAlterConfigsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleSince: Int16 { 1 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var responses: [AlterConfigsResourceResponse] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.array(&message.responses, "Responses")
        try walker.noTags()
    }

    public struct AlterConfigsResourceResponse: WireStructure {
        public var errorCode = ErrorCode.none
        public var errorMessage: String?
        public var resourceType: Int8 = 0
        public var resourceName = ""

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.string(&message.errorMessage, "ErrorMessage")
            try walker.int8(&message.resourceType, "ResourceType")
            try walker.string(&message.resourceName, "ResourceName")
            try walker.noTags()
        }
    }
}
