import AccessPolicy
import KafkaWire
import NIOCore
import Storage
import Testing

@testable import Broker

@Suite struct TopicHandlerTests {
    /// Runs a handler and sends its answer through the wire, as a client of that version sees it.
    private func answer<Handler: ControlHandler>(
        _ handler: Handler.Type, _ request: Handler.Request, _ fixture: AdministrationFixture, _ peer: Peer, version: Int16
    ) async throws -> Handler.Request.Response {
        var sent = ByteBuffer()
        request.encode(into: &sent, version: version)
        let received = try Handler.Request.decode(from: &sent, version: version)
        let response = await Handler.handle(received, in: fixture.context(peer, version: version))
        var bytes = ByteBuffer()
        response.encode(into: &bytes, version: version)
        return try Handler.Request.Response.decode(from: &bytes, version: version)
    }

    private func creation(_ names: [String], validateOnly: Bool = false) -> CreateTopicsRequest {
        .init {
            $0.validateOnly = validateOnly
            $0.topics = names.map { name in
                .init {
                    $0.name = name
                    $0.numPartitions = 2
                    $0.replicationFactor = 1
                    $0.configs = [.init { $0.name = "retention.ms"; $0.value = "1000" }]
                }
            }
        }
    }

    @Test("every version makes and deletes topics", arguments: CreateTopicsRequest.versions)
    func createAndDelete(version: Int16) async throws {
        let fixture = try await AdministrationFixture()
        let root = try fixture.root()
        let made = try await answer(CreateTopics.self, creation(["a", "b"]), fixture, root, version: version)
        #expect(made.topics.map(\.errorCode) == [.none, .none])
        if version >= 5 {
            let retention = made.topics[0].configs?.first { $0.name == "retention.ms" }
            #expect(made.topics[0].numPartitions == 2 && retention?.value == "1000" && retention?.configSource == 1)
        }
        if version >= 7 { #expect(made.topics[0].topicID == fixture.topic("a")?.id) }
        let deletion = DeleteTopicsRequest.init {
            $0.topicNames = ["a", "none"]
            $0.topics = ["a", "none"].map { name in .init { $0.name = name } }
        }
        let deletionVersion = min(version, DeleteTopicsRequest.versions.upperBound)
        let gone = try await answer(DeleteTopics.self, deletion, fixture, root, version: deletionVersion)
        #expect(gone.responses.map(\.errorCode) == [.none, .unknownTopicOrPartition])
        #expect(fixture.topic("a") == nil && fixture.topic("b") != nil)
    }

    @Test("one request tells each topic's outcome for itself; a topic named twice is made by neither wish")
    func mixedCreation() async throws {
        let fixture = try await AdministrationFixture()
        var request = creation(["good", "twice", "twice", "bad/name"])
        request.topics.append(.init { $0.name = "null.config"; $0.numPartitions = 1; $0.replicationFactor = 1; $0.configs = [.init { $0.name = "retention.ms" }] })
        let response = try await answer(CreateTopics.self, request, fixture, try fixture.root(), version: 7)
        #expect(
            response.topics.map { "\($0.name) \($0.errorCode.rawValue)" }
                == ["good 0", "twice 42", "bad/name 17", "null.config 40"])
        #expect(fixture.topic("twice") == nil)
        let refused = try await answer(CreateTopics.self, request, fixture, try fixture.stranger(), version: 7)
        #expect(refused.topics.filter { $0.name != "twice" }.allSatisfy { $0.errorCode == .topicAuthorizationFailed })
    }

    @Test("a topic is deleted by id; an id that one may not describe answers as one that does not exist")
    func deletionByID() async throws {
        let fixture = try await AdministrationFixture()
        let id = try await fixture.make("health.a").id
        func delete(_ peer: Peer, _ state: DeleteTopicsRequest.DeleteTopicState) async throws -> ErrorCode {
            let response = try await answer(DeleteTopics.self, .init { $0.topics = [state] }, fixture, peer, version: 6)
            return response.responses[0].errorCode
        }
        #expect(try await delete(fixture.stranger(), .init { $0.topicID = id }) == .unknownTopicID)
        #expect(try await delete(fixture.stranger(), .init { $0.topicID = .random() }) == .unknownTopicID)
        let school = try BrokerFixture.peer("education/schools/a")
        #expect(try await delete(school, .init { $0.topicID = id }) == .topicAuthorizationFailed)
        #expect(try await delete(fixture.root(), .init { _ in }) == .invalidRequest)
        #expect(try await delete(fixture.root(), .init { $0.topicID = id; $0.name = "health.a" }) == .invalidRequest)
        #expect(try await delete(fixture.healthIT(), .init { $0.topicID = id }) == .none)
    }

    @Test("every version describes a topic's configuration with where each value comes from", arguments: DescribeConfigsRequest.versions)
    func describeTopic(version: Int16) async throws {
        let fixture = try await AdministrationFixture(settings: ["log.retention.bytes": "5000"])
        try await fixture.make("health.a", configuration: ["retention.ms": "1000"])
        let request = DescribeConfigsRequest.init {
            $0.includeSynonyms = version >= 1
            $0.includeDocumentation = version >= 3
            $0.resources = [.init { $0.resourceType = 2; $0.resourceName = "health.a" }]
        }
        let school = try BrokerFixture.peer("education/schools/a")
        let response = try await answer(DescribeConfigs.self, request, fixture, school, version: version)
        let configs = try #require(response.results.first).configs
        #expect(configs.count == TopicConfiguration.table.rows.count)
        let retention = try #require(configs.first { $0.name == "retention.ms" })
        #expect(retention.value == "1000")
        let bytes = try #require(configs.first { $0.name == "retention.bytes" })
        #expect(bytes.value == "5000")
        if version == 0 {
            #expect(!retention.isDefault && bytes.isDefault)
        } else {
            #expect(retention.configSource == 1 && bytes.configSource == 4)
            #expect(retention.synonyms.map(\.name) == ["retention.ms", "log.retention.ms"])
        }
        if version >= 3 { #expect(retention.configType == 5 && retention.documentation?.isEmpty == false) }
    }

    @Test("who may not describe a topic learns nothing of it, and the broker's settings are for operators")
    func describeRefusals() async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("health.a")
        func describe(_ peer: Peer, _ type: Int8, _ name: String) async throws -> (ErrorCode, Int) {
            let request = DescribeConfigsRequest.init { $0.resources = [.init { $0.resourceType = type; $0.resourceName = name }] }
            let response = try await answer(DescribeConfigs.self, request, fixture, peer, version: 4)
            return (response.results[0].errorCode, response.results[0].configs.count)
        }
        #expect(try await describe(fixture.stranger(), 2, "health.a") == (.topicAuthorizationFailed, 0))
        #expect(try await describe(fixture.stranger(), 2, "none") == (.topicAuthorizationFailed, 0))
        #expect(try await describe(fixture.root(), 2, "none") == (.unknownTopicOrPartition, 0))
        #expect(try await describe(fixture.healthIT(), 4, "1") == (.clusterAuthorizationFailed, 0))
        #expect(try await describe(fixture.root(), 4, "1") == (.none, BrokerSettings.table.rows.count))
        #expect(try await describe(fixture.root(), 4, "") == (.none, 0))
        #expect(try await describe(fixture.root(), 4, "7") == (.invalidRequest, 0))
        #expect(try await describe(fixture.root(), 8, "1") == (.invalidRequest, 0))
    }

    @Test("AlterConfigs replaces the whole configuration", arguments: AlterConfigsRequest.versions)
    func alter(version: Int16) async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("t", configuration: ["retention.ms": "1000", "segment.ms": "5000"])
        func alter(_ type: Int8, _ name: String, _ configs: [(String, String?)], validateOnly: Bool = false) async throws -> ErrorCode {
            let request = AlterConfigsRequest.init {
                $0.validateOnly = validateOnly
                $0.resources = [
                    .init {
                        $0.resourceType = type
                        $0.resourceName = name
                        $0.configs = configs.map { (name, value) in .init { $0.name = name; $0.value = value } }
                    }
                ]
            }
            return try await answer(AlterConfigs.self, request, fixture, fixture.root(), version: version).responses[0].errorCode
        }
        #expect(try await alter(2, "t", [("segment.ms", "7000")], validateOnly: true) == .none)
        #expect(fixture.topic("t")?.record.configuration["segment.ms"] == "5000")
        #expect(try await alter(2, "t", [("segment.ms", "7000")]) == .none)
        #expect(fixture.topic("t")?.record.configuration == ["segment.ms": "7000"])
        #expect(try await alter(2, "t", [("segment.ms", nil)]) == .invalidRequest)
        #expect(try await alter(2, "t", [("a", "1"), ("a", "2")]) == .invalidRequest)
        #expect(try await alter(2, "t", [("nothing", "1")]) == .invalidConfig)
        #expect(try await alter(2, "none", []) == .unknownTopicOrPartition)
        #expect(try await alter(2, "_audit.access", []) == .topicAuthorizationFailed)
        #expect(try await alter(4, "1", [("num.partitions", "3")]) == .invalidConfig)
        #expect(try await alter(9, "1", []) == .invalidRequest)
        #expect(fixture.topic("t")?.record.configuration == ["segment.ms": "7000"])
    }

    @Test("IncrementalAlterConfigs sets, deletes, appends and subtracts single settings")
    func incremental() async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("t", configuration: ["retention.ms": "1000"])
        func alter(_ changes: [(String, Int8, String?)], by peer: Peer? = nil) async throws -> ErrorCode {
            let request = IncrementalAlterConfigsRequest.init {
                $0.resources = [
                    .init {
                        $0.resourceType = 2
                        $0.resourceName = "t"
                        $0.configs = changes.map { (name, operation, value) in
                            .init { $0.name = name; $0.configOperation = operation; $0.value = value }
                        }
                    }
                ]
            }
            let response = try await answer(
                IncrementalAlterConfigs.self, request, fixture, peer ?? fixture.root(), version: 1)
            return response.responses[0].errorCode
        }
        func values() -> [String: String]? { fixture.topic("t")?.record.configuration }
        #expect(try await alter([("segment.ms", 0, "7000")]) == .none)
        #expect(values() == ["retention.ms": "1000", "segment.ms": "7000"])
        #expect(try await alter([("retention.ms", 1, nil)]) == .none)
        #expect(values() == ["segment.ms": "7000"])
        #expect(try await alter([("cleanup.policy", 2, "delete")]) == .none)
        #expect(try await alter([("cleanup.policy", 2, "compact")]) == .invalidConfig)
        #expect(try await alter([("cleanup.policy", 3, "delete")]) == .invalidConfig)
        #expect(try await alter([("retention.ms", 2, "5")]) == .invalidConfig)
        #expect(try await alter([("retention.ms", 0, nil)]) == .invalidRequest)
        #expect(try await alter([("retention.ms", 9, "5")]) == .invalidRequest)
        #expect(try await alter([("nothing", 1, nil)]) == .invalidConfig)
        #expect(try await alter([("segment.ms", 0, "1"), ("segment.ms", 1, nil)]) == .invalidRequest)
        #expect(try await alter([("segment.ms", 0, "1")], by: fixture.stranger()) == .topicAuthorizationFailed)
        #expect(values() == ["segment.ms": "7000", "cleanup.policy": "delete"])
    }

    @Test("every version adds partitions", arguments: CreatePartitionsRequest.versions)
    func createPartitions(version: Int16) async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("t", partitions: 2)
        let request = CreatePartitionsRequest.init {
            $0.topics = [("t", 3), ("none", 3), ("_audit.access", 3)].map { (name, count) in .init { $0.name = name; $0.count = Int32(count) } }
        }
        let response = try await answer(CreatePartitions.self, request, fixture, try fixture.root(), version: version)
        #expect(response.results.map(\.errorCode) == [.none, .unknownTopicOrPartition, .topicAuthorizationFailed])
        #expect(fixture.topic("t")?.partitions.count == 3)
    }

    @Test("every version deletes records, and never those of the audit", arguments: DeleteRecordsRequest.versions)
    func deleteRecords(version: Int16) async throws {
        let fixture = try await AdministrationFixture()
        let made = try await fixture.make("t")
        fixture.store.open(PartitionID(topic: made.id, partition: 0)).change { $0.highWatermark = 10 }
        let request = DeleteRecordsRequest.init {
            $0.topics = ["t", "none", "_audit.access"].map { name in
                .init { $0.name = name; $0.partitions = [.init { $0.offset = 4 }] }
            }
        }
        let response = try await answer(DeleteRecords.self, request, fixture, try fixture.root(), version: version)
        #expect(response.topics.map { $0.partitions[0].errorCode } == [.none, .unknownTopicOrPartition, .topicAuthorizationFailed])
        #expect(response.topics.map { $0.partitions[0].lowWatermark } == [4, -1, -1])
        let refused = try await answer(DeleteRecords.self, request, fixture, try fixture.stranger(), version: version)
        #expect(refused.topics.allSatisfy { $0.partitions[0].errorCode == .topicAuthorizationFailed })
    }

    @Test("log directories are for operators, and no path is told", arguments: DescribeLogDirsRequest.versions)
    func logDirectories(version: Int16) async throws {
        let fixture = try await AdministrationFixture()
        try await fixture.make("t", partitions: 2)
        let all = try await answer(DescribeLogDirs.self, .init(), fixture, try fixture.root(), version: version)
        #expect(all.results.map(\.logDir) == ["data"])
        #expect(all.results[0].topics.map(\.name) == AuditTopic.all + ["t"])
        let some = DescribeLogDirsRequest.init { $0.topics = [.init { $0.topic = "t"; $0.partitions = [1, 7] }] }
        let one = try await answer(DescribeLogDirs.self, some, fixture, try fixture.root(), version: version)
        #expect(one.results[0].topics[0].partitions.map(\.partitionIndex) == [1])
        let refused = try await answer(DescribeLogDirs.self, .init(), fixture, try fixture.healthIT(), version: version)
        #expect(refused.results.isEmpty)
        if version >= 3 { #expect(refused.errorCode == .clusterAuthorizationFailed) }
    }

    @Test("asking for metadata makes a topic only where the setting and a right say so")
    func autoCreation() async throws {
        for (setting, path, expected) in [
            ("true", "health/it/admin", true), ("false", "health/it/admin", false), ("true", "education/schools/a", false),
        ] {
            let fixture = try await AdministrationFixture(settings: ["auto.create.topics.enable": setting])
            let request = MetadataRequest.init { $0.topics = [.init { $0.name = "health.new" }] }
            let response = try await answer(Metadata.self, request, fixture, try BrokerFixture.peer(path), version: 9)
            #expect(response.topics[0].errorCode == (expected ? .none : .unknownTopicOrPartition))
            #expect((fixture.topic("health.new") != nil) == expected)
        }
    }
}
