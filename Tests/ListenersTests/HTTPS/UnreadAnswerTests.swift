import Identity
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Testing

@testable import Listeners

@Suite("HTTPS answers that nobody reads", .serialized)
struct UnreadAnswerTests {
    /// Sends a request once its handshake is done, and never reads a byte of the answer.
    private final class Deaf: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let request: String

        init(_ request: String) { self.request = request }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case .handshakeCompleted? = event as? TLSUserEvent else { return }
            _ = context.channel.setOption(.autoRead, value: false)
            context.writeAndFlush(NIOAny(ByteBuffer(string: request)), promise: nil)
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private static let body = "a"

    private func deaf(_ https: RunningHTTPS, as node: IssuedCertificate) async throws -> any Channel {
        let tls = try https.city.clientContext(node)
        let request =
            "POST /v1/topics/large/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/jsonl\r\nContent-Length: \(Self.body.utf8.count)\r\n\r\n\(Self.body)"
        return try await ClientBootstrap(group: https.group).channelOption(.socketOption(.so_rcvbuf), value: 8192).connect(to: https.address) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers(NIOSSLClientHandler(context: tls, serverHostname: nil), Deaf(request))
                return channel
            }
        }
    }

    private func status(_ https: RunningHTTPS, as node: IssuedCertificate) async throws -> Int? {
        try await https.ask("GET", "/v1/whoami", as: node)?.status
    }

    @Test("they count for their node until it goes; past its part it is told to wait, and others are not")
    func perNode() async throws {
        var limits = ListenerLimits()
        limits.answerBytesPerNodeMax = 8 << 20
        try await withHTTPS(limits) { https in
            let (a, b) = (try https.city.node("health/registry/a"), try https.city.node("health/registry/b"))
            #expect(try await status(https, as: a) == 200)
            #expect(try await eventually { https.registry.answerBytes.bytesTaken == 0 })
            let channel = try await deaf(https, as: a)
            #expect(try await eventually { https.registry.answerBytes.bytesTaken >= FakePublisher.largeBytes })
            #expect(try await status(https, as: a) == 503)
            #expect(try await status(https, as: b) == 200)
            try await channel.close()
            #expect(try await eventually { https.registry.answerBytes.bytesTaken == 0 })
            #expect(try await status(https, as: a) == 200)
        }
    }

    @Test("they count among those of all nodes; a node that holds none is answered all the same")
    func inAll() async throws {
        var limits = ListenerLimits()
        limits.answerBytesMax = 8 << 20
        try await withHTTPS(limits) { https in
            let (a, b) = (try https.city.node("health/registry/a"), try https.city.node("health/registry/b"))
            let channel = try await deaf(https, as: a)
            #expect(try await eventually { https.registry.answerBytes.bytesTaken >= FakePublisher.largeBytes })
            #expect(try await status(https, as: a) == 503)
            #expect(try await status(https, as: b) == 200)
            try await channel.close()
            #expect(try await eventually { https.registry.answerBytes.bytesTaken == 0 })
        }
    }

    @Test("a client that takes nothing for the time of a stall is closed, and its bytes are free")
    func stalled() async throws {
        var limits = ListenerLimits()
        limits.writeStallTimeout = .milliseconds(400)
        try await withHTTPS(limits) { https in
            let channel = try await deaf(https, as: try https.city.node("health/registry/a"))
            #expect(try await eventually { https.registry.answerBytes.bytesTaken >= FakePublisher.largeBytes })
            #expect(try await eventually { https.registry.answerBytes.bytesTaken == 0 && https.registry.nodeCount == 0 })
            try? await channel.close()
        }
    }
}
