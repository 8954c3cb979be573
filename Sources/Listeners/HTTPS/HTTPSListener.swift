public import Broker
import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore
public import ServiceLifecycle
public import Witnessing

/// Administration over HTTPS: HTTP/2 and HTTP/1.1, a client certificate asked for and its absence answered with 401 on every path.
public final class HTTPSListener: Service {
    private let host: String
    private let port: Int
    private let group: any EventLoopGroup
    private let registry: ConnectionRegistry
    private let administration: (any Administering)?
    private let schemas: RegistryAdministration?
    private let publisher: (any RecordPublishing)?
    private let pages: (any RecordReading)?
    private let evidence: (any EvidenceShowing)?
    private let witness: Witness?
    private let logger: Logger
    private let bound = BoundAddress()

    /// - Parameters:
    ///   - port: 0 for any free one.
    ///   - group: the event loops that `registry` was made with.
    ///   - schemas: the schema registry; without it its paths are not there.
    ///   - publisher: takes records; without it their path is not there.
    ///   - pages: gives records; likewise.
    ///   - evidence: shows the trees; likewise.
    ///   - witness: cosigns other nodes' checkpoints; likewise.
    public init(
        host: String, port: Int, group: any EventLoopGroup, registry: ConnectionRegistry, administration: (any Administering)?,
        schemas: RegistryAdministration? = nil, publisher: (any RecordPublishing)? = nil, pages: (any RecordReading)? = nil,
        evidence: (any EvidenceShowing)? = nil, witness: Witness? = nil, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.group = group
        self.registry = registry
        self.administration = administration
        self.schemas = schemas
        self.publisher = publisher
        self.pages = pages
        self.evidence = evidence
        self.witness = witness
        self.logger = logger
    }

    /// Where it listens, once it does. Throws when it could not.
    public func boundAddress() async throws -> SocketAddress { try await bound.get() }

    /// Hummingbird makes the listening socket by itself, so it is paced once it is there.
    private static func pace(_ channel: any Channel, _ limits: ListenerLimits) async {
        let paced = channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(
                AcceptPacer(acceptsPerSecondMax: limits.acceptsPerSecondMax), position: .first)
        }
        // It fails where the socket is closed already, and then there is nothing to pace.
        try? await paced.get()
    }

    public func run() async throws {
        let peers = HTTPSPeers()
        var routes = administration.map { AdministrationRoutes($0).all } ?? []
        routes += schemas.map { RegistryRoutes($0).all } ?? []
        routes += publisher.map { PublishingRoutes($0).all } ?? []
        routes += pages.map { PageRoutes($0, on: group).all } ?? []
        routes += evidence.map { EvidenceRoutes($0).all } ?? []
        routes += witness.map { WitnessRoutes($0).all } ?? []
        let responder = HTTPSResponder(
            routes: RouteTable(routes), peers: peers, limits: registry.limits, requestBytes: registry.requestBytes,
            answerBytes: registry.answerBytes, quotas: registry.quotas)
        let application = Application(
            responder: responder,
            server: HTTPServerBuilder { [registry] responder in
                TrustedHTTPChannel(registry: registry, peers: peers, responder: responder)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "hanbridge", backlog: registry.limits.acceptBacklog),
            onServerRunning: { [bound, limits = registry.limits] channel in
                await Self.pace(channel, limits)
                if let address = channel.localAddress { bound.settle(.success(address)) }
            },
            eventLoopGroupProvider: .shared(group), logger: quiet(logger))
        do {
            try await application.run()
            bound.settle(.failure(NeverBound(listener: "HTTPS")))
        } catch {
            bound.settle(.failure(error))
            throw error
        }
    }
}

/// Hummingbird tells each start and stop at `info`; ours say the same with the real port.
func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .warning)
    return logger
}
