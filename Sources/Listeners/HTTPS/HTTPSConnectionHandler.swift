import AccessPolicy
import Broker
import CoreMetrics
import Identity
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL
import NIOTLS

/// A node at the other end of an HTTPS connection, with the account that its requests are charged to.
struct HTTPSPeer: Sendable {
    let peer: Peer
    let account: NodeAccount
}

/// Who is at the other end of each HTTPS connection, by its channel. Requests are answered off the event loops, so this is asked
/// across threads; it is written when a handshake ends and when its connection does.
final class HTTPSPeers: Sendable {
    private let peers = NIOLockedValueBox<[ObjectIdentifier: HTTPSPeer]>([:])

    func add(_ peer: HTTPSPeer, for channel: any Channel) { peers.withLockedValue { $0[ObjectIdentifier(channel)] = peer } }
    func remove(_ channel: any Channel) { peers.withLockedValue { $0[ObjectIdentifier(channel)] = nil } }

    /// - Parameter channel: the connection's own (HTTP/1.1), or one of its streams (HTTP/2).
    func peer(of channel: any Channel) -> HTTPSPeer? {
        peers.withLockedValue { peers in
            peers[ObjectIdentifier(channel)] ?? channel.parent.flatMap { peers[ObjectIdentifier($0)] }
        }
    }
}

/// Stands between TLS and HTTP: decides who is there when the handshake ends, and ends the connection when that no longer holds.
/// Bytes only pass through.
final class HTTPSConnectionHandler: ChannelInboundHandler, LiveConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    static let listener = "https"

    private let registry: ConnectionRegistry
    private let shard: ConnectionShard
    private let place: ConnectionPlace
    private let peers: HTTPSPeers
    private let inquiry: HandshakeInquiry
    private let tls: NIOSSLHandler
    private let began: NIODeadline
    private var context: ChannelHandlerContext?
    private var account: NodeAccount?
    private var peer: AuthenticatedPeer?
    private var isHandshaking = true
    private var drainDeadline: NIODeadline?
    private var hasEnded = false

    init(
        registry: ConnectionRegistry, shard: ConnectionShard, place: ConnectionPlace, peers: HTTPSPeers, inquiry: HandshakeInquiry,
        tls: NIOSSLHandler, now: NIODeadline
    ) {
        self.registry = registry
        self.shard = shard
        self.place = place
        self.peers = peers
        self.inquiry = inquiry
        self.tls = tls
        self.began = now
    }

    var node: AuthenticatedNode? { peer?.node }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        shard.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(.peerClosed)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.peerClosed)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            // The event is kept from the layers above where HTTP must never be spoken with this peer.
            guard !hasEnded else { return }
            if let refusal = handshakeCompleted(context) { return end(refusal) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// - Returns: why the connection must end, or nil.
    private func handshakeCompleted(_ context: ChannelHandlerContext) -> CloseReason? {
        isHandshaking = false
        registry.metrics.handshakes.recordNanoseconds((context.eventLoop.now - began).nanoseconds)
        if inquiry.wasResumed { registry.metrics.resumedHandshakes.increment() }
        switch inquiry.peer(of: tls, remoteAddress: context.channel.remoteAddress) {
        case .anonymous:
            // Nobody we know, so nothing else counts its connections: it keeps its place among its address's unfinished handshakes,
            // or strangers could take every place that nodes have.
            return nil
        case .refused(let refusal):
            return .certificateRefused(refusal.description)
        case .peer(let found):
            place.handshakeEnded()
            let account: NodeAccount
            switch registry.nodeAccounts.open(found.peer.identity) {
            case .success(let opened): account = opened
            case .failure(let reason): return reason
            }
            self.account = account
            peer = found
            registry.audit?.signedIn(found.peer, listener: Self.listener)
            peers.add(HTTPSPeer(peer: found.peer, account: account), for: context.channel)
            return nil
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOSSLError.handshakeFailed(let why):
            end(inquiry.refusal.map { .certificateRefused($0.description) } ?? CloseReason(handshake: why))
        case NIOSSLError.uncleanShutdown:
            // HTTP messages delimit themselves; browsers close like this every day.
            end(.peerClosed)
        case let broken as BoringSSLError:
            end(CloseReason(established: broken))
        default:
            context.fireErrorCaught(error)
        }
    }

    func timePassed(now: NIODeadline) {
        if isHandshaking, now >= began + registry.limits.handshakeTimeout { return end(.handshakeTimedOut) }
        if let drainDeadline, now >= drainDeadline { end(.drainTimedOut(requestsInFlight: 1)) }
    }

    func drain(deadline: NIODeadline) {
        guard let context, !isHandshaking else { return end(.drained) }
        drainDeadline = deadline
        // HTTP's own handlers finish the request in progress, or close at once when there is none.
        context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    func end(_ reason: CloseReason) {
        guard !hasEnded else { return }
        hasEnded = true
        if let account { registry.nodeAccounts.close(account) }
        account = nil
        place.handshakeEnded()
        shard.remove(self)
        registry.metrics.connectionClosed(Self.listener, reason)
        guard let context else { return }
        peers.remove(context.channel)
        if reason.isRefusal {
            registry.refusals.record(
                reason, listener: Self.listener, remoteAddress: context.channel.remoteAddress.map(addressAndPort) ?? "unknown",
                node: peer?.peer.identity.path, now: context.eventLoop.now)
        }
        context.close(promise: nil)
    }
}
