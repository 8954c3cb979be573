import AccessPolicy
import KafkaWire
import Storage
import Testing

@testable import Broker

@Suite("ListOffsets, OffsetForLeaderEpoch, Metadata, InitProducerId, DescribeCluster")
struct ReadOnlyHandlerTests {
    private func filled(_ count: Int = 3, settings: [String: String] = [:]) throws -> BrokerFixture {
        let fixture = try BrokerFixture(partitions: 2, settings: settings)
        let ward = try TestConnection(fixture, BrokerFixture.ward)
        for index in 0..<count {
            ward.send(ProduceRequest(batches: [(0, Batches.batch(timestamp: 1000 * Int64(index + 1)))]), version: 9)
        }
        return fixture
    }

    // MARK: ListOffsets

    private func offsets(
        _ fixture: BrokerFixture, _ timestamp: Int64, topic: String = BrokerFixture.topic, partition: Int32 = 0, epoch: Int32 = -1,
        version: Int16 = 7, by path: String = BrokerFixture.school
    ) async throws -> ListOffsets.Answer {
        var request = ListOffsetsRequest()
        request.topics = [
            .init {
                $0.name = topic
                $0.partitions = [
                    .init {
                        $0.partitionIndex = partition
                        $0.timestamp = timestamp
                        $0.currentLeaderEpoch = epoch
                    }
                ]
            }
        ]
        let response = await ListOffsets.handle(request, in: try fixture.context(path, version: version))
        return try #require(response.topics.first?.partitions.first)
    }

    @Test(
        "Offsets are found by position and by time",
        arguments: [(Int64(-2), Int64(1)), (-1, 3), (-3, 2), (0, 0), (1000, 0), (1001, 1), (3000, 2), (3001, -1)])
    func listOffsets(timestamp: Int64, expected: Int64) async throws {
        let fixture = try filled()
        fixture.log().change { $0.logStart = 1 }
        let answer = try await offsets(fixture, timestamp)
        #expect(answer.errorCode == .none)
        #expect(answer.offset == expected)
    }

    @Test("Queries of later versions, and those that mean nothing, are refused", arguments: [(Int64(-3), Int16(6)), (-4, 7), (.min, 7)])
    func listOffsetsUnsupported(timestamp: Int64, version: Int16) async throws {
        #expect(try await offsets(try filled(), timestamp, version: version).errorCode == .unsupportedVersion)
    }

    @Test("ListOffsets refuses who may not describe, unknown partitions, wrong epochs and what is out of service")
    func listOffsetsRefused() async throws {
        let fixture = try filled()
        #expect(try await offsets(fixture, -1, by: BrokerFixture.stranger).errorCode == .topicAuthorizationFailed)
        #expect(try await offsets(fixture, -1, topic: "secret.nothing").errorCode == .topicAuthorizationFailed)
        #expect(try await offsets(fixture, -1, topic: "health.nothing").errorCode == .unknownTopicOrPartition)
        #expect(try await offsets(fixture, -1, partition: 2).errorCode == .unknownTopicOrPartition)
        #expect(try await offsets(fixture, -1, epoch: 2).errorCode == .fencedLeaderEpoch)
        #expect(try await offsets(fixture, -1, epoch: 4).errorCode == .unknownLeaderEpoch)
        fixture.log().change { $0.offline = "damaged" }
        #expect(try await offsets(fixture, -1).errorCode == .kafkaStorageError)
    }

    // MARK: OffsetForLeaderEpoch

    @Test("The end of an epoch is told to those who may describe the topic")
    func offsetForLeaderEpoch() async throws {
        let fixture = try filled()
        func ask(_ epoch: Int32, by path: String) async throws -> OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult.EpochEndOffset {
            var request = OffsetForLeaderEpochRequest()
            request.topics = [
                .init {
                    $0.topic = BrokerFixture.topic
                    $0.partitions = [.init { $0.leaderEpoch = epoch }]
                }
            ]
            let response = await OffsetForLeaderEpoch.handle(request, in: try fixture.context(path, version: 4))
            return try #require(response.topics.first?.partitions.first)
        }
        let found = try await ask(3, by: BrokerFixture.school)
        #expect(found.leaderEpoch == 3 && found.endOffset == 3)
        let missing = try await ask(2, by: BrokerFixture.school)
        #expect(missing.errorCode == .none && missing.leaderEpoch == -1 && missing.endOffset == -1)
        #expect(try await ask(3, by: BrokerFixture.stranger).errorCode == .topicAuthorizationFailed)
    }

    // MARK: Metadata

    private func metadata(
        _ fixture: BrokerFixture, _ names: [String]?, version: Int16 = 12, by path: String = BrokerFixture.school,
        roles: Set<Role> = [.member]
    ) async throws -> MetadataResponse {
        var request = MetadataRequest()
        request.topics = names.map { $0.map { name in .init { $0.name = name } } }
        request.includeTopicAuthorizedOperations = true
        return await Metadata.handle(request, in: try fixture.context(path, roles: roles, version: version))
    }

    @Test("A listing shows what one may describe and nothing else; in version 0 an empty list is a listing")
    func listing() async throws {
        let fixture = try filled()
        #expect(try await metadata(fixture, nil).topics.map(\.name) == [BrokerFixture.other, BrokerFixture.topic])
        #expect(try await metadata(fixture, [], version: 0).topics.count == 2)
        #expect(try await metadata(fixture, [], version: 1).topics.isEmpty)
        #expect(try await metadata(fixture, nil, by: BrokerFixture.stranger).topics.isEmpty)
        #expect(try await metadata(fixture, nil, by: "it/ops/root", roles: [.operator]).topics.count == 5)
        #expect(fixture.audit.refusals.isEmpty, "what a listing leaves out was not asked for")
    }

    @Test("A topic is described whole, with the broker as its leader")
    func describes() async throws {
        let fixture = try filled()
        let response = try await metadata(fixture, [BrokerFixture.topic])
        #expect(response.clusterID == "ESIzRFVmd4iZqrvM3e7_AA")
        #expect(response.brokers.map(\.host) == ["broker.test"])
        #expect(response.brokers.map(\.port) == [9093])
        #expect(response.controllerID == 1)
        let topic = try #require(response.topics.first)
        #expect(topic.topicID == fixture.topic().id)
        #expect(topic.partitions.map(\.partitionIndex) == [0, 1])
        #expect(topic.partitions.allSatisfy { $0.leaderID == 1 && $0.isrNodes == [1] && $0.leaderEpoch == 3 })
        // Read, describe, describe configurations.
        #expect(topic.topicAuthorizedOperations == 1 << 3 | 1 << 8 | 1 << 10)
    }

    @Test("By name, what one may not describe and what does not exist answer alike; by id too")
    func forbidden() async throws {
        let fixture = try filled()
        let answers = try await metadata(fixture, [BrokerFixture.secret, "secret.nothing", "_audit.access"]).topics
        #expect(answers.allSatisfy { $0.errorCode == .topicAuthorizationFailed && $0.partitions.isEmpty && $0.topicID == .zero })
        var request = MetadataRequest()
        request.topics = [fixture.topic(BrokerFixture.secret).id, .random()].map { id in .init { $0.topicID = id } }
        let byID = await Metadata.handle(request, in: try fixture.context(BrokerFixture.school, version: 12))
        #expect(byID.topics.allSatisfy { $0.errorCode == .unknownTopicID && $0.name == nil })
    }

    @Test("An id is taken before the empty name that Java's admin client sends beside it")
    func idBesideAnEmptyName() async throws {
        let fixture = try filled()
        var request = MetadataRequest()
        request.topics = [
            .init {
                $0.name = ""
                $0.topicID = fixture.topic().id
            }
        ]
        let answer = await Metadata.handle(request, in: try fixture.context(BrokerFixture.school, version: 12))
        #expect(answer.topics.map(\.name) == [BrokerFixture.topic])
    }

    @Test("A topic that does not exist is unknown to those who may describe it, and is not made")
    func unknownTopic() async throws {
        let fixture = try filled()
        #expect(try await metadata(fixture, ["health.nothing"]).topics[0].errorCode == .unknownTopicOrPartition)
        let operatorAnswers = try await metadata(fixture, ["../x", "nothing"], by: "it/ops/root", roles: [.operator]).topics
        #expect(operatorAnswers.map(\.errorCode) == [.invalidTopicException, .unknownTopicOrPartition])
        #expect(fixture.services.catalogue.value.count == 5)
    }

    @Test("With auto.create.topics.enable a topic is made for those who may administer it, and for nobody else")
    func autoCreation() async throws {
        let fixture = try filled(settings: ["auto.create.topics.enable": "true", "num.partitions": "3"])
        #expect(try await metadata(fixture, ["health.nothing"]).topics[0].errorCode == .unknownTopicOrPartition)
        let made = try await metadata(fixture, ["made"], by: "it/ops/root", roles: [.operator]).topics[0]
        #expect(made.errorCode == .none)
        #expect(made.partitions.count == 3)
        #expect(fixture.services.catalogue.value["made"] != nil)
    }

    @Test("A partition out of service has no leader")
    func offlinePartition() async throws {
        let fixture = try filled()
        fixture.log(1).change { $0.offline = "damaged" }
        let partitions = try await metadata(fixture, [BrokerFixture.topic]).topics[0].partitions
        #expect(partitions.map(\.leaderID) == [1, -1])
        #expect(partitions[1].errorCode == .leaderNotAvailable)
        #expect(partitions[1].offlineReplicas == [1])
    }

    // MARK: InitProducerId

    private func producerID(_ fixture: BrokerFixture, by path: String = BrokerFixture.ward, transactionalID: String? = nil) async throws -> InitProducerIdResponse {
        var request = InitProducerIdRequest()
        request.transactionalID = transactionalID
        return await InitProducerId.handle(request, in: try fixture.context(path, version: 4))
    }

    @Test("Producer ids are never given twice, over blocks and restarts")
    func producerIDs() async throws {
        let fixture = try BrokerFixture()
        var ids: Set<Int64> = []
        for _ in 0...Limits.producerIDBlock {
            let response = try await producerID(fixture)
            #expect(response.errorCode == .none && response.producerEpoch == 0)
            #expect(ids.insert(response.producerID).inserted)
        }
        let restarted = ProducerIDs(metadata: fixture.metadata)
        #expect(ids.insert(try await restarted.next()).inserted)
    }

    @Test("A producer id needs a right to publish; transactions are refused; a full disk is tried again")
    func producerIDRefused() async throws {
        let fixture = try BrokerFixture()
        #expect(try await producerID(fixture, by: BrokerFixture.school).errorCode == .clusterAuthorizationFailed)
        #expect(try await producerID(fixture, transactionalID: "t").errorCode == .transactionalIDAuthorizationFailed)
        fixture.metadata.fail(with: .diskFull)
        #expect(try await producerID(fixture).errorCode == .coordinatorNotAvailable)
        fixture.metadata.fail(with: nil)
        #expect(try await producerID(fixture).errorCode == .none)
    }

    // MARK: DescribeCluster

    @Test("The cluster is one broker; controllers have no endpoint")
    func describeCluster() async throws {
        let fixture = try BrokerFixture()
        let context = try fixture.context(BrokerFixture.stranger, version: 1)
        let response = await DescribeCluster.handle(DescribeClusterRequest(), in: context)
        #expect(response.errorCode == .none)
        #expect(response.clusterID == "ESIzRFVmd4iZqrvM3e7_AA")
        #expect(response.brokers.map(\.port) == [9093])
        for (type, expected) in [(Int8(2), ErrorCode.mismatchedEndpointType), (3, .unsupportedEndpointType)] {
            var request = DescribeClusterRequest()
            request.endpointType = type
            #expect(await DescribeCluster.handle(request, in: context).errorCode == expected)
        }
    }

    @Test("A topic named many times in one request is answered once: a small request makes no huge response")
    func repeatedTopics() async throws {
        let fixture = try filled()
        var metadata = MetadataRequest()
        metadata.topics = (0..<1000).map { _ in .init { $0.name = BrokerFixture.topic } }
        #expect(await Metadata.handle(metadata, in: try fixture.context(BrokerFixture.school, version: 12)).topics.count == 1)
        let id = try #require(fixture.services.catalogue.value[BrokerFixture.topic]?.id)
        metadata.topics = (0..<1000).map { _ in
            .init {
                $0.name = nil
                $0.topicID = id
            }
        }
        #expect(await Metadata.handle(metadata, in: try fixture.context(BrokerFixture.school, version: 12)).topics.count == 1)
        var configs = DescribeConfigsRequest()
        configs.resources = (0..<1000).map { _ in
            .init {
                $0.resourceType = 2
                $0.resourceName = BrokerFixture.topic
            }
        }
        #expect(await DescribeConfigs.handle(configs, in: try fixture.context(BrokerFixture.school, version: 4)).results.count == 1)
    }
}
