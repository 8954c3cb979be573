// API key 32. Describes configurations of topics (type 2) and brokers (type 4) (KIP-133).
//
// Versions 0-4: 1 adds sources and synonyms (KIP-226), 3 types and documentation (KIP-569), 4 is flexible.

public struct DescribeConfigsRequest: KafkaRequest {
    public typealias Response = DescribeConfigsResponse
    public static var apiKey: ApiKey { .describeConfigs }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 4 }

    public var resources: [DescribeConfigsResource] = []
    public var includeSynonyms = false
    public var includeDocumentation = false

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.resources, "Resources")
        if version >= 1 { try walker.bool(&message.includeSynonyms, "IncludeSynonyms") }
        if version >= 3 { try walker.bool(&message.includeDocumentation, "IncludeDocumentation") }
        try walker.noTags()
    }

    public struct DescribeConfigsResource: WireStructure {
        public var resourceType: Int8 = 0
        public var resourceName = ""
        public var configurationKeys: [String]?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.int8(&message.resourceType, "ResourceType")
            try walker.string(&message.resourceName, "ResourceName")
            try walker.strings(&message.configurationKeys, "ConfigurationKeys")
            try walker.noTags()
        }
    }
}

public struct DescribeConfigsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 4 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var results: [DescribeConfigsResult] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.array(&message.results, "Results")
        try walker.noTags()
    }

    public struct DescribeConfigsResult: WireStructure {
        public var errorCode = ErrorCode.none
        public var errorMessage: String?
        public var resourceType: Int8 = 0
        public var resourceName = ""
        public var configs: [DescribeConfigsResourceResult] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.string(&message.errorMessage, "ErrorMessage")
            try walker.int8(&message.resourceType, "ResourceType")
            try walker.string(&message.resourceName, "ResourceName")
            try walker.array(&message.configs, "Configs")
            try walker.noTags()
        }

        public struct DescribeConfigsResourceResult: WireStructure {
            public var name = ""
            public var value: String?
            public var readOnly = false
            public var isDefault = false
            public var configSource: Int8 = -1
            public var isSensitive = false
            public var synonyms: [DescribeConfigsSynonym] = []
            public var configType: Int8 = 0
            public var documentation: String?

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.string(&message.name, "Name")
                try walker.string(&message.value, "Value")
                try walker.bool(&message.readOnly, "ReadOnly")
                if version <= 0 { try walker.bool(&message.isDefault, "IsDefault") }
                if version >= 1 { try walker.int8(&message.configSource, "ConfigSource") }
                try walker.bool(&message.isSensitive, "IsSensitive")
                if version >= 1 { try walker.array(&message.synonyms, "Synonyms") }
                if version >= 3 {
                    try walker.int8(&message.configType, "ConfigType")
                    try walker.string(&message.documentation, "Documentation")
                }
                try walker.noTags()
            }

            public struct DescribeConfigsSynonym: WireStructure {
                public var name = ""
                public var value: String?
                public var source: Int8 = 0

                public init() {}

                public static func layout<W: LayoutWalker>(
                    _ message: inout Self, by walker: inout W, version: Int16
                ) throws(W.Failure) {
                    try walker.string(&message.name, "Name")
                    try walker.string(&message.value, "Value")
                    try walker.int8(&message.source, "Source")
                    try walker.noTags()
                }
            }
        }
    }
}
