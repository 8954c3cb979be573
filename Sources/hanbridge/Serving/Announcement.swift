import Broker
import CLinux
import Foundation
import Listeners
import Logging
import NIOCore
import Sentences
import ServiceLifecycle

/// Waits until every listener is bound, tells where, and takes it back at the end.
struct Announcement: Service {
    let configuration: BrokerConfiguration
    let services: BrokerServices
    let readiness: Readiness
    let kafka: KafkaListener
    let https: HTTPSListener
    let health: HealthListener
    let logger: Logger

    func run() async throws {
        let kafkaPort = try await kafka.boundAddress().port ?? 0
        let httpsPort = try await https.boundAddress().port ?? 0
        let healthPort = try await health.boundAddress().port ?? 0
        let addresses = configuration.listeners
        let advertised = addresses.advertisedAddress(boundPort: kafkaPort)
        services.advertised.replace(with: AdvertisedAddress(host: advertised.host, port: Int32(advertised.port)))
        // HTTPS is reached under the name that the Kafka listener advertises, where it listens everywhere.
        let httpsHost = addresses.https.host == addresses.kafka.host ? advertised.host : BrokerConfiguration.ListenerAddresses.reachable(addresses.https.host)
        let endpoints = Endpoints(
            kafka: advertised.description, https: "https://\(HostAndPort(host: httpsHost, port: httpsPort))",
            health: "http://127.0.0.1:\(healthPort)", pid: ProcessInfo.processInfo.processIdentifier)
        try write(endpoints)
        readiness.isReady("start")
        StandardStream.output.writeLine(
            Sentence.brokerReady(kafka: endpoints.kafka, https: endpoints.https, health: endpoints.health).text(in: Language.spoken))
        hb_give_back_start_pages()
        try? await gracefulShutdown()
        readiness.isNotReady("stop", because: "the broker is stopping")
        // Members that wait for a rebalance are answered now: their connections could not be drained before its time-out.
        await services.groups.shutDown()
        try? FileManager.default.removeItem(atPath: configuration.endpointsFile)
    }

    /// Whole or not at all: scripts wait for the file and read it at once.
    private func write(_ endpoints: Endpoints) throws {
        try Data((endpoints.json + "\n").utf8).write(to: URL(fileURLWithPath: configuration.endpointsFile), options: .atomic)
    }
}
