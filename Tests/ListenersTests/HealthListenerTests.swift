import CoreMetrics
import NIOConcurrencyHelpers
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

    @Test("connections at the cap are answered, one past it waits until another ends")
    func connectionsMax() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var limits = ListenerLimits()
        limits.healthConnectionsMax = 2
        let listener = HealthListener(
            port: 0, group: group, readiness: Readiness(waitingFor: [:]), metrics: MetricsRegistry(), limits: limits, logger: quietLogger)
        let services = ServiceGroup(services: [listener], logger: quietLogger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await services.run() }
            let address = try await listener.boundAddress()
            let first = try await TestClient.connect(to: address, nil, group: group)
            #expect(try await HTTPExchange.ask("GET", "/livez", at: address, nil, group: group)?.status == 200, "at the cap")
            let second = try await TestClient.connect(to: address, nil, group: group)
            let late = Task { try await HTTPExchange.ask("GET", "/livez", at: address, nil, group: group)?.status }
            let isAnswered = NIOLockedValueBox(false)
            Task {
                _ = try await late.value
                isAnswered.withLockedValue { $0 = true }
            }
            // The first two are accepted for certain once the third has had as much time as an answer takes, many times over.
            try await Task.sleep(for: .milliseconds(300))
            #expect(!isAnswered.withLockedValue { $0 }, "one past it")
            try await first.close()
            #expect(try await late.value == 200)
            try await second.close()
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
