// API key 30. Makes ACLs (KIP-140).
//
// Versions 0-3: 1 adds the type of the resource's pattern (KIP-290), 2 is flexible, 3 adds a type of resource and changes no field.

public struct CreateAclsRequest: KafkaRequest {
    public typealias Response = CreateAclsResponse
    public static var apiKey: ApiKey { .createAcls }
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleSince: Int16 { 2 }

    public var creations: [AclCreation] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.creations, "Creations")
        try walker.noTags()
    }

    public struct AclCreation: WireStructure {
        public var resourceType: Int8 = 0
        public var resourceName = ""
        public var resourcePatternType: Int8 = 3
        public var principal = ""
        public var host = ""
        public var operation: Int8 = 0
        public var permissionType: Int8 = 0

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.int8(&message.resourceType, "ResourceType")
            try walker.string(&message.resourceName, "ResourceName")
            if version >= 1 { try walker.int8(&message.resourcePatternType, "ResourcePatternType") }
            try walker.string(&message.principal, "Principal")
            try walker.string(&message.host, "Host")
            try walker.int8(&message.operation, "Operation")
            try walker.int8(&message.permissionType, "PermissionType")
            try walker.noTags()
        }
    }
}

public struct CreateAclsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleSince: Int16 { 2 }

    public var throttleTimeMilliseconds: Int32 = 0
    /// In the order of the request's.
    public var results: [AclCreationResult] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.array(&message.results, "Results")
        try walker.noTags()
    }

    public struct AclCreationResult: WireStructure {
        public var errorCode = ErrorCode.none
        public var errorMessage: String?

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.string(&message.errorMessage, "ErrorMessage")
            try walker.noTags()
        }
    }
}
