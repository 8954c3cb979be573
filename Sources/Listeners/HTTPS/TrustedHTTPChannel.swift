import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// A connection of the HTTPS listener: TLS under the trust in force when it comes, then HTTP/2 or HTTP/1.1 as ALPN decides.
///
/// Hummingbird's own TLS channels take one TLS configuration for the life of the server; ours takes the context of the moment, so
/// that a change of certificates, lists or authorities reaches the next connection.
struct TrustedHTTPChannel: HTTPChannelHandler {
    struct Value: ServerChildChannelValue {
        let negotiated: EventLoopFuture<Negotiated>
        let channel: any Channel
    }

    enum Negotiated: Sendable {
        case http1(HTTP1Channel.Value)
        case http2(HTTP2Channel.Value)
    }

    let responder: Responder
    private let registry: ConnectionRegistry
    private let peers: HTTPSPeers
    private let http1: HTTP1Channel
    private let http2: HTTP2Channel

    init(registry: ConnectionRegistry, peers: HTTPSPeers, responder: @escaping Responder) {
        let limits = registry.limits
        self.registry = registry
        self.peers = peers
        self.responder = responder
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [PendingWrites(stallTimeout: limits.writeStallTimeout)], idleTimeout: limits.requestTimeout,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.httpHeaderBytesMax, maxHeaderListSize: limits.httpHeaderBytesMax, maxHeaderFieldCount: 100))
        http1 = HTTP1Channel(responder: responder, configuration: configuration)
        http2 = HTTP2Channel(
            responder: responder,
            configuration: HTTP2ChannelConfiguration(
                idleTimeout: .nanoseconds(limits.requestTimeout.nanoseconds),
                gracefulCloseTimeout: .nanoseconds(limits.drainTimeout.nanoseconds), streamConfiguration: configuration))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let value = channel.eventLoop.makeCompletedFuture {
            let place = try registry.admit(channel, listener: HTTPSConnectionHandler.listener)
            let inquiry = HandshakeInquiry(trust: registry.trust, wallClock: registry.wallClock)
            let tls = NIOSSLServerHandler(
                context: registry.trust.current.httpsContext,
                customVerificationCallback: { certificates, promise in
                    promise.succeed(inquiry.certificatesPresented(certificates))
                },
                configuration: .init())
            let connection = HTTPSConnectionHandler(
                registry: registry, shard: registry.shard(of: channel.eventLoop), place: place, peers: peers, inquiry: inquiry,
                tls: tls, now: channel.eventLoop.now)
            let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Negotiated> { result in
                switch result {
                case .negotiated("h2"):
                    http2.setup(channel: channel, logger: logger).map { .http2($0) }
                case .negotiated("http/1.1"), .fallback:
                    http1.setup(channel: channel, logger: logger).map { .http1($0) }
                case .negotiated(let other):
                    channel.eventLoop.makeFailedFuture(UnknownApplicationProtocol(name: other))
                }
            }
            try channel.pipeline.syncOperations.addHandlers(tls, connection, negotiation)
            return Value(negotiated: negotiation.protocolNegotiationResult, channel: channel)
        }
        // The server drops a connection whose set-up failed and leaves it open: one that was refused its place would keep its socket,
        // uncounted.
        value.whenFailure { _ in channel.close(promise: nil) }
        return value
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http1(let http1Channel): await http1.handle(value: http1Channel, logger: logger)
            case .http2(let http2Channel): await http2.handle(value: http2Channel, logger: logger)
            }
        } catch {
            // The connection ended before it spoke HTTP: `HTTPSConnectionHandler` has already said why.
            logger.debug("HTTP was not negotiated: \(error)")
            value.channel.close(promise: nil)
        }
    }
}

private struct UnknownApplicationProtocol: Error {
    let name: String
}
