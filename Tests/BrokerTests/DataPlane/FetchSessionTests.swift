import KafkaWire
import NIOCore
import NIOEmbedded
import Storage
import Testing

@testable import Broker

/// KIP-227.
@Suite("Fetch sessions")
struct FetchSessionTests {
    private func publish(_ value: String, _ partition: Int32, _ fixture: BrokerFixture) throws {
        let ward = try TestConnection(fixture, BrokerFixture.ward)
        ward.send(ProduceRequest(batches: [(partition, Batches.batch([value]))]), version: 9)
    }

    private func fetch(_ connection: TestConnection, _ request: FetchRequest, version: Int16 = 12) throws -> FetchResponse {
        let number = connection.send(request, version: version)
        return try connection.response(number, to: FetchRequest.self, version: version)
    }

    private func begin(_ connection: TestConnection, _ fixture: BrokerFixture, _ partitions: Range<Int32>, version: Int16 = 12) throws -> FetchResponse {
        let asked = partitions.map { Asked(partition: $0) }
        return try fetch(connection, FetchRequest(of: fixture.topic(), asked, version: version, epoch: 0), version: version)
    }

    private func next(_ id: Int32, _ epoch: Int32, _ fixture: BrokerFixture, _ asked: [Asked] = []) -> FetchRequest {
        FetchRequest(of: fixture.topic(), asked, version: 12, session: id, epoch: epoch)
    }

    private func values(_ response: FetchResponse) throws -> [Int32: [String]] {
        Dictionary(uniqueKeysWithValues: try response.partitions.map { ($0.partitionIndex, try Batches.values($0.records)) })
    }

    @Test("A full fetch answers everything; an incremental one only what is new")
    func incremental() throws {
        let fixture = try BrokerFixture(partitions: 3)
        try publish("a", 0, fixture)
        let connection = try TestConnection(fixture, BrokerFixture.school)
        let full = try begin(connection, fixture, 0..<3)
        #expect(full.sessionID > 0)
        #expect(try values(full) == [0: ["a"], 1: [], 2: []])
        // The client moves on in partition 0 and says nothing of the others.
        let second = try fetch(connection, next(full.sessionID, 1, fixture, [Asked(offset: 1)]))
        #expect(second.sessionID == full.sessionID)
        #expect(second.partitions.isEmpty)
        try publish("b", 2, fixture)
        #expect(try values(try fetch(connection, next(full.sessionID, 2, fixture))) == [2: ["b"]])
    }

    @Test("A rise of the log start is told though there is no record, once")
    func logStartTold() throws {
        let fixture = try BrokerFixture(partitions: 2)
        try publish("a", 0, fixture)
        let connection = try TestConnection(fixture, BrokerFixture.school)
        let id = try begin(connection, fixture, 0..<2).sessionID
        _ = try fetch(connection, next(id, 1, fixture, [Asked(offset: 1)]))
        fixture.log(0).change { $0.logStart = 1 }
        let told = try fetch(connection, next(id, 2, fixture))
        #expect(told.partitions.map(\.logStartOffset) == [1])
        #expect(try fetch(connection, next(id, 3, fixture)).partitions.isEmpty)
    }

    @Test("An error is told again and again, and so is the recovery")
    func errorsTold() throws {
        let fixture = try BrokerFixture(partitions: 1)
        let connection = try TestConnection(fixture, BrokerFixture.school)
        let id = try begin(connection, fixture, 0..<1).sessionID
        fixture.log().change { $0.offline = "damaged" }
        #expect(try fetch(connection, next(id, 1, fixture)).partitions.map(\.errorCode) == [.kafkaStorageError])
        #expect(try fetch(connection, next(id, 2, fixture)).partitions.map(\.errorCode) == [.kafkaStorageError])
        fixture.log().change { $0.offline = nil }
        #expect(try fetch(connection, next(id, 3, fixture)).partitions.map(\.errorCode) == [.none])
        #expect(try fetch(connection, next(id, 4, fixture)).partitions.isEmpty)
    }

    @Test("Partitions can be added and forgotten")
    func changes() throws {
        let fixture = try BrokerFixture(partitions: 3)
        let connection = try TestConnection(fixture, BrokerFixture.school)
        let id = try begin(connection, fixture, 0..<2).sessionID
        var request = next(id, 1, fixture, [Asked(partition: 2)])
        request.forgottenTopicsData = [
            .init {
                $0.topic = BrokerFixture.topic
                $0.partitions = [0, 9]
            }
        ]
        #expect(try fetch(connection, request).partitions.map(\.partitionIndex) == [2])
        for partition in Int32(0)..<3 { try publish("x", partition, fixture) }
        #expect(try values(try fetch(connection, next(id, 2, fixture))) == [1: ["x"], 2: ["x"]])
    }

    @Test("A wrong epoch, an unknown id and another connection's id are refused")
    func refused() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.school)
        let id = try begin(connection, fixture, 0..<1).sessionID
        for epoch in [Int32(2), .max] {
            #expect(try fetch(connection, next(id, epoch, fixture)).errorCode == .invalidFetchSessionEpoch)
        }
        #expect(try fetch(connection, next(id ^ 1, 1, fixture)).errorCode == .fetchSessionIDNotFound)
        let other = try TestConnection(fixture, BrokerFixture.school, on: connection.loop)
        #expect(try fetch(other, next(id, 1, fixture)).errorCode == .fetchSessionIDNotFound)
        #expect(try fetch(connection, next(id, 1, fixture)).errorCode == .none, "the refusals changed nothing")
    }

    @Test("A session begun by name cannot go on by id")
    func topicIDs() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.school)
        let id = try begin(connection, fixture, 0..<1).sessionID
        let request = FetchRequest(of: fixture.topic(), [], version: 13, session: id, epoch: 1)
        #expect(try fetch(connection, request, version: 13).errorCode == .fetchSessionTopicIDError)
    }

    @Test("Epoch -1 ends a session, and a new one takes the place of the connection's old one")
    func ends() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.school)
        let cache = connection.session.plane.fetchSessions.value
        let first = try begin(connection, fixture, 0..<1).sessionID
        let second = try begin(connection, fixture, 0..<1).sessionID
        #expect(first != second)
        #expect(cache.count == 1)
        #expect(try fetch(connection, next(first, 1, fixture)).errorCode == .fetchSessionIDNotFound)
        let last = try fetch(connection, next(second, -1, fixture, [Asked()]))
        #expect(last.sessionID == 0)
        #expect(last.partitions.count == 1)
        #expect(cache.count == 0)
    }

    @Test("A session ends with its connection")
    func connectionEnds() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.school)
        _ = try begin(connection, fixture, 0..<1)
        connection.session.close()
        #expect(connection.session.plane.fetchSessions.value.count == 0)
    }

    @Test("When the slots are taken a client is served without a session, until one was idle for two minutes")
    func slots() throws {
        let fixture = try BrokerFixture(settings: ["max.incremental.fetch.session.cache.slots": "2"])
        let loop = EmbeddedEventLoop()
        let connections = try (0..<3).map { _ in try TestConnection(fixture, BrokerFixture.school, on: loop) }
        let ids = try connections.map { try begin($0, fixture, 0..<1).sessionID }
        #expect(ids[0] > 0 && ids[1] > 0)
        #expect(ids[2] == 0)
        loop.advanceTime(by: .milliseconds(Int64(Limits.fetchSessionIdleMilliseconds) - 1))
        #expect(try begin(connections[2], fixture, 0..<1).sessionID == 0)
        _ = try fetch(connections[0], next(ids[0], 1, fixture))
        loop.advanceTime(by: .milliseconds(1))
        #expect(try begin(connections[2], fixture, 0..<1).sessionID > 0, "the idle one made room")
        #expect(try fetch(connections[0], next(ids[0], 2, fixture)).errorCode == .none)
        #expect(try fetch(connections[1], next(ids[1], 1, fixture)).errorCode == .fetchSessionIDNotFound)
    }

    @Test("The partitions of all sessions are bounded: at the limit, and one past it")
    func partitionBudget() throws {
        let fixture = try BrokerFixture(partitions: 101, settings: ["max.incremental.fetch.session.cache.slots": "1"])
        #expect(Limits.fetchSessionPartitionsPerSlot == 100)
        let connection = try TestConnection(fixture, BrokerFixture.school)
        #expect(try begin(connection, fixture, 0..<101).sessionID == 0)
        let id = try begin(connection, fixture, 0..<100).sessionID
        #expect(id > 0)
        #expect(try fetch(connection, next(id, 1, fixture, [Asked(partition: 100)])).errorCode == .fetchSessionIDNotFound)
        #expect(try begin(connection, fixture, 0..<100).sessionID > 0, "what the session had taken was given back")
    }

    @Test("The partitions of one session are bounded whatever the budget has: at the limit, and one past it")
    func partitionLimit() throws {
        let fixture = try BrokerFixture()
        let connection = try TestConnection(fixture, BrokerFixture.school)
        let budget = FetchSessionBudget(slots: 1 + Limits.fetchSessionPartitionsMax / Limits.fetchSessionPartitionsPerSlot)
        let cache = FetchSessionCache(budget: budget)
        func items(_ count: Int) -> [FetchItem] {
            (0..<count).map {
                FetchItem(
                    key: .init(topic: .name(BrokerFixture.topic), partition: Int32($0)), offset: 0, bytesMax: 1, currentLeaderEpoch: -1)
            }
        }
        let most = Limits.fetchSessionPartitionsMax
        #expect(cache.make(for: connection.session, items: items(most + 1), usesTopicIDs: false, now: connection.loop.now) == nil)
        let session = try #require(cache.make(for: connection.session, items: items(most), usesTopicIDs: false, now: connection.loop.now))
        let one = FetchItem(key: .init(topic: .name(BrokerFixture.other), partition: 0), offset: 0, bytesMax: 1, currentLeaderEpoch: -1)
        session.put(one)
        #expect(!cache.charge(session, partitionsBefore: most), "grown by one past it")
        #expect(cache.count == 0)
        #expect(budget.take(slots: 1, partitions: most), "all of it was given back")
    }

    @Test("Busy partitions at the front do not starve the others")
    func fairness() throws {
        let fixture = try BrokerFixture(partitions: 3)
        for partition in Int32(0)..<3 { try publish("x", partition, fixture) }
        let connection = try TestConnection(fixture, BrokerFixture.school)
        let request = FetchRequest(
            of: fixture.topic(), (0..<3).map { Asked(partition: $0) }, version: 12, maxBytes: 1, epoch: 0)
        var response = try fetch(connection, request)
        var served = response.partitions.filter { $0.records != ByteBuffer() }.map(\.partitionIndex)
        for epoch in Int32(1)...5 {
            var more = next(response.sessionID, epoch, fixture)
            more.maxBytes = 1
            response = try fetch(connection, more)
            served += response.partitions.filter { $0.records != ByteBuffer() }.map(\.partitionIndex)
        }
        #expect(served == [0, 1, 2, 0, 1, 2])
    }

    @Test("The epoch after the largest one is 1", arguments: [(Int32(1), Int32(2)), (.max - 1, .max), (.max, 1)])
    func epochWraps(epoch: Int32, next: Int32) {
        #expect(FetchSession.epoch(after: epoch) == next)
    }
}
