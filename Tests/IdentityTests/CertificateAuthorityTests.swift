import AccessPolicy
import Crypto
import Foundation
import SwiftASN1
import Testing
import X509

@testable import Identity

@Suite("The built-in certificate authority")
struct CertificateAuthorityTests {
    private func identity(_ node: String = "gateway-1", roles: Set<Role> = [.member]) throws -> NodeIdentity {
        try NodeIdentity(
            authority: "danang", agency: "health", unit: "registry", node: node, roles: roles, displayName: "Trạm y tế phường Hải Châu")
    }

    private func authenticator(_ authority: CertificateAuthority) throws -> PeerAuthenticator {
        let settings = IdentitySettings(
            certificate: "", key: "", pki: nil, crlGraceHours: 24,
            authorities: [
                .init(
                    name: authority.name, certificates: ["ca.pem"], intermediates: nil, crls: .files(["crl.pem"]), agencies: ["*"],
                    roles: Role.allCases.map(\.rawValue))
            ],
            rules: nil)
        return try PeerAuthenticator(try TrustFiles.load(settings, relativeTo: authority.directory))
    }

    @Test("what it issues is authenticated, with its roles and display name")
    func issue() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let wanted = try identity(roles: [.operator, .steward])
        let issued = try authority.issue(CertificateRequest(subject: .node(wanted)), at: now)
        let node = try authenticator(authority).authenticate(chain: [issued.certificateDER], at: now).get()
        #expect(node.identity == wanted)
        #expect(node.serial == issued.record.serial)
        #expect(node.notAfter == now + 90 * day)
        #expect(try authority.list() == [issued.record])
    }

    @Test("it is read again from its directory, by its name and with its key")
    func reopen() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/pki"
        _ = try CertificateAuthority.create(directory: path, name: "danang", days: 100, at: now)
        let again = try CertificateAuthority(directory: path)
        #expect(again.name == "danang")
        #expect(again.notAfter == now + 100 * day)
        #expect(again.hasKey)
        #expect(throws: AuthorityError.self) { try CertificateAuthority.create(directory: path, name: "danang", at: now) }
        #expect(throws: AuthorityError.self) { try CertificateAuthority(directory: directory.path) }
    }

    @Test("keys are readable by their owner alone, whatever the umask")
    func modes() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let files = ClientFiles(directory: "\(directory.path)/out")
        try files.write(
            try authority.issue(CertificateRequest(subject: .node(try identity())), at: now), authorityPEM: authority.certificatePEM)
        try files.writeClientConfiguration(.onThisMachine)
        func mode(_ path: String) throws -> Int? { try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
        for secret in [authority.keyPath, files.keyPath, files.javaPath, authority.index.path] { #expect(try mode(secret) == 0o600) }
        #expect(try mode(files.certificatePath) == 0o644)
        #expect(try mode(authority.directory) == 0o700)
    }

    @Test("serial numbers are positive, of at most 127 bits, and never repeat")
    func serials() {
        var seen: Set<[UInt8]> = []
        for _ in 0..<2000 {
            let bytes = Array(CertificateAuthority.randomSerial().bytes)
            #expect(bytes.count <= 16 && (bytes.count < 16 || bytes[0] < 0x80))
            #expect(seen.insert(bytes).inserted)
        }
    }

    @Test("1 to 398 days and not a day more, never past the authority's own end")
    func days() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", days: 200, at: now)
        for (days, end) in [(1, day), (200, 200 * day), (398, 200 * day)] {
            let issued = try authority.issue(CertificateRequest(subject: .node(try identity()), days: days), at: now)
            #expect(issued.record.notAfter == now + end)
        }
        for days in [0, -1, 399] {
            #expect(throws: AuthorityError.self) {
                try authority.issue(CertificateRequest(subject: .node(try identity()), days: days), at: now)
            }
        }
        #expect(throws: AuthorityError.self) {
            try authority.issue(CertificateRequest(subject: .node(try identity()), days: 1), at: now + 200 * day)
        }
    }

    @Test("a revoked certificate is on the next list, whose number grew; it cannot be revoked or renewed again")
    func revoke() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let bad = try authority.issue(CertificateRequest(subject: .node(try identity())), at: now)
        let good = try authority.issue(CertificateRequest(subject: .node(try identity("gateway-2"))), at: now)
        #expect(try authenticator(authority).verdict([bad.certificateDER]) == "health/registry/gateway-1")
        try authority.revoke(.certificate(serial: bad.record.serial.uppercased()), reason: .keyCompromise, at: now + hour)
        let after = try authenticator(authority)
        #expect(after.verdict([bad.certificateDER], at: now + hour) == "revoked")
        #expect(after.verdict([good.certificateDER], at: now + hour) == "health/registry/gateway-2")
        #expect(try authority.list().map(\.revocationReason) == [.keyCompromise, nil])
        #expect(try authority.list().map { $0.status(at: now) } == [.revoked, .valid])
        #expect(try authority.index.lines().filter { $0.event == .list }.map(\.number) == [1, 2])
        for serial in [bad.record.serial, "00ff", "xyz", ""] {
            #expect(throws: AuthorityError.self) { try authority.revoke(.certificate(serial: serial), reason: .unspecified, at: now) }
        }
        #expect(throws: AuthorityError.self) { try authority.renew(bad.certificateDER, newKey: true, at: now) }
    }

    @Test("revoking a certificate revokes every other one with its key; revoking a node, every one of its keys")
    func revokeKeyOrNode() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let first = try authority.issue(CertificateRequest(subject: .node(try identity())), at: now)
        let sameKey = try authority.renew(first.certificateDER, newKey: false, at: now)
        let newKey = try authority.renew(first.certificateDER, newKey: true, at: now)
        let other = try authority.issue(CertificateRequest(subject: .node(try identity("gateway-2"))), at: now)
        let revoked = try authority.revoke(.certificate(serial: sameKey.record.serial), reason: .keyCompromise, at: now)
        #expect(revoked.map(\.serial) == [first.record.serial, sameKey.record.serial])
        #expect(try authenticator(authority).verdict([newKey.certificateDER]) == "health/registry/gateway-1")
        let rest = try authority.revoke(.node(spiffeID: first.record.subject), reason: .cessationOfOperation, at: now)
        #expect(rest.map(\.serial) == [newKey.record.serial])
        let after = try authenticator(authority)
        for issued in [first, sameKey, newKey] { #expect(after.verdict([issued.certificateDER]) == "revoked") }
        #expect(after.verdict([other.certificateDER]) == "health/registry/gateway-2")
        #expect(throws: AuthorityError.self) {
            try authority.revoke(.node(spiffeID: first.record.subject), reason: .unspecified, at: now)
        }
        #expect(throws: AuthorityError.self) {
            try authority.revoke(.certificate(serial: other.record.serial), reason: .unspecified, at: other.record.notAfter)
        }
    }

    @Test("renewal keeps identity, roles and life; the key only where it is asked to")
    func renew() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let old = try authority.issue(CertificateRequest(subject: .node(try identity(roles: [.auditor])), days: 30), at: now)
        let authenticator = try authenticator(authority)
        let before = try authenticator.authenticate(chain: [old.certificateDER], at: now).get()
        for newKey in [false, true] {
            let renewed = try authority.renew(old.certificateDER, newKey: newKey, at: now + day)
            let after = try authenticator.authenticate(chain: [renewed.certificateDER], at: now + day).get()
            #expect(after.identity == before.identity)
            #expect((after.spkiHash == before.spkiHash) == !newKey)
            #expect((renewed.keyPEM != nil) == newKey)
            #expect(after.notAfter == now + 31 * day)
            #expect(after.serial != before.serial)
        }
        #expect(authenticator.verdict([old.certificateDER], at: now + day) == "health/registry/gateway-1")
        #expect(throws: AuthorityError.self) { try authority.renew(try TestAuthority().issue()[0], newKey: true, at: now) }
    }

    @Test("a server's certificate has its hosts, is renewed with them, and is no client's")
    func server() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let hosts = ["broker.danang.example", "127.0.0.1", "::1"]
        let issued = try authority.issue(CertificateRequest(subject: .server(hosts: hosts)), at: now)
        let renewed = try authority.renew(issued.certificateDER, newKey: false, at: now)
        for certificate in [issued, renewed] {
            #expect(certificate.record.subject == hosts.joined(separator: " "))
            #expect(try authenticator(authority).verdict([certificate.certificateDER]) == "wrong-purpose")
        }
        for hosts in [[], ["a b"], ["-a.example"], ["a..b"], ["máy.example"], Array(repeating: "a", count: 33)] {
            #expect(throws: AuthorityError.self) { try authority.issue(CertificateRequest(subject: .server(hosts: hosts)), at: now) }
        }
    }

    @Test("a signing request gives its key and nothing else; a forged or weak one is refused")
    func signingRequest() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let (key, request) = ("\(directory.path)/key.pem", "\(directory.path)/request.pem")
        _ = try openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        _ = try openssl("req", "-new", "-key", key, "-subj", "/CN=somebody else", "-out", request)
        let pem = try String(contentsOfFile: request, encoding: .utf8)
        let issued = try authority.issue(
            CertificateRequest(subject: .node(try identity()), key: .signingRequest(pem: pem)), at: now)
        #expect(issued.keyPEM == nil)
        let node = try authenticator(authority).authenticate(chain: [issued.certificateDER], at: now).get()
        #expect(node.identity.path == "health/registry/gateway-1")
        let public256 = try P256.Signing.PrivateKey(pemRepresentation: try String(contentsOfFile: key, encoding: .utf8)).publicKey
        #expect(try Certificate(derEncoded: issued.certificateDER).publicKey == Certificate.PublicKey(public256))

        var forged = try PEMDocument(pemString: pem).derBytes
        forged[forged.count - 1] ^= 1
        _ = try openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=n", "-out", request)
        let rsa = try String(contentsOfFile: request, encoding: .utf8)
        for bad in [PEMDocument(type: "CERTIFICATE REQUEST", derBytes: forged).pemString, rsa, "", "-----BEGIN CERTIFICATE REQUEST-----"] {
            #expect(throws: AuthorityError.self) {
                try authority.issue(CertificateRequest(subject: .node(try identity()), key: .signingRequest(pem: bad)), at: now)
            }
        }
        #expect(try authority.list().count == 1)
    }

    @Test("it does not speak for another authority, nor print what a terminal would obey")
    func refusedSubjects() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let foreign = try NodeIdentity(authority: "hue", agency: "a", unit: "b", node: "c")
        let escape = try NodeIdentity(authority: "danang", agency: "a", unit: "b", node: "c", displayName: "x\u{1B}[2J")
        for subject in [foreign, escape] {
            #expect(throws: AuthorityError.self) { try authority.issue(CertificateRequest(subject: .node(subject)), at: now) }
        }
    }

    @Test("without the key nothing is issued, revoked or signed, and the broker's re-issue stays quiet")
    func keyElsewhere() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/pki"
        let authority = try CertificateAuthority.create(directory: path, name: "danang", at: now)
        let issued = try authority.issue(CertificateRequest(subject: .node(try identity())), at: now)
        try FileManager.default.moveItem(atPath: authority.keyPath, toPath: "\(directory.path)/ca.key")
        #expect(throws: AuthorityError.self) { try authority.issue(CertificateRequest(subject: .node(try identity())), at: now) }
        #expect(throws: AuthorityError.self) { try authority.revoke(.certificate(serial: issued.record.serial), reason: .unspecified, at: now) }
        #expect(throws: AuthorityError.self) { try authority.signRevocationList(at: now) }
        #expect(try CertificateAuthority.reissueRevocationListIfDue(pki: path, at: now + 6 * day) == false)
        #expect(try authority.list().map { $0.status(at: now) } == [.valid])
        try P256.Signing.PrivateKey().pemRepresentation.write(toFile: authority.keyPath, atomically: true, encoding: .utf8)
        #expect(throws: AuthorityError.self) { try authority.signRevocationList(at: now) }
    }

    /// What stands in an authority's directory now.
    private func serialsOnList(_ authority: CertificateAuthority) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: authority.revocationListPath))
    }

    @Test("a revocation whose list was never written, and one whose list was signed and not put in place, are mended by the next command")
    func mendsAfterACrash() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let first = try authority.issue(CertificateRequest(subject: .node(try identity("one"))), at: now)
        let second = try authority.issue(CertificateRequest(subject: .node(try identity("two"))), at: now)
        #expect(try !authority.mendRevocationList(at: now), "nothing is to be mended")

        // Killed between the index and the list: the line is there, and nothing else.
        var line = IssuedIndex.Line(event: .revoked, at: now)
        line.serial = first.record.serial
        try authority.index.append(line)
        #expect(try authenticator(authority).authenticate(chain: [first.certificateDER], at: now).isServed)
        #expect(try CertificateAuthority.reissueRevocationListIfDue(pki: authority.directory, at: now + 60_000), "serve does it too")
        #expect(try !authenticator(authority).authenticate(chain: [first.certificateDER], at: now).isServed)
        #expect(try !authority.mendRevocationList(at: now))

        // Killed between the list's line and its file: the file is the one before.
        let before = try serialsOnList(authority)
        try authority.revoke(.certificate(serial: second.record.serial), reason: .keyCompromise, at: now)
        try before.write(to: URL(fileURLWithPath: authority.revocationListPath))
        #expect(try authenticator(authority).authenticate(chain: [second.certificateDER], at: now).isServed)
        #expect(try authority.mendRevocationList(at: now))
        #expect(try !authenticator(authority).authenticate(chain: [second.certificateDER], at: now).isServed)

        try FileManager.default.removeItem(atPath: authority.revocationListPath)
        #expect(try authority.mendRevocationList(at: now), "a list that is gone")
        try FileManager.default.removeItem(atPath: "\(authority.directory)/ca.key")
        try authority.index.append(line)
        #expect(try !authority.mendRevocationList(at: now), "where the key is elsewhere, the list comes from there")
    }

    @Test("the broker's own certificate is renewed from two thirds of its life, with its key, and no other one is touched")
    func renewsTheBrokersOwn() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let files = ClientFiles(directory: "\(directory.path)/broker")
        let issued = try authority.issue(CertificateRequest(subject: .server(hosts: ["broker.danang", "127.0.0.1"]), days: 90), at: now)
        try files.write(issued, authorityPEM: authority.certificatePEM)
        let key = try Data(contentsOf: URL(fileURLWithPath: files.keyPath))
        #expect(try authority.renewServerCertificateIfDue(at: files.certificatePath, now: now + 60 * day - 1) == nil)
        #expect(try authority.renewServerCertificateIfDue(at: files.certificatePath, now: now + 60 * day) == now + 150 * day)
        #expect(try authority.renewServerCertificateIfDue(at: files.certificatePath, now: now + 60 * day) == nil, "once")
        let renewed = try PeerCertificate(der: try files.certificateDER())
        #expect(renewed.values(of: .dnsName) == ["broker.danang"])
        #expect(try renewed.subjectPublicKeyInfo == PeerCertificate(der: issued.certificateDER).subjectPublicKeyInfo)
        #expect(try Data(contentsOf: URL(fileURLWithPath: files.keyPath)) == key)

        // Another authority's, a revoked one, and one that would hardly gain: left alone.
        let other = try CertificateAuthority.create(directory: "\(directory.path)/other", name: "hue", at: now)
        #expect(try other.renewServerCertificateIfDue(at: files.certificatePath, now: now + 140 * day) == nil)
        try authority.revoke(.certificate(serial: renewed.serial), reason: .superseded, at: now + 61 * day)
        #expect(try authority.renewServerCertificateIfDue(at: files.certificatePath, now: now + 140 * day) == nil)
        let short = try CertificateAuthority.create(directory: "\(directory.path)/short", name: "hue", days: 100, at: now)
        let last = ClientFiles(directory: "\(directory.path)/last")
        try last.write(
            try short.issue(CertificateRequest(subject: .server(hosts: ["a"]), days: 95), at: now), authorityPEM: short.certificatePEM)
        #expect(try short.renewServerCertificateIfDue(at: last.certificatePath, now: now + 90 * day) == nil)
        try FileManager.default.removeItem(atPath: "\(short.directory)/ca.key")
        #expect(try short.renewServerCertificateIfDue(at: last.certificatePath, now: now + 90 * day) == nil)
    }

    @Test("the list is re-issued from a third of its life, before anyone warns, and keeps its life")
    func reissue() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/pki"
        let authority = try CertificateAuthority.create(directory: path, name: "danang", at: now)
        let nextUpdate = try authority.signRevocationList(days: 3, at: now)
        #expect(nextUpdate == now + 3 * day)
        #expect(try CertificateAuthority.reissueRevocationListIfDue(pki: path, at: now + day - 1) == false)
        #expect(try CertificateAuthority.reissueRevocationListIfDue(pki: path, at: now + day) == true)
        let status = try #require(try authenticator(authority).revocationLists.first)
        #expect(status.nextUpdate == now + 4 * day)
        #expect(try authority.index.lines().compactMap(\.number) == [1, 2, 3])
        try FileManager.default.removeItem(atPath: authority.revocationListPath)
        #expect(try CertificateAuthority.reissueRevocationListIfDue(pki: path, at: now + day) == true)
        for days in [0, 32] { #expect(throws: AuthorityError.self) { try authority.signRevocationList(days: days, at: now) } }
    }
}

extension Result {
    fileprivate var isServed: Bool {
        switch self {
        case .success: true
        case .failure: false
        }
    }
}
