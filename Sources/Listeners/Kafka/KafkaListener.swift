import CoreMetrics
import Identity
public import NIOCore
import NIOPosix
import NIOSSL
public import ServiceLifecycle

/// The Kafka protocol over mutual TLS.
///
/// Runs until graceful shutdown: then nothing more is accepted, requests in flight are answered, and the connections, those of
/// the HTTPS listener too, end within `ListenerLimits.drainTimeout`.
public final class KafkaListener: Service {
    private let host: String
    private let port: Int
    private let group: any EventLoopGroup
    private let registry: ConnectionRegistry
    private let makeSession: KafkaSessionFactory
    private let bound = BoundAddress()

    /// - Parameters:
    ///   - host: a name or an address of this machine.
    ///   - port: 0 for any free one.
    ///   - group: the event loops that `registry` was made with.
    public init(
        host: String, port: Int, group: any EventLoopGroup, registry: ConnectionRegistry,
        makeSession: @escaping KafkaSessionFactory
    ) {
        self.host = host
        self.port = port
        self.group = group
        self.registry = registry
        self.makeSession = makeSession
    }

    /// Where it listens, once it does: the port that was got where 0 was asked for. Throws when it could not.
    public func boundAddress() async throws -> SocketAddress { try await bound.get() }

    /// - Throws: the system's error when the address cannot be bound.
    public func run() async throws {
        let channel: any Channel
        do {
            channel = try await bind()
            guard let address = channel.localAddress else { preconditionFailure("a listening socket has no address") }
            bound.settle(.success(address))
        } catch {
            bound.settle(.failure(error))
            throw error
        }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            channel.close(promise: nil)
        }
        try await registry.drain()
    }

    private func bind() async throws -> any Channel {
        let limits = registry.limits
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(clamping: limits.acceptBacklog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPacer(acceptsPerSecondMax: limits.acceptsPerSecondMax))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: limits.writeBytesMax / 2, high: limits.writeBytesMax * 2))
            .childChannelInitializer { [registry, makeSession] channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.configure(channel, registry: registry, makeSession: makeSession)
                }
            }
            .bind(host: host, port: port)
            .get()
    }

    private static func configure(
        _ channel: any Channel, registry: ConnectionRegistry, makeSession: @escaping KafkaSessionFactory
    ) throws {
        let place = try registry.admit(channel, listener: KafkaConnectionHandler.listener)
        let inquiry = HandshakeInquiry(trust: registry.trust, wallClock: registry.wallClock)
        let tls = NIOSSLServerHandler(
            context: registry.trust.current.kafkaContext,
            customVerificationCallback: { certificates, promise in
                promise.succeed(inquiry.certificatesPresented(certificates))
            },
            configuration: .init())
        let connection = KafkaConnectionHandler(
            registry: registry, shard: registry.shard(of: channel.eventLoop), place: place,
            inquire: { context in
                if inquiry.wasResumed { registry.metrics.resumedHandshakes.increment() }
                switch inquiry.peer(of: tls, remoteAddress: context.channel.remoteAddress) {
                case .peer(let peer): return .peer(peer)
                case .anonymous: return .refused(.noCertificate)
                case .refused(let refusal): return .refused(.certificateRefused(refusal.description))
                }
            },
            handshakeRefusal: { inquiry.refusal.map { .certificateRefused($0.description) } },
            makeSession: makeSession, now: channel.eventLoop.now)
        try channel.pipeline.syncOperations.addHandlers(tls, connection)
    }
}
