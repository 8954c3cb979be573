import NIOCore

/// The end of a connection's pipeline: frames out with their number, answers back to who waits. Feeds events to
/// ``FrameAssembler`` and ``ResponseMatcher`` and runs what they say.
final class KafkaClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Where an answer goes: called on the connection's event loop.
    typealias Waiter = (Result<ByteBuffer, ClientError>) -> Void

    private let address: HostAndPort
    private var assembler: FrameAssembler
    private var matcher: ResponseMatcher<Waiter>
    private var context: ChannelHandlerContext?
    private var ending: ClientError?
    private var writableWaiter: (() -> Void)?

    init(address: HostAndPort, limits: ClientLimits) {
        self.address = address
        assembler = FrameAssembler(frameBytesMax: limits.responseBytesMax)
        matcher = ResponseMatcher(inFlightMax: limits.requestsInFlightMax)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Sends a frame whose correlation id lies at bytes 8 to 11: it is set here.
    func send(_ frame: ByteBuffer, flush: Bool, waiter: @escaping Waiter) {
        guard let context, context.channel.isActive else {
            return waiter(.failure(ending ?? .unreachable(address, why: "the connection is closed")))
        }
        switch matcher.requestMade(waiter) {
        case .refuse: waiter(.failure(.overloaded))
        case .send(let correlationID):
            var frame = frame
            frame.setInteger(correlationID, at: frame.readerIndex + 8)
            context.write(wrapOutboundOut(frame), promise: nil)
            if flush { context.flush() }
        }
    }

    /// Sends a frame that will be sent again: its bytes stay shared, only its first twelve are written anew. For the benchmarks.
    func sendAgain(_ frame: ByteBuffer, waiter: @escaping Waiter) {
        guard frame.readableBytes > Self.copiedBytesMax else { return send(frame, flush: true, waiter: waiter) }
        guard let context, context.channel.isActive else {
            return waiter(.failure(ending ?? .unreachable(address, why: "the connection is closed")))
        }
        switch matcher.requestMade(waiter) {
        case .refuse: waiter(.failure(.overloaded))
        case .send(let correlationID):
            var head = context.channel.allocator.buffer(capacity: 12)
            head.writeInteger(frame.getInteger(at: frame.readerIndex, as: UInt64.self) ?? 0)
            head.writeInteger(correlationID)
            context.write(wrapOutboundOut(head), promise: nil)
            var rest = frame
            rest.moveReaderIndex(forwardBy: 12)
            context.writeAndFlush(wrapOutboundOut(rest), promise: nil)
        }
    }

    /// Below this a copy of the frame costs less than a second TLS record.
    private static let copiedBytesMax = 16_384

    /// Calls back once the socket has taken what was written.
    func whenWritable(_ body: @escaping () -> Void) {
        guard let context, context.channel.isActive else { return }
        if context.channel.isWritable { context.eventLoop.assumeIsolated().execute(body) } else { writableWaiter = body }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let body = writableWaiter {
            writableWaiter = nil
            body()
        }
        context.fireChannelWritabilityChanged()
    }

    /// Sends a frame that nobody answers (`acks=0`).
    func sendUnanswered(_ frame: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    func flush() { context?.flush() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        while true {
            switch assembler.received(&bytes, allocator: context.channel.allocator) {
            case .needMore: return
            case .refuse(let length):
                end("a frame of \(length) bytes", context: context)
                return
            case .frame(let frame): answer(frame, context: context)
            }
        }
    }

    private func answer(_ frame: ByteBuffer, context: ChannelHandlerContext) {
        let correlationID = frame.getInteger(at: frame.readerIndex, as: Int32.self) ?? 0
        switch matcher.answerReceived(correlationID: correlationID) {
        case .complete(let waiter): waiter(.success(frame))
        case .close(let why): end(why, context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if ending == nil { ending = .connection(to: address, ended: error) }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let why = ending ?? .unreachable(address, why: "the broker ended the connection")
        ending = why
        for waiter in matcher.connectionClosed() { waiter(.failure(why)) }
        context.fireChannelInactive()
    }

    private func end(_ why: String, context: ChannelHandlerContext) {
        if ending == nil { ending = .unreachable(address, why: why) }
        context.close(promise: nil)
    }
}

/// What bounds one connection of the client.
struct ClientLimits: Sendable {
    /// The largest answer accepted.
    var responseBytesMax = 128 << 20
    /// Requests sent and not answered.
    var requestsInFlightMax = 1024
    var connectTimeout: TimeAmount = .seconds(5)
    var requestTimeout: TimeAmount = .seconds(40)
}
