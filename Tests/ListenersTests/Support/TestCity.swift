import Broker
import AccessPolicy
import Foundation
import Identity
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL

@testable import Listeners

/// A directory with a small city in it: an authority, a broker's certificate, nodes' certificates. Gone with the value.
final class TestCity: Sendable {
    let directory: String
    let authority: CertificateAuthority
    /// ms that the listeners' clock is ahead of the real one.
    let clockAhead = NIOLockedValueBox<Int64>(0)
    private let server: IssuedCertificate

    init(name: String = "danang") throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("listeners-\(UUID().uuidString)").path
        authority = try CertificateAuthority.create(directory: "\(directory)/pki", name: name, at: Self.now)
        server = try authority.issue(CertificateRequest(subject: .server(hosts: ["localhost", "127.0.0.1"])), at: Self.now)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    var wallClock: WallClock { { [clockAhead] in Self.now + clockAhead.withLockedValue { $0 } } }

    func node(_ path: String, roles: Set<Role> = [.member], days: Int = 30) throws -> IssuedCertificate {
        let parts = path.split(separator: "/").map(String.init)
        let identity = try NodeIdentity(authority: authority.name, agency: parts[0], unit: parts[1], node: parts[2], roles: roles)
        return try authority.issue(CertificateRequest(subject: .node(identity), days: days), at: Self.now)
    }

    /// The broker's certificate itself: of the right authority, but not for clients.
    var serverAsClient: IssuedCertificate { server }

    func revoke(_ certificate: IssuedCertificate) throws {
        try authority.revoke(.certificate(serial: certificate.record.serial), reason: .keyCompromise, at: Self.now)
    }

    /// Reads what is in the directory now.
    func material() throws -> TrustMaterial {
        let settings = try JSONDecoder().decode(
            IdentitySettings.self,
            from: Data(
                """
                {"certificate": "", "key": "", "authorities": [
                    {"name": "\(authority.name)", "certificates": ["pki/ca.pem"], "crls": ["pki/crl.pem"], "agencies": ["*"],
                     "roles": ["operator", "steward", "auditor", "member"]}]}
                """.utf8))
        return TrustMaterial(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(server.certificatePEM.utf8)),
            privateKey: try NIOSSLPrivateKey(bytes: Array((server.keyPEM ?? "").utf8), format: .pem),
            authenticator: try PeerAuthenticator(try TrustFiles.load(settings, relativeTo: directory)),
            files: TrustFiles.paths(of: settings, relativeTo: directory))
    }

    func registry(_ group: any EventLoopGroup, _ limits: ListenerLimits = ListenerLimits(), tls: TLSSettings = TLSSettings(), quotas: Quotas = Quotas()) throws
        -> ConnectionRegistry
    {
        try ConnectionRegistry(
            group: group, trust: try TrustInForce(try material(), tls: tls, limits: limits), limits: limits, quotas: quotas, wallClock: wallClock,
            logger: quietLogger)
    }

    /// A client's TLS: the city's authority trusted, and a certificate where one is given.
    func clientContext(_ certificate: IssuedCertificate?, key: String? = nil, protocols: [String] = []) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.certificatePEM.utf8)))
        configuration.certificateVerification = .noHostnameVerification
        configuration.applicationProtocols = protocols
        if let certificate {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.certificatePEM.utf8)).map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(bytes: Array((key ?? certificate.keyPEM ?? "").utf8), format: .pem))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// Writes a certificate and its key where other programs find them.
    func write(_ certificate: IssuedCertificate, as name: String) throws -> (certificate: String, key: String) {
        let paths = ("\(directory)/\(name).pem", "\(directory)/\(name).key")
        try Data(certificate.certificatePEM.utf8).write(to: URL(fileURLWithPath: paths.0))
        try Data((certificate.keyPEM ?? "").utf8).write(to: URL(fileURLWithPath: paths.1))
        return paths
    }
}

let quietLogger: Logger = {
    var logger = Logger(label: "tests")
    logger.logLevel = .critical
    return logger
}()

/// One city for tests that only need some trust to be there.
private let anyCity = Result { try TestCity() }

func testRegistry(_ group: any EventLoopGroup, _ limits: ListenerLimits = ListenerLimits()) throws -> ConnectionRegistry {
    try anyCity.get().registry(group, limits)
}
