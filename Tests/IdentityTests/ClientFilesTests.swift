import AccessPolicy
import Foundation
import Testing
import Yams

@testable import Identity

@Suite("Client files")
struct ClientFilesTests {
    private func prepare(_ path: String, purpose: String? = nil) throws -> (CertificateAuthority, ClientFiles) {
        let authority = try CertificateAuthority.create(directory: "\(path)/pki", name: "danang", at: now)
        let files = ClientFiles(directory: "\(path)/profiles/school")
        let identity = try NodeIdentity(authority: "danang", agency: "education", unit: "schools", node: "one")
        try files.write(try authority.issue(CertificateRequest(subject: .node(identity)), at: now), authorityPEM: authority.certificatePEM)
        let endpoints = ClientEndpoints(
            kafka: "broker.example:9093", https: "https://broker.example:8443", running: "\(path)/data/endpoints.json")
        try endpoints.save(pki: authority.directory)
        try files.writeClientConfiguration(try #require(try ClientEndpoints.load(pki: authority.directory)), purpose: purpose)
        return (authority, files)
    }

    private func properties(_ path: String) throws -> [String: String] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            uniqueKeysWithValues: lines.compactMap { line in
                line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            })
    }

    @Test("the profile names endpoints and files relative to itself")
    func profile() throws {
        let directory = try TemporaryDirectory()
        let (_, files) = try prepare(directory.path)
        let text = try String(contentsOfFile: files.profilePath, encoding: .utf8)
        let profile = try YAMLDecoder().decode([String: String].self, from: text)
        #expect(
            profile == [
                "kafka": "broker.example:9093", "https": "https://broker.example:8443", "endpoints": "../../data/endpoints.json",
                "ca": "ca.pem", "certificate": "certificate.pem", "key": "key.pem",
            ])
    }

    @Test("the Java file holds PEM chains and a PKCS #8 key on one line each, whole")
    func java() throws {
        let directory = try TemporaryDirectory()
        let (authority, files) = try prepare(directory.path, purpose: "enrolment-check")
        let properties = try properties(files.javaPath)
        #expect(properties["security.protocol"] == "SSL")
        #expect(properties["bootstrap.servers"] == "broker.example:9093")
        #expect(properties["client.id"] == "education.schools.one;purpose=enrolment-check;")
        func unfolded(_ key: String) -> String? { properties[key]?.replacing("\\n", with: "\n") }
        let trim = { (path: String) in try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines) }
        #expect(unfolded("ssl.truststore.certificates") == (try trim(authority.certificatePath)))
        #expect(unfolded("ssl.keystore.certificate.chain") == (try trim(files.certificatePath)))
        #expect(unfolded("ssl.keystore.key") == (try trim(files.keyPath)))
        #expect(unfolded("ssl.keystore.key")?.hasPrefix("-----BEGIN PRIVATE KEY-----") == true)
        #expect(properties["ssl.keystore.type"] == "PEM" && properties["ssl.truststore.type"] == "PEM")
    }

    @Test("librdkafka's file names files that are there")
    func librdkafka() throws {
        let directory = try TemporaryDirectory()
        let (_, files) = try prepare(directory.path, purpose: "enrolment-check")
        let properties = try properties(files.librdkafkaPath)
        for key in ["ssl.ca.location", "ssl.certificate.location", "ssl.key.location"] {
            #expect(FileManager.default.fileExists(atPath: properties[key] ?? ""))
        }
        #expect(properties["security.protocol"] == "ssl")
        #expect(properties["client.id"]?.hasSuffix(";purpose=enrolment-check;") == true)
    }

    @Test("a running broker's own address is taken, and a purpose is kept when files are written again")
    func runningBroker() throws {
        let directory = try TemporaryDirectory()
        let (authority, files) = try prepare(directory.path, purpose: "audit")
        try FileManager.default.createDirectory(atPath: "\(directory.path)/data", withIntermediateDirectories: true)
        try #"{"kafka":"127.0.0.1:40001","https":"https://127.0.0.1:40002","health":"http://127.0.0.1:40003"}"#
            .write(toFile: "\(directory.path)/data/endpoints.json", atomically: true, encoding: .utf8)
        try files.writeClientConfiguration(try #require(try ClientEndpoints.load(pki: authority.directory)))
        #expect(try properties(files.javaPath)["bootstrap.servers"] == "127.0.0.1:40001")
        #expect(try properties(files.librdkafkaPath)["bootstrap.servers"] == "127.0.0.1:40001")
        #expect(try properties(files.librdkafkaPath)["client.id"] == "education.schools.one;purpose=audit;")
        #expect(try String(contentsOfFile: files.profilePath, encoding: .utf8).contains("\npurpose: \"audit\"\n"))
    }

    @Test("a directory that holds a certificate is not written over, and a bad purpose is refused")
    func refusals() throws {
        let directory = try TemporaryDirectory()
        let (authority, files) = try prepare(directory.path)
        let key = try String(contentsOfFile: files.keyPath, encoding: .utf8)
        let identity = try NodeIdentity(authority: "danang", agency: "a", unit: "b", node: "c")
        let other = try authority.issue(CertificateRequest(subject: .node(identity)), at: now)
        #expect(throws: AuthorityError.self) { try files.write(other, authorityPEM: authority.certificatePEM) }
        #expect(try String(contentsOfFile: files.keyPath, encoding: .utf8) == key)
        for purpose in ["", "Điều tra", "a;b", "a b", String(repeating: "a", count: 65)] {
            #expect(throws: AuthorityError.self) { try ClientFiles.check(purpose: purpose) }
        }
        try ClientFiles.check(purpose: String(repeating: "a", count: 64))
    }

    @Test("a path is told from a directory with as many steps up as it takes", arguments: [
        ("/a/b/c", "/a/d", "../b/c"), ("/a/b", "/a/b/c", ".."), ("/a/b/c", "/a/b", "c"), ("/x/y", "/a/b", "/x/y"),
    ])
    func relativePath(path: String, directory: String, expected: String) {
        #expect(FilePath.relative(path, to: directory) == expected)
    }
}
