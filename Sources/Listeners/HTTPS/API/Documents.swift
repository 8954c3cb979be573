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
    /// Only what differs from the default.
    public var configuration: [String: String]
    public var createdAt: Int64
    public var createdBy: String
    /// Whether whoever asks may read it, and for what; told of one topic, not in lists.
    public var reading: Reading?
    /// Whom to ask for an agreement; told of one topic, not in lists.
    public var stewardship: Stewardship?

    public struct Stewardship: Codable, Sendable, Hashable {
        /// The agencies that own the topic, by its configuration and its agreements, sorted.
        public var owners: [String]
        /// Their nodes that sign agreements about it, sorted.
        public var stewards: [String]

        public init(owners: [String], stewards: [String]) {
            self.owners = owners
            self.stewards = stewards
        }
    }

    public struct Reading: Codable, Sendable, Hashable {
        /// With the purpose that the request declared in `Hanbridge-Purpose`, or with none.
        public var allowed: Bool
        /// What it would be read for.
        public var purpose: String?
        /// No purpose was declared, and this is the only one that one's agreements name.
        public var implied: Bool
        /// The purposes that one's agreements in force name.
        public var purposes: [String]
        /// An agreement lets one read for anything.
        public var anyPurpose: Bool

        public init(allowed: Bool, purpose: String?, implied: Bool, purposes: [String], anyPurpose: Bool) {
            self.allowed = allowed
            self.purpose = purpose
            self.implied = implied
            self.purposes = purposes
            self.anyPurpose = anyPurpose
        }
    }

    public struct Partition: Codable, Sendable, Hashable {
        public var partition: Int32
        public var logStart: Int64
        public var highWatermark: Int64
        public var sizeBytes: Int64
        /// Why it is out of service; nil while it serves.
        public var offline: String?

        public init(partition: Int32, logStart: Int64, highWatermark: Int64, sizeBytes: Int64, offline: String?) {
            self.partition = partition
            self.logStart = logStart
            self.highWatermark = highWatermark
            self.sizeBytes = sizeBytes
            self.offline = offline
        }
    }

    public init(
        name: String, id: String, partitions: [Partition], configuration: [String: String], createdAt: Int64, createdBy: String
    ) {
        self.name = name
        self.id = id
        self.partitions = partitions
        self.configuration = configuration
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// `GET /v1/groups`, `GET /v1/groups/{group}`
public struct GroupDocument: Codable, Sendable, Hashable {
    public var group: String
    /// Kafka's words: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead.
    public var state: String
    public var protocolType: String
    public var members: [Member]
    public var offsets: [Offset]

    public struct Member: Codable, Sendable, Hashable {
        public var memberID: String
        public var clientID: String
        public var clientHost: String
        public var principal: String

        public init(memberID: String, clientID: String, clientHost: String, principal: String) {
            self.memberID = memberID
            self.clientID = clientID
            self.clientHost = clientHost
            self.principal = principal
        }
    }

    public struct Offset: Codable, Sendable, Hashable {
        public var topic: String
        public var partition: Int32
        public var offset: Int64
        /// Records between the committed offset and the end; nil where the partition is not there.
        public var lag: Int64?
        public var committedAt: Int64

        public init(topic: String, partition: Int32, offset: Int64, lag: Int64?, committedAt: Int64) {
            self.topic = topic
            self.partition = partition
            self.offset = offset
            self.lag = lag
            self.committedAt = committedAt
        }
    }

    public init(group: String, state: String, protocolType: String, members: [Member], offsets: [Offset]) {
        self.group = group
        self.state = state
        self.protocolType = protocolType
        self.members = members
        self.offsets = offsets
    }
}

/// One row of `GET /v1/agreements/versions`
public struct AgreementVersionDocument: Codable, Sendable, Hashable {
    public var version: Int64
    public var appliedAt: Int64
    public var appliedBy: String

    public init(version: Int64, appliedAt: Int64, appliedBy: String) {
        self.version = version
        self.appliedAt = appliedAt
        self.appliedBy = appliedBy
    }
}

/// `GET /v1/agreements`, `GET /v1/agreements/versions/{version}`
public struct AgreementSetDocument: Codable, Sendable, Hashable {
    /// 0 when none was ever applied.
    public var version: Int64
    public var appliedAt: Int64?
    public var appliedBy: String?
    /// The agreements in force that concern whoever asks; operators and auditors see all. Empty for an old version.
    public var agreements: [Agreement]
    /// The files as they were applied, by name, in YAML; empty for those who may not see the whole set.
    public var files: [String: String]

    public struct Agreement: Codable, Sendable, Hashable {
        public var id: String
        public var topic: String
        /// Of a delegation the agency that hands on.
        public var owner: String
        /// The agreement of which it hands something on within its agency; nil for one between agencies.
        public var delegates: String?
        /// As written; nil where the agreement does not say.
        public var from: String?
        public var until: String?
        /// `pending`, `inForce`, `ended`
        public var standing: String
        /// Whose signatures count, and who must sign and whose does not.
        public var signed: [String]
        public var unsigned: [String]

        public init(id: String, topic: String, owner: String, delegates: String? = nil, from: String?, until: String?, standing: String, signed: [String] = [],
            unsigned: [String] = []
        ) {
            self.id = id
            self.topic = topic
            self.owner = owner
            self.delegates = delegates
            self.from = from
            self.until = until
            self.standing = standing
            self.signed = signed
            self.unsigned = unsigned
        }
    }

    public init(version: Int64, appliedAt: Int64?, appliedBy: String?, agreements: [Agreement] = [], files: [String: String]) {
        self.version = version
        self.appliedAt = appliedAt
        self.appliedBy = appliedBy
        self.agreements = agreements
        self.files = files
    }
}

/// What applying did, or with `dryRun` would do.
public struct AppliedDocument: Codable, Sendable, Hashable {
    /// The version in force now; with `dryRun` the one that stays in force.
    public var version: Int64
    public var dryRun: Bool
    public var agreements: Int

    public init(version: Int64, dryRun: Bool, agreements: Int) {
        self.version = version
        self.dryRun = dryRun
        self.agreements = agreements
    }
}

/// `POST /v1/agreements/{agreement}/end`
public struct AgreementEndedDocument: Codable, Sendable, Hashable {
    public var agreement: String
    /// The version in force now.
    public var version: Int64
    /// The first instant at which it is no longer in force.
    public var endedAt: Int64

    public init(agreement: String, version: Int64, endedAt: Int64) {
        self.agreement = agreement
        self.version = version
        self.endedAt = endedAt
    }
}

/// `GET /v1/decisions/explain`
public struct ExplanationDocument: Codable, Sendable, Hashable {
    public var allowed: Bool
    /// The time that the answer is about.
    public var at: Int64
    /// The version of the agreements that was in force then; 0 before the first.
    public var version: Int64
    /// What allowed it, `agreement:<id>#<rule>` or `role:<role>`, or why not: the words of `_audit.access`.
    public var reason: String
    /// What records would be read for.
    public var purpose: String?
    public var implied: Bool
    /// When the answer may change if the agreements stay as they are; nil for never.
    public var holdsUntil: Int64?
    public var rules: [Rule]
    /// Whom to ask: the agencies that own the topic, and their nodes that sign agreements.
    public var owners: [String]
    public var stewards: [String]

    public struct Rule: Codable, Sendable, Hashable {
        public var agreement: String
        /// From 0, in the order of the agreement's parties.
        public var rule: Int
        public var node: String
        /// `allows`, `denies`, `pending`, `ended`, `otherPurpose`, `otherRight`, `otherNode`, `nothingHandedOn`
        public var verdict: String
        /// `<id>#<rule>`, of which a delegation's rule hands something on.
        public var source: String?

        public init(agreement: String, rule: Int, node: String, verdict: String, source: String? = nil) {
            self.agreement = agreement
            self.rule = rule
            self.node = node
            self.verdict = verdict
            self.source = source
        }
    }

    public init(
        allowed: Bool, at: Int64, version: Int64, reason: String, purpose: String?, implied: Bool, holdsUntil: Int64?, rules: [Rule],
        owners: [String], stewards: [String]
    ) {
        self.allowed = allowed
        self.at = at
        self.version = version
        self.reason = reason
        self.purpose = purpose
        self.implied = implied
        self.holdsUntil = holdsUntil
        self.rules = rules
        self.owners = owners
        self.stewards = stewards
    }
}

/// `POST /v1/backups`
public struct BackupDocument: Codable, Sendable, Hashable {
    /// On the broker's machine.
    public var directory: String
    public var partitions: Int
    public var bytes: Int64

    public init(directory: String, partitions: Int, bytes: Int64) {
        self.directory = directory
        self.partitions = partitions
        self.bytes = bytes
    }
}

/// `GET /v1/quotas`
public struct QuotasDocument: Codable, Sendable, Hashable {
    public var quotas: [Quota]

    public struct Quota: Codable, Sendable, Hashable {
        /// `agency/unit/node`, `agency/*`; nil for every node that has none of its own.
        public var entity: String?
        public var values: [String: Double]

        public init(entity: String?, values: [String: Double]) {
            self.entity = entity
            self.values = values
        }
    }

    public init(quotas: [Quota]) { self.quotas = quotas }
}

/// A list in an object, so that fields can be added beside it.
struct TopicsDocument: Codable { var topics: [TopicDocument] }
struct GroupsDocument: Codable { var groups: [GroupDocument] }
struct AgreementVersionsDocument: Codable { var versions: [AgreementVersionDocument] }
/// The body of `POST /v1/agreements/{agreement}/end`.
struct EndDocument: Codable { var reason: String? }
/// The body of `POST /v1/quotas`.
struct QuotaChangeDocument: Codable {
    var entity: String?
    var set: [String: Double]?
    var clear: [String]?
}
/// The body of `PUT /v1/agreements`.
struct ApplyDocument: Codable { var files: [String: String] }
