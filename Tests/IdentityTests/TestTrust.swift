import AccessPolicy
import Crypto
import Foundation
import SwiftASN1
import Testing
import X509

@testable import Identity

/// The instant that tests call now: 2026-11-18T11:06:40Z, ms since 1970.
let now: Int64 = 1_795_000_000_000
let second: Int64 = 1000
let hour: Int64 = 3600 * second
let day: Int64 = 24 * hour

/// A certificate authority made for tests, which also makes what the built-in one refuses to.
struct TestAuthority {
    let name: String
    let key: Certificate.PrivateKey
    let certificate: Certificate
    /// From this one's certificate up to, but without, the root's.
    var chain: [[UInt8]] = []

    init(
        _ name: String = "danang", key: Certificate.PrivateKey = Certificate.PrivateKey(P256.Signing.PrivateKey()),
        notBefore: Int64 = now - 100 * day, notAfter: Int64 = now + 1000 * day, pathLength: Int? = nil
    ) throws {
        self.name = name
        self.key = key
        let subject = try DistinguishedName { CommonName("\(name) root") }
        certificate = try Self.authorityCertificate(
            subject: subject, key: key.publicKey, issuer: subject, issuerKey: key, notBefore, notAfter, pathLength)
    }

    private init(name: String, key: Certificate.PrivateKey, certificate: Certificate, chain: [[UInt8]]) {
        self.name = name
        self.key = key
        self.certificate = certificate
        self.chain = chain
    }

    func subordinate(_ title: String, pathLength: Int? = nil, notAfter: Int64 = now + 500 * day) throws -> TestAuthority {
        let newKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let made = try Self.authorityCertificate(
            subject: try DistinguishedName { CommonName(title) }, key: newKey.publicKey, issuer: certificate.subject, issuerKey: key,
            now - 50 * day, notAfter, pathLength)
        return TestAuthority(name: name, key: newKey, certificate: made, chain: [try made.derBytes()] + chain)
    }

    private static func authorityCertificate(
        subject: DistinguishedName, key: Certificate.PublicKey, issuer: DistinguishedName, issuerKey: Certificate.PrivateKey,
        _ notBefore: Int64, _ notAfter: Int64, _ pathLength: Int?
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key, notValidBefore: CertificateAuthority.date(notBefore),
            notValidAfter: CertificateAuthority.date(notAfter), issuer: issuer, subject: subject,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: pathLength))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key)
                AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: issuerKey.publicKey).keyIdentifier)
            },
            issuerPrivateKey: issuerKey)
    }

    var keyIdentifier: [UInt8] { Array(SubjectKeyIdentifier(hash: key.publicKey).keyIdentifier) }
    var der: [UInt8] { get throws { try certificate.derBytes() } }

    /// What a node's certificate may be told to have.
    struct Leaf {
        var names: [GeneralName] = [.uniformResourceIdentifier("spiffe://danang/health/registry/gateway-1")]
        var purposes: [ExtendedKeyUsage.Usage]? = [.clientAuth]
        var isAuthority = false
        var notBefore = now - day
        var notAfter = now + 90 * day
        var subject: [(ASN1ObjectIdentifier, String)] = [(.RDNAttributeType.commonName, "gateway-1")]
        var roles: Certificate.Extension?
        var key = Certificate.PublicKey(P256.Signing.PrivateKey().publicKey)
        var serial = Certificate.SerialNumber()

        init(uri: String? = nil) {
            if let uri { names = [.uniformResourceIdentifier(uri)] }
        }
    }

    func certificate(_ leaf: Leaf) throws -> Certificate {
        var extensions = try Certificate.Extensions {
            Critical(leaf.isAuthority ? BasicConstraints.isCertificateAuthority(maxPathLength: nil) : .notCertificateAuthority)
            SubjectKeyIdentifier(hash: leaf.key)
            AuthorityKeyIdentifier(keyIdentifier: keyIdentifier[...])
        }
        if !leaf.names.isEmpty { try extensions.append(try .init(SubjectAlternativeNames(leaf.names), critical: false)) }
        if let purposes = leaf.purposes { try extensions.append(try .init(ExtendedKeyUsage(purposes), critical: false)) }
        if let roles = leaf.roles { try extensions.append(roles) }
        return try Certificate(
            version: .v3, serialNumber: leaf.serial, publicKey: leaf.key, notValidBefore: CertificateAuthority.date(leaf.notBefore),
            notValidAfter: CertificateAuthority.date(leaf.notAfter), issuer: certificate.subject,
            subject: try DistinguishedName(leaf.subject.map { .init(type: $0.0, utf8String: $0.1) }),
            extensions: extensions, issuerPrivateKey: key)
    }

    /// The chain that a peer would send.
    func issue(_ leaf: Leaf = Leaf()) throws -> [[UInt8]] { [try certificate(leaf).derBytes()] + chain }

    func list(
        revoking serials: [[UInt8]] = [], number: Int64 = 1, thisUpdate: Int64 = now - hour, nextUpdate: Int64 = now + 7 * day,
        signedBy other: Certificate.PrivateKey? = nil
    ) throws -> [UInt8] {
        try RevocationList(
            issuer: certificate.subject, issuerKeyIdentifier: keyIdentifier, number: number, thisUpdate: thisUpdate,
            nextUpdate: nextUpdate, entries: serials.map { .init(serial: $0, at: thisUpdate, reason: .keyCompromise) }
        ).signed(by: other ?? key)
    }

    func trusted(
        lists: [[UInt8]]? = nil, intermediates: [[UInt8]] = [], agencies: TrustedAuthority.Agencies = .rest,
        roles: Set<Role> = Set(Role.allCases), naming: TrustedAuthority.Naming = .spiffe
    ) throws -> TrustedAuthority {
        TrustedAuthority(
            name: name, anchors: [try der], intermediates: intermediates, revocation: .lists(try lists ?? [list()]), agencies: agencies,
            roles: roles, naming: naming)
    }
}

extension Certificate {
    func derBytes() throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(self)
        return serializer.serializedBytes
    }
}

extension PeerAuthenticator {
    convenience init(_ authorities: TrustedAuthority..., graceMilliseconds: Int64 = day) throws {
        try self.init(TrustConfiguration(authorities: authorities, revocationGraceMilliseconds: graceMilliseconds))
    }

    /// The refusal's stable word, or the node's path when it is let in.
    func verdict(_ chain: [[UInt8]], at instant: Int64 = now) -> String {
        switch authenticate(chain: chain, at: instant) {
        case .success(let node): node.identity.path
        case .failure(let refusal): refusal.code
        }
    }
}

/// A directory that is gone after the test.
struct TemporaryDirectory: ~Copyable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("identity-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }
}

/// Runs the system's openssl.
/// - Returns: its status and all that it wrote.
func openssl(_ arguments: String...) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}
