import AccessPolicy
import Foundation
import KafkaWire
import Logging
import MessageSchema
import NIOCore
import Storage
import Testing

@testable import Broker

/// A broker started over stores without disks, with its real audit log: what the control plane changes can be seen in all of them.
final class AdministrationFixture: Sendable {
    let store: InMemoryPartitionStore
    let metadata: InMemoryMetadataStore
    let clock = SteppingClock()
    let services: BrokerServices
    let audit: AuditLog

    static let agreements = """
        agreements:
          - id: HEALTH
            topic: health.*
            owner: health
            parties:
              - {node: health/it/*, may: [administer]}
              - {node: health/ward/*, may: [publish]}
              - {node: education/schools/*, may: [subscribe]}
        """

    init(
        store: InMemoryPartitionStore = InMemoryPartitionStore(), metadata: InMemoryMetadataStore = InMemoryMetadataStore(),
        settings: [String: String] = [:], agreements: String? = AdministrationFixture.agreements
    ) async throws {
        self.store = store
        self.metadata = metadata
        if let agreements, metadata.snapshot.agreements.isEmpty {
            let summary = AgreementSet.Summary(version: 1, appliedAt: 0, appliedBy: "test")
            try await metadata.apply(.putAgreements(AgreementSet(summary: summary, files: ["a.yaml": agreements])))
        }
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let made = Made()
        let clock = clock
        services = try await BrokerServices.start(
            store: store, metadata: metadata, settings: BrokerSettings(settings), clock: clock, log: log,
            advertised: AdvertisedAddress(host: "broker.test", port: 9093)
        ) { topic, clusterID in
            let audit = AuditLog(topic: topic, clusterID: clusterID, clock: clock, log: log)
            made.audit = audit
            return audit
        }
        guard let audit = made.audit else { preconditionFailure("the broker started without an audit log") }
        self.audit = audit
    }

    private final class Made {
        var audit: AuditLog?
    }

    // MARK: People

    func root() throws -> Peer { try BrokerFixture.peer("it/ops/root", roles: [.operator]) }
    /// May administer `health.*` by agreement.
    func healthIT() throws -> Peer { try BrokerFixture.peer("health/it/admin") }
    func steward() throws -> Peer { try BrokerFixture.peer("health/dpo/linh", roles: [.steward]) }
    func stranger() throws -> Peer { try BrokerFixture.peer("traffic/cameras/gate-1") }

    func context(_ peer: Peer, version: Int16) -> RequestContext {
        RequestContext(peer: peer, clientID: "test", apiVersion: version, services: services)
    }

    // MARK: What is there

    var administration: Administration { Administration(services) }
    func topic(_ name: String) -> Topic? { services.catalogue.value[name] }
    var auditPartition: InMemoryPartition {
        guard let topic = topic(AuditTopic.access) else { preconditionFailure("there is no audit topic") }
        return store.open(PartitionID(topic: topic.id, partition: 0))
    }

    @discardableResult
    func make(_ name: String, partitions: Int32 = 1, configuration: [String: String] = [:]) async throws -> TopicMade {
        let wish = TopicWish(name: name, partitionCount: partitions, configuration: configuration)
        return try await administration.createTopic(wish, by: try root()).get()
    }

    /// Every entry of the audit, in order; each has been held to its schema.
    func entries() throws -> [Entry] {
        let schema = try CompiledSchema(compiling: SchemaSource(format: .json, text: AuditSchema.access))
        return try auditPartition.snapshot.stored.flatMap { batch in
            try RecordReader(batch: batch.bytes).map { record in
                let bytes = Array((record.value ?? .init()).readableBytesView)
                #expect(bytes.withUnsafeBytes { schema.violations(in: $0) } == [], "\(String(decoding: bytes, as: UTF8.self))")
                let value = try JSONDecoder().decode(Entry.self, from: Data((record.value ?? .init()).readableBytesView))
                #expect(record.headers.map(\.key) == ["content-type"])
                return value
            }
        }
    }

    struct Entry: Decodable {
        let specversion: String
        let id: String
        let source: String
        let type: String
        let time: String
        let subject: String
        let data: Contents

        struct Contents: Decodable {
            let node: String
            let certificate: String?
            let address: String?
            let action: String
            let outcome: String
            let reason: String?
            let policyVersion: Int64?
            let since: String?
            let count: Int?
            let details: [String: String]?
        }
    }

    /// What a refused change must leave as it was.
    func state() -> State {
        State(
            partitions: Set(store.partitions()), catalogueVersion: services.catalogue.value.version,
            policyVersion: services.policy.value.version, writes: metadata.snapshot.writes)
    }

    struct State: Equatable {
        let partitions: Set<PartitionID>
        let catalogueVersion: UInt64
        let policyVersion: Int64
        let writes: Int
    }
}
