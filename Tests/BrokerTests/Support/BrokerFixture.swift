import AccessPolicy
import KafkaWire
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Storage

@testable import Broker

/// A broker without sockets and disks, its clock and its disk in the test's hand.
final class BrokerFixture {
    let store: InMemoryPartitionStore
    let metadata: InMemoryMetadataStore
    let clock = SteppingClock()
    let audit = RecordingAudit()
    let services: BrokerServices

    /// Topics of one test: `health.records` with the partitions asked for, `health.other` with one, `secret.plans` for nobody.
    static let topic = "health.records"
    static let other = "health.other"
    static let secret = "secret.plans"

    /// `health/ward/*` publishes, `education/schools/*` subscribes, both to `health.*`, with time limits far away.
    static let agreements = """
        agreements:
          - id: DSA-1
            topic: health.*
            owner: health
            parties:
              - node: health/ward/*
                may: [publish]
              - node: education/schools/*
                may: [subscribe]
            legalBasis: test
            signedBy: [health/steward/linh]
        """

    init(
        partitions: Int32 = 1, configuration: [String: String] = [:], agreements: String = BrokerFixture.agreements,
        settings: [String: String] = [:], schemas: [TestSchema] = [], moreTopics: [String: [String: String]] = [:],
        submissionWait: Duration = .seconds(20), idempotency: IdempotencyLimits = IdempotencyLimits(), quotas: Quotas = Quotas(),
        withheld: WithheldRecords = .patient, projectionWait: Int64 = WithheldRecords.patient.waitMilliseconds
    ) throws {
        (store, metadata) = (InMemoryPartitionStore(), InMemoryMetadataStore())
        let settings = try BrokerSettings(settings)
        var topics: [Topic] = []
        for (name, count, values) in [
            (Self.topic, partitions, configuration), (Self.other, 1, [:]), (Self.secret, 1, [:]), ("_audit.access", 1, [:]), ("_audit.delivery", 1, [:]),
        ] as [(String, Int32, [String: String])] + moreTopics.map({ ($0.key, 1, $0.value) }) {
            topics.append(try Self.makeTopic(name, count, values, settings, store))
        }
        services = BrokerServices(
            store: store, metadata: metadata, settings: settings, clock: clock, audit: audit,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clusterID: UUID128(high: 0x1122_3344_5566_7788, low: 0x99AA_BBCC_DDEE_FF00), catalogue: TopicCatalogue(topics),
            policy: try Self.policy(agreements, version: 1), registry: TestSchema.registry(schemas), advertised: AdvertisedAddress(host: "broker.test", port: 9093),
            publishing: PublishingServices(metadata: metadata, clock: clock, limits: idempotency, waitMax: submissionWait), quotas: quotas,
            withheld: withheld, projectionWaitMilliseconds: projectionWait)
        for quarantine in services.catalogue.value.quarantineTopics { services.quarantineMemory.ended(quarantine.id, []) }
    }

    /// The same broker after a restart: what it stored, and nothing that it remembered.
    init(restarting before: BrokerFixture) {
        (store, metadata) = (before.store, before.metadata)
        let old = before.services
        services = BrokerServices(
            store: store, metadata: metadata, settings: old.settings, clock: clock, audit: audit, log: old.log, clusterID: old.clusterID,
            catalogue: TopicCatalogue(old.catalogue.value.topics), policy: old.policy.value, registry: old.registry.value,
            advertised: old.advertised.value, publishing: PublishingServices(metadata: metadata, clock: clock), withheld: .patient,
            projectionWaitMilliseconds: old.projections.waitMilliseconds)
    }

    static func makeTopic(
        _ name: String, _ count: Int32, _ values: [String: String], _ settings: BrokerSettings, _ store: InMemoryPartitionStore
    ) throws -> Topic {
        // Untyped unless the test says otherwise.
        let values = ["hanbridge.schema.subject": "none"].merging(values) { _, own in own }
        let record = TopicRecord(
            name: name, id: .random(), partitionCount: count, configuration: values, createdAt: 0, createdBy: "test")
        return Topic(
            record: record, configuration: try TopicConfiguration(values, defaultsOf: settings),
            partitions: (0..<count).map { store.open(PartitionID(topic: record.id, partition: $0)) })
    }

    static func policy(_ agreements: String, version: Int64) throws -> PolicySnapshot {
        let file = try AgreementsFile.parse(yaml: agreements, name: "test.yaml")
        return try PolicySnapshot(compiling: file.agreements, version: version)
    }

    func topic(_ name: String = BrokerFixture.topic) -> Topic {
        guard let topic = services.catalogue.value[name] else { preconditionFailure("the fixture has no topic \(name)") }
        return topic
    }

    func log(_ partition: Int32 = 0, of name: String = BrokerFixture.topic) -> InMemoryPartition {
        store.open(PartitionID(topic: topic(name).id, partition: partition))
    }

    /// Everything that any log holds: a refusal must leave it at 0.
    var storedBatches: Int { store.snapshot.partitions.values.reduce(0) { $0 + $1.snapshot.stored.count } }

    // MARK: People

    static let ward = "health/ward/tan-dinh"
    static let school = "education/schools/le-loi"
    static let stranger = "traffic/cameras/gate-1"

    static func peer(_ path: String, roles: Set<Role> = [.member], writer: UInt64 = 1) throws -> Peer {
        let parts = path.split(separator: "/").map(String.init)
        return Peer(
            identity: try NodeIdentity(authority: "city", agency: parts[0], unit: parts[1], node: parts[2], roles: roles),
            writer: Digest256((writer, 2, 3, 4)), certificateFingerprint: Digest256((5, 6, 7, 8)), remoteAddress: "127.0.0.1:50000")
    }

    func context(_ path: String, roles: Set<Role> = [.member], version: Int16) throws -> RequestContext {
        RequestContext(peer: try Self.peer(path, roles: roles), clientID: "test", apiVersion: version, services: services)
    }
}

extension WithheldRecords {
    /// However busy the machine that runs the tests.
    static var patient: WithheldRecords { WithheldRecords(waitMilliseconds: 600_000) }
}

final class SteppingClock: BrokerClock {
    private let time = NIOLockedValueBox<Int64>(1_795_372_800_000)
    func now() -> Int64 { time.withLockedValue { $0 } }
    func set(_ now: Int64) { time.withLockedValue { $0 = now } }
}

final class RecordingAudit: AccessAuditing {
    private let lines = NIOLockedValueBox<[AccessQuestion]>([])
    private let readings = NIOLockedValueBox<[(question: AccessQuestion, decision: Decision)]>([])
    var accesses: [(question: AccessQuestion, decision: Decision)] { readings.withLockedValue { $0 } }
    private let written = NIOLockedValueBox<[AuditedChange]>([])
    var changes: [AuditedChange] { written.withLockedValue { $0 } }
    var refusals: [AccessQuestion] { lines.withLockedValue { $0 } }

    func refused(_ question: AccessQuestion, refusal: Decision.Refusal, policyVersion: Int64, peer: Peer) {
        lines.withLockedValue { $0.append(question) }
    }
    func allowed(_ question: AccessQuestion, by decision: Decision, peer: Peer) {
        if case .publish = question { return }
        readings.withLockedValue { $0.append((question, decision)) }
    }
    func signedIn(_ peer: Peer, listener: String) {}
    func signInRefused(node: String?, listener: String, reason: String, remoteAddress: String) {}
    func wakesReaders(by wake: @escaping @Sendable () -> Void) -> Bool { false }
    func shutDown() async {}

    private struct Gate {
        var held: String?
        var refused: (action: String, error: StorageError)?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let gate = NIOLockedValueBox(Gate())

    /// From now on changes of this kind wait until they are released.
    func hold(_ action: String) { gate.withLockedValue { $0.held = action } }
    /// How many wait.
    var waitingCount: Int { gate.withLockedValue { $0.waiting.count } }
    /// From now on changes of this kind are refused; nil: they are written again.
    func refuse(_ action: String, with error: StorageError?) { gate.withLockedValue { gate in gate.refused = error.map { (action, $0) } } }

    func release() {
        let waiting = gate.withLockedValue { gate in
            gate.held = nil
            defer { gate.waiting = [] }
            return gate.waiting
        }
        for one in waiting { one.resume() }
    }

    func willChange(_ change: AuditedChange) async throws(StorageError) {
        await withCheckedContinuation { continuation in
            let isHeld = gate.withLockedValue { gate in
                if gate.held == change.action { gate.waiting.append(continuation) }
                return gate.held == change.action
            }
            if !isHeld { continuation.resume() }
        }
        if let refused = gate.withLockedValue({ $0.refused }), refused.action == change.action { throw refused.error }
        written.withLockedValue { $0.append(change) }
    }
}
