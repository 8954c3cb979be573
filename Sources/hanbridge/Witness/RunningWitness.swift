import CLinux
import CoreMetrics
import Foundation
import Identity
import Listeners
import Logging
import Metadata
import NIOCore
import NIOPosix
import Sentences
import ServiceLifecycle
import UnixSignals
import Witnessing

/// A witness alone: another department's small machine, with nothing of the broker but its listeners.
struct RunningWitness {
    private let configuration: WitnessConfiguration
    private let logger: Logger
    private let metrics: MetricsRegistry
    private let group: MultiThreadedEventLoopGroup
    private let limits = ListenerLimits()

    /// Runs until SIGTERM or SIGINT.
    static func serve(_ configuration: WitnessConfiguration) async throws {
        _ = hb_raise_file_limit()
        let choice = configuration.logging
        LoggingSystem.bootstrap { LineLogHandler(label: $0, choice: choice) }
        let metrics = MetricsRegistry(seriesPerNameMax: ListenerLimits().metricSeriesPerNameMax)
        MetricsSystem.bootstrap(metrics)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let witness = RunningWitness(configuration: configuration, logger: Logger(label: "hanbridge"), metrics: metrics, group: group)
        do {
            try await witness.run()
            try await group.shutdownGracefully()
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func run() async throws {
        let configuration = configuration
        let material = try TrustMaterial(configuration.identity, relativeTo: configuration.directory)
        let trust = try TrustInForce(material, limits: limits)
        try FileManager.default.createDirectory(
            atPath: configuration.state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let setUp = WitnessSetUp(role: configuration.role, home: WitnessHome(directory: configuration.state))
        let (witness, memory, _) = try setUp.open(logger: Logger(label: "hanbridge.witness"))
        do {
            try await listen(witness, trust)
        } catch {
            await memory.shutDown()
            throw error
        }
        await memory.shutDown()
    }

    private func listen(_ witness: Witness, _ trust: TrustInForce) async throws {
        let configuration = configuration
        let registry = try ConnectionRegistry(group: group, trust: trust, limits: limits, logger: Logger(label: "hanbridge.connections"))
        let readiness = Readiness()
        let https = HTTPSListener(
            host: configuration.https.host, port: configuration.https.port, group: group, registry: registry, administration: nil,
            witness: witness, logger: Logger(label: "hanbridge.https"))
        let health = HealthListener(
            port: configuration.health.port, group: group, readiness: readiness, metrics: metrics, limits: limits,
            logger: Logger(label: "hanbridge.health"))
        let reloader = TrustReloader(
            registry: registry, read: { try TrustMaterial(configuration.identity, relativeTo: configuration.directory) },
            logger: Logger(label: "hanbridge.trust"))
        metrics.collect(connections: registry)
        var services = ServiceGroupConfiguration(
            services: [
                health, reloader, https,
                WitnessAnnouncement(configuration: configuration, readiness: readiness, https: https, health: health),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "hanbridge.lifecycle"))
        services.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: services).run()
    }
}

/// Tells where the witness listens, once it does, and takes it back at the end.
private struct WitnessAnnouncement: Service {
    let configuration: WitnessConfiguration
    let readiness: Readiness
    let https: HTTPSListener
    let health: HealthListener

    func run() async throws {
        let address = HostAndPort(
            host: BrokerConfiguration.ListenerAddresses.reachable(configuration.https.host), port: try await https.boundAddress().port ?? 0)
        let healthAddress = "http://127.0.0.1:\(try await health.boundAddress().port ?? 0)"
        let endpoints = JSONText.object([
            ("https", .string("https://\(address)")), ("health", .string(healthAddress)),
            ("pid", .integer(Int64(ProcessInfo.processInfo.processIdentifier))),
        ])
        try Data("\(endpoints)\n".utf8).write(to: URL(fileURLWithPath: configuration.endpointsFile), options: .atomic)
        readiness.isReady("start")
        StandardStream.output.writeLine(Sentence.witnessReady(https: "https://\(address)/witness", health: healthAddress).text(in: Language.spoken))
        try? await gracefulShutdown()
        readiness.isNotReady("stop", because: "the witness is stopping")
        try? FileManager.default.removeItem(atPath: configuration.endpointsFile)
    }
}
