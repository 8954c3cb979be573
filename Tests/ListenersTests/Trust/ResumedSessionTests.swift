import AccessPolicy
import Broker
import Foundation
import Identity
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Listeners

/// With OpenSSL's own client, because NIOSSL's cannot resume a session. Resuming, it sends no certificate.
@Suite(.serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: OpenSSL.path)))
struct ResumedSessionTests {
    @Test(
        "a resumed session is served under the identity of its first handshake",
        arguments: [TLSSettings.MinimumVersion.tls13, TLSSettings.MinimumVersion.tls12])
    func resumes(version: TLSSettings.MinimumVersion) async throws {
        try await withListener(tls: TLSSettings(minimumVersion: version)) { listener in
            let session = try await first(listener, version)
            let isServed = try await resumed(session, listener, version)
            #expect(isServed)
            let paths = listener.peers.withLockedValue { $0.map(\.identity.path) }
            #expect(paths == ["health/registry/a", "health/registry/a"])
        }
    }

    @Test("a session of a certificate that was revoked cannot be resumed")
    func revoked() async throws {
        try await withListener { listener in
            let session = try await first(listener, .tls13)
            try listener.city.authority.revoke(
                .node(spiffeID: "spiffe://danang/health/registry/a"), reason: .keyCompromise, at: TestCity.now)
            let reloader = TrustReloader(
                registry: listener.registry, read: { [city = listener.city] in try city.material() }, logger: quietLogger)
            #expect(await reloader.reload() == .replaced(generation: 2, endedCertificates: 0))
            let isServed = try await resumed(session, listener, .tls13)
            #expect(!isServed)
            #expect(listener.peers.withLockedValue { $0.count } == 1)
        }
    }

    @Test("a session whose certificate expired meanwhile is refused after its handshake, though no trust changed")
    func expired() async throws {
        try await withListener { listener in
            let session = try await first(listener, .tls13)
            listener.city.clockAhead.withLockedValue { $0 = 2 * 24 * 3600 * 1000 }
            let isServed = try await resumed(session, listener, .tls13)
            #expect(!isServed)
            #expect(listener.peers.withLockedValue { $0.count } == 1)
        }
    }

    /// Connects with a certificate of one day and keeps the session in a file.
    private func first(_ listener: RunningListener, _ version: TLSSettings.MinimumVersion) async throws -> String {
        let files = try listener.city.write(try listener.city.node("health/registry/a", days: 1), as: "a")
        let session = "\(listener.city.directory)/session.pem"
        let isServed = try await OpenSSL.exchange(
            listener, version, ["-cert", files.certificate, "-key", files.key, "-sess_out", session])
        #expect(isServed)
        #expect(FileManager.default.fileExists(atPath: session))
        return session
    }

    private func resumed(_ session: String, _ listener: RunningListener, _ version: TLSSettings.MinimumVersion) async throws -> Bool {
        try await OpenSSL.exchange(listener, version, ["-sess_in", session])
    }
}

enum OpenSSL {
    static let path = "/usr/bin/openssl"

    /// Sends one request over `openssl s_client` and waits for its answer or for the end.
    /// - Returns: whether it was answered.
    static func exchange(_ listener: RunningListener, _ version: TLSSettings.MinimumVersion, _ arguments: [String]) async throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        let versionOption =
            switch version {
            case .tls13: "-tls1_3"
            case .tls12: "-tls1_2"
            }
        process.arguments =
            [
                "s_client", "-connect", "127.0.0.1:\(listener.address.port ?? 0)", "-CAfile", "\(listener.city.directory)/pki/ca.pem",
                "-quiet", "-ign_eof", versionOption,
            ] + arguments
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        try? input.fileHandleForWriting.write(contentsOf: Data([0, 0, 0, 5, 0, 3, 97, 98, 99]))
        let reading = output.fileHandleForReading
        let answer = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var received = Data()
                // The tickets come before the answer: s_client has them once it prints the answer.
                while received.count < 9 {
                    let piece = reading.availableData
                    if piece.isEmpty { break }
                    received.append(piece)
                }
                continuation.resume(returning: received)
            }
        }
        // Not SIGTERM: a child inherits the signals that its parent blocks.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? input.fileHandleForWriting.close()
        return answer == Data([0, 0, 0, 5, 0, 3, 97, 98, 99])
    }
}
