import AccessPolicy
import Broker
import Foundation
import Identity
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL
import Testing

@testable import Listeners

@Suite(.serialized) struct MutualTLSTests {
    @Test("a node with a certificate of the city is served under its identity")
    func served() async throws {
        try await withListener { listener in
            let client = try await listener.client(try listener.city.node("health/registry/gateway", roles: [Role.member, Role.steward]))
            #expect(try await client.ask([0, 3, 7]) == [0, 3, 7])
            let peer = listener.peers.withLockedValue { $0.first }
            #expect(peer?.identity.path == "health/registry/gateway")
            #expect(peer?.identity.roles == [Role.member, Role.steward])
            #expect(peer?.remoteAddress.hasPrefix("127.0.0.1:") == true)
            try await client.close()
        }
    }

    @Test("no certificate, a foreign one, one not for clients, an expired one, a revoked one: none gets an answer")
    func refused() async throws {
        try await withListener { listener in
            let city = listener.city
            let revoked = try city.node("health/registry/revoked")
            try city.revoke(revoked)
            try listener.registry.trust.replace(with: city.material())
            let foreign = try TestCity().node("health/registry/foreign")
            for (name, certificate) in [
                ("none", nil), ("foreign", foreign), ("not for clients", city.serverAsClient), ("revoked", revoked),
            ] as [(String, IssuedCertificate?)] {
                let client = try await listener.client(certificate)
                #expect(try await client.ask([0, 3]) == nil, "\(name)")
                try await client.ended()
            }
            let short = try city.node("health/registry/short", days: 1)
            city.clockAhead.withLockedValue { $0 = 2 * 24 * 3600 * 1000 }
            let client = try await listener.client(short)
            #expect(try await client.ask([0, 3]) == nil)
            #expect(listener.peers.withLockedValue { $0.isEmpty })
            #expect(try await eventually { listener.registry.connectionCount == 0 })
        }
    }

    @Test("a key that is not the certificate's is refused by the handshake")
    func wrongKey() async throws {
        try await withListener { listener in
            let certificate = try listener.city.node("health/registry/a")
            let other = try listener.city.node("health/registry/b")
            #expect(throws: (any Error).self) { try listener.city.clientContext(certificate, key: other.keyPEM) }
        }
    }

    @Test("plain bytes instead of a handshake end the connection", arguments: 0..<20)
    func garbage(seed: UInt64) async throws {
        try await withListener { listener in
            var generator = SplitMix(seed: seed)
            let client = try await TestClient.connect(to: listener.address, nil, group: listener.group)
            // A whole Kafka request without TLS, and then anything at all, beginning like a handshake record or not.
            client.send(seed == 0 ? request([0, 18, 0, 3, 0, 0, 0, 1]) : ByteBuffer(bytes: (0..<600).map { index in
                seed % 2 == 0 && index < 3 ? [0x16, 0x03, 0x01][index] : UInt8.random(in: 0...255, using: &generator)
            }))
            // The listener may have closed first.
            try? await client.channel.close(mode: .output)
            try await client.ended()
            #expect(listener.peers.withLockedValue { $0.isEmpty }, "seed \(seed)")
        }
    }

    @Test("TLS 1.2 is refused unless an operator chose it")
    func minimumVersion() async throws {
        func connects(_ listener: RunningListener) async throws -> Bool {
            let node = try listener.city.node("health/registry/old")
            var configuration = try listener.city.clientContext(node).configuration
            configuration.maximumTLSVersion = .tlsv12
            let client = try await TestClient.connect(
                to: listener.address, try NIOSSLContext(configuration: configuration), group: listener.group)
            let answer = try await client.ask([0, 3])
            try await client.close()
            return answer != nil
        }
        try await withListener { listener in
            let isServed = try await connects(listener)
            #expect(!isServed)
        }
        try await withListener(tls: TLSSettings(minimumVersion: .tls12)) { listener in
            let isServed = try await connects(listener)
            #expect(isServed)
        }
    }

    @Test("a handshake that is not finished in time is ended")
    func handshakeTimeout() async throws {
        var limits = ListenerLimits()
        limits.handshakeTimeout = .milliseconds(50)
        limits.sweepInterval = .milliseconds(10)
        try await withListener(limits) { listener in
            let client = try await TestClient.connect(to: listener.address, nil, group: listener.group)
            try await client.ended()
            #expect(try await eventually { listener.registry.connectionCount == 0 })
        }
    }

    @Test("unfinished handshakes of one address at the cap stay, one past it is closed at once")
    func handshakesPerAddress() async throws {
        var limits = ListenerLimits()
        limits.handshakesPerAddressMax = 3
        try await withListener(limits) { listener in
            let idle = try await connectAll(3, listener)
            #expect(try await eventually { listener.registry.connectionCount == 3 })
            let late = try await TestClient.connect(to: listener.address, nil, group: listener.group)
            try await late.ended()
            #expect(idle.allSatisfy { $0.channel.isActive })
            try await idle[0].close()
            #expect(try await eventually { listener.registry.connectionCount == 2 })
            // Finished handshakes do not count.
            let served = try await listener.client(try listener.city.node("health/registry/a"))
            #expect(try await served.ask([0, 3]) == [0, 3])
            let another = try await TestClient.connect(to: listener.address, nil, group: listener.group)
            #expect(try await eventually { listener.registry.connectionCount == 4 })
            for client in idle + [served, another] { try await client.close() }
        }
    }

    @Test("connections in all at the cap are served, one past it is closed at once")
    func connectionsInAll() async throws {
        var limits = ListenerLimits()
        limits.connectionsMax = 2
        try await withListener(limits) { listener in
            let node = try listener.city.node("health/registry/a")
            let first = try await listener.client(node)
            let second = try await listener.client(node)
            #expect(try await first.ask([0, 3]) == [0, 3])
            #expect(try await second.ask([0, 3]) == [0, 3])
            let third = try await TestClient.connect(to: listener.address, nil, group: listener.group)
            try await third.ended()
            try await first.close()
            #expect(try await eventually { listener.registry.connectionCount == 1 })
            let fourth = try await listener.client(node)
            #expect(try await fourth.ask([0, 3]) == [0, 3])
            try await fourth.close()
            try await second.close()
        }
    }

    private func connectAll(_ count: Int, _ listener: RunningListener) async throws -> [TestClient] {
        var clients: [TestClient] = []
        for _ in 0..<count { clients.append(try await TestClient.connect(to: listener.address, nil, group: listener.group)) }
        return clients
    }

    @Test("graceful shutdown ends idle connections at once and an unanswered request after its time")
    func gracefulShutdown() async throws {
        var limits = ListenerLimits()
        limits.drainTimeout = .milliseconds(200)
        limits.sweepInterval = .milliseconds(20)
        var clients: [TestClient] = []
        try await withListener(limits, session: { FakeSession(holds: true) }) { listener in
            let node = try listener.city.node("health/registry/a")
            let busy = try await listener.client(node)
            let idle = try await listener.client(node)
            busy.send(request([0, 3]))
            #expect(try await eventually { listener.registry.requestBytesInFlight == 2 })
            clients = [busy, idle]
        }
        // The listener's run has ended, so both connections have.
        #expect(clients.allSatisfy { !$0.channel.isActive })
    }
}
