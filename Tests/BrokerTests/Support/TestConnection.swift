import AccessPolicy
import KafkaWire
import NIOCore
import NIOEmbedded
import Testing

@testable import Broker

/// One connection's session on an event loop whose time the test drives. Only for requests of the data plane: a control
/// request runs in a task, see ``AsyncConnection``.
final class TestConnection {
    let loop: EmbeddedEventLoop
    let session: KafkaSession
    /// By the order of the requests.
    private(set) var replies: [Int: SessionReply] = [:]
    /// The order in which the replies came.
    private(set) var arrivals: [Int] = []
    private var sent = 0

    init(
        _ fixture: BrokerFixture, _ path: String, roles: Set<Role> = [.member], writer: UInt64 = 1, on loop: EmbeddedEventLoop = EmbeddedEventLoop(),
        answerRoom: any AnswerRoom = UnlimitedAnswerRoom()
    ) throws {
        self.loop = loop
        let peer = try BrokerFixture.peer(path, roles: roles, writer: writer)
        // What is not known is found out in a task, and a task must not call this loop.
        fixture.services.writers.remember([peer.identity.principal], of: peer.writer)
        session = KafkaSession(
            peer: peer, services: fixture.services, eventLoop: loop, answerRoom: answerRoom)
    }

    /// - Returns: the request's number.
    @discardableResult
    func send(_ request: some KafkaRequest, version: Int16, clientID: String = "test") -> Int {
        send(Self.frame(request, version: version, correlationID: Int32(sent), clientID: clientID))
    }

    @discardableResult
    func send(_ frame: ByteBuffer) -> Int {
        let number = sent
        sent += 1
        session.receive(frame) { [self] reply in
            #expect(replies[number] == nil, "request \(number) was answered twice")
            replies[number] = reply
            arrivals.append(number)
        }
        loop.run()
        return number
    }

    func advance(_ milliseconds: Int64) { loop.advanceTime(by: .milliseconds(milliseconds)) }

    static func frame<Request: KafkaRequest>(
        _ request: Request, version: Int16, correlationID: Int32, clientID: String = "test"
    ) -> ByteBuffer {
        var frame = ByteBuffer()
        RequestHeader(
            apiKey: Request.apiKey.rawValue, apiVersion: version, correlationID: correlationID, clientID: clientID
        ).encode(into: &frame)
        request.encode(into: &frame, version: version)
        return frame
    }

    func isAnswered(_ number: Int) -> Bool { replies[number] != nil }

    /// Why the connection was to be closed.
    func closeReason(_ number: Int) -> String? {
        if case .close(let reason) = replies[number] { return reason }
        return nil
    }

    func response<Request: KafkaRequest>(_ number: Int, to _: Request.Type, version: Int16) throws -> Request.Response {
        guard case .response(let frame) = replies[number] else {
            throw NotAnswered(number: number, reply: String(describing: replies[number]))
        }
        return try Self.decode(frame, Request.self, version: version, correlationID: Int32(number))
    }

    static func decode<Request: KafkaRequest>(
        _ frame: ByteBuffer, _: Request.Type, version: Int16, correlationID: Int32
    ) throws -> Request.Response {
        var body = frame
        let length = body.readInteger(as: Int32.self)
        #expect(length.map(Int.init) == body.readableBytes)
        #expect(try ResponseHeader.decode(from: &body, api: Request.apiKey, version: version) == correlationID)
        return try Request.Response.decode(from: &body, version: version, limits: .responses)
    }

    struct NotAnswered: Error {
        let number: Int
        let reply: String
    }
}

/// One connection's session on a loop that other threads may call, for control requests.
final class AsyncConnection: Sendable {
    let loop = NIOAsyncTestingEventLoop()
    private let session: NIOLoopBound<KafkaSession>
    private let room: NIOLoopBound<any AnswerRoom>

    convenience init(_ fixture: BrokerFixture, _ path: String, writer: UInt64 = 1, room roomBytes: Int = .max / 2) async throws {
        try await self.init(fixture.services, path, writer: writer) { BoundedAnswerRoom(roomBytes) }
    }

    init(_ services: BrokerServices, _ path: String, writer: UInt64 = 1, room: @escaping @Sendable () -> any AnswerRoom) async throws {
        let loop = loop
        let peer = try BrokerFixture.peer(path, writer: writer)
        (session, self.room) = try await loop.executeInContext {
            let room = room()
            let session = KafkaSession(peer: peer, services: services, eventLoop: loop, answerRoom: room)
            return (NIOLoopBound(session, eventLoop: loop), NIOLoopBound(room, eventLoop: loop))
        }
    }

    // MARK: Room for answers

    func roomTaken() async throws -> Int {
        let room = room
        return try await loop.executeInContext { (room.value as? BoundedAnswerRoom)?.taken ?? 0 }
    }

    /// Returns once a request waits for as much room.
    func waitForWish(of bytes: Int) async throws {
        let room = room
        while try await loop.executeInContext({ (room.value as? BoundedAnswerRoom)?.wish }) != bytes { await Task.yield() }
    }

    func changeRoom(to bytes: Int) async throws {
        let (room, session) = (room, session)
        try await loop.executeInContext {
            (room.value as? BoundedAnswerRoom)?.size = bytes
            session.value.answerRoomCameBack()
        }
    }

    func roomCameBack() async throws {
        let session = session
        try await loop.executeInContext { session.value.answerRoomCameBack() }
    }

    /// Begins a request; the promise is answered when it is.
    func send(_ frame: ByteBuffer) -> EventLoopFuture<SessionReply> {
        let promise = loop.makePromise(of: SessionReply.self)
        let session = session
        loop.execute { session.value.receive(frame) { promise.assumeIsolated().succeed($0) } }
        return promise.futureResult
    }

    /// The only partition's answer to one batch for it.
    func produce(
        _ records: [TestRecord], to topic: String = BrokerFixture.topic, producerID: Int64 = -1, sequence: Int32 = -1
    ) async throws -> ProduceResponse.TopicProduceResponse.PartitionProduceResponse {
        try await Self.answer(sendBatch(records, to: topic, producerID: producerID, sequence: sequence).get())
    }

    /// Sends one batch for partition 0; ``answer(_:)`` reads the reply.
    func sendBatch(
        _ records: [TestRecord], to topic: String = BrokerFixture.topic, producerID: Int64 = -1, sequence: Int32 = -1
    ) -> EventLoopFuture<SessionReply> {
        let batch = Batches.batch(records: records, producerID: producerID, epoch: producerID < 0 ? -1 : 0, sequence: sequence)
        return send(TestConnection.frame(ProduceRequest(to: topic, batches: [(0, batch)]), version: 9, correlationID: 0))
    }

    static func answer(_ reply: SessionReply) throws -> ProduceResponse.TopicProduceResponse.PartitionProduceResponse {
        guard case .response(let frame) = reply else { throw TestConnection.NotAnswered(number: 0, reply: "\(reply)") }
        let response = try TestConnection.decode(frame, ProduceRequest.self, version: 9, correlationID: 0)
        guard let answer = response.responses.first?.partitionResponses.first else {
            throw TestConnection.NotAnswered(number: 0, reply: "an answer without a partition")
        }
        return answer
    }

    /// Begins a request that is not answered.
    func begin(_ frame: ByteBuffer) {
        let session = session
        loop.execute { session.value.receive(frame) { _ in Issue.record("the request was answered") } }
    }

    func close() async throws {
        let session = session
        try await loop.executeInContext { session.value.close() }
    }
}
