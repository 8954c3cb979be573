import ArgumentParser
import Foundation
import Testing

@testable import hanbridge

@Suite("init and cert, from the command line's arguments to the files")
struct InitTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("init-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test("what init writes is a configuration that serve accepts, and a profile that commands accept")
    func accepted() throws {
        try withDirectory { path in
            try Init.parse([path, "--authority", "danang", "--host", "localhost", "--host", "127.0.0.1", "--output", "json"]).run()
            let configuration = try BrokerConfiguration(contentsOf: "\(path)/broker.yaml")
            #expect(configuration.listeners.kafka == HostAndPort(host: "127.0.0.1", port: 9093))
            #expect(configuration.listeners.advertised == nil)
            #expect(configuration.data == "\(path)/data")
            for file in configuration.watchedPaths() { #expect(FileManager.default.fileExists(atPath: file), "\(file)") }
            let profile = try Profile(contentsOf: "\(path)/profiles/admin/profile.yaml")
            #expect(profile.kafka == "localhost:9093")
            for file in [profile.ca, profile.certificate, profile.key] { #expect(FileManager.default.fileExists(atPath: file)) }
            #expect(profile.endpoints.map { URL(fileURLWithPath: $0).standardizedFileURL.path } == "\(path)/data/endpoints.json")
        }
    }

    @Test("a broker that others reach listens on all addresses and says its name")
    func reachable() throws {
        for (host, address) in [("broker.danang.example", "broker.danang.example:9093"), ("2001:db8::7", "[2001:db8::7]:9093")] {
            let text = StateConfiguration(authority: "danang", hosts: [host]).text
            let configuration = try BrokerConfiguration(parsing: text, file: "/tmp/broker.yaml")
            #expect(configuration.listeners.kafka.host == "0.0.0.0")
            #expect(configuration.listeners.advertised?.description == address)
        }
    }

    @Test("a directory with anything in it is refused and left as it is; so are bad names")
    func refused() throws {
        try withDirectory { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: "\(path)/mine"))
            #expect(throws: CommandFailure.self) { try Init.parse([path]).run() }
            #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["mine"])
        }
        try withDirectory { path in
            for arguments in [["--authority", "Đà Nẵng"], ["--host", "a b"], ["--agency", "A"]] {
                #expect(throws: CommandFailure.self) { try Init.parse([path] + arguments).run() }
                #expect(!FileManager.default.fileExists(atPath: path))
            }
        }
    }

    @Test("cert issues, renews, revokes and lists in a directory alone")
    func certificates() throws {
        try withDirectory { path in
            try Init.parse([path, "--output", "json"]).run()
            let pki = ["--pki", "\(path)/pki", "--output", "json"]
            let out = "\(path)/profiles/school"
            let node = ["--agency", "education", "--unit", "schools", "--node", "one", "--role", "auditor", "--purpose", "enrolment-check"]
            try CertIssue.parse(node + ["--out", out] + pki).run()
            #expect(throws: CommandFailure.self) { try CertIssue.parse(node + ["--out", out] + pki).run() }
            let before = try String(contentsOfFile: "\(out)/certificate.pem", encoding: .utf8)
            try CertRenew.parse([out] + pki).run()
            #expect(try String(contentsOfFile: "\(out)/certificate.pem", encoding: .utf8) != before)
            let properties = try String(contentsOfFile: "\(out)/librdkafka.properties", encoding: .utf8)
            #expect(properties.contains("client.id=education.schools.one;purpose=enrolment-check;\n"))
            try CertRevoke.parse([out, "--reason", "keyCompromise"] + pki).run()
            #expect(throws: CommandFailure.self) { try CertRevoke.parse([out] + pki).run() }
            #expect(throws: CommandFailure.self) { try CertRenew.parse([out] + pki).run() }
            try CertCRL.parse(["--days", "3"] + pki).run()
            try CertList.parse(pki).run()
        }
    }

    @Test("a node needs its three names, and a server's certificate takes none of them")
    func usage() {
        #expect(throws: (any Error).self) { try CertIssue.parse(["--agency", "a", "--out", "o"]) }
        #expect(throws: (any Error).self) { try CertIssue.parse(["--host", "h", "--agency", "a", "--out", "o"]) }
        #expect(throws: (any Error).self) { try CertIssue.parse(["--agency", "a", "--unit", "u", "--node", "n", "--role", "king", "--out", "o"]) }
        #expect(throws: Never.self) { try CertIssue.parse(["--host", "h", "--out", "o"]) }
    }
}
