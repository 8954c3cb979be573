import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Storage
import Testing

@testable import Broker

/// Answers have room before they are made.
@Suite("Room for answers")
struct AnswerReservationTests {
    // MARK: Waiting for it

    private static func metadata(_ version: Int16 = 9) -> ByteBuffer {
        var request = MetadataRequest()
        request.topics = nil
        return TestConnection.frame(request, version: version, correlationID: 0)
    }

    /// A broker with a topic whose listing takes much more than a request has room for anyway.
    private func fixture() throws -> BrokerFixture { try BrokerFixture(partitions: 500) }

    private func needed(_ fixture: BrokerFixture) throws -> Int {
        var request = MetadataRequest()
        request.topics = nil
        return Metadata.answerBytes(request, in: try fixture.context(BrokerFixture.school, version: 9))
    }

    @Test("A listing is made where there is room for it, and at a byte less it waits until there is")
    func atTheLimit() async throws {
        let fixture = try fixture()
        let needed = try needed(fixture)
        #expect(needed > 20_000)
        let enough = try await AsyncConnection(fixture, BrokerFixture.school, room: needed)
        guard case .response = try await enough.send(Self.metadata()).get() else { throw TestConnection.NotAnswered(number: 0, reply: "") }
        #expect(try await enough.roomTaken() == 0)

        let tight = try await AsyncConnection(fixture, BrokerFixture.school, room: needed - 1)
        let answer = tight.send(Self.metadata())
        let behind = tight.send(Self.metadata())
        try await tight.waitForWish(of: needed)
        #expect(try await tight.roomTaken() == 0, "who waits holds nothing")
        try await tight.changeRoom(to: needed)
        guard case .response = try await answer.get() else { throw TestConnection.NotAnswered(number: 0, reply: "") }
        _ = try await behind.get()
        #expect(try await tight.roomTaken() == 0)
    }

    @Test("A request that finds no room at all is not begun, and is answered when there is some")
    func noRoom() async throws {
        let connection = try await AsyncConnection(try fixture(), BrokerFixture.school, room: 100)
        let frame = TestConnection.frame(DescribeClusterRequest(), version: 0, correlationID: 0)
        let answer = connection.send(frame)
        try await connection.waitForWish(of: Limits.answerBytesAtLeast + 8 * frame.readableBytes)
        try await connection.changeRoom(to: 1 << 20)
        _ = try await answer.get()
        #expect(try await connection.roomTaken() == 0)
    }

    @Test("A connection that ends while its request waits for room leaves nothing taken and nobody waiting", .timeLimit(.minutes(1)))
    func ends() async throws {
        let fixture = try fixture()
        let needed = try needed(fixture)
        let connection = try await AsyncConnection(fixture, BrokerFixture.school, room: needed - 1)
        connection.begin(Self.metadata())
        try await connection.waitForWish(of: needed)
        try await connection.close()
        try await connection.changeRoom(to: needed)
        #expect(try await connection.roomTaken() == 0)
    }

    /// A node's room where all others have used up everything: it gets any answer while it holds nothing.
    private final class LastRoom: AnswerRoom {
        private let taken: NIOLockedValueBox<Int>

        init(_ taken: NIOLockedValueBox<Int>) { self.taken = taken }

        func take(atLeast bytesMin: Int, upTo bytesMax: Int) -> Int { takeWhole(bytesMin) ? bytesMin : 0 }
        func charge(_ bytes: Int) { taken.withLockedValue { $0 += bytes } }
        func giveBack(_ bytes: Int) { taken.withLockedValue { $0 -= bytes } }
        func tellWhenThereIsRoom(for bytes: Int) {}
        func takeWhole(_ bytes: Int) -> Bool {
            taken.withLockedValue {
                guard $0 == 0 else { return false }
                $0 = bytes
                return true
            }
        }
        func tellWhenThereIsRoom(forWhole bytes: Int) {}
    }

    @Test(
        "Where the others have used up all room, the members of a group still find each other: who waits for the leader holds nothing",
        .timeLimit(.minutes(1)))
    func groupWithoutRoom() async throws {
        let bench = try await GroupHandlerBench()
        let taken = NIOLockedValueBox(0)
        func connection() async throws -> AsyncConnection {
            try await AsyncConnection(bench.services, "education/schools/n1") { LastRoom(taken) }
        }
        let (leader, follower) = (try await connection(), try await connection())
        func answers<Request: KafkaRequest>(_ of: Request.Type, _ futures: [EventLoopFuture<SessionReply>]) async throws -> [Request.Response] {
            let ended = NIOLockedValueBox(0)
            for future in futures { future.whenComplete { _ in ended.withLockedValue { $0 += 1 } } }
            while ended.withLockedValue({ $0 }) < futures.count {
                for connection in [leader, follower] { try await connection.roomCameBack() }
                await Task.yield()
            }
            var answers: [Request.Response] = []
            for future in futures {
                guard case .response(let frame) = try await future.get() else { throw TestConnection.NotAnswered(number: 0, reply: "") }
                answers.append(try TestConnection.decode(frame, Request.self, version: 3, correlationID: 0))
            }
            return answers
        }
        func join(_ memberID: String = "") -> ByteBuffer {
            TestConnection.frame(GroupHandlerBench.joinRequest("education.app", memberID: memberID), version: 3, correlationID: 0)
        }
        let first = try await answers(JoinGroupRequest.self, [leader.send(join())])[0]
        #expect(first.errorCode == .none && first.leader == first.memberID)

        let late = follower.send(join())
        while await bench.services.groups.describe("education.app")?.members.count != 2 { await Task.yield() }
        #expect(taken.withLockedValue { $0 } == 0)
        let joined = try await answers(JoinGroupRequest.self, [leader.send(join(first.memberID)), late])
        #expect(joined.map(\.errorCode) == [.none, .none] && joined[0].members.count == 2)

        func sync(_ joined: JoinGroupResponse, _ assignments: [String] = []) -> ByteBuffer {
            var request = SyncGroupRequest()
            request.groupID = "education.app"
            request.generationID = joined.generationID
            request.memberID = joined.memberID
            request.assignments = assignments.map { member in
                .init {
                    $0.memberID = member
                    $0.assignment = Array(member.utf8)
                }
            }
            return TestConnection.frame(request, version: 3, correlationID: 0)
        }
        let waiting = follower.send(sync(joined[1]))
        try await follower.roomCameBack()
        #expect(taken.withLockedValue { $0 } == 0)
        let synced = try await answers(SyncGroupRequest.self, [leader.send(sync(joined[0], joined.map(\.memberID))), waiting])
        #expect(synced.map(\.errorCode) == [.none, .none])
        #expect(synced.map { Array($0.assignment) } == joined.map { Array($0.memberID.utf8) })
    }

    // MARK: How much it is

    /// Fails where the answer is larger than the room that was taken for it.
    private func check<Handler: ControlHandler>(
        _ handler: Handler.Type, _ request: Handler.Request, _ peer: Peer, _ services: BrokerServices, version: Int16,
        location: SourceLocation = #_sourceLocation
    ) async -> Handler.Request.Response {
        let reserved = NIOLockedValueBox(0)
        let context = RequestContext(
            peer: peer, clientID: "test", apiVersion: version, services: services,
            answer: AnswerReservation(0) { bytes in
                reserved.withLockedValue { $0 = max($0, bytes) }
                return true
            })
        let response = await Handler.handle(request, in: context)
        var (sent, answered) = (ByteBuffer(), ByteBuffer())
        request.encode(into: &sent, version: version)
        response.encode(into: &answered, version: version)
        let room = max(reserved.withLockedValue { $0 }, Limits.answerBytesAtLeast + 8 * sent.readableBytes)
        #expect(answered.readableBytes <= room, "version \(version)", sourceLocation: location)
        // And not so much more that it keeps others out for nothing.
        #expect(room <= 40_000 + 16 * answered.readableBytes, "version \(version)", sourceLocation: location)
        return response
    }

    @Test("Metadata, of all, of some and of none", arguments: MetadataRequest.versions)
    func metadata(version: Int16) async throws {
        let fixture = try fixture()
        let peer = try BrokerFixture.peer(BrokerFixture.school)
        var request = MetadataRequest()
        request.topics = version == 0 ? [] : nil
        request.includeTopicAuthorizedOperations = version >= 8
        _ = await check(Metadata.self, request, peer, fixture.services, version: version)
        request.topics = (0..<300).map { number in
            .init { $0.name = number % 2 == 0 ? BrokerFixture.topic : "nothing-\(number)" }
        }
        let response = await check(Metadata.self, request, peer, fixture.services, version: version)
        #expect(response.topics.count == 151)
    }

    @Test("DescribeConfigs, with everything that can be asked for", arguments: DescribeConfigsRequest.versions)
    func configurations(version: Int16) async throws {
        let fixture = try BrokerFixture(configuration: ["hanbridge.owner": String(repeating: "o", count: 60)])
        var request = DescribeConfigsRequest()
        request.includeSynonyms = version >= 1
        request.includeDocumentation = version >= 3
        for (type, name) in [(Int8(2), BrokerFixture.topic), (2, BrokerFixture.other), (2, "nothing"), (4, "1"), (9, "x")] {
            request.resources.append(
                .init {
                    $0.resourceType = type
                    $0.resourceName = name
                    $0.configurationKeys = nil
                })
        }
        let peer = try BrokerFixture.peer(BrokerFixture.ward, roles: [.operator])
        _ = await check(DescribeConfigs.self, request, peer, fixture.services, version: version)
    }

    @Test("DescribeConfigs of more than one answer may hold answers those beyond with an error")
    func configurationLimit() async throws {
        let fixture = try fixture()
        var request = DescribeConfigsRequest()
        request.includeDocumentation = true
        request.includeSynonyms = true
        var one = DescribeConfigsRequest.DescribeConfigsResource()
        one.resourceType = 2
        one.configurationKeys = nil
        one.resourceName = "nothing-00000"
        let most = (Limits.answerBytesMax + DescribeConfigs.answerBytes(one, request) - 1) / DescribeConfigs.answerBytes(one, request)
        for number in 0...most {
            one.resourceName = "nothing-\(10_000 + number)"
            request.resources.append(one)
        }
        let response = await DescribeConfigs.handle(request, in: try fixture.context(BrokerFixture.school, version: 4))
        let errors = response.results.map(\.errorCode)
        #expect(errors.count == most + 1)
        #expect(errors.dropLast().allSatisfy { $0 == .topicAuthorizationFailed })
        #expect(errors.last == .invalidRequest)
    }

    @Test("CreateTopics, with the configuration that it answers", arguments: CreateTopicsRequest.versions)
    func creation(version: Int16) async throws {
        let fixture = try BrokerFixture()
        var request = CreateTopicsRequest()
        request.topics = (0..<5).map { number in
            .init {
                $0.name = "made-\(number)"
                $0.numPartitions = number == 4 ? 0 : 1
                $0.replicationFactor = 1
                $0.configs = [
                    .init {
                        $0.name = "hanbridge.schema.subject"
                        $0.value = "none"
                    }
                ]
            }
        }
        let peer = try BrokerFixture.peer(BrokerFixture.ward, roles: [.operator])
        _ = await check(CreateTopics.self, request, peer, fixture.services, version: version)
    }

    @Test("Groups: lists, descriptions, offsets with their texts")
    func groups() async throws {
        let bench = try await GroupHandlerBench()
        for number in 0..<20 { _ = try await bench.member(of: "education.app-\(number)", by: GroupHandlerBench.school) }
        let text = String(repeating: "t", count: 4000)
        let commit = GroupHandlerBench.commitRequest("education.app-20", [("health.open", [0])], metadata: text)
        #expect(try await bench.commit(commit, by: GroupHandlerBench.school) == [[.none]])
        let peer = try bench.context(GroupHandlerBench.school, version: 0).peer
        for version in ListGroupsRequest.versions {
            let list = await check(ListGroups.self, ListGroupsRequest(), peer, bench.services, version: version)
            #expect(list.groups.count == 21)
        }
        var describe = DescribeGroupsRequest()
        describe.groups = (0..<30).map { "education.app-\($0)" }
        for version in DescribeGroupsRequest.versions {
            _ = await check(DescribeGroups.self, describe, peer, bench.services, version: version)
        }
        for version in OffsetFetchRequest.versions {
            var fetch = OffsetFetchRequest()
            if version >= 8 {
                fetch.groups = describe.groups.map { name in
                    .init {
                        $0.groupID = name
                        $0.topics = nil
                    }
                }
            } else {
                fetch.groupID = "education.app-20"
                fetch.topics = version >= 2 ? nil : []
            }
            _ = await check(OffsetFetch.self, fetch, peer, bench.services, version: version)
        }
    }
}
