import NIOCore
import Testing

@testable import KafkaWire

/// Requests that Java's producer, consumer and admin client (Apache Kafka 3.9.2) sent to a recording server: once at the newest
/// versions that are advertised here, once at older ones.
@Suite struct JavaClientTests {
    private func frame(_ name: String) throws -> (header: RequestHeader, body: ByteBuffer) {
        var buffer = try Fixture.bytes("java-\(name)")
        let header = try RequestHeader.decode(from: &buffer)
        return (header, buffer)
    }

    private func request<Request: KafkaRequest>(_ type: Request.Type, _ name: String) throws -> Request {
        var (header, body) = try frame(name)
        #expect(header.api == Request.apiKey)
        return try Request.decode(from: &body, version: header.apiVersion)
    }

    @Test("each frame decodes to its end and is written again byte for byte")
    func everyFrame() throws {
        let names = try Fixture.names(beginningWith: "java-")
        #expect(names.count > 50)
        var apis: Set<ApiKey> = []
        for name in names {
            let recorded = try Fixture.bytes(name)
            var buffer = recorded
            let header = try RequestHeader.decode(from: &buffer)
            let api = try #require(header.api)
            apis.insert(api)
            var written = ByteBuffer()
            header.encode(into: &written)
            try again(api.requestType, &buffer, header.apiVersion, &written)
            #expect(written == recorded, "\(name)")
        }
        // The two that nothing in those programs sends: a Java consumer asks OffsetForLeaderEpoch after a change of leader only,
        // and its admin client has given AlterConfigs up.
        let later: Set<ApiKey> = [.describeClientQuotas, .alterClientQuotas, .describeAcls, .createAcls, .deleteAcls]
        #expect(Set(ApiKey.allCases).subtracting(apis).subtracting(later).isSubset(of: [.offsetForLeaderEpoch, .alterConfigs, .describeGroups]))
    }

    private func again<Request: KafkaRequest>(
        _: Request.Type, _ buffer: inout ByteBuffer, _ version: Int16, _ written: inout ByteBuffer
    ) throws {
        try Request.decode(from: &buffer, version: version).encode(into: &written, version: version)
    }

    @Test("ApiVersions names the client's software")
    func apiVersions() throws {
        let newest = try request(ApiVersionsRequest.self, "ApiVersions-v4")
        #expect(newest.clientSoftwareName == "apache-kafka-java")
        #expect(newest.clientSoftwareVersion == "3.9.2")
        #expect(try frame("ApiVersions-v2").body.readableBytes == 0)
    }

    @Test("Produce carries valid batches, plain and compressed, idempotent and not", arguments: [11, 7], ["none", "gzip", "lz4"])
    func produce(version: Int, codec: String) throws {
        let name = "Produce-v\(version)-producer-\(codec)"
        #expect(try frame(name).header.clientID == "java-producer-\(codec)")
        let produce = try request(ProduceRequest.self, name)
        #expect(produce.acks == -1)
        #expect(produce.transactionalID == nil)
        #expect(produce.topicData.map(\.name) == ["permits.issued"])
        let batch = try RecordBatchValidator().validate(#require(produce.topicData[0].partitionData[0].records))
        #expect("\(try #require(batch.header.codec))" == codec)
        #expect(batch.header.producerID == (codec == "none" ? -1 : 4000))
        #expect(batch.header.baseSequence == (codec == "none" ? -1 : 0))
        let records = Array(RecordReader(batch))
        #expect(records.count == 3)
        #expect(records[1].key == ByteBuffer(string: "key-1"))
        #expect(records[1].value == ByteBuffer(string: "giá trị 1" + String(repeating: " ", count: 40)))
        #expect(records[2].value == nil)
        #expect(records[2].timestamp == 1_700_000_000_002)
        #expect(records.allSatisfy { $0.headers == [.init(key: "trace", value: ByteBuffer(bytes: [1, 2]))] })
    }

    @Test("Fetch asks by topic id where there are ids, by name where not")
    func fetch() throws {
        let newest = try request(FetchRequest.self, "Fetch-v17")
        #expect(newest.topics.map(\.topicID) == [UUID128(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F)])
        #expect(newest.rackID == "rack-a")
        #expect(newest.sessionID == 0)
        #expect(try request(FetchRequest.self, "Fetch-v17-2").sessionID == 77)
        let older = try request(FetchRequest.self, "Fetch-v11")
        #expect(older.topics.map(\.topic) == ["permits.issued"])
        #expect(older.topics[0].partitions.map(\.partition) == [0])
    }

    @Test("JoinGroup carries a subscription that can be read", arguments: ["JoinGroup-v9-consumer", "JoinGroup-v5-consumer"])
    func joinGroup(name: String) throws {
        let join = try request(JoinGroupRequest.self, name)
        #expect(join.groupID == "traffic.counters")
        #expect(join.groupInstanceID == "counter-1")
        #expect(join.protocolType == "consumer")
        #expect(join.protocols.map(\.name) == ["range", "cooperative-sticky"])
        for assignor in join.protocols {
            let subscription = try ConsumerProtocolSubscription.decode(blob: assignor.metadata)
            #expect(subscription.topics == ["permits.issued"])
            #expect(subscription.rackID == "rack-a")
        }
    }

    @Test("a new member joins twice: without an id, then with the one it was given (KIP-394)")
    func memberIDRequired() throws {
        #expect(try request(JoinGroupRequest.self, "JoinGroup-v9-member").memberID == "")
        #expect(try request(JoinGroupRequest.self, "JoinGroup-v9-member-2").memberID == "java-member-0001")
    }

    @Test("SyncGroup carries an assignment that can be read", arguments: ["SyncGroup-v5", "SyncGroup-v3"])
    func syncGroup(name: String) throws {
        let sync = try request(SyncGroupRequest.self, name)
        let assignment = try ConsumerProtocolAssignment.decode(blob: #require(sync.assignments.first).assignment)
        #expect(assignment.assignedPartitions.map(\.topic) == ["permits.issued"])
        #expect(assignment.assignedPartitions.map(\.partitions) == [[0]])
    }

    @Test("OffsetCommit carries offset, epoch and note", arguments: ["OffsetCommit-v9", "OffsetCommit-v7"])
    func offsetCommit(name: String) throws {
        let commit = try request(OffsetCommitRequest.self, name)
        #expect(commit.generationIDOrMemberEpoch == 1)
        #expect(commit.groupInstanceID == "counter-1")
        let partition = try #require(commit.topics.first?.partitions.first)
        #expect(partition.committedOffset == 3)
        #expect(partition.committedLeaderEpoch == 0)
        #expect(partition.committedMetadata == "note")
    }

    @Test("OffsetFetch asks for one group in the old shape and for several in the new one (KIP-709)")
    func offsetFetch() throws {
        let newest = try request(OffsetFetchRequest.self, "OffsetFetch-v9-consumer")
        #expect(newest.groups.map(\.groupID) == ["traffic.counters"])
        #expect(newest.groups.first?.topics?.map(\.name) == ["permits.issued"])
        let older = try request(OffsetFetchRequest.self, "OffsetFetch-v5-consumer")
        #expect(older.groupID == "traffic.counters")
        #expect(older.topics?.map(\.partitionIndexes) == [[0]])
        #expect(try request(OffsetFetchRequest.self, "OffsetFetch-v5-admin").topics == nil)
    }

    @Test("topic administration says what was asked")
    func administration() throws {
        let create = try request(CreateTopicsRequest.self, "CreateTopics-v7")
        let permits = try #require(create.topics.first { $0.name == "permits.issued" })
        #expect(permits.numPartitions == 3)
        #expect(permits.configs == [.init { $0.name = "retention.ms"; $0.value = "1000" }])
        // KIP-464: the broker's choice.
        #expect(create.topics.first { $0.name == "air.quality" }?.numPartitions == -1)
        let alter = try request(IncrementalAlterConfigsRequest.self, "IncrementalAlterConfigs-v1")
        #expect(Set(alter.resources[0].configs.map(\.configOperation)) == [0, 1])
        #expect(try request(DeleteRecordsRequest.self, "DeleteRecords-v2").topics[0].partitions[0].offset == 2)
        #expect(try request(ListOffsetsRequest.self, "ListOffsets-v7-admin").topics[0].partitions[0].timestamp == -3)
        #expect(try request(DescribeClusterRequest.self, "DescribeCluster-v1").endpointType == 1)
    }
}
