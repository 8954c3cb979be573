public import AccessPolicy
public import KafkaWire
public import Logging
import NIOConcurrencyHelpers
public import Storage

/// What all connections share. The references never change; what changes is a snapshot in a box.
public final class BrokerServices: Sendable {
    public let store: any PartitionStore
    public let metadata: any MetadataStore
    public let settings: BrokerSettings
    public let clock: any BrokerClock
    public let audit: any AccessAuditing
    public let log: Logger
    public let clusterID: UUID128
    /// Written through ``install(catalogue:)`` by the topic administration alone.
    public let catalogue: SnapshotBox<TopicCatalogue>
    /// Written through ``install(policy:)`` by the policy administration alone.
    public let policy: SnapshotBox<PolicySnapshot>
    /// Which signatures agreements need. Without rules none is judged. Written at start, before a set is applied.
    public let signatureRules = SnapshotBox<SignatureRules?>(nil)
    /// Written through ``install(registry:)`` by the registry's administration alone.
    public let registry: SnapshotBox<SchemaRegistry>
    /// Consumer groups; `load` makes it serve.
    public let groups: GroupCoordinator
    /// Written by the listener once it is bound.
    public let advertised: SnapshotBox<AdvertisedAddress>

    /// One for each event loop that has had a connection. The lock is taken once a connection and once a change, never on
    /// the way of a record.
    let dataPlanes = NIOLockedValueBox<[ObjectIdentifier: DataPlane]>([:])
    let highWatermarks = HighWatermarkFanOut()
    let fetchSessionBudget: FetchSessionBudget
    let producerIDs: ProducerIDs
    let quarantineMemory: QuarantineMemory
    /// Whose keys publish, and published.
    public let writers: WriterDirectory
    /// What is sent to whom.
    public let deliveries: DeliveryLedger
    let requestMetrics = RequestMetrics()
    /// What is signed of the trees: written by the ``CheckpointSigner``.
    public let checkpoints = CheckpointBoard()
    /// How time-stamping them stands.
    public let timestamps = TimestampStatus()
    let publishing: PublishingServices
    public let quotas: Quotas
    /// Reading under restrictions.
    let projections: Projections
    /// Topics, agreements and schemas change one after the other.
    let changes = ChangeOrder()

    public convenience init(
        store: any PartitionStore, metadata: any MetadataStore, settings: BrokerSettings, clock: any BrokerClock,
        audit: any AccessAuditing, log: Logger, clusterID: UUID128, catalogue: TopicCatalogue, policy: PolicySnapshot,
        registry: SchemaRegistry = .empty, advertised: AdvertisedAddress
    ) {
        self.init(
            store: store, metadata: metadata, settings: settings, clock: clock, audit: audit, log: log, clusterID: clusterID,
            catalogue: catalogue, policy: policy, registry: registry, advertised: advertised, publishing: PublishingServices(metadata: metadata, clock: clock))
    }

    init(
        store: any PartitionStore, metadata: any MetadataStore, settings: BrokerSettings, clock: any BrokerClock,
        audit: any AccessAuditing, log: Logger, clusterID: UUID128, catalogue: TopicCatalogue, policy: PolicySnapshot,
        registry: SchemaRegistry, advertised: AdvertisedAddress, publishing: PublishingServices, quotas: Quotas = Quotas(),
        withheld: WithheldRecords = WithheldRecords(), projectionWaitMilliseconds: Int64 = ReadingLimits.makingMilliseconds
    ) {
        self.store = store
        self.metadata = metadata
        self.settings = settings
        self.clock = clock
        self.audit = audit
        self.log = log
        self.clusterID = clusterID
        self.catalogue = SnapshotBox(catalogue)
        self.policy = SnapshotBox(policy.closing(catalogue.closedTopics))
        self.registry = SnapshotBox(registry)
        self.advertised = SnapshotBox(advertised)
        self.publishing = publishing
        self.quotas = quotas
        fetchSessionBudget = FetchSessionBudget(slots: settings.fetchSessionSlots)
        producerIDs = ProducerIDs(metadata: metadata)
        quarantineMemory = QuarantineMemory(log: log)
        projections = Projections(self.policy, log: log, withheld: withheld, waitMilliseconds: projectionWaitMilliseconds)
        writers = WriterDirectory(metadata: metadata, clock: clock)
        groups = GroupCoordinator(metadata: metadata, settings: settings, clock: clock, catalogue: self.catalogue)
        guard let ledger = catalogue[AuditTopic.delivery] else { preconditionFailure("there is no topic \(AuditTopic.delivery)") }
        deliveries = DeliveryLedger(topic: ledger, clusterID: clusterID, clock: clock, log: log)
        store.observe(highWatermarks)
        let ledgerID = deliveries.partitionID
        highWatermarks.leaveAsleep(ledgerID)
        deliveries.call(
            DeliveryLedger.Callbacks(
                wakeReaders: { [highWatermarks] in highWatermarks.wakeReaders(of: ledgerID) },
                roomCameBack: { [highWatermarks] in for plane in highWatermarks.dataPlanes.value { plane.wakeAllFetches() } },
                streamsWanted: { [highWatermarks] in for plane in highWatermarks.dataPlanes.value { plane.retireDeliveries() } }))
    }

    /// Puts a policy in force: at once for every new decision, and fetches that wait are decided again.
    public func install(policy next: PolicySnapshot) {
        projections.install(policy: next.closing(catalogue.value.closedTopics))
        accessesChanged()
    }

    /// Puts a catalogue in force; fetches that wait for a partition that is gone learn of it.
    public func install(catalogue next: TopicCatalogue) {
        // First what may not be opened, then what there is: nobody meets a closed topic by an ACL.
        policy.replace(with: policy.value.closing(next.closedTopics))
        catalogue.replace(with: next)
        quarantineMemory.forgetReadings { next[$0] != nil }
        accessesChanged()
    }

    /// Puts a registry in force, for the next batch that is admitted.
    public func install(registry next: SchemaRegistry) { registry.replace(with: next) }

    /// Partitions that take and give nothing, and why: those that the log holds and those that it has lost.
    public var offlinePartitions: [(id: PartitionID, why: String)] {
        store.statistics().offlinePartitions
            + catalogue.value.topics.flatMap(\.partitions).compactMap { log in
                guard log is OfflinePartition, case .offline(let why) = log.bounds.state else { return nil }
                return (log.id, why)
            }
    }

    /// Decides by the policy in force now, and audits a refusal.
    public func decide(_ question: AccessQuestion, for peer: Peer) -> Decision {
        let decision = policy.value.decide(question, for: peer.identity, at: clock.now())
        if case .refused(let refusal) = decision.outcome {
            audit.refused(question, refusal: refusal, policyVersion: decision.policyVersion, peer: peer)
        }
        return decision
    }
}
