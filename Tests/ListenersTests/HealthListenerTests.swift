import CoreMetrics
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Listeners

@Suite struct HealthListenerTests {
    @Test("livez answers, readyz says what is missing until nothing is, metrics are Prometheus'")
    func health() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let readiness = Readiness(waitingFor: ["store": "partitions are being verified"])
        let metrics = MetricsRegistry()
        Counter(label: "hanbridge_test_total", factory: metrics).increment()
        let listener = HealthListener(port: 0, group: group, readiness: readiness, metrics: metrics, logger: quietLogger)
        let services = ServiceGroup(services: [listener], logger: quietLogger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await services.run() }
            let address = try await listener.boundAddress()
            #expect(address.ipAddress == "127.0.0.1")
            func get(_ path: String) async throws -> HTTPExchange? {
                try await HTTPExchange.ask("GET", path, at: address, nil, group: group)
            }
            #expect(try await get("/livez")?.status == 200)
            let waiting = try await get("/readyz")
            #expect(waiting?.status == 503)
            #expect(waiting?.body == "store: partitions are being verified\n")
            readiness.isReady("store")
            #expect(try await get("/readyz")?.status == 200)
            readiness.check { ["disk": "full"] }
            #expect(try await get("/readyz")?.body == "disk: full\n")
            let page = try await get("/metrics")
            #expect(page?.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(page?.body == "# TYPE hanbridge_test_total counter\nhanbridge_test_total 1\n")
            #expect(try await get("/other")?.status == 404)
            await services.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        try await group.shutdownGracefully()
    }

    @Test("an address that is taken ends the listener with the reason")
    func taken() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let blocker = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let listener = HealthListener(
            port: blocker.localAddress?.port ?? 0, group: group, readiness: Readiness(), metrics: MetricsRegistry(), logger: quietLogger)
        await #expect(throws: (any Error).self) { try await listener.run() }
        await #expect(throws: (any Error).self) { try await listener.boundAddress() }
        try await blocker.close()
        try await group.shutdownGracefully()
    }
}
