// API key 18. Tells a client which APIs and versions the broker speaks. It is the first request of most connections.
//
// Versions 0-4. A request newer than the broker is answered in version 0 with UNSUPPORTED_VERSION and the list (KIP-511), and
// every answer has response header version 0.
//
// - 1 adds throttling. 3 is flexible, adds the client's name and version (KIP-511) and features (KIP-584).
// - 4 allows a feature's lowest version to be 0 (KIP-1022).

public struct ApiVersionsRequest: KafkaRequest {
    public typealias Response = ApiVersionsResponse
    public static var apiKey: ApiKey { .apiVersions }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 3 }

    public var clientSoftwareName = ""
    public var clientSoftwareVersion = ""

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        if version >= 3 {
            try walker.string(&message.clientSoftwareName, "ClientSoftwareName")
            try walker.string(&message.clientSoftwareVersion, "ClientSoftwareVersion")
        }
        try walker.noTags()
    }
}

public struct ApiVersionsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 3 }

    public var errorCode = ErrorCode.none
    public var apiKeys: [ApiVersion] = []
    public var throttleTimeMilliseconds: Int32 = 0
    public var supportedFeatures: [SupportedFeatureKey] = []
    public var finalizedFeaturesEpoch: Int64 = -1
    public var finalizedFeatures: [FinalizedFeatureKey] = []
    public var zkMigrationReady = false

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.errorCode(&message.errorCode, "ErrorCode")
        try walker.array(&message.apiKeys, "ApiKeys")
        if version >= 1 { try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs") }
        try walker.beginTags()
        if try walker.tag(0, isPresent: !message.supportedFeatures.isEmpty) {
            try walker.array(&message.supportedFeatures, "SupportedFeatures")
        }
        if try walker.tag(1, isPresent: message.finalizedFeaturesEpoch != -1) {
            try walker.int64(&message.finalizedFeaturesEpoch, "FinalizedFeaturesEpoch")
        }
        if try walker.tag(2, isPresent: !message.finalizedFeatures.isEmpty) {
            try walker.array(&message.finalizedFeatures, "FinalizedFeatures")
        }
        if try walker.tag(3, isPresent: message.zkMigrationReady) {
            try walker.bool(&message.zkMigrationReady, "ZkMigrationReady")
        }
        try walker.endTags()
    }

    public struct ApiVersion: WireStructure {
        public var apiKey: Int16 = 0
        public var minVersion: Int16 = 0
        public var maxVersion: Int16 = 0

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.int16(&message.apiKey, "ApiKey")
            try walker.int16(&message.minVersion, "MinVersion")
            try walker.int16(&message.maxVersion, "MaxVersion")
            try walker.noTags()
        }
    }

    public struct SupportedFeatureKey: WireStructure {
        public var name = ""
        public var minVersion: Int16 = 0
        public var maxVersion: Int16 = 0

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.int16(&message.minVersion, "MinVersion")
            try walker.int16(&message.maxVersion, "MaxVersion")
            try walker.noTags()
        }
    }

    public struct FinalizedFeatureKey: WireStructure {
        public var name = ""
        public var maxVersionLevel: Int16 = 0
        public var minVersionLevel: Int16 = 0

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.string(&message.name, "Name")
            try walker.int16(&message.maxVersionLevel, "MaxVersionLevel")
            try walker.int16(&message.minVersionLevel, "MinVersionLevel")
            try walker.noTags()
        }
    }
}
