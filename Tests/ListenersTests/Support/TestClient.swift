import NIOCore
import NIOPosix
import NIOSSL

/// A Kafka client of a few lines: sends bytes, collects answers, knows when the connection ended.
final class TestClient: Sendable {
    let channel: any Channel
    private let answers: Answers

    /// What a connection received, on its event loop.
    private final class Answers: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let state: NIOLoopBoundBox<State>

        struct State {
            var bytes = ByteBuffer()
            var waiting: (count: Int, promise: EventLoopPromise<[[UInt8]]>)?
            var bodies: [[UInt8]] = []
            var isOver = false
        }

        init(eventLoop: any EventLoop) { state = NIOLoopBoundBox(State(), eventLoop: eventLoop) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            state.value.bytes.writeBuffer(&bytes)
            while let length = state.value.bytes.getInteger(at: state.value.bytes.readerIndex, as: Int32.self),
                state.value.bytes.readableBytes >= 4 + Int(length)
            {
                state.value.bytes.moveReaderIndex(forwardBy: 4)
                if let body = state.value.bytes.readBytes(length: Int(length)) { state.value.bodies.append(body) }
            }
            settle()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func channelInactive(context: ChannelHandlerContext) {
            state.value.isOver = true
            settle()
        }

        func wait(for count: Int, _ promise: EventLoopPromise<[[UInt8]]>) {
            state.value.waiting = (count, promise)
            settle()
        }

        /// A connection that ended answers with what it got.
        private func settle() {
            guard let waiting = state.value.waiting, state.value.bodies.count >= waiting.count || state.value.isOver else { return }
            state.value.waiting = nil
            waiting.promise.succeed(state.value.bodies)
        }
    }

    private init(channel: any Channel, answers: Answers) {
        self.channel = channel
        self.answers = answers
    }

    /// - Parameter context: nil to speak without TLS.
    static func connect(to address: SocketAddress, _ context: NIOSSLContext?, group: any EventLoopGroup) async throws -> TestClient {
        let (channel, answers) = try await ClientBootstrap(group: group).connect(to: address) { channel in
            channel.eventLoop.makeCompletedFuture {
                let answers = Answers(eventLoop: channel.eventLoop)
                if let context {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                }
                try channel.pipeline.syncOperations.addHandler(answers)
                return (channel, answers)
            }
        }
        return TestClient(channel: channel, answers: answers)
    }

    func send(_ bytes: ByteBuffer) { channel.writeAndFlush(bytes, promise: nil) }

    /// The first `count` answers; fewer when the connection ended before.
    func answers(_ count: Int) async throws -> [[UInt8]] {
        let promise = channel.eventLoop.makePromise(of: [[UInt8]].self)
        channel.eventLoop.execute { [answers] in answers.wait(for: count, promise) }
        return try await promise.futureResult.get()
    }

    /// Sends one request and gives its answer, nil when the connection ended instead.
    func ask(_ body: [UInt8]) async throws -> [UInt8]? {
        let before = try await answers(0).count
        send(request(body))
        let all = try await answers(before + 1)
        return all.count > before ? all[before] : nil
    }

    func ended() async throws { try await channel.closeFuture.get() }

    func close() async throws { try? await channel.close() }
}
