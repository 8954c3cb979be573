import Broker
import Foundation
import Identity
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Listeners

/// A Kafka listener on a free port of loopback for the time of a test, and what it made.
struct RunningListener: Sendable {
    let city: TestCity
    let registry: ConnectionRegistry
    let address: SocketAddress
    let group: MultiThreadedEventLoopGroup
    let peers: NIOLockedValueBox<[Peer]>

    func client(_ node: IssuedCertificate?) async throws -> TestClient {
        try await TestClient.connect(to: address, try city.clientContext(node), group: group)
    }
}

/// Runs a listener whose sessions echo, and ends it gracefully afterwards.
func withListener(
    _ limits: ListenerLimits = ListenerLimits(), tls: TLSSettings = TLSSettings(),
    session: @escaping @Sendable () -> FakeSession = { FakeSession() },
    _ body: (RunningListener) async throws -> Void
) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let city = try TestCity()
    let registry = try city.registry(group, limits, tls: tls)
    let peers = NIOLockedValueBox<[Peer]>([])
    let listener = KafkaListener(host: "127.0.0.1", port: 0, group: group, registry: registry) { peer, _, _ in
        peers.withLockedValue { $0.append(peer) }
        return session()
    }
    let services = ServiceGroup(services: [listener], logger: quietLogger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await services.run() }
        let address = try await listener.boundAddress()
        do {
            try await body(RunningListener(city: city, registry: registry, address: address, group: group, peers: peers))
        } catch {
            Issue.record("\(error)")
        }
        await services.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
    try await group.shutdownGracefully()
}

/// Asks again and again until it holds; gives up after ten seconds and a thousand times, because a busy machine may come to ask minutes after
/// it asked before. For what happens on another thread and tells nobody.
func eventually(_ holds: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    var asked = 0
    while asked < 1000 || ContinuousClock.now < deadline {
        if try await holds() { return true }
        asked += 1
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}
