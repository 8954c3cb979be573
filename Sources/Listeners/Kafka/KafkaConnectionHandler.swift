import AccessPolicy
import Broker
import CoreMetrics
import Identity
import NIOCore
import NIOSSL
import NIOTLS

/// One Kafka connection behind its TLS handler: feeds what happens into a `ConnectionStateMachine` and does what that says.
///
///     socket ─ NIOSSLServerHandler ─ KafkaConnectionHandler ─ session
///
/// Costs that matter here: one copy of each request (out of the TLS layer's buffer), one allocation for it and one for the reply
/// closure, no promise on writes, one flush for all answers that are ready in a turn of the event loop.
final class KafkaConnectionHandler: ChannelDuplexHandler, LiveConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Who is at the other end: asked once, when the handshake has ended.
    typealias Inquiry = (ChannelHandlerContext) -> Finding

    enum Finding {
        case peer(AuthenticatedPeer)
        case refused(CloseReason)
    }

    static let listener = "kafka"

    private let registry: ConnectionRegistry
    private let shard: ConnectionShard
    private let place: ConnectionPlace?
    private let inquire: Inquiry
    /// Why the handshake was refused by us; asked when it failed.
    private let handshakeRefusal: () -> CloseReason?
    private let makeSession: KafkaSessionFactory

    private var machine: ConnectionStateMachine
    private var context: ChannelHandlerContext?
    private var session: (any KafkaSessionHandling)?
    private var account: NodeAccount?
    private var answerShare: AnswerShare?
    private var peer: AuthenticatedPeer?
    /// Bytes that came and cannot be looked at yet: at most what one turn of reading brings.
    private var carried = ByteBuffer()
    private var remoteAddress = "unknown"
    private let began: NIODeadline
    /// Between the first `channelRead` of a turn and its `channelReadComplete`: answers wait for the end of it.
    private var isReading = false
    private var isListedToWrite = false
    private var isListedForRoom = false
    /// Memory of answers handed to the channel since it was last asked to say when it has written them.
    private var unconfirmedBytes = 0
    /// A read that was held back while paused.
    private var isReadHeldBack = false
    private var isSayingGoodbye = false
    private var hasEnded = false

    init(
        registry: ConnectionRegistry, shard: ConnectionShard, place: ConnectionPlace?, inquire: @escaping Inquiry,
        handshakeRefusal: @escaping () -> CloseReason?, makeSession: @escaping KafkaSessionFactory, now: NIODeadline
    ) {
        self.registry = registry
        self.shard = shard
        self.place = place
        self.inquire = inquire
        self.handshakeRefusal = handshakeRefusal
        self.makeSession = makeSession
        self.machine = ConnectionStateMachine(limits: registry.limits, now: now)
        self.began = now
    }

    var node: AuthenticatedNode? { peer?.node }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        remoteAddress = context.channel.remoteAddress.map(addressAndPort) ?? "unknown"
        shard.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(.peerClosed)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.peerClosed)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? TLSUserEvent else { return context.fireUserInboundEventTriggered(event) }
        switch event {
        case .handshakeCompleted: handshakeCompleted(context)
        case .shutdownCompleted: end(.peerClosed)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOSSLError.handshakeFailed(let why):
            end(handshakeRefusal() ?? CloseReason(handshake: why))
        case NIOSSLError.uncleanShutdown:
            // Many clients close the socket without TLS's own goodbye. Lengths delimit requests, so nothing can be cut short unseen.
            end(.peerClosed)
        case let broken as BoringSSLError:
            end(CloseReason(established: broken))
        default:
            end(.transportError("\(error)"))
        }
    }

    private func handshakeCompleted(_ context: ChannelHandlerContext) {
        // A connection that was ended meanwhile must not open an account that nobody would close.
        guard !hasEnded else { return }
        place?.handshakeEnded()
        registry.metrics.handshakes.recordNanoseconds((context.eventLoop.now - began).nanoseconds)
        let finding = inquire(context)
        switch machine.handshakeCompleted(refusal: admit(finding), now: context.eventLoop.now) {
        case .serve:
            guard let peer, let answerShare else { preconditionFailure("a connection serves without a peer") }
            registry.audit?.signedIn(peer.peer, listener: Self.listener)
            session = makeSession(peer.peer, context.eventLoop, answerShare)
        case .close(let reason):
            end(reason)
        case .ignore:
            break
        }
    }

    /// - Returns: why the peer is not let in, or nil.
    private func admit(_ finding: Finding) -> CloseReason? {
        switch finding {
        case .refused(let reason):
            return reason
        case .peer(let found):
            peer = found
            let account: NodeAccount
            switch registry.nodeAccounts.open(found.peer.identity) {
            case .success(let opened): account = opened
            case .failure(let reason): return reason
            }
            self.account = account
            answerShare = AnswerShare(
                node: account.answerBytes, all: registry.answerBytes, freed: { [shard] in shard.roomCameBack() },
                wanted: { [weak self] in self?.waitForRoom() })
            return nil
        }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        isReading = true
        var bytes = unwrapInboundIn(data)
        registry.metrics.receivedBytes.increment(by: bytes.readableBytes)
        if carried.readableBytes > 0 {
            carried.writeBuffer(&bytes)
            processCarried()
        } else {
            process(&bytes)
            // A copy, not a slice: see FrameAssembler.
            if bytes.readableBytes > 0 { carried.writeBytes(bytes.readableBytesView) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if !hasEnded { writeAnswers() }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if machine.isPaused {
            isReadHeldBack = true
        } else {
            context.read()
        }
    }

    private func processCarried() {
        var bytes = carried
        carried = ByteBuffer()
        process(&bytes)
        if bytes.readableBytes > 0 { carried = bytes }
    }

    private func process(_ bytes: inout ByteBuffer) {
        guard let context else { return }
        let now = context.eventLoop.now
        while true {
            switch machine.bytesReceived(&bytes, now: now) {
            case .wait:
                if machine.isPaused { registry.metrics.pauses.increment() }
                return
            case .takeRoom(let count):
                guard takeRoom(count) else {
                    machine.roomDenied()
                    waitForRoom()
                    continue
                }
                machine.roomGranted(bytes: count, allocator: context.channel.allocator)
            case .dispatch(let frame, let ticket):
                dispatch(frame, ticket)
            case .close(let reason):
                bytes.clear()
                return end(reason)
            }
        }
    }

    private func dispatch(_ frame: ByteBuffer, _ ticket: RequestTicket) {
        registry.metrics.requests.increment()
        session?.receive(frame) { [self] reply in replied(ticket, reply) }
    }

    // MARK: Answers

    private func replied(_ ticket: RequestTicket, _ reply: SessionReply) {
        context?.eventLoop.assertInEventLoop()
        let answerBytes = reply.storageBytes
        switch machine.replied(ticket, reply) {
        case .drop:
            return
        case .write(let bytes):
            answerShare?.charge(answerBytes)
            giveBack(bytes)
            guard !isReading, !isListedToWrite else { return }
            isListedToWrite = true
            shard.writeSoon(self)
        case .close(let reason, let bytes):
            giveBack(bytes)
            end(reason)
        }
    }

    /// Writes answers for as long as the client takes them, a limited number of bytes at a time: what waits behind a slow client
    /// waits here, as it came, and not encrypted in the TLS layer.
    func writeAnswers() {
        isListedToWrite = false
        guard let context, !hasEnded else { return }
        let bytesMax = registry.limits.writeBytesMax
        var unflushed = 0
        while context.channel.isWritable, let bytes = machine.takeAnswer(bytesMax: bytesMax - unflushed, now: context.eventLoop.now) {
            unflushed += bytes.readableBytes
            registry.metrics.sentBytes.increment(by: bytes.readableBytes)
            context.write(wrapOutboundOut(bytes), promise: confirmation(context))
            if unflushed >= bytesMax {
                context.flush()
                unflushed = 0
            }
        }
        if unflushed > 0 { context.flush() }
        if machine.isDrained { return sayGoodbye(context) }
        resume()
    }

    /// A promise for each write would cost a small answer more than its write. So answers count as taken when they are handed to the
    /// channel, until so many of them have been handed over that it is asked: then they count again until it has written them.
    private static let unconfirmedBytesMax = 16 << 10

    private func confirmation(_ context: ChannelHandlerContext) -> EventLoopPromise<Void>? {
        let bytes = machine.takeStorageHandedOut()
        guard bytes > 0, let answerShare else { return nil }
        unconfirmedBytes += bytes
        guard unconfirmedBytes >= Self.unconfirmedBytesMax else {
            answerShare.giveBack(bytes)
            return nil
        }
        let counted = unconfirmedBytes
        answerShare.charge(counted - bytes)
        unconfirmedBytes = 0
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in answerShare.giveBack(counted) }
        return promise
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        machine.writabilityChanged(isWritable: context.channel.isWritable, now: context.eventLoop.now)
        if context.channel.isWritable { writeAnswers() }
        context.fireChannelWritabilityChanged()
    }

    /// Goes on with what a pause held back, where its reason is gone.
    private func resume() {
        guard let context, !hasEnded, machine.isPaused else { return }
        switch machine.resumeIfPossible(now: context.eventLoop.now) {
        case .stay:
            return
        case .dispatch(let frame, let ticket):
            dispatch(frame, ticket)
            processCarried()
        case .read:
            processCarried()
        }
        if !machine.isPaused, isReadHeldBack, !hasEnded {
            isReadHeldBack = false
            context.read()
        }
    }

    // MARK: Budgets

    private func takeRoom(_ bytes: Int) -> Bool {
        guard let account, answerShare?.mayBegin == true, account.requestBytes.take(bytes) else { return false }
        guard registry.requestBytes.take(bytes) else {
            account.requestBytes.giveBack(bytes)
            return false
        }
        return true
    }

    private func giveBack(_ bytes: Int) {
        guard bytes > 0, let account else { return }
        account.requestBytes.giveBack(bytes)
        registry.requestBytes.giveBack(bytes)
        shard.roomCameBack()
    }

    private func waitForRoom() {
        guard !isListedForRoom else { return }
        isListedForRoom = true
        shard.waitForRoom(self)
    }

    func tryAgainForRoom() {
        isListedForRoom = false
        if let answerShare, answerShare.isWanted, !hasEnded {
            if answerShare.takeWish() { session?.answerRoomCameBack() }
            if answerShare.isWanted { waitForRoom() }
        }
        if machine.waitsForRoom { resume() }
    }

    // MARK: Time and the end

    func timePassed(now: NIODeadline) {
        if let reason = machine.timePassed(now: now) { end(reason) }
    }

    func drain(deadline: NIODeadline) {
        switch machine.drainRequested(deadline: deadline) {
        case .closeNow(let reason): end(reason)
        case .wait: break
        }
    }

    /// The last answers must reach the socket before it is closed.
    private func sayGoodbye(_ context: ChannelHandlerContext) {
        guard !isSayingGoodbye else { return }
        isSayingGoodbye = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in end(.drained) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    }

    func end(_ reason: CloseReason) {
        guard !hasEnded else { return }
        hasEnded = true
        answerShare?.giveBack(machine.answerStorageBytes)
        giveBack(machine.end())
        if let account { registry.nodeAccounts.close(account) }
        account = nil
        carried = ByteBuffer()
        session?.close()
        session = nil
        place?.handshakeEnded()
        shard.remove(self)
        registry.metrics.connectionClosed(Self.listener, reason)
        if reason.isRefusal {
            registry.refusals.record(
                reason, listener: Self.listener, remoteAddress: remoteAddress, node: peer?.peer.identity.path,
                now: context?.eventLoop.now ?? began)
        }
        context?.close(promise: nil)
    }
}

extension SessionReply {
    fileprivate var storageBytes: Int {
        switch self {
        case .response(let answer): answer.readableBytes > 0 ? answer.storageCapacity : 0
        case .noResponse, .close: 0
        }
    }
}
