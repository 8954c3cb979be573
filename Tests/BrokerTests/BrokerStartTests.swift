import AccessPolicy
import KafkaWire
import Logging
import NIOConcurrencyHelpers
import Storage
import Testing

@testable import Broker

/// What start does with what it finds; `Administration/StartTests` restarts a broker that was used.
@Suite("Start and stop")
struct BrokerStartTests {
    private func start(
        _ store: InMemoryPartitionStore, _ metadata: InMemoryMetadataStore, log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) async throws -> BrokerServices {
        try await BrokerServices.start(
            store: store, metadata: metadata, settings: BrokerSettings(), clock: SteppingClock(),
            log: log, advertised: AdvertisedAddress(host: "b", port: 1)
        ) { _, _ in RecordingAudit() }
    }

    private func record(_ name: String, _ partitions: Int32, _ configuration: [String: String] = [:]) -> TopicRecord {
        TopicRecord(
            name: name, id: .random(), partitionCount: partitions, configuration: configuration, createdAt: 0, createdBy: "test")
    }

    @Test("On empty stores the audit's topic is made, durably, and nothing is allowed to anybody without a role")
    func empty() async throws {
        let (store, metadata) = (InMemoryPartitionStore(), InMemoryMetadataStore())
        let services = try await start(store, metadata)
        #expect(services.catalogue.value.topics.map(\.name) == ["_audit.access", "_audit.delivery"])
        #expect(metadata.snapshot.image.topics.map(\.name) == ["_audit.access", "_audit.delivery"])
        #expect(services.policy.value.version == 0)
        let again = try await start(store, metadata)
        #expect(again.catalogue.value["_audit.access"]?.id == services.catalogue.value["_audit.access"]?.id)
    }

    @Test("Known partitions are opened, by number")
    func partitions() async throws {
        let kept = record("kept", 20)
        let (store, metadata) = (InMemoryPartitionStore(), InMemoryMetadataStore(topics: [kept]))
        let opened = (0..<20).map { store.open(PartitionID(topic: kept.id, partition: $0)) }
        let services = try await start(store, metadata)
        let topic = try #require(services.catalogue.value["kept"])
        #expect(topic.partitions.map(\.id.partition) == Array(0..<20))
        #expect(topic.partitions[3] === opened[3])
    }

    @Test("A partition that was lost or cannot be opened is offline and named, is not made anew, and the others serve")
    func lostPartitions() async throws {
        let kept = record("kept", 3)
        let ids = (0..<3).map { PartitionID(topic: kept.id, partition: $0) }
        let (store, metadata) = (InMemoryPartitionStore(), InMemoryMetadataStore(topics: [kept]))
        store.open(ids[1])
        store.open(ids[2])
        store.open(PartitionID(topic: .random(), partition: 0))
        store.failCreation(with: .io(operation: "opening it", errno: 5), of: ids[2])
        let audit = record("_audit.access", 1)
        try await metadata.apply(.createTopic(audit))
        store.open(PartitionID(topic: audit.id, partition: 0))
        let services = try await start(store, metadata)
        let states = try #require(services.catalogue.value["kept"]).partitions.map(\.bounds.state)
        #expect(states[0] != .online && states[1] == .online && states[2] != .online)
        #expect(store.partition(ids[0]) == nil)
        #expect(services.offlinePartitions.map(\.id) == [ids[0], ids[2]])
        #expect(services.offlinePartitions.allSatisfy { $0.why.contains("of topic kept") })
        let log = services.catalogue.value["kept"]?.partition(0)
        await #expect(throws: StorageError.self) { try await log?.truncateHead(before: .zero) }
    }

    @Test("A lost audit is not begun anew: what must be audited is refused")
    func lostAudit() async throws {
        let (kept, audit) = (record("kept", 1), record("_audit.access", 1))
        let (store, metadata) = (InMemoryPartitionStore(), InMemoryMetadataStore(topics: [kept, audit]))
        store.open(PartitionID(topic: kept.id, partition: 0))
        let services = try await start(store, metadata)
        #expect(services.offlinePartitions.map(\.id.topic) == [audit.id])
    }

    @Test("Topics beside an empty log are a log that was lost: the broker does not start and makes nothing")
    func lostLog() async throws {
        let store = InMemoryPartitionStore()
        let metadata = InMemoryMetadataStore(topics: [record("kept", 1), record("_audit.access", 1)])
        await #expect(throws: BrokerStartError.self) { try await start(store, metadata) }
        #expect(store.partitions().isEmpty)
    }

    @Test("A first start that a crash broke off is finished by the next")
    func brokenOffFirstStart() async throws {
        let store = InMemoryPartitionStore()
        let services = try await start(store, InMemoryMetadataStore(topics: [record("_audit.access", 1)]))
        #expect(services.offlinePartitions.isEmpty && store.partitions().count == 2)
    }

    @Test("Stored agreements are in force; a stored set that cannot be read keeps the broker from starting")
    func agreements() async throws {
        let metadata = InMemoryMetadataStore()
        let summary = AgreementSet.Summary(version: 1, appliedAt: 0, appliedBy: "test")
        try await metadata.apply(.putAgreements(AgreementSet(summary: summary, files: ["a.yaml": BrokerFixture.agreements])))
        let services = try await start(InMemoryPartitionStore(), metadata)
        #expect(services.policy.value.version == 1)
        #expect(services.decide(.publish(topic: "health.x"), for: try BrokerFixture.peer(BrokerFixture.ward)).isAllowed)

        let erasing = BrokerFixture.agreements.replacing("may: [subscribe]", with: "may: [subscribe, vanish]")
        let second = AgreementSet.Summary(version: 2, appliedAt: 0, appliedBy: "test")
        try await metadata.apply(.putAgreements(AgreementSet(summary: second, files: ["a.yaml": erasing])))
        await #expect(throws: BrokerStartError.self) { try await start(InMemoryPartitionStore(), metadata) }
    }

    @Test("A configuration that this version does not take leaves the topic with the defaults, and deletes nothing")
    func configuration() async throws {
        let odd = record("odd", 1, ["retention.ms": "1", "from.the.future": "1"])
        let (store, metadata) = (InMemoryPartitionStore(), InMemoryMetadataStore(topics: [odd]))
        store.open(PartitionID(topic: odd.id, partition: 0))
        let services = try await start(store, metadata)
        #expect(services.catalogue.value["odd"]?.configuration.retentionMilliseconds == -1)
    }

    private struct WarningLog: LogHandler {
        let lines: NIOLockedValueBox<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.withLockedValue { $0.append("\(event.message)") } }
    }

    @Test("A quarantine that an earlier version took and that is classified lower than its topic is warned of, each pair once, and serves")
    func carelessQuarantine() async throws {
        let classification = "hanbridge.classification"
        let untyped = ["hanbridge.schema.subject": "none"]
        let topics = [
            record("low", 1, untyped), record("high", 1, untyped.merging([classification: "sensitive"]) { $1 }),
            record("careless", 1, ["hanbridge.quarantine": "low", classification: "personal"]),
            record("careful", 1, ["hanbridge.quarantine": "high", classification: "personal"]),
            record("equal", 1, ["hanbridge.quarantine": "low"]), record("gone", 1, ["hanbridge.quarantine": "nowhere", classification: "personal"]),
        ]
        let (store, metadata, lines) = (InMemoryPartitionStore(), InMemoryMetadataStore(topics: topics), NIOLockedValueBox<[String]>([]))
        for topic in topics { store.open(PartitionID(topic: topic.id, partition: 0)) }
        let services = try await start(store, metadata, log: Logger(label: "test") { _ in WarningLog(lines: lines) })
        #expect(services.catalogue.value.carelessQuarantines.map { [$0.topic.name, $0.quarantine.name] } == [["careless", "low"]])
        let told = lines.withLockedValue { $0 }.filter { $0.contains("classify it") }
        #expect(told.count == 1 && told.first?.contains("careless, which is personal") == true)
        #expect(services.offlinePartitions.isEmpty)
    }

    @Test("A store that cannot make a partition is an error with a sentence")
    func failure() async throws {
        let store = InMemoryPartitionStore()
        store.failCreation(with: .readOnly)
        do {
            _ = try await start(store, InMemoryMetadataStore())
            Issue.record("the broker started without its audit")
        } catch let error as BrokerStartError {
            #expect(error.description.contains("cannot be written"))
        }
    }

    @Test("Stopping closes the store")
    func stop() async throws {
        let store = InMemoryPartitionStore()
        await (try await start(store, InMemoryMetadataStore())).shutDown()
        #expect(store.snapshot.isShutDown)
    }
}
