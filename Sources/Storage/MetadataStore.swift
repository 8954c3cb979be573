public import KafkaWire

/// The seam to the engine that keeps everything that is not a record. A change is whole or not there after a power loss at
/// any write; each call returns after its commit is durable.
public protocol MetadataStore: Sendable {
    /// Everything but group offsets, read once at start.
    func load() async throws(StorageError) -> MetadataImage

    /// Applies one change as one transaction.
    /// - Throws: `.conflict` when the change contradicts what is stored; nothing is changed then.
    func apply(_ change: MetadataChange) async throws(StorageError)

    /// All committed offsets of a group.
    func offsets(ofGroup group: String) async throws(StorageError) -> [CommittedOffset]

    /// Groups with committed offsets.
    func groupsWithOffsets() async throws(StorageError) -> [String]

    /// Commits offsets. Calls that wait at the same time share one transaction and one sync.
    func commit(_ offsets: [CommittedOffset], group: String) async throws(StorageError)

    /// Removes offsets whose commit is older than the time, ms since 1970, for groups not in `active`.
    func expireOffsets(committedBefore time: Int64, exceptGroups active: Set<String>) async throws(StorageError) -> Int

    /// Reserves a block of producer ids that no later call and no restart hands out again.
    func reserveProducerIDs(count: Int64) async throws(StorageError) -> Range<Int64>

    /// Keeps for ever that this principal publishes with this key, at most so many pairs: the one noted first is forgotten then.
    /// Noting what is known is no change.
    /// - Returns: every principal that published with the key.
    ///
    /// - Parameter certificates: the first of each key are kept, as long as its principal is.
    func note(
        writer key: Digest256, principal: String, certificates: WriterCertificates, at time: Int64, pairsMax: Int
    ) async throws(StorageError) -> Set<String>
    /// The certificates with which a key first published, as they were noted.
    func certificates(ofWriter key: Digest256) async throws(StorageError) -> WriterCertificates
    /// Every principal that published with the key; none where nobody was noted.
    func principals(ofWriter key: Digest256) async throws(StorageError) -> Set<String>

    /// A secret of the store: the one that is kept under the name, which is `fresh` where there was none.
    func secret(named name: String, orKeeping fresh: [UInt8]) async throws(StorageError) -> [UInt8]

    /// Every kept version of the agreements, newest first, without their text.
    func agreementVersions(limit: Int) async throws(StorageError) -> [AgreementSet.Summary]
    func agreementSet(version: Int64) async throws(StorageError) -> AgreementSet?

    /// What is kept of a request that names itself; nil for one that was never put, or is forgotten.
    func namedRequest(node: String, key: String) async throws(StorageError) -> NamedRequest?

    /// Keeps a request, in place of the one of the same node and key, and forgets the oldest ones past the limits.
    func put(_ request: NamedRequest, limits: NamedRequestLimits) async throws(StorageError)

    /// As if it had never been put.
    func removeNamedRequest(node: String, key: String) async throws(StorageError)

    /// Those whose answer is not known, the oldest first.
    func unansweredRequests() async throws(StorageError) -> [NamedRequest]

    /// Emergencies that were asked for and neither opened nor forgotten.
    func emergencies() async throws(StorageError) -> [EmergencyRecord]

    /// Every entity's quotas.
    func quotas() async throws(StorageError) -> [QuotaRecord]

    /// The journal of checkpoints: returns when they are durable, and only then may they be shown to anybody. Here a partition is a log's
    /// name: of one that was reopened the id is not the topic's.
    func append(_ checkpoints: [StoredCheckpoint]) async throws(StorageError)
    /// The largest of each partition.
    func lastCheckpoints() async throws(StorageError) -> [StoredCheckpoint]
    /// The smallest checkpoint of the partition that has `size` leaves at least.
    func checkpoint(of partition: PartitionID, atLeast size: Int64) async throws(StorageError) -> StoredCheckpoint?
    /// The largest checkpoints of the partition that have fewer leaves, the largest first.
    func checkpoints(of partition: PartitionID, below size: Int64, limit: Int) async throws(StorageError) -> [StoredCheckpoint]
    /// Keeps a checkpoint for as long as any, where others of its minute are thinned away: a log was closed with it.
    func keepCheckpoint(of partition: PartitionID, size: Int64) async throws(StorageError)
    /// The smallest witnessed checkpoints of the partition that have `size` leaves at least, by size.
    func witnessedCheckpoints(of partition: PartitionID, atLeast size: Int64, limit: Int) async throws(StorageError) -> [StoredCheckpoint]
    /// Keeps what was cosigned: notes in place of those of the same sizes. One that was thinned away meanwhile stays away.
    func keepCosigned(_ checkpoints: [StoredCheckpoint]) async throws(StorageError)
    /// Of those made before the time, ms since 1970, the last of each minute stay; of witnessed ones only those made before the other.
    func thinCheckpoints(madeBefore time: Int64, witnessedMadeBefore witnessedTime: Int64) async throws(StorageError)

    /// A consistent copy of the whole store while it runs, for `backup`.
    func copy(to destination: String) async throws(StorageError)

    func shutDown() async
}

/// What `load` answers.
public struct MetadataImage: Sendable {
    public var clusterID: UUID128
    /// Raised and made durable by each `load`: the leader epoch of every partition opened in this run.
    public var runEpoch: Int32
    public var topics: [TopicRecord]
    public var groups: [GroupRecord]
    public var agreements: AgreementSet?
    /// Every topic that was ever deleted. Partitions of these alone are removed at start: partitions of a topic that is neither
    /// here nor among the live ones are records whose metadata is missing, and nothing may remove them by itself.
    public var deletedTopics: Set<UUID128>
    public var registry: RegistryImage

    public init(
        clusterID: UUID128, runEpoch: Int32, topics: [TopicRecord], groups: [GroupRecord], agreements: AgreementSet?,
        deletedTopics: Set<UUID128> = [], registry: RegistryImage = RegistryImage()
    ) {
        self.clusterID = clusterID
        self.runEpoch = runEpoch
        self.topics = topics
        self.groups = groups
        self.agreements = agreements
        self.deletedTopics = deletedTopics
        self.registry = registry
    }
}

public enum MetadataChange: Sendable {
    case createTopic(TopicRecord)
    /// From now on the topic is gone for clients; its partitions are removed from the store afterwards, also after a crash.
    case deleteTopic(UUID128)
    case setPartitionCount(topic: UUID128, count: Int32)
    /// The whole configuration of a topic: only what differs from the default.
    case setTopicConfiguration(topic: UUID128, configuration: [String: String])
    case putGroup(GroupRecord)
    /// The group's record and all its committed offsets. Not an error where there is neither.
    case deleteGroup(String)
    case deleteOffsets(group: String, partitions: [PartitionName])
    /// Refused with `.conflict` unless `version` is one above the newest.
    case putAgreements(AgreementSet)
    /// Refused with `.conflict` where it does not fit what is stored.
    case changeRegistry(RegistryChange)
    /// All quotas of one entity; where there are none the entity is forgotten.
    case putQuotas(QuotaRecord)
    /// In the place of one with the same id.
    case putEmergency(EmergencyRecord)
    case removeEmergency(id: String)
}

/// Access in an emergency that one person asked for and that waits for another.
public struct EmergencyRecord: Hashable, Sendable {
    /// The agreement's.
    public let id: String
    /// The file, in YAML.
    public let text: String
    /// `agency/unit/node` of who asked.
    public let askedBy: String
    /// Whether that was an operator.
    public let isByOperator: Bool
    /// The hash of the asker's key, as it is its `writer`.
    public let key: [UInt8]
    /// ms since 1970: until when it can be confirmed.
    public let expiresAt: Int64

    public init(id: String, text: String, askedBy: String, isByOperator: Bool, key: [UInt8], expiresAt: Int64) {
        self.id = id
        self.text = text
        self.askedBy = askedBy
        self.isByOperator = isByOperator
        self.key = key
        self.expiresAt = expiresAt
    }
}

/// A partition as clients name it.
public struct PartitionName: Hashable, Sendable {
    public let topic: String
    public let partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}

public struct TopicRecord: Hashable, Sendable {
    public let name: String
    public let id: UUID128
    public var partitionCount: Int32
    /// Only what differs from the default.
    public var configuration: [String: String]
    /// ms since 1970
    public let createdAt: Int64
    /// The principal that created it.
    public let createdBy: String

    public init(
        name: String, id: UUID128, partitionCount: Int32, configuration: [String: String], createdAt: Int64, createdBy: String
    ) {
        self.name = name
        self.id = id
        self.partitionCount = partitionCount
        self.configuration = configuration
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

public struct CommittedOffset: Hashable, Sendable {
    public let partition: PartitionName
    /// The incarnation of the topic: offsets of a deleted topic are not those of its successor.
    public let topicID: UUID128
    public let offset: Int64
    /// -1 where the client did not say.
    public let leaderEpoch: Int32
    /// The client's own words, at most 4096 bytes (`offset.metadata.max.bytes`).
    public let metadata: String
    /// ms since 1970
    public let committedAt: Int64

    public init(
        partition: PartitionName, topicID: UUID128, offset: Int64, leaderEpoch: Int32, metadata: String, committedAt: Int64
    ) {
        self.partition = partition
        self.topicID = topicID
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.metadata = metadata
        self.committedAt = committedAt
    }
}

/// A classic consumer group as it must survive a restart: members keep their ids, their assignments and their generation.
public struct GroupRecord: Hashable, Sendable {
    public let group: String
    public var protocolType: String
    public var generation: Int32
    public var protocolName: String?
    public var leader: String?
    /// ms since 1970, when the group last changed between empty and not.
    public var stateChangedAt: Int64
    public var members: [Member]

    public struct Member: Hashable, Sendable {
        public var memberID: String
        public var groupInstanceID: String?
        public var clientID: String
        public var clientHost: String
        /// `User:agency/unit/node`
        public var principal: String
        public var sessionTimeoutMilliseconds: Int32
        public var rebalanceTimeoutMilliseconds: Int32
        public var subscription: [UInt8]
        public var assignment: [UInt8]

        public init(
            memberID: String, groupInstanceID: String?, clientID: String, clientHost: String, principal: String,
            sessionTimeoutMilliseconds: Int32, rebalanceTimeoutMilliseconds: Int32, subscription: [UInt8], assignment: [UInt8]
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.clientID = clientID
            self.clientHost = clientHost
            self.principal = principal
            self.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
            self.rebalanceTimeoutMilliseconds = rebalanceTimeoutMilliseconds
            self.subscription = subscription
            self.assignment = assignment
        }
    }

    public init(
        group: String, protocolType: String, generation: Int32, protocolName: String?, leader: String?, stateChangedAt: Int64,
        members: [Member]
    ) {
        self.group = group
        self.protocolType = protocolType
        self.generation = generation
        self.protocolName = protocolName
        self.leader = leader
        self.stateChangedAt = stateChangedAt
        self.members = members
    }
}

/// One applied version of the agreements, kept for ever: decisions cite it.
public struct AgreementSet: Hashable, Sendable {
    public let summary: Summary
    /// The files as they were applied, by name, in YAML.
    public let files: [String: String]

    public struct Summary: Hashable, Sendable {
        public let version: Int64
        /// ms since 1970
        public let appliedAt: Int64
        /// The principal that applied it, or `file:<name of the directory>` for one applied at start or reload.
        public let appliedBy: String

        public init(version: Int64, appliedAt: Int64, appliedBy: String) {
            self.version = version
            self.appliedAt = appliedAt
            self.appliedBy = appliedBy
        }
    }

    public init(summary: Summary, files: [String: String]) {
        self.summary = summary
        self.files = files
    }
}
