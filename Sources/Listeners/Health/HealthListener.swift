import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore
public import ServiceLifecycle

/// `/livez`, `/readyz` and `/metrics`, in plain HTTP and therefore on loopback only: it shows no record and takes no command, but
/// names topics and groups.
public final class HealthListener: Service {
    private let port: Int
    private let group: any EventLoopGroup
    private let readiness: Readiness
    private let metrics: MetricsRegistry
    private let limits: ListenerLimits
    private let logger: Logger
    private let bound = BoundAddress()

    /// - Parameter port: 0 for any free one. The address is always 127.0.0.1.
    public init(
        port: Int, group: any EventLoopGroup, readiness: Readiness, metrics: MetricsRegistry,
        limits: ListenerLimits = ListenerLimits(), logger: Logger
    ) {
        self.port = port
        self.group = group
        self.readiness = readiness
        self.metrics = metrics
        self.limits = limits
        self.logger = logger
    }

    /// Where it listens, once it does. Throws when it could not.
    public func boundAddress() async throws -> SocketAddress { try await bound.get() }

    public func run() async throws {
        let application = Application(
            responder: HealthResponder(readiness: readiness, metrics: metrics),
            server: .http1(
                configuration: .init(
                    idleTimeout: limits.requestTimeout,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: limits.httpHeaderBytesMax, maxHeaderListSize: limits.httpHeaderBytesMax,
                        maxHeaderFieldCount: 100))),
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: port), serverName: "hanbridge",
                availableConnectionsDelegate: MaximumAvailableConnections(limits.healthConnectionsMax, logger: quiet(logger))),
            onServerRunning: { [bound] channel in
                if let address = channel.localAddress { bound.settle(.success(address)) }
            },
            eventLoopGroupProvider: .shared(group), logger: quiet(logger))
        do {
            try await application.run()
            bound.settle(.failure(NeverBound(listener: "health")))
        } catch {
            bound.settle(.failure(error))
            throw error
        }
    }
}

struct HealthResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let readiness: Readiness
    let metrics: MetricsRegistry

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        guard request.method == .get || request.method == .head else { return text(.methodNotAllowed, "GET only\n") }
        switch request.uri.path {
        case "/livez":
            // Answering at all is the answer: an event loop turns and a task runs.
            return text(.ok, "ok\n")
        case "/readyz":
            let complaints = readiness.complaints()
            if complaints.isEmpty { return text(.ok, "ok\n") }
            return text(.serviceUnavailable, complaints.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined())
        case "/metrics":
            return text(.ok, await metrics.exposition(), type: MetricsPage.contentType)
        default:
            return text(.notFound, "/livez, /readyz, /metrics\n")
        }
    }

    private func text(_ status: HTTPResponse.Status, _ words: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: words)))
    }
}
