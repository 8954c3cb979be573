// API key 31. Deletes the ACLs that filters match, and says which these were (KIP-140).
//
// Versions 0-3: 1 adds the type of the resource's pattern (KIP-290), 2 is flexible, 3 adds a type of resource and changes no field.

public struct DeleteAclsRequest: KafkaRequest {
    public typealias Response = DeleteAclsResponse
    public static var apiKey: ApiKey { .deleteAcls }
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleSince: Int16 { 2 }

    public var filters: [DeleteAclsFilter] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.array(&message.filters, "Filters")
        try walker.noTags()
    }

    public struct DeleteAclsFilter: WireStructure {
        public var resourceTypeFilter: Int8 = 0
        public var resourceNameFilter: String?
        public var patternTypeFilter: Int8 = 3
        public var principalFilter: String?
        public var hostFilter: String?
        public var operation: Int8 = 0
        public var permissionType: Int8 = 0

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.int8(&message.resourceTypeFilter, "ResourceTypeFilter")
            try walker.string(&message.resourceNameFilter, "ResourceNameFilter")
            if version >= 1 { try walker.int8(&message.patternTypeFilter, "PatternTypeFilter") }
            try walker.string(&message.principalFilter, "PrincipalFilter")
            try walker.string(&message.hostFilter, "HostFilter")
            try walker.int8(&message.operation, "Operation")
            try walker.int8(&message.permissionType, "PermissionType")
            try walker.noTags()
        }
    }
}

public struct DeleteAclsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleSince: Int16 { 2 }

    public var throttleTimeMilliseconds: Int32 = 0
    /// In the order of the request's filters.
    public var filterResults: [DeleteAclsFilterResult] = []

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.array(&message.filterResults, "FilterResults")
        try walker.noTags()
    }

    public struct DeleteAclsFilterResult: WireStructure {
        public var errorCode = ErrorCode.none
        public var errorMessage: String?
        public var matchingAcls: [DeleteAclsMatchingAcl] = []

        public init() {}

        public static func layout<W: LayoutWalker>(
            _ message: inout Self, by walker: inout W, version: Int16
        ) throws(W.Failure) {
            try walker.errorCode(&message.errorCode, "ErrorCode")
            try walker.string(&message.errorMessage, "ErrorMessage")
            try walker.array(&message.matchingAcls, "MatchingAcls")
            try walker.noTags()
        }

        public struct DeleteAclsMatchingAcl: WireStructure {
            public var errorCode = ErrorCode.none
            public var errorMessage: String?
            public var resourceType: Int8 = 0
            public var resourceName = ""
            public var patternType: Int8 = 3
            public var principal = ""
            public var host = ""
            public var operation: Int8 = 0
            public var permissionType: Int8 = 0

            public init() {}

            public static func layout<W: LayoutWalker>(
                _ message: inout Self, by walker: inout W, version: Int16
            ) throws(W.Failure) {
                try walker.errorCode(&message.errorCode, "ErrorCode")
                try walker.string(&message.errorMessage, "ErrorMessage")
                try walker.int8(&message.resourceType, "ResourceType")
                try walker.string(&message.resourceName, "ResourceName")
                if version >= 1 { try walker.int8(&message.patternType, "PatternType") }
                try walker.string(&message.principal, "Principal")
                try walker.string(&message.host, "Host")
                try walker.int8(&message.operation, "Operation")
                try walker.int8(&message.permissionType, "PermissionType")
                try walker.noTags()
            }
        }
    }
}
