import AccessPolicy
import KafkaWire
import Storage
import Testing

@testable import Broker

@Suite("Start of the administration") struct AdministrationStartTests {
    @Test("a restart finds topics, configurations, agreements and the audit as they were")
    func restart() async throws {
        let first = try await AdministrationFixture()
        let made = try await first.make("health.a", partitions: 3, configuration: ["retention.ms": "1000"])
        let auditID = try #require(first.topic(AuditTopic.access)).id
        await first.services.groups.shutDown()
        let second = try await AdministrationFixture(store: first.store, metadata: first.metadata)
        let topic = try #require(second.topic("health.a"))
        #expect(topic.id == made.id && topic.partitions.count == 3 && topic.configuration.retentionMilliseconds == 1000)
        #expect(second.topic(AuditTopic.access)?.id == auditID)
        #expect(second.services.policy.value.version == 1)
        #expect(try second.entries().map(\.data.action) == ["topic.create"])
    }

    @Test("what a deletion left behind is removed at start, and what a creation left behind when it is empty")
    func leftovers() async throws {
        let first = try await AdministrationFixture()
        let gone = try await first.make("gone")
        _ = await first.administration.deleteTopic("gone", by: try first.root())
        let leftByDeletion = PartitionID(topic: gone.id, partition: 0)
        first.store.open(leftByDeletion).change { $0.highWatermark = 5 }
        let leftByCreation = PartitionID(topic: .random(), partition: 0)
        first.store.open(leftByCreation)
        let second = try await AdministrationFixture(store: first.store, metadata: first.metadata)
        #expect(!second.store.partitions().contains(leftByDeletion))
        #expect(!second.store.partitions().contains(leftByCreation))
        #expect(second.topic(AuditTopic.access) != nil)
    }

    @Test("records of a topic that the metadata never knew are kept: an old metadata file must not cost a log")
    func olderMetadata() async throws {
        let first = try await AdministrationFixture()
        let unknown = PartitionID(topic: .random(), partition: 0)
        first.store.open(unknown).change { $0.highWatermark = 5 }
        let second = try await AdministrationFixture(store: first.store, metadata: first.metadata)
        #expect(second.store.partitions().contains(unknown))
        #expect(second.topic(AuditTopic.access) != nil)
    }

    @Test("a log beside empty metadata is not touched: the broker does not start")
    func lostMetadata() async throws {
        let store = InMemoryPartitionStore()
        store.open(PartitionID(topic: .random(), partition: 0))
        await #expect(throws: BrokerStartError.self) { try await AdministrationFixture(store: store) }
        #expect(store.partitions().count == 1)
    }

    @Test("a partition that was about to be added does not stand in the way of adding it")
    func unfinishedAddition() async throws {
        let first = try await AdministrationFixture()
        let made = try await first.make("t", partitions: 1)
        first.store.open(PartitionID(topic: made.id, partition: 1))
        let second = try await AdministrationFixture(store: first.store, metadata: first.metadata)
        #expect(second.topic("t")?.partitions.count == 1)
        #expect(!second.store.partitions().contains(PartitionID(topic: made.id, partition: 1)))
        let refusal = await TopicAdministration(second.services).setPartitionCount(
            2, of: "t", assignments: nil, validateOnly: false, by: try second.root())
        #expect(refusal == nil && second.topic("t")?.partitions.count == 2)
    }
}
