import AccessPolicy
import Broker
import Logging
import NIOCore
import NIOEmbedded
import NIOTLS
import Storage
import Testing

@testable import Listeners

/// The handler without sockets and without TLS: the events of a finished handshake are fired by hand.
@Suite struct KafkaConnectionHandlerTests {
    /// One connection on an embedded event loop whose time stands still until it is told.
    final class Connection {
        let loop = EmbeddedEventLoop()
        let channel: EmbeddedChannel
        let registry: ConnectionRegistry
        let session: FakeSession
        let handler: KafkaConnectionHandler

        init(limits: ListenerLimits = ListenerLimits(), holds: Bool = false, node: String = "n1", registry: ConnectionRegistry? = nil) throws {
            self.registry = try registry ?? testRegistry(loop, limits)
            let session = FakeSession(holds: holds)
            self.session = session
            // Everything of an embedded channel happens on the test's own thread.
            let only = NIOLoopBound(session, eventLoop: loop)
            let peer = AuthenticatedPeer(
                peer: Peer(
                    identity: try NodeIdentity(authority: "city", agency: "health", unit: "registry", node: node), writer: .zero,
                    certificateFingerprint: .zero, remoteAddress: "192.0.2.1:1"),
                node: nil)
            handler = KafkaConnectionHandler(
                registry: self.registry, shard: ConnectionShard(eventLoop: loop, wallClock: { 0 }), place: nil,
                inquire: { _ in .peer(peer) }, handshakeRefusal: { nil }, 
                makeSession: { _, _, room in
                    only.value.answerRoom = room
                    return only.value
                }, now: loop.now)
            channel = EmbeddedChannel(handler: handler, loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
            channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
        }

        func send(_ bytes: ByteBuffer) throws {
            try channel.writeInbound(bytes)
            loop.run()
        }

        /// Everything written so far, as bodies of frames.
        func answers() throws -> [[UInt8]] {
            var bytes = ByteBuffer()
            while var piece = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeBuffer(&piece) }
            var bodies: [[UInt8]] = []
            while let length = bytes.readInteger(as: Int32.self), let body = bytes.readBytes(length: Int(length)) { bodies.append(body) }
            return bodies
        }
    }

    @Test("requests that come together are answered in order, in one turn")
    func pipelined() throws {
        let connection = try Connection()
        var bytes = ByteBuffer()
        for index in 0..<10 { bytes.writeImmutableBuffer(request([0, 3, UInt8(index)])) }
        try connection.send(bytes)
        #expect(try connection.answers() == (0..<10).map { [0, 3, UInt8($0)] })
    }

    @Test("completions that come out of order leave in order, acks=0 leaves nothing")
    func outOfOrder() throws {
        let connection = try Connection(holds: true)
        try connection.send(request([1]))
        try connection.send(request([0xFF]))
        try connection.send(request([3]))
        connection.session.answerHeld(2)
        connection.session.answerHeld(1)
        connection.loop.run()
        #expect(try connection.answers() == [])
        connection.session.answerHeld(0)
        connection.loop.run()
        #expect(try connection.answers() == [[1], [3]])
    }

    @Test("a length of -1, 0, 2^31-1 or one past the limit closes the connection", arguments: [-1, 0, Int32.max, 101])
    func badLength(length: Int32) throws {
        var limits = ListenerLimits()
        limits.frameBytesMax = 100
        let connection = try Connection(limits: limits)
        var bytes = ByteBuffer()
        bytes.writeInteger(length)
        try connection.send(bytes)
        #expect(!connection.channel.isActive)
        #expect(connection.session.isClosed)
        #expect(connection.session.received == 0)
        #expect(connection.registry.requestBytesInFlight == 0)
    }

    @Test("a client that never reads stays within its caps, and reading goes on once it takes its answers")
    func neverReads() throws {
        var limits = ListenerLimits()
        limits.answerBytesPerConnectionMax = 10_000
        let connection = try Connection(limits: limits)
        connection.session.answer = ByteBuffer(repeating: 7, count: 3000)
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        for _ in 0..<100 { try connection.send(request([0, 3])) }
        // 3 answers of 3004 bytes are within the cap, the fourth passes it, and no fifth request is begun.
        #expect(connection.session.received == 4)
        #expect(try connection.answers().isEmpty)
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        connection.loop.run()
        #expect(connection.session.received == 100)
        #expect(try connection.answers().count == 100)
    }

    @Test("a client that never reads is ended after the stall time")
    func stalled() throws {
        let connection = try Connection()
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        connection.loop.advanceTime(by: .seconds(59))
        connection.handler.timePassed(now: connection.loop.now)
        #expect(connection.channel.isActive)
        connection.loop.advanceTime(by: .seconds(1))
        connection.handler.timePassed(now: connection.loop.now)
        #expect(!connection.channel.isActive)
    }

    @Test("at the cap of requests in flight the socket is not read; after an answer it is")
    func readsAreHeldBack() throws {
        var limits = ListenerLimits()
        limits.requestsInFlightPerConnectionMax = 2
        let connection = try Connection(limits: limits, holds: true)
        for _ in 0..<3 { try connection.send(request([0, 3])) }
        #expect(connection.session.received == 2)
        connection.channel.read()
        connection.session.answerHeld(0)
        connection.loop.run()
        #expect(connection.session.received == 3)
    }

    @Test("a frame that the node's budget has no room for waits, and is read when another of its connections is done")
    func nodeBudget() throws {
        var limits = ListenerLimits()
        limits.frameBytesMax = 100
        limits.requestBytesPerConnectionMax = 100
        limits.requestBytesPerNodeMax = 100
        limits.requestBytesMax = 1000
        let first = try Connection(limits: limits, holds: true)
        let second = try Connection(limits: limits, registry: first.registry)
        let other = try Connection(limits: limits, node: "n2", registry: first.registry)
        try first.send(request([UInt8](repeating: 0, count: 60)))
        try second.send(request([UInt8](repeating: 0, count: 41)))
        try other.send(request([UInt8](repeating: 0, count: 41)))
        #expect(second.session.received == 0)
        #expect(other.session.received == 1)
        first.session.answerHeld(0)
        second.handler.tryAgainForRoom()
        #expect(second.session.received == 1)
        #expect(first.registry.requestBytesInFlight == 0)
    }

    @Test("request bytes in all: at the budget a frame is read, one byte past it waits, whosever it is")
    func budgetInAll() throws {
        var limits = ListenerLimits()
        (limits.frameBytesMax, limits.requestBytesPerConnectionMax) = (100, 100)
        (limits.requestBytesPerNodeMax, limits.requestBytesMax) = (100, 100)
        let first = try Connection(limits: limits, holds: true)
        let second = try Connection(limits: limits, holds: true, node: "n2", registry: first.registry)
        let third = try Connection(limits: limits, node: "n3", registry: first.registry)
        try first.send(request([UInt8](repeating: 0, count: 60)))
        try second.send(request([UInt8](repeating: 0, count: 40)))
        #expect(second.session.received == 1)
        try third.send(request([0]))
        #expect(third.session.received == 0)
        second.session.answerHeld(0)
        third.handler.tryAgainForRoom()
        #expect(third.session.received == 1)
    }

    /// Answers of 1,000 bytes and 1,024 of memory: 996 of payload, 4 of length, and what a buffer is rounded up to.
    private func answerLimits(perNode: Int, inAll: Int) -> ListenerLimits {
        var limits = ListenerLimits()
        limits.answerBytesPerNodeMax = perNode
        limits.answerBytesMax = inAll
        return limits
    }

    private func deaf(_ connection: Connection) {
        connection.session.answer = ByteBuffer(repeating: 7, count: 996)
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
    }

    private func hears(_ connection: Connection) {
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        connection.loop.run()
    }

    @Test("answers that a node's clients do not take: at the budget one more request is begun, past it none, until some are taken")
    func answersOfANode() throws {
        let first = try Connection(limits: answerLimits(perNode: 2048, inAll: 1 << 20))
        let second = try Connection(limits: first.registry.limits, registry: first.registry)
        let other = try Connection(limits: first.registry.limits, node: "n2", registry: first.registry)
        for connection in [first, second, other] { deaf(connection) }
        for _ in 0..<2 { try first.send(request([0, 3])) }
        #expect(first.registry.answerBytesWaiting == 2048)
        try second.send(request([0, 3]))
        #expect(second.session.received == 1, "at the budget")
        #expect(first.registry.answerBytesWaiting == 3072)
        for connection in [first, second, other] { try connection.send(request([0, 3])) }
        #expect(first.session.received == 2)
        #expect(second.session.received == 1)
        #expect(other.session.received == 1, "another node has its own budget")
        hears(second)
        first.handler.tryAgainForRoom()
        #expect(second.session.received == 2)
        #expect(first.session.received == 3)
    }

    @Test("answers in all: past the budget no request is begun but of a node that holds nothing")
    func answersInAll() throws {
        let first = try Connection(limits: answerLimits(perNode: 1 << 20, inAll: 2048))
        let second = try Connection(limits: first.registry.limits, node: "n2", registry: first.registry)
        let third = try Connection(limits: first.registry.limits, node: "n3", registry: first.registry)
        for connection in [first, second, third] { deaf(connection) }
        for _ in 0..<3 { try first.send(request([0, 3])) }
        #expect(first.session.received == 3)
        for connection in [first, second, second, third] { try connection.send(request([0, 3])) }
        #expect(first.session.received == 3)
        #expect(second.session.received == 1, "its first one, and no second")
        #expect(third.session.received == 1)
        hears(first)
        hears(second)
        hears(third)
        for connection in [first, second] {
            connection.handler.tryAgainForRoom()
            connection.loop.run()
        }
        #expect(first.session.received == 4)
        #expect(second.session.received == 2)
        #expect(first.registry.answerBytesWaiting == 0)
    }

    @Test("however a connection ends, the memory of its answers is given back; answers taken in pieces count until the last one")
    func answersAreGivenBack() throws {
        var limits = answerLimits(perNode: 1 << 20, inAll: 1 << 20)
        limits.writeBytesMax = 400
        let connection = try Connection(limits: limits)
        deaf(connection)
        try connection.send(request([0, 3]))
        #expect(connection.registry.answerBytesWaiting == 1024)
        connection.handler.end(.idle)
        #expect(connection.registry.answerBytesWaiting == 0)
        let other = try Connection(limits: limits, registry: connection.registry)
        other.session.answer = ByteBuffer(repeating: 7, count: 99_996)
        try other.send(request([0, 3]))
        #expect(try other.answers().count == 1)
        #expect(other.registry.answerBytesWaiting == 0)
    }

    @Test("a session that waits for room is told when another connection's answers are taken, and not before")
    func sessionIsTold() throws {
        let first = try Connection(limits: answerLimits(perNode: 4096, inAll: 1 << 20))
        let second = try Connection(limits: first.registry.limits, registry: first.registry)
        deaf(first)
        for _ in 0..<3 { try first.send(request([0, 3])) }
        let room = try #require(second.session.answerRoom)
        #expect(room.take(atLeast: 600, upTo: 1000) == 0, "an eighth is kept for what is no Fetch")
        #expect(room.take(atLeast: 500, upTo: 1000) == 512)
        room.giveBack(512)
        room.tellWhenThereIsRoom(for: 600)
        second.handler.tryAgainForRoom()
        #expect(second.session.roomCameBack == 0)
        hears(first)
        second.handler.tryAgainForRoom()
        #expect(second.session.roomCameBack == 1)
        second.handler.tryAgainForRoom()
        #expect(second.session.roomCameBack == 1)
    }

    @Test("a node's connections: the last one allowed serves, one past it is ended")
    func connectionsPerNode() throws {
        var limits = ListenerLimits()
        limits.connectionsPerNodeMax = 2
        let first = try Connection(limits: limits)
        let second = try Connection(limits: limits, registry: first.registry)
        let third = try Connection(limits: limits, registry: first.registry)
        #expect(first.channel.isActive)
        #expect(second.channel.isActive)
        #expect(!third.channel.isActive)
        second.handler.end(.idle)
        let fourth = try Connection(limits: limits, registry: first.registry)
        #expect(fourth.channel.isActive)
    }

    @Test("whatever way a connection ends, its bytes are given back and late answers are dropped")
    func bytesAreGivenBack() throws {
        let connection = try Connection(holds: true)
        try connection.send(request([1, 2, 3]))
        var half = ByteBuffer()
        half.writeInteger(Int32(50))
        half.writeInteger(UInt8(1))
        try connection.send(half)
        #expect(connection.registry.requestBytesInFlight == 53)
        connection.channel.close(promise: nil)
        connection.loop.run()
        #expect(connection.registry.requestBytesInFlight == 0)
        #expect(connection.registry.nodeCount == 0)
        connection.session.answerHeld(0)
        connection.loop.run()
        #expect(connection.session.isClosed)
    }

    @Test("draining lets the request in flight be answered, then closes")
    func draining() throws {
        let connection = try Connection(holds: true)
        try connection.send(request([1]))
        connection.handler.drain(deadline: connection.loop.now + .seconds(10))
        try connection.send(request([2]))
        #expect(connection.channel.isActive)
        connection.session.answerHeld(0)
        connection.loop.run()
        #expect(try connection.answers() == [[1]])
        #expect(!connection.channel.isActive)
        #expect(connection.session.received == 1)
    }

    @Test("a large answer leaves in limited pieces, whole and in order")
    func largeAnswer() throws {
        var limits = ListenerLimits()
        limits.writeBytesMax = 1000
        let connection = try Connection(limits: limits)
        connection.session.answer = ByteBuffer(bytes: (0..<5000).map { UInt8($0 % 250) })
        try connection.send(request([0, 3]))
        var sizes: [Int] = []
        var total = ByteBuffer()
        while var piece = try connection.channel.readOutbound(as: ByteBuffer.self) {
            sizes.append(piece.readableBytes)
            total.writeBuffer(&piece)
        }
        #expect(sizes.allSatisfy { $0 <= 1000 })
        #expect(total.readInteger(as: Int32.self) == 5000)
        #expect(Array(total.readableBytesView) == (0..<5000).map { UInt8($0 % 250) })
    }

    @Test("random requests in random pieces, answered in random order, are answered in their order")
    func randomly() throws {
        for seed in 0..<50 as Range<UInt64> {
            var generator = SplitMix(seed: seed)
            let connection = try Connection(holds: true)
            let bodies = (0..<40).map { index in [0, 3, UInt8(index)] + [UInt8](repeating: 9, count: Int.random(in: 0...300, using: &generator)) }
            var stream = ByteBuffer()
            for body in bodies { stream.writeImmutableBuffer(request(body)) }
            var answered: [[UInt8]] = []
            while stream.readableBytes > 0 || !connection.session.held.isEmpty {
                if stream.readableBytes > 0, Bool.random(using: &generator) {
                    let length = min(stream.readableBytes, Int.random(in: 1...700, using: &generator))
                    if let piece = stream.readSlice(length: length) { try connection.send(piece) }
                } else if let index = connection.session.held.indices.randomElement(using: &generator) {
                    connection.session.answerHeld(index)
                    connection.loop.run()
                }
                answered += try connection.answers()
            }
            #expect(answered == bodies, "seed \(seed)")
        }
    }
}
