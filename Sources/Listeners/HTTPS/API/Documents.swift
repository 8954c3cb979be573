// The JSON documents of `/v1`. Field names stay put: programs read them. Times are ms since 1970.

/// `GET /v1/whoami`
public struct WhoAmIDocument: Codable, Sendable, Hashable {
    public var authority: String
    public var agency: String
    public var unit: String
    public var node: String
    public var displayName: String?
    public var principal: String
    public var roles: [String]
    /// SHA-256 of the certificate, hex.
    public var certificateFingerprint: String
    public var remoteAddress: String
}

/// `GET /v1/topics`, `GET /v1/topics/{topic}`
public struct TopicDocument: Codable, Sendable, Hashable {
    public var name: String
    /// 32 hex digits.
    public var id: String
    public var partitions: [Partition]
    /// The agency that owns it; empty where nobody said.
    public var owner: String
    /// Only what differs from the default.
    public var configuration: [String: String]
    public var createdAt: Int64
    public var createdBy: String

    public struct Partition: Codable, Sendable, Hashable {
        public var partition: Int32
        public var logStart: Int64
        public var highWatermark: Int64
        public var sizeBytes: Int64
        /// Why it is out of service; nil while it serves.
        public var offline: String?
    }
}

/// One row of `GET /v1/groups`
public struct GroupSummaryDocument: Codable, Sendable, Hashable {
    public var group: String
    /// Kafka's words: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead.
    public var state: String
    public var protocolType: String
    public var members: Int
    /// Partitions with a committed offset.
    public var partitions: Int
}

/// `GET /v1/groups/{group}`
public struct GroupDocument: Codable, Sendable, Hashable {
    public var group: String
    public var state: String
    public var protocolType: String
    /// The assignor that was chosen; empty unless the group is stable.
    public var protocolName: String
    public var generation: Int32
    public var members: [Member]
    public var offsets: [Offset]

    public struct Member: Codable, Sendable, Hashable {
        public var memberID: String
        public var clientID: String
        public var clientHost: String
        public var principal: String
    }

    public struct Offset: Codable, Sendable, Hashable {
        public var topic: String
        public var partition: Int32
        public var offset: Int64
        public var endOffset: Int64
        /// Records not read yet.
        public var lagRecords: Int64
        /// How long the first of them has been waiting; nil when it is not known.
        public var lagMilliseconds: Int64?
    }
}

/// One row of `GET /v1/agreements/versions`
public struct AgreementVersionDocument: Codable, Sendable, Hashable {
    public var version: Int64
    public var appliedAt: Int64
    public var appliedBy: String
}

/// `GET /v1/agreements`, `GET /v1/agreements/versions/{version}`
public struct AgreementSetDocument: Codable, Sendable, Hashable {
    /// 0 when none was ever applied.
    public var version: Int64
    public var appliedAt: Int64?
    public var appliedBy: String?
    /// The agreements in force that concern whoever asks, with only the parties that do; operators and auditors see all. Not told
    /// of an old version.
    public var agreements: [Agreement]?
    /// The files as they were applied, by name, in YAML; empty for those who may not see the whole set.
    public var files: [String: String]

    public struct Agreement: Codable, Sendable, Hashable {
        public var id: String
        public var topic: String
        public var owner: String
        /// `pending`, `inForce`, `ended`
        public var standing: String
        public var from: String?
        public var until: String?
        public var legalBasis: String?
        public var parties: [Party]
        public var signedBy: [String]
    }

    public struct Party: Codable, Sendable, Hashable {
        public var node: String
        public var may: [String]
        public var groups: [String]
    }
}

/// What applying did, or with `dryRun` would do.
public struct AppliedDocument: Codable, Sendable, Hashable {
    /// The version in force now.
    public var version: Int64
    public var dryRun: Bool
    /// False where the set was in force already, byte for byte.
    public var isNewVersion: Bool
    /// Ids, in the order of the set.
    public var added: [String]
    public var changed: [String]
    public var removed: [String]
    public var warnings: [ProblemDocument.Fault]
}

/// A list in an object, so that fields can be added beside it.
struct TopicsDocument: Codable { var topics: [TopicDocument] }
struct GroupsDocument: Codable { var groups: [GroupSummaryDocument] }
struct AgreementVersionsDocument: Codable { var versions: [AgreementVersionDocument] }
/// The body of `PUT /v1/agreements`.
struct ApplyDocument: Codable { var files: [String: String] }
