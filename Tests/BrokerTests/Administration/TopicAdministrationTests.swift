import AccessPolicy
import KafkaWire
import Storage
import Testing

@testable import Broker

@Suite struct TopicAdministrationTests {
    private func code<Value>(_ result: Result<Value, AdministrationRefusal>) -> ErrorCode {
        switch result {
        case .success: .none
        case .failure(let refusal): refusal.errorCode
        }
    }

    @Test("a topic that was made is in the store, the metadata and the catalogue, and the audit told of it before")
    func create() async throws {
        let fixture = try await AdministrationFixture()
        let made = try await fixture.make("traffic.count", partitions: 3, configuration: ["retention.ms": "1000"])
        let topic = try #require(fixture.topic("traffic.count"))
        #expect(topic.id == made.id && topic.partitions.count == 3)
        #expect(topic.configuration.retentionMilliseconds == 1000)
        let record = try #require(fixture.metadata.snapshot.image.topics.first { $0.name == "traffic.count" })
        #expect(record == topic.record && record.createdBy == "User:it/ops/root")
        for number in 0..<Int32(3) { #expect(fixture.store.partition(PartitionID(topic: made.id, partition: number)) != nil) }
        let entry = try #require(try fixture.entries().last)
        #expect(entry.type == "hanbridge.audit.change" && entry.subject == "topic:traffic.count")
        #expect(entry.data.action == "topic.create" && entry.data.outcome == "begun" && entry.data.node == "it/ops/root")
        #expect(entry.data.details?["retention.ms"] == "1000" && entry.data.certificate?.count == 64)
    }

    @Test("asking whether a topic could be made makes nothing")
    func validateOnly() async throws {
        let fixture = try await AdministrationFixture()
        let before = fixture.state()
        let result = await fixture.administration.createTopic(
            TopicWish(name: "a", partitionCount: 2), validateOnly: true, by: try fixture.root())
        #expect(try result.get().partitionCount == 2)
        #expect(try result.get().id == .zero)
        #expect(fixture.state() == before)
        #expect(try fixture.entries().isEmpty)
    }

    private static let refused: [(TopicWish, ErrorCode)] = [
        (TopicWish(name: ""), .invalidTopicException), (TopicWish(name: "."), .invalidTopicException),
        (TopicWish(name: ".."), .invalidTopicException), (TopicWish(name: "a/b"), .invalidTopicException),
        (TopicWish(name: "a\u{0}b"), .invalidTopicException),
        (TopicWish(name: String(repeating: "a", count: 250)), .invalidTopicException),
        (TopicWish(name: "there"), .topicAlreadyExists), (TopicWish(name: "a_b"), .invalidTopicException),
        (TopicWish(name: "a", partitionCount: 0), .invalidPartitions), (TopicWish(name: "a", partitionCount: -2), .invalidPartitions),
        (TopicWish(name: "a", partitionCount: Int32(Limits.partitionsPerTopicMax) + 1), .invalidPartitions),
        (TopicWish(name: "a", partitionCount: .max), .invalidPartitions),
        (TopicWish(name: "a", replicationFactor: 3), .invalidReplicationFactor),
        (TopicWish(name: "a", replicationFactor: 0), .invalidReplicationFactor),
        (TopicWish(name: "a", partitionCount: 1, assignments: [0: [1]]), .invalidRequest),
        (TopicWish(name: "a", assignments: [0: [2]]), .invalidReplicaAssignment),
        (TopicWish(name: "a", assignments: [1: [1]]), .invalidReplicaAssignment),
        (TopicWish(name: "a", assignments: [0: [1, 1]]), .invalidReplicaAssignment),
        (TopicWish(name: "a", configuration: ["retention.mss": "1"]), .invalidConfig),
        (TopicWish(name: "a", configuration: ["retention.ms": "-2"]), .invalidConfig),
        (TopicWish(name: "a", configuration: ["retention.ms": "soon"]), .invalidConfig),
        (TopicWish(name: "a", configuration: ["cleanup.policy": "compact"]), .invalidConfig),
        (TopicWish(name: "a", configuration: ["hanbridge.owner": "Sở Y tế"]), .invalidConfig),
        (TopicWish(name: "a", configuration: ["hanbridge.quarantine": "q"]), .invalidConfig),
    ]

    @Test("each wish that breaks a rule is refused in Kafka's words and changes nothing", arguments: refused)
    func refusals(wish: TopicWish, expected: ErrorCode) async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("there")
        try await fixture.make("a.b")
        let before = fixture.state()
        for validateOnly in [true, false] {
            let result = await fixture.administration.createTopic(wish, validateOnly: validateOnly, by: try fixture.root())
            #expect(code(result) == expected)
            if case .failure(let refusal) = result { #expect(!refusal.sentence.isEmpty) }
        }
        #expect(fixture.state() == before)
    }

    @Test("a quarantine is classified at least as high as its topic, whichever of them is made or changed, and is told which one is not")
    func classificationOfQuarantine() async throws {
        let fixture = try await AdministrationFixture()
        let root = try fixture.root()
        func quarantine(_ classification: String?) -> [String: String] {
            var values = ["hanbridge.schema.subject": "none"]
            values["hanbridge.classification"] = classification
            return values
        }
        func configure(_ name: String, _ change: [String: String?]) async -> AdministrationRefusal? {
            await fixture.administration.topicChanges.configure(name, validateOnly: false, by: root) { current in
                current.merging(change.compactMapValues { $0 }) { $1 }.filter { change[$0.key] != .some(nil) }
            }
        }
        try await fixture.make("q.internal", configuration: quarantine(nil))
        try await fixture.make("q.personal", configuration: quarantine("personal"))
        for (name, classification, kept, isTaken) in [
            ("a", "sensitive", "q.personal", false), ("a", "personal", "q.internal", false), ("a", "personal", "q.personal", true),
            ("b", "open", "q.internal", true), ("c", "internal", "q.internal", true),
        ] {
            let wish = TopicWish(name: name, configuration: ["hanbridge.classification": classification, "hanbridge.quarantine": kept])
            let result = await fixture.administration.createTopic(wish, by: root)
            #expect(code(result) == (isTaken ? .none : .invalidConfig))
            if case .failure(let refusal) = result { #expect(refusal.sentence.contains(kept) && refusal.sentence.contains(classification)) }
        }
        // Raised later, or its quarantine lowered.
        let raised = await configure("c", ["hanbridge.classification": "personal"])
        #expect(raised?.errorCode == .invalidConfig && raised?.sentence.contains("q.internal") == true)
        let lowered = await configure("q.personal", ["hanbridge.classification": nil])
        #expect(lowered?.errorCode == .invalidConfig && lowered?.sentence.contains("“a”") == true)
        #expect(await configure("q.personal", ["hanbridge.classification": "sensitive"]) == nil)
        #expect(await configure("a", ["hanbridge.classification": "sensitive"]) == nil)
        // Deleted, and made again with less care.
        #expect(await fixture.administration.topicChanges.delete("q.personal", by: root) == nil)
        #expect(code(await fixture.administration.createTopic(TopicWish(name: "q.personal", configuration: quarantine("personal")), by: root)) == .invalidConfig)
        // What changes something else is not held up by what an earlier version took.
        #expect(await configure("a", ["retention.ms": "100000"]) == nil)
    }

    @Test("a topic may have as many partitions as the limit says, and the broker as many in all")
    func partitionLimits() async throws {
        let fixture = try await AdministrationFixture()
        let most = Int32(Limits.partitionsPerTopicMax)
        let made = await fixture.administration.createTopic(
            TopicWish(name: "most", partitionCount: most), validateOnly: true, by: try fixture.root())
        #expect(code(made) == .none)
        let past = await fixture.administration.createTopic(
            TopicWish(name: "past", partitionCount: most + 1), validateOnly: true, by: try fixture.root())
        #expect(code(past) == .invalidPartitions)
    }

    @Test("partitions in all: at the limit a topic is made, one past it is refused")
    func partitionsInAll() throws {
        let store = InMemoryPartitionStore()
        let settings = BrokerSettings()
        // A catalogue counts partitions, and does not look at their logs.
        let log = store.open(PartitionID(topic: .zero, partition: 0))
        let most = Int32(Limits.partitionsPerTopicMax)
        let topics = (0..<Limits.partitionsMax / Limits.partitionsPerTopicMax).map { number in
            let count = number == 0 ? most - 5 : most
            return Topic(
                record: TopicRecord(
                    name: "t\(number)", id: UUID128(high: 1, low: UInt64(number)), partitionCount: count, configuration: [:], createdAt: 0,
                    createdBy: "test"),
                configuration: TopicConfiguration(defaultsOf: settings), partitions: Array(repeating: log, count: Int(count)))
        }
        func plan(_ count: Int32) throws(AdministrationRefusal) -> TopicPlan {
            try TopicPlan(
                TopicWish(name: "one-more", partitionCount: count), isOperator: true, owners: [], catalogue: TopicCatalogue(topics),
                settings: settings)
        }
        #expect(throws: Never.self) { try plan(5) }
        let refusal = #expect(throws: AdministrationRefusal.self) { try plan(6) }
        #expect(refusal?.errorCode == .invalidPartitions)
    }

    @Test("an unknown key is refused by its name")
    func unknownKeyNamed() async throws {
        let fixture = try await AdministrationFixture()
        let result = await fixture.administration.createTopic(
            TopicWish(name: "a", configuration: ["no.such.key": "1"]), by: try fixture.root())
        guard case .failure(let refusal) = result else { return #expect(Bool(false), "accepted") }
        #expect(refusal.sentence.contains("no.such.key"))
    }

    @Test("an agreement's administer is enough inside its topics and nowhere else; nobody touches the broker's own")
    func authorization() async throws {
        let fixture = try await AdministrationFixture()
        let (it, root, stranger) = (try fixture.healthIT(), try fixture.root(), try fixture.stranger())
        let administration = fixture.administration
        #expect(code(await administration.createTopic(TopicWish(name: "health.new"), by: it)) == .none)
        #expect(fixture.topic("health.new")?.configuration.owner == "health")
        #expect(code(await administration.createTopic(TopicWish(name: "traffic.new"), by: it)) == .topicAuthorizationFailed)
        for name in ["_audit.access", "_other"] {
            #expect(code(await administration.createTopic(TopicWish(name: name), by: root)) == .topicAuthorizationFailed)
            #expect(await administration.deleteTopic(name, by: root)?.errorCode == .topicAuthorizationFailed)
        }
        // What exists and what does not, what is well-formed and what is not, answer alike.
        for name in ["health.new", "health.none", "..", ""] {
            #expect(code(await administration.createTopic(TopicWish(name: name), by: stranger)) == .topicAuthorizationFailed)
            #expect(await administration.deleteTopic(name, by: stranger) == .topicNotAuthorized)
        }
        #expect(await administration.deleteTopic("health.none", by: it)?.errorCode == .unknownTopicOrPartition)
    }

    @Test("who is not an operator makes no topic untyped by name and names no owner that no agreement names")
    func policyViolations() async throws {
        let fixture = try await AdministrationFixture()
        for (configuration, byIT) in [
            (["hanbridge.schema.subject": "none"], ErrorCode.policyViolation), (["hanbridge.owner": "traffic"], .policyViolation),
            (["hanbridge.owner": "health"], .none),
        ] {
            let wish = TopicWish(name: "health.x", configuration: configuration)
            let it = await fixture.administration.createTopic(wish, validateOnly: true, by: try fixture.healthIT())
            #expect(code(it) == byIT, "\(configuration)")
            let root = await fixture.administration.createTopic(wish, validateOnly: true, by: try fixture.root())
            #expect(code(root) == .none, "\(configuration)")
        }
    }

    @Test("a change that cannot be audited is refused, and nothing is changed")
    func auditFails() async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("t")
        fixture.auditPartition.change { $0.appendError = .diskFull }
        let before = fixture.state()
        let (administration, root) = (fixture.administration, try fixture.root())
        let changes = TopicAdministration(fixture.services)
        #expect(code(await administration.createTopic(TopicWish(name: "u"), by: root)) == .kafkaStorageError)
        #expect(await administration.deleteTopic("t", by: root)?.errorCode == .kafkaStorageError)
        #expect(
            await changes.setPartitionCount(5, of: "t", assignments: nil, validateOnly: false, by: root)?.errorCode
                == .kafkaStorageError)
        let configured = await changes.configure("t", validateOnly: false, by: root) { _ in ["retention.ms": "5"] }
        #expect(configured?.errorCode == .kafkaStorageError)
        #expect(configured?.sentence.contains("cannot be audited") == true)
        guard case .failure(.storage(.diskFull)) = await administration.applyAgreements([:], by: .node(root)) else {
            return #expect(Bool(false), "agreements were applied")
        }
        #expect(fixture.state() == before)
    }

    @Test("where the metadata cannot take a new topic, no partition is left, and the audit says that it failed")
    func metadataFails() async throws {
        let fixture = try await AdministrationFixture()
        let before = fixture.state()
        fixture.metadata.fail(with: .diskFull)
        let result = await fixture.administration.createTopic(TopicWish(name: "u", partitionCount: 4), by: try fixture.root())
        #expect(code(result) == .kafkaStorageError)
        fixture.metadata.fail(with: nil)
        #expect(fixture.state() == before)
        #expect(try fixture.entries().map(\.data.action) == ["topic.create", "topic.create.failed"])
    }

    @Test("a deleted topic is gone everywhere, and its name is free again under another id")
    func delete() async throws {
        let fixture = try await AdministrationFixture()
        let first = try await fixture.make("t", partitions: 2)
        #expect(await fixture.administration.deleteTopic("t", by: try fixture.root()) == nil)
        #expect(fixture.topic("t") == nil && fixture.services.catalogue.value[first.id] == nil)
        #expect(!fixture.metadata.snapshot.image.topics.contains { $0.name == "t" })
        #expect(!fixture.store.partitions().contains { $0.topic == first.id })
        let second = try await fixture.make("t")
        #expect(second.id != first.id)
    }

    @Test("delete.topic.enable=false keeps topics")
    func deletionDisabled() async throws {
        let fixture = try await AdministrationFixture(settings: ["delete.topic.enable": "false"])
        try await fixture.make("t")
        #expect(await fixture.administration.deleteTopic("t", by: try fixture.root())?.errorCode == .topicDeletionDisabled)
        #expect(fixture.topic("t") != nil)
    }

    @Test("partitions only become more, up to the limit, on the one broker")
    func addPartitions() async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("t", partitions: 2)
        let changes = TopicAdministration(fixture.services)
        let root = try fixture.root()
        func set(_ count: Int32, _ assignments: [[Int32]]? = nil, validateOnly: Bool = false) async -> ErrorCode {
            await changes.setPartitionCount(
                count, of: "t", assignments: assignments, validateOnly: validateOnly, by: root)?.errorCode ?? .none
        }
        for count in [Int32.min, -1, 0, 1, 2, Int32(Limits.partitionsPerTopicMax) + 1, .max] {
            #expect(await set(count) == .invalidPartitions)
        }
        #expect(await set(4, [[1]]) == .invalidReplicaAssignment)
        #expect(await set(4, [[1], [2]]) == .invalidReplicaAssignment)
        #expect(await set(4, validateOnly: true) == .none)
        #expect(fixture.topic("t")?.partitions.count == 2)
        #expect(await set(4, [[1], [1]]) == .none)
        #expect(await set(5) == .none)
        let topic = try #require(fixture.topic("t"))
        #expect(topic.partitions.count == 5 && topic.record.partitionCount == 5)
        #expect(fixture.metadata.snapshot.image.topics.first { $0.name == "t" }?.partitionCount == 5)
    }

    @Test("a configuration change reaches catalogue and metadata, and tells the audit what it was before")
    func configure() async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("t", configuration: ["retention.ms": "1000"])
        let changes = TopicAdministration(fixture.services)
        let refusal = await changes.configure("t", validateOnly: false, by: try fixture.root()) { current in
            current.merging(["retention.ms": "2000", "hanbridge.classification": "personal"]) { $1 }
        }
        #expect(refusal == nil)
        #expect(fixture.topic("t")?.configuration.retentionMilliseconds == 2000)
        #expect(
            fixture.metadata.snapshot.image.topics.first { $0.name == "t" }?.configuration
                == ["retention.ms": "2000", "hanbridge.classification": "personal"])
        let details = try #require(try fixture.entries().last?.data.details)
        #expect(details == ["retention.ms": "1000 → 2000", "hanbridge.classification": "default → personal"])
        let entryCount = try fixture.entries().count
        #expect(await changes.configure("t", validateOnly: false, by: try fixture.root()) { $0 } == nil)
        for validateOnly in [true, false] {
            let gap = await changes.configure("t", validateOnly: validateOnly, by: try fixture.root()) { _ in ["hanbridge.evidence": "none"] }
            #expect(gap?.errorCode == .policyViolation)
        }
        #expect(try fixture.entries().count == entryCount, "a change that changes nothing is none")
    }

    @Test("records are deleted up to the high watermark and no further, and the audit knows the range")
    func deleteRecords() async throws {
        let fixture = try await AdministrationFixture()
        let made = try await fixture.make("t")
        fixture.store.open(PartitionID(topic: made.id, partition: 0)).change { $0.highWatermark = 10 }
        let changes = TopicAdministration(fixture.services)
        let root = try fixture.root()
        func cut(_ offset: Int64, partition: Int32 = 0) async -> Result<Int64, AdministrationRefusal> {
            await changes.deleteRecords(before: offset, partition: partition, of: "t", by: root)
        }
        #expect(code(await cut(11)) == .offsetOutOfRange)
        #expect(code(await cut(-2)) == .offsetOutOfRange)
        #expect(code(await cut(5, partition: 1)) == .unknownTopicOrPartition)
        #expect(code(await cut(5, partition: -1)) == .unknownTopicOrPartition)
        #expect(await cut(4) == .success(4))
        #expect(await cut(2) == .success(4))
        #expect(await cut(-1) == .success(10))
        let details = try fixture.entries().filter { $0.data.action == "records.delete" }.map(\.data.details)
        #expect(details == [["partition": "0", "from": "0", "before": "4"], ["partition": "0", "from": "4", "before": "10"]])
    }

    @Test("of a hundred who make one topic at once, one does")
    func race() async throws {
        let fixture = try await AdministrationFixture()
        let root = try fixture.root()
        let made = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask { self.code(await fixture.administration.createTopic(TopicWish(name: "one"), by: root)) == .none }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 1)
        #expect(fixture.metadata.snapshot.image.topics.filter { $0.name == "one" }.count == 1)
    }

    @Test("listings hold what one may describe; by name, what one may not see is not there")
    func views() async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("health.a")
        try await fixture.make("traffic.a")
        let administration = fixture.administration
        let school = try BrokerFixture.peer("education/schools/le-loi")
        #expect(administration.topics(visibleTo: school).map(\.name) == ["health.a"])
        #expect(administration.topics(visibleTo: try fixture.root()).map(\.name) == AuditTopic.all + ["health.a", "traffic.a"])
        #expect(administration.topics(visibleTo: try fixture.stranger()).isEmpty)
        #expect(administration.topic("health.a", visibleTo: school)?.owner == "health")
        #expect(administration.topic("traffic.a", visibleTo: school) == nil)
        #expect(administration.topic("none", visibleTo: school) == nil)
        #expect(administration.topic("_audit.access", visibleTo: try fixture.root())?.isBrokerOwned == true)
        #expect(administration.whoIs(school).principal == "User:education/schools/le-loi")
    }
}
