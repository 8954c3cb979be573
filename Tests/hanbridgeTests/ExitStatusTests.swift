import ArgumentParser
import Foundation
import Testing

@testable import hanbridge

@Suite("Exit statuses")
struct ExitStatusTests {
    private func status(_ arguments: String...) async -> hanbridge.ExitStatus {
        do {
            var command = try Hanbridge.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .done
        } catch {
            return hanbridge.ExitStatus.explaining(error, of: Hanbridge.self)
        }
    }

    /// A profile with certificates that exist and a port where nobody listens.
    private func profile(kafka: String) throws -> (file: String, folder: URL) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hanbridge-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let initialise = try Init.parse([folder.appendingPathComponent("state").path, "--output", "json"])
        try initialise.run()
        let admin = folder.appendingPathComponent("state/profiles/admin")
        let profile = Profile(
            kafka: kafka, https: "https://127.0.0.1:1", ca: admin.appendingPathComponent("ca.pem").path,
            certificate: admin.appendingPathComponent("certificate.pem").path, key: admin.appendingPathComponent("key.pem").path)
        let file = folder.appendingPathComponent("profile.yaml").path
        try profile.yaml.write(toFile: file, atomically: true, encoding: .utf8)
        return (file, folder)
    }

    @Test("an unknown option, an unknown command and a bad value are wrong usage, 2")
    func wrongUsage() async {
        #expect(await status("topic", "list", "--no-such-option") == .wrongUsage)
        #expect(await status("no-such-command") == .wrongUsage)
        #expect(await status("sample", "no-such-type") == .wrongUsage)
        #expect(await status("topic", "alter", "t", "--profile", "x") == .wrongUsage)
    }

    @Test("help is no error")
    func help() async {
        #expect(await status("--help") == .done)
    }

    @Test("a profile that is not there is wrong usage, 2")
    func noProfile() async {
        #expect(await status("topic", "list", "--profile", "/nowhere/profile.yaml") == .wrongUsage)
    }

    @Test("where no broker answers the status is 3, over Kafka's protocol and over HTTPS")
    func unreachable() async throws {
        let (file, folder) = try profile(kafka: "127.0.0.1:1")
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(await status("topic", "list", "--profile", file) == .brokerUnreachable)
        #expect(await status("group", "list", "--profile", file) == .brokerUnreachable)
        #expect(await status("doctor", "--profile", file) == .brokerUnreachable)
    }

    @Test("agreements with a mistake are refused, 1, and a configuration with one too")
    func refused() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hanbridge-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("a.yaml").path
        try "agreements: 7\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(await status("policy", "check", file) == .refused)
        #expect(await status("check", "--config", file) == .refused)
        #expect(await status("serve", "--config", file) == .refused)
    }
}
