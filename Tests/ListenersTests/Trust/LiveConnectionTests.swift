import Foundation
import Identity
import NIOConcurrencyHelpers
import NIOCore
import ServiceLifecycle
import Testing

@testable import Listeners

@Suite(.serialized) struct LiveConnectionTests {
    private func reloader(_ listener: RunningListener) -> TrustReloader {
        TrustReloader(registry: listener.registry, read: { [city = listener.city] in try city.material() }, logger: quietLogger)
    }

    @Test("revoking a certificate ends its live connections, leaves others alone, and it cannot come back")
    func revocation() async throws {
        try await withListener { listener in
            let city = listener.city
            let doomed = try city.node("health/registry/doomed")
            let spared = try city.node("health/registry/spared")
            let doomedClient = try await listener.client(doomed)
            let doomedSecond = try await listener.client(doomed)
            let sparedClient = try await listener.client(spared)
            for client in [doomedClient, doomedSecond, sparedClient] { #expect(try await client.ask([0, 3]) == [0, 3]) }
            try city.revoke(doomed)
            let outcome = await reloader(listener).reload()
            #expect(outcome == .replaced(generation: 2, endedCertificates: 1))
            try await doomedClient.ended()
            try await doomedSecond.ended()
            #expect(try await sparedClient.ask([0, 4]) == [0, 4])
            let again = try await listener.client(doomed)
            #expect(try await again.ask([0, 3]) == nil)
            try await sparedClient.close()
        }
    }

    @Test("a certificate that expires ends its connection; others stay")
    func expiry() async throws {
        var limits = ListenerLimits()
        limits.sweepInterval = .milliseconds(10)
        try await withListener(limits) { listener in
            let city = listener.city
            let short = try await listener.client(try city.node("health/registry/short", days: 1))
            let long = try await listener.client(try city.node("health/registry/long", days: 30))
            #expect(try await short.ask([0, 3]) == [0, 3])
            #expect(try await long.ask([0, 3]) == [0, 3])
            city.clockAhead.withLockedValue { $0 = 25 * 3600 * 1000 }
            try await short.ended()
            #expect(try await long.ask([0, 4]) == [0, 4])
            try await long.close()
        }
    }

    @Test("files that cannot be used leave the trust in force, and the reason is kept")
    func badFile() async throws {
        try await withListener { listener in
            let city = listener.city
            let client = try await listener.client(try city.node("health/registry/a"))
            #expect(try await client.ask([0, 3]) == [0, 3])
            let list = URL(fileURLWithPath: "\(city.directory)/pki/crl.pem")
            let good = try Data(contentsOf: list)
            try good.prefix(good.count / 2).write(to: list)
            let reloader = reloader(listener)
            guard case .kept(let reason) = await reloader.reload() else {
                Issue.record("half a list was accepted")
                return
            }
            #expect(reason.contains("crl.pem"))
            #expect(await reloader.complaint == reason)
            #expect(listener.registry.trust.generation == 1)
            #expect(try await client.ask([0, 4]) == [0, 4])
            let another = try await listener.client(try city.node("health/registry/b"))
            #expect(try await another.ask([0, 5]) == [0, 5])
            try good.write(to: list)
            #expect(await reloader.reload() == .replaced(generation: 2, endedCertificates: 0))
            #expect(await reloader.complaint == nil)
            #expect(try await client.ask([0, 6]) == [0, 6])
            try await client.close()
            try await another.close()
        }
    }

    @Test("a file that changes is read again by itself; one that does not is left alone")
    func watching() async throws {
        try await withListener { listener in
            let city = listener.city
            let doomed = try city.node("health/registry/doomed")
            let client = try await listener.client(doomed)
            #expect(try await client.ask([0, 3]) == [0, 3])
            let (looks, look) = AsyncStream<Void>.makeStream()
            let looked = NIOLockedValueBox(0)
            let reloader = TrustReloader(
                registry: listener.registry, read: { try city.material() },
                sleep: { _ in
                    looked.withLockedValue { $0 += 1 }
                    var iterator = looks.makeAsyncIterator()
                    guard await iterator.next() != nil else { throw CancellationError() }
                }, logger: quietLogger)
            let running = Task { try await reloader.run() }
            look.yield()
            #expect(try await eventually { looked.withLockedValue { $0 } == 2 })
            #expect(listener.registry.trust.generation == 1)
            try city.revoke(doomed)
            look.yield()
            try await client.ended()
            #expect(listener.registry.trust.generation == 2)
            look.finish()
            try await running.value
        }
    }

    @Test("many wishes to read again share a reading")
    func storms() async throws {
        try await withListener { listener in
            let city = listener.city
            let readings = NIOLockedValueBox(0)
            let reloader = TrustReloader(
                registry: listener.registry,
                read: {
                    readings.withLockedValue { $0 += 1 }
                    return try city.material()
                }, logger: quietLogger)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<100 { group.addTask { _ = await reloader.reload() } }
            }
            let before = readings.withLockedValue { $0 }
            #expect(before < 100)
            // And the next wish is not forgotten.
            _ = await reloader.reload()
            #expect(readings.withLockedValue { $0 } == before + 1)
        }
    }
}
