import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Storage
import Testing

@testable import Broker

@Suite("Fetch")
struct FetchTests {
    /// A broker with these values in partition 0 (one batch each), published by the ward.
    private func fixture(_ values: [String] = [], partitions: Int32 = 1, settings: [String: String] = [:]) throws -> BrokerFixture {
        let fixture = try BrokerFixture(partitions: partitions, settings: settings)
        for value in values { try publish(value, in: fixture) }
        return fixture
    }

    private func publish(_ value: String, partition: Int32 = 0, in fixture: BrokerFixture) throws {
        let ward = try TestConnection(fixture, BrokerFixture.ward)
        ward.send(ProduceRequest(batches: [(partition, Batches.batch([value]))]), version: 9)
    }

    private func school(_ fixture: BrokerFixture) throws -> TestConnection { try TestConnection(fixture, BrokerFixture.school) }

    private func fetch(
        _ connection: TestConnection, _ request: FetchRequest, version: Int16
    ) throws -> FetchResponse {
        let number = connection.send(request, version: version)
        return try connection.response(number, to: FetchRequest.self, version: version)
    }

    // MARK: Data

    @Test("What was stored is sent, byte for byte, in every version", arguments: FetchRequest.versions)
    func everyVersion(version: Int16) throws {
        let fixture = try fixture(["a", "b", "c"])
        let response = try fetch(
            try school(fixture), FetchRequest(of: fixture.topic(), [Asked(offset: 1)], version: version), version: version)
        #expect(response.errorCode == .none)
        #expect(response.sessionID == 0)
        let topic = try #require(response.responses.first)
        if version < 13 { #expect(topic.topic == BrokerFixture.topic) } else { #expect(topic.topicID == fixture.topic().id) }
        let partition = try #require(topic.partitions.first)
        #expect(partition.errorCode == .none)
        #expect(partition.highWatermark == 3)
        #expect(partition.lastStableOffset == 3)
        if version >= 5 { #expect(partition.logStartOffset == 0) }
        var expected = ByteBuffer()
        for batch in fixture.log().snapshot.stored[1...] { expected.writeImmutableBuffer(batch.bytes) }
        #expect(partition.records == expected)
    }

    @Test("At the end of the log the records are empty, not null, and read_committed has an empty list of aborted transactions")
    func atTheEnd() throws {
        let fixture = try fixture(["a"])
        let connection = try school(fixture)
        var request = FetchRequest(of: fixture.topic(), [Asked(offset: 1)], version: 11)
        #expect(try fetch(connection, request, version: 11).partitions[0].abortedTransactions == nil)
        request.isolationLevel = 1
        let partition = try fetch(connection, request, version: 11).partitions[0]
        #expect(partition.records == ByteBuffer())
        #expect(partition.abortedTransactions == [])
        #expect(partition.preferredReadReplica == -1)
    }

    @Test("The first batch is sent whole though it exceeds both limits, and no second one (KIP-74)")
    func firstBatchWhole() throws {
        let fixture = try fixture(["first", "second"], partitions: 2)
        try publish("elsewhere", partition: 1, in: fixture)
        let request = FetchRequest(
            of: fixture.topic(), [Asked(bytesMax: 1), Asked(partition: 1, bytesMax: 1)], version: 12, maxBytes: 1)
        let response = try fetch(try school(fixture), request, version: 12)
        #expect(try Batches.values(response.partitions[0].records) == ["first"])
        #expect(try Batches.values(response.partitions[1].records) == [])
    }

    @Test("partition_max_bytes and max_bytes bound whole batches: at the limit, and one byte below it")
    func byteLimits() throws {
        let fixture = try fixture(["a", "b", "c"], partitions: 2)
        try publish("d", partition: 1, in: fixture)
        let size = Int32(fixture.log().snapshot.stored[0].bytes.readableBytes)
        func values(_ bytesMax: Int32, _ maxBytes: Int32) throws -> [[String]] {
            let request = FetchRequest(
                of: fixture.topic(), [Asked(bytesMax: bytesMax), Asked(partition: 1)], version: 12, maxBytes: maxBytes)
            return try fetch(try school(fixture), request, version: 12).partitions.map { try Batches.values($0.records) }
        }
        #expect(try values(2 * size, 1 << 20) == [["a", "b"], ["d"]])
        #expect(try values(2 * size - 1, 1 << 20) == [["a"], ["d"]])
        #expect(try values(1 << 20, 4 * size) == [["a", "b", "c"], ["d"]])
        #expect(try values(1 << 20, 4 * size - 1) == [["a", "b", "c"], []])
        #expect(try values(1 << 20, .min) == [["a"], []])
    }

    @Test("What the log gives in pieces is read on until the bytes asked for are there, and does not wait for what is there")
    func piecewise() throws {
        let fixture = try fixture(["a", "b", "c", "d"], partitions: 2)
        try publish("e", partition: 1, in: fixture)
        let size = Int32(fixture.log().snapshot.stored[0].bytes.readableBytes)
        fixture.log().change { $0.batchesPerReadMax = 1 }
        func values(_ bytesMax: Int32, _ maxBytes: Int32, minBytes: Int32 = 1) throws -> [[String]] {
            let request = FetchRequest(
                of: fixture.topic(), [Asked(bytesMax: bytesMax), Asked(partition: 1)], version: 12, wait: 30_000, minBytes: minBytes,
                maxBytes: maxBytes)
            return try fetch(try school(fixture), request, version: 12).partitions.map { try Batches.values($0.records) }
        }
        #expect(try values(1 << 20, 1 << 20) == [["a", "b", "c", "d"], ["e"]])
        #expect(try values(1 << 20, 1 << 20, minBytes: 5 * size) == [["a", "b", "c", "d"], ["e"]])
        #expect(try values(2 * size, 1 << 20) == [["a", "b"], ["e"]])
        #expect(try values(2 * size - 1, 1 << 20) == [["a"], ["e"]])
        #expect(try values(1 << 20, 3 * size) == [["a", "b", "c"], []])
        #expect(try values(1 << 20, 3 * size - 1) == [["a", "b"], []])
    }

    @Test("Where reading on meets an error, what was read is answered")
    func piecewiseError() throws {
        let fixture = try fixture(["a", "b"])
        fixture.log().change { $0.batchesPerReadMax = 1 }
        fixture.store.behaviour.withLockedValue { $0.holdsReads = true }
        let room = BoundedAnswerRoom(1 << 20)
        let connection = try TestConnection(fixture, BrokerFixture.school, answerRoom: room)
        let number = connection.send(FetchRequest(of: fixture.topic(), [Asked()], version: 12), version: 12)
        fixture.log().releaseReads()
        connection.loop.run()
        #expect(!connection.isAnswered(number))
        fixture.log().change { $0.readError = .io(operation: "reading", errno: 5) }
        fixture.store.releaseReads()
        connection.loop.run()
        let response = try connection.response(number, to: FetchRequest.self, version: 12)
        #expect(try Batches.values(response.partitions[0].records) == ["a"])
        #expect(room.taken == 0)
    }

    @Test("fetch.max.bytes bounds a response whatever the client asks")
    func brokerByteLimit() throws {
        let fixture = try fixture(["a", "b"].map { String(repeating: $0, count: 600) }, settings: ["fetch.max.bytes": "1024"])
        let request = FetchRequest(of: fixture.topic(), [Asked()], version: 12, maxBytes: .max)
        #expect(try Batches.values(try fetch(try school(fixture), request, version: 12).partitions[0].records).count == 1)
    }

    @Test("Data that a reader thread brings is answered when it comes, and the partitions behind it too")
    func coldReads() throws {
        let fixture = try fixture(["a"], partitions: 3)
        try publish("c", partition: 2, in: fixture)
        fixture.store.behaviour.withLockedValue { $0.holdsReads = true }
        let connection = try school(fixture)
        let request = FetchRequest(of: fixture.topic(), [Asked(), Asked(partition: 1), Asked(partition: 2)], version: 12)
        let number = connection.send(request, version: 12)
        #expect(!connection.isAnswered(number))
        fixture.store.releaseReads()
        connection.loop.run()
        let response = try connection.response(number, to: FetchRequest.self, version: 12)
        #expect(try response.partitions.map { try Batches.values($0.records) } == [["a"], [], ["c"]])
    }

    @Test("A thousand partitions are read without growing the stack, and empty ones without a read")
    func manyPartitions() throws {
        let fixture = try fixture(["a"], partitions: 1000)
        let request = FetchRequest(of: fixture.topic(), (0..<1000).map { Asked(partition: $0) }, version: 12)
        #expect(try fetch(try school(fixture), request, version: 12).partitions.count == 1000)
        #expect(fixture.log(500).snapshot.reads == 0)
    }

    // MARK: Refusals

    @Test("An offset outside the log is out of range, one at each end is not", arguments: [Int64(-1), 1, 2, 3, 4, .max, .min])
    func outOfRange(offset: Int64) throws {
        let fixture = try fixture(["a", "b", "c"])
        fixture.log().change { $0.logStart = 2 }
        let request = FetchRequest(of: fixture.topic(), [Asked(offset: offset)], version: 12)
        let partition = try fetch(try school(fixture), request, version: 12).partitions[0]
        #expect(partition.errorCode == ((2...3).contains(offset) ? .none : .offsetOutOfRange))
    }

    @Test("A leader epoch that is older is fenced, one that is newer is unknown (KIP-320)")
    func leaderEpoch() throws {
        let fixture = try fixture(["a"])
        for (epoch, expected) in [(Int32(2), ErrorCode.fencedLeaderEpoch), (3, .none), (4, .unknownLeaderEpoch), (-1, .none)] {
            let request = FetchRequest(of: fixture.topic(), [Asked(leaderEpoch: epoch)], version: 12)
            #expect(try fetch(try school(fixture), request, version: 12).partitions[0].errorCode == expected)
        }
    }

    @Test("By name, a topic one may not read and one that does not exist answer alike; by id too")
    func unauthorised() throws {
        let fixture = try fixture(["a"])
        let connection = try school(fixture)
        let missing = try BrokerFixture.makeTopic("secret.nothing", 1, [:], fixture.services.settings, InMemoryPartitionStore())
        for topic in [fixture.topic(BrokerFixture.secret), missing] {
            let byName = try fetch(connection, FetchRequest(of: topic, [Asked()], version: 12), version: 12).partitions[0]
            #expect(byName.errorCode == .topicAuthorizationFailed)
            #expect(byName.highWatermark == -1)
            let byID = try fetch(connection, FetchRequest(of: topic, [Asked()], version: 13), version: 13).partitions[0]
            #expect(byID.errorCode == .unknownTopicID)
        }
        // The ward may publish here, and so describe; it may not read.
        let ward = try TestConnection(fixture, BrokerFixture.ward)
        let request = FetchRequest(of: fixture.topic(), [Asked()], version: 13)
        #expect(try fetch(ward, request, version: 13).partitions[0].errorCode == .topicAuthorizationFailed)
    }

    @Test("A topic that one may read and that does not exist, and a partition outside a topic, are unknown")
    func unknown() throws {
        let fixture = try fixture(["a"])
        let missing = try BrokerFixture.makeTopic("health.nothing", 1, [:], fixture.services.settings, InMemoryPartitionStore())
        let connection = try school(fixture)
        #expect(
            try fetch(connection, FetchRequest(of: missing, [Asked()], version: 12), version: 12).partitions[0].errorCode
                == .unknownTopicOrPartition)
        for partition in [Int32(1), -1, .max] {
            let request = FetchRequest(of: fixture.topic(), [Asked(partition: partition)], version: 12)
            #expect(try fetch(connection, request, version: 12).partitions[0].errorCode == .unknownTopicOrPartition)
        }
    }

    @Test("A partition out of service and a failed read answer KAFKA_STORAGE_ERROR, the others are served")
    func storage() throws {
        let fixture = try fixture(["a"], partitions: 3)
        try publish("b", partition: 1, in: fixture)
        try publish("c", partition: 2, in: fixture)
        fixture.log(0).change { $0.offline = "damaged" }
        fixture.log(1).change { $0.readError = .io(operation: "read", errno: 5) }
        let request = FetchRequest(
            of: fixture.topic(), [Asked(), Asked(partition: 1), Asked(partition: 2)], version: 12, wait: 500, minBytes: 1 << 20)
        let response = try fetch(try school(fixture), request, version: 12)
        #expect(response.partitions.map(\.errorCode) == [.kafkaStorageError, .kafkaStorageError, .none])
        #expect(try Batches.values(response.partitions[2].records) == ["c"])
    }

    @Test("A replica's fetch is refused", arguments: [Int16(12), 15])
    func replica(version: Int16) throws {
        let fixture = try fixture(["a"])
        var request = FetchRequest(of: fixture.topic(), [Asked()], version: version)
        if version < 15 { request.replicaID = 2 } else { request.replicaState = .init { $0.replicaID = 2 } }
        let response = try fetch(try school(fixture), request, version: version)
        #expect(response.partitions[0].errorCode == .topicAuthorizationFailed)
    }

    // MARK: Waiting

    /// A fetch that waits at the end of partition 0.
    private func waiting(
        _ fixture: BrokerFixture, wait: Int32 = 500, minBytes: Int32 = 1, partitions: [Asked] = [Asked()]
    ) throws -> (TestConnection, Int) {
        let connection = try school(fixture)
        let request = FetchRequest(of: fixture.topic(), partitions, version: 12, wait: wait, minBytes: minBytes)
        let number = connection.send(request, version: 12)
        #expect(!connection.isAnswered(number))
        return (connection, number)
    }

    private func isIdle(_ connection: TestConnection) -> Bool {
        connection.session.plane.fetchWaiters.isEmpty && connection.session.fetches.isEmpty
    }

    @Test("A fetch waits for max_wait and then answers with what there is")
    func maxWait() throws {
        let (connection, number) = try waiting(try fixture())
        connection.advance(499)
        #expect(!connection.isAnswered(number))
        connection.advance(1)
        #expect(try connection.response(number, to: FetchRequest.self, version: 12).partitions[0].records == ByteBuffer())
        #expect(isIdle(connection))
    }

    @Test("A wait longer than the limit is shortened to it")
    func waitLimit() throws {
        let (connection, number) = try waiting(try fixture(), wait: .max)
        connection.advance(Int64(Limits.fetchWaitMillisecondsMax) - 1)
        #expect(!connection.isAnswered(number))
        connection.advance(1)
        #expect(connection.isAnswered(number))
    }

    @Test("A fetch that waits is answered as soon as a record is durable")
    func woken() throws {
        let fixture = try fixture(partitions: 2)
        let (connection, number) = try waiting(fixture, partitions: [Asked(), Asked(partition: 1)])
        try publish("a", partition: 1, in: fixture)
        connection.loop.run()
        let response = try connection.response(number, to: FetchRequest.self, version: 12)
        #expect(try response.partitions.map { try Batches.values($0.records) } == [[], ["a"]])
        #expect(isIdle(connection))
    }

    @Test("min_bytes is waited for: one byte less is not enough, and the log is not read again for each record")
    func minBytes() throws {
        let fixture = try fixture(["a"])
        let size = Int32(fixture.log().snapshot.stored[0].bytes.readableBytes)
        let (connection, number) = try waiting(fixture, minBytes: 3 * size)
        let reads = fixture.log().snapshot.reads
        try publish("b", in: fixture)
        connection.loop.run()
        #expect(!connection.isAnswered(number))
        #expect(fixture.log().snapshot.reads == reads)
        try publish("c", in: fixture)
        connection.loop.run()
        #expect(try Batches.values(try connection.response(number, to: FetchRequest.self, version: 12).partitions[0].records) == ["a", "b", "c"])
    }

    @Test("What became durable between reading and waiting is not missed")
    func noLostWakeUp() throws {
        let fixture = try fixture(partitions: 2)
        try publish("b", partition: 1, in: fixture)
        fixture.store.behaviour.withLockedValue { $0.holdsReads = true }
        let connection = try school(fixture)
        let size = Int32(fixture.log(1).snapshot.stored[0].bytes.readableBytes)
        // Partition 0 is looked at first and is empty; partition 1 is being read while a record arrives in partition 0.
        let request = FetchRequest(of: fixture.topic(), [Asked(), Asked(partition: 1)], version: 12, wait: 500, minBytes: 2 * size)
        let number = connection.send(request, version: 12)
        try publish("a", partition: 0, in: fixture)
        fixture.store.releaseReads()
        connection.loop.run()
        #expect(connection.isAnswered(number), "the record came before the fetch began to wait")
    }

    @Test("A connection that ends while it waits leaves nothing behind")
    func closedWhileWaiting() throws {
        let fixture = try fixture()
        let (connection, number) = try waiting(fixture)
        connection.session.close()
        try publish("a", in: fixture)
        connection.advance(1000)
        #expect(!connection.isAnswered(number))
        #expect(isIdle(connection))
    }

    @Test("A connection that ends during a cold read is not answered")
    func closedWhileReading() throws {
        let fixture = try fixture(["a"])
        fixture.store.behaviour.withLockedValue { $0.holdsReads = true }
        let connection = try school(fixture)
        let number = connection.send(FetchRequest(of: fixture.topic(), [Asked()], version: 12), version: 12)
        connection.session.close()
        fixture.store.releaseReads()
        connection.loop.run()
        #expect(!connection.isAnswered(number))
        #expect(isIdle(connection))
    }

    // MARK: Room

    private func asked(_ connection: TestConnection, _ partitions: [Asked] = [Asked()], wait: Int32 = 500, of fixture: BrokerFixture) -> Int {
        connection.send(FetchRequest(of: fixture.topic(), partitions, version: 12, wait: wait), version: 12)
    }

    private func values(_ connection: TestConnection, _ number: Int) throws -> [[String]] {
        try connection.response(number, to: FetchRequest.self, version: 12).partitions.map { try Batches.values($0.records) }
    }

    @Test("A fetch reads no more than there is room for: at a batch's size, and one byte below it")
    func roomIsTheLimit() throws {
        let fixture = try fixture(["a", "b", "c"], partitions: 2)
        try publish("d", partition: 1, in: fixture)
        let size = fixture.log().snapshot.stored[0].bytes.readableBytes
        func values(_ room: Int) throws -> [[String]] {
            let room = BoundedAnswerRoom(room)
            let connection = try TestConnection(fixture, BrokerFixture.school, answerRoom: room)
            let found = try self.values(connection, asked(connection, [Asked(), Asked(partition: 1)], of: fixture))
            #expect(room.taken == 0, "the answer is the listener's now")
            return found
        }
        #expect(try values(4 * size) == [["a", "b", "c"], ["d"]])
        #expect(try values(4 * size - 1) == [["a", "b", "c"], []])
    }

    @Test("Without room for one batch a fetch waits as for data, and is answered at its deadline with none, or when room comes back")
    func waitsForRoom() throws {
        let fixture = try fixture(["a", "b"])
        let size = fixture.log().snapshot.stored[0].bytes.readableBytes
        let room = BoundedAnswerRoom(2 * size - 1)
        let connection = try TestConnection(fixture, BrokerFixture.school, answerRoom: room)
        let first = asked(connection, of: fixture)
        #expect(!connection.isAnswered(first))
        #expect(room.wish == 2 * size)
        connection.advance(500)
        #expect(try values(connection, first) == [[]])

        let second = asked(connection, of: fixture)
        #expect(!connection.isAnswered(second))
        room.size += 1
        connection.session.answerRoomCameBack()
        #expect(try values(connection, second) == [["a", "b"]])
        #expect(try values(connection, asked(connection, wait: 0, of: fixture)) == [["a", "b"]])
        #expect(room.taken == 0)
        #expect(isIdle(connection))
    }

    @Test("A cold read has its room before it begins, and gives it back whatever becomes of the connection")
    func roomOfColdReads() throws {
        let fixture = try fixture(["a"])
        let size = fixture.log().snapshot.stored[0].bytes.readableBytes
        fixture.store.behaviour.withLockedValue { $0.holdsReads = true }
        let room = BoundedAnswerRoom(size)
        let reading = try TestConnection(fixture, BrokerFixture.school, answerRoom: room)
        _ = asked(reading, of: fixture)
        #expect(room.taken == size)
        let waiting = try TestConnection(fixture, BrokerFixture.school, answerRoom: room)
        let number = asked(waiting, of: fixture)
        #expect(room.wish == size)
        reading.session.close()
        #expect(room.taken == size, "the reader still reads")
        fixture.store.releaseReads()
        reading.loop.run()
        #expect(room.taken == 0)
        waiting.session.answerRoomCameBack()
        #expect(try values(waiting, number) == [["a"]])
        #expect(room.taken == 0)
    }

    @Test("A fetch that waits for more data holds no room")
    func waitingHoldsNoRoom() throws {
        let fixture = try fixture(["a"])
        let room = BoundedAnswerRoom(1 << 20)
        let connection = try TestConnection(fixture, BrokerFixture.school, answerRoom: room)
        let number = connection.send(
            FetchRequest(of: fixture.topic(), [Asked()], version: 12, wait: 500, minBytes: 100_000), version: 12)
        #expect(!connection.isAnswered(number))
        #expect(room.taken == 0)
        connection.session.close()
        #expect(room.taken == 0)
    }

    @Test("A policy that takes the right away answers the waiting fetch at once; one that does not lets it wait")
    func policyWhileWaiting() throws {
        let fixture = try fixture()
        let (connection, number) = try waiting(fixture)
        fixture.services.install(policy: try BrokerFixture.policy(BrokerFixture.agreements, version: 2))
        connection.loop.run()
        #expect(!connection.isAnswered(number))
        fixture.services.install(policy: .empty)
        connection.loop.run()
        #expect(try connection.response(number, to: FetchRequest.self, version: 12).partitions[0].errorCode == .topicAuthorizationFailed)
    }

    @Test("A topic that is deleted answers the fetch that waits for it")
    func topicDeletedWhileWaiting() throws {
        let fixture = try fixture()
        let (connection, number) = try waiting(fixture)
        fixture.services.install(catalogue: fixture.services.catalogue.value.without(fixture.topic().id))
        connection.loop.run()
        #expect(try connection.response(number, to: FetchRequest.self, version: 12).partitions[0].errorCode == .unknownTopicOrPartition)
    }

    @Test("An agreement that ends while a fetch waits gives it no record that came after")
    func agreementEndsWhileWaiting() throws {
        let ends = BrokerFixture.agreements.replacing("legalBasis: test", with: "until: 2026-12-31")
        let fixture = try BrokerFixture(agreements: ends)
        let end: Int64 = 1_798_736_400_000
        fixture.clock.set(end - 100)
        let (connection, number) = try waiting(fixture)
        let ward = try TestConnection(fixture, BrokerFixture.ward)
        ward.send(ProduceRequest(batches: [(0, Batches.batch())]), version: 9)
        fixture.clock.set(end)
        connection.loop.run()
        let partition = try connection.response(number, to: FetchRequest.self, version: 12).partitions[0]
        #expect(partition.errorCode == .topicAuthorizationFailed)
        #expect(partition.records == ByteBuffer())
    }
}
