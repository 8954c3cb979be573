import AccessPolicy
import Broker
import CLinux
import CommitLog
import CoreMetrics
import Foundation
import Identity
import KafkaWire
import Listeners
import Logging
import Metadata
import NIOCore
import NIOPosix
import Sentences
import ServiceLifecycle
import Storage
import Transparency
import UnixSignals

/// The broker put together: opened from the inside out (stores, broker, trust, listeners) and closed the other way round.
struct RunningBroker {
    private let configuration: BrokerConfiguration
    private let limits: ListenerLimits
    private let metrics: MetricsRegistry
    private let logger: Logger
    private let group: MultiThreadedEventLoopGroup
    private let clock = SystemClock()

    /// glibc gives memory back and takes it again with every large buffer unless told otherwise: 15 to 20 % of the throughput
    /// (DESIGN.md, "What was measured").
    private static let allocatorKeepsBytes: Int32 = 64 << 20
    private static let allocatorMapsBytes: Int32 = 32 << 20
    /// Longer than the listeners take to drain; then connections are cut.
    private static let shutdownLimit: Duration = .seconds(10)

    /// Runs until SIGTERM or SIGINT.
    static func serve(_ configuration: BrokerConfiguration) async throws {
        hb_tune_allocator(allocatorKeepsBytes, allocatorMapsBytes)
        _ = hb_raise_file_limit()
        let limits = try ListenerLimits(configuration)
        let choice = configuration.logging
        LoggingSystem.bootstrap { LineLogHandler(label: $0, choice: choice) }
        let logger = Logger(label: "hanbridge")
        logger.notice("hanbridge \(Version.current)")
        let metrics = MetricsRegistry(seriesPerNameMax: limits.metricSeriesPerNameMax)
        MetricsSystem.bootstrap(metrics)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let broker = RunningBroker(
            configuration: configuration, limits: limits, metrics: metrics, logger: logger, group: group)
        do {
            try await broker.run()
            try await group.shutdownGracefully()
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func run() async throws {
        // Before it is read: what a command left undone, or what came due while the broker was down.
        AuthorityUpkeep(configuration, logger: logger)?.run(at: clock.now())
        // What cannot be trusted or bound should be known before a store is opened and recovered.
        let material = try TrustMaterial(configuration)
        let tls = TLSSettings(minimumVersion: configuration.tls == .onlyVersion13 ? .tls13 : .tls12)
        let trust = try TrustInForce(material, tls: tls, limits: limits)
        let policy = try configuration.evidence.policy.map { path throws(CommandFailure) in try EvidenceFiles.policy(path) }
        let (services, store, metadata) = try await openBroker(trust, policy)
        do {
            let witnessing = try WitnessWiring(configuration, policy, services, logger: Logger(label: "hanbridge.witness"))
            try await serve(services, trust, witnessing, metadata, BackupCreation(configuration, store, services, logger: logger))
        } catch {
            await services.shutDown()
            throw error
        }
        await services.shutDown()
        logger.notice("\(Sentence.brokerStopped.text(in: .english))")
    }

    private func serve(
        _ services: BrokerServices, _ trust: TrustInForce, _ witnessing: WitnessWiring, _ metadata: MetadataDatabase, _ backups: BackupCreation
    ) async throws {
        do {
            let signer = CheckpointSigner(
                host: witnessing.host, keys: witnessing.keys, services: services, followers: witnessing.submitter.map { [$0] } ?? [])
            try await signer.begin()
            await witnessing.submitter?.confirm()
            let stamping = try await Timestamping(configuration, signer, services, metadata, witnessing.journal)
            do {
                try await listen(services, trust, signer, witnessing, stamping, backups)
            } catch {
                await stamping?.client.shutDown()
                throw error
            }
            await stamping?.client.shutDown()
        } catch {
            await witnessing.shutDown()
            throw error
        }
        await witnessing.shutDown()
    }

    // MARK: Stores

    private func openBroker(_ trust: TrustInForce, _ policy: TrustPolicy?) async throws -> (
        BrokerServices, CommitLog, MetadataDatabase
    ) {
        for directory in [configuration.data, configuration.logDirectory] {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let metadata = try MetadataDatabase(path: configuration.metadataFile)
        do {
            let image = try await metadata.load()
            let store = try await CommitLog.open(
                directory: configuration.logDirectory, settings: logSettings(epoch: image.runEpoch), clock: { [clock] in clock.now() },
                logger: Logger(label: "hanbridge.log"))
            // Not before the store is ours: a second broker started by mistake must not take the first one's list away.
            try? FileManager.default.removeItem(atPath: configuration.endpointsFile)
            do {
                return (try await startServices(store, metadata, image, trust, policy), store, metadata)
            } catch {
                await store.shutDown()
                throw error
            }
        } catch {
            await metadata.shutDown()
            throw error
        }
    }

    private func logSettings(epoch: Int32) -> CommitLogSettings {
        var settings = CommitLogSettings()
        settings.leaderEpoch = epoch
        settings.producerExpirationMilliseconds = Int64(configuration.settings.producerIDExpirationMilliseconds)
        return settings
    }

    private func startServices(
        _ store: CommitLog, _ metadata: MetadataDatabase, _ image: MetadataImage, _ trust: TrustInForce, _ policy: TrustPolicy?
    ) async throws -> BrokerServices {
        var settings = configuration.settings
        settings.hasWitnessQuorum = policy.map { $0.quorum != .none } ?? false
        let advertised = configuration.listeners.advertisedAddress(boundPort: configuration.listeners.kafka.port)
        let services = try await BrokerServices.start(
            store: store, metadata: metadata, image: image, settings: settings, clock: clock, log: Logger(label: "hanbridge.broker"),
            advertised: AdvertisedAddress(host: advertised.host, port: Int32(advertised.port)),
            audit: { [clock] topic, clusterID in
                let audit = AuditLog(topic: topic, clusterID: clusterID, clock: clock, log: Logger(label: "hanbridge.audit"))
                audit.start()
                return audit
            })
        services.signatureRules.replace(
            with: SignatureRules(configuration.signatures, judge: CertificateSignatures { trust.authenticator }))
        try await Administration(services).rejudgeSignatures()
        await services.recordStart(
            version: Version.current, file: FileManager.default.contents(atPath: configuration.file).map(Array.init) ?? [], choices: configuration.choices)
        if let directory = configuration.policyDirectory {
            // At start a set that cannot be applied leaves the stored one in force, as it does on reload.
            await PolicyDirectory(directory, Administration(services), logger).apply()
        }
        return services
    }

    // MARK: Listeners

    private func listen(
        _ services: BrokerServices, _ trust: TrustInForce, _ signer: CheckpointSigner, _ witnessing: WitnessWiring,
        _ stamping: Timestamping?, _ backups: BackupCreation
    ) async throws {
        let addresses = configuration.listeners
        let registry = try ConnectionRegistry(
            group: group, trust: trust, limits: limits, quotas: services.quotas, audit: services.audit, logger: Logger(label: "hanbridge.connections"))
        let readiness = Readiness()
        let configuration = configuration
        let survey = GroupLagSurvey(groups: services.groups, catalogue: services.catalogue, clock: services.clock)
        let kafka = KafkaListener(
            host: addresses.kafka.host, port: addresses.kafka.port, group: group, registry: registry,
            makeSession: { peer, eventLoop, answerRoom in
                KafkaSession(peer: peer, services: services, eventLoop: eventLoop, answerRoom: answerRoom)
            })
        let https = HTTPSListener(
            host: addresses.https.host, port: addresses.https.port, group: group, registry: registry,
            administration: BrokerAdministration(Administration(services), services, lags: survey, backups: backups, timestamper: stamping?.timestamper),
            schemas: RegistryAdministration(services), publisher: RecordPublisher(services), pages: RecordPages(services),
            evidence: EvidenceService(services, host: signer.host, keys: signer.keys, timestamper: stamping?.timestamper),
            witness: witnessing.witness,
            logger: Logger(label: "hanbridge.https"))
        let health = HealthListener(
            port: addresses.health.port, group: group, readiness: readiness, metrics: metrics, limits: limits,
            logger: Logger(label: "hanbridge.health"))
        let reloader = TrustReloader(
            registry: registry, read: { try TrustMaterial(configuration) }, logger: Logger(label: "hanbridge.trust"))
        let lags = LagSnapshot()
        metrics.collect(connections: registry)
        readiness.check(store: services.store)
        BrokerGauges(services: services, registry: registry, lags: lags).install(in: metrics)

        // Stopped from the last to the first: the doors first, what watches over the store last.
        var group = ServiceGroupConfiguration(
            services: [
                ControlPlane(
                    configuration: configuration, services: services, signer: signer, submitter: witnessing.submitter, stamping: stamping,
                    reloader: reloader, survey: survey, lags: lags,
                    logger: logger),
                health, reloader, https, kafka,
                Announcement(
                    configuration: configuration, services: services, readiness: readiness, kafka: kafka, https: https,
                    health: health, logger: logger),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "hanbridge.lifecycle"))
        group.maximumGracefulShutdownDuration = Self.shutdownLimit
        try await ServiceGroup(configuration: group).run()
    }
}

extension BrokerConfiguration {
    /// For the audit.
    fileprivate var choices: [String: String] {
        var choices = [
            "listeners": "\(listeners.kafka) \(listeners.https) \(listeners.health)", "tls": "\(tls)", "policy.signatures": "\(signatures)",
            "policy.directory": policyDirectory ?? "none",
        ]
        for limit in limits { choices["limits.\(limit.name)"] = String(limit.value) }
        return choices
    }
}
