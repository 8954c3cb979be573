import AccessPolicy
import Crypto
import Foundation
import SwiftASN1
import Testing
import X509

@testable import Identity

@Suite("A certificate chain becomes an identity, or a refusal with its reason")
struct PeerAuthenticatorTests {
    @Test("a node's certificate gives its identity and the facts that the log keeps")
    func identity() throws {
        let authority = try TestAuthority()
        var leaf = TestAuthority.Leaf()
        leaf.roles = try RolesExtension.encode([.operator, .auditor])
        leaf.subject.append((NamedIdentity.displayNameAttribute, "Cổng đăng ký tiêm chủng Đà Nẵng"))
        let chain = try authority.issue(leaf)
        let node = try PeerAuthenticator(authority.trusted()).authenticate(chain: chain, at: now).get()
        #expect(node.identity.spiffeID == "spiffe://danang/health/registry/gateway-1")
        #expect(node.identity.roles == [.operator, .auditor])
        #expect(node.identity.displayName == "Cổng đăng ký tiêm chủng Đà Nẵng")
        #expect(node.authority == "danang")
        #expect(node.certificateFingerprint == Array(SHA256.hash(data: chain[0])))
        #expect(node.notAfter == leaf.notAfter)
        #expect(node.serial == Hexadecimal.text(leaf.serial.bytes))
        #expect(node.chain == [chain[0], try authority.der])
    }

    @Test("the writer is the hash of the key as it stands in the certificate, as openssl sees it")
    func keyHash() throws {
        let directory = try TemporaryDirectory()
        let authority = try TestAuthority()
        let key = P256.Signing.PrivateKey()
        var leaf = TestAuthority.Leaf()
        leaf.key = Certificate.PublicKey(key.publicKey)
        let node = try PeerAuthenticator(authority.trusted()).authenticate(chain: try authority.issue(leaf), at: now).get()
        let file = try directory.write("key.pem", key.pemRepresentation)
        let out = "\(directory.path)/spki.der"
        #expect(try openssl("pkey", "-in", file, "-pubout", "-outform", "DER", "-out", out).status == 0)
        #expect(node.spkiHash == Array(SHA256.hash(data: try Data(contentsOf: URL(fileURLWithPath: out)))))
    }

    @Test("a node without roles is a member")
    func member() throws {
        let authority = try TestAuthority()
        let node = try PeerAuthenticator(authority.trusted()).authenticate(chain: try authority.issue(), at: now).get()
        #expect(node.identity.roles == [.member])
    }

    @Test("no certificate, a foreign one, and one that only has the authority's name are refused")
    func foreign() throws {
        let authority = try TestAuthority()
        let impostor = try TestAuthority()
        let authenticator = try PeerAuthenticator(authority.trusted())
        #expect(authenticator.verdict([]) == "no-certificate")
        #expect(authenticator.verdict(try TestAuthority("hue").issue()) == "unknown-authority")
        #expect(authenticator.verdict(try impostor.issue()) == "unknown-authority")
        #expect(authenticator.verdict(try impostor.issue() + [try impostor.der]) == "unknown-authority")
    }

    @Test("a signature that was tampered with is refused")
    func signature() throws {
        let authority = try TestAuthority()
        var chain = try authority.issue()
        chain[0][chain[0].count - 1] ^= 1
        #expect(try PeerAuthenticator(authority.trusted()).verdict(chain) == "invalid-path")
    }

    @Test("validity is judged at the second of its bounds, remembered or not")
    func validity() throws {
        let authority = try TestAuthority()
        var leaf = TestAuthority.Leaf()
        leaf.notBefore = now
        leaf.notAfter = now + hour
        let chain = try authority.issue(leaf)
        for instant in [now - 1, now, now + hour - 1, now + hour] {
            let expected =
                instant < now ? "not-yet-valid" : instant < now + hour ? "health/registry/gateway-1" : "expired"
            let fresh = try PeerAuthenticator(authority.trusted())
            #expect(fresh.verdict(chain, at: instant) == expected)
            let warm = try PeerAuthenticator(authority.trusted())
            #expect(warm.verdict(chain, at: now + 1) == "health/registry/gateway-1")
            #expect(warm.verdict(chain, at: instant) == expected)
        }
    }

    @Test("the refusal of an expired certificate says when it ended")
    func expiryTold() throws {
        let authority = try TestAuthority()
        var leaf = TestAuthority.Leaf()
        leaf.notAfter = now - hour
        let answer = try PeerAuthenticator(authority.trusted()).authenticate(chain: try authority.issue(leaf), at: now)
        #expect(answer == .failure(.expired(at: now - hour)))
        #expect("\(PeerRefusal.expired(at: now))".contains("2026-11-18T"))
    }

    @Test("a server's certificate, one without a purpose and an authority's own are no client's")
    func purpose() throws {
        let authority = try TestAuthority()
        let authenticator = try PeerAuthenticator(authority.trusted())
        for change: (inout TestAuthority.Leaf) -> Void in [
            { $0.purposes = [.serverAuth] }, { $0.purposes = nil }, { $0.isAuthority = true },
        ] {
            var leaf = TestAuthority.Leaf()
            change(&leaf)
            #expect(authenticator.verdict(try authority.issue(leaf)) == "wrong-purpose")
        }
        #expect(authenticator.verdict([try authority.der]) == "wrong-purpose")
    }

    @Test("keys below P-256 are refused", arguments: [("secp224r1", "weak-key"), ("secp256k1", "weak-key")])
    func weakCurve(curve: String, expected: String) throws {
        let directory = try TemporaryDirectory()
        let (anchor, _, leaf) = try OpenSSLAuthority(directory.path).issue(
            keyArguments: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:\(curve)"])
        let trusted = TrustedAuthority(name: "danang", anchors: [anchor], revocation: .notChecked, agencies: .rest)
        // openssl dates what it signs by the machine's clock.
        let clock = Int64(Date().timeIntervalSince1970 * 1000)
        #expect(try PeerAuthenticator(trusted).verdict([leaf], at: clock) == expected)
    }

    @Test(
        "RSA needs 2048 bits",
        arguments: [(1024, "weak-key"), (2048, "health/registry/gateway-1")])
    func rsa(bits: Int, expected: String) throws {
        let directory = try TemporaryDirectory()
        let (anchor, _, leaf) = try OpenSSLAuthority(directory.path).issue(keyArguments: ["-newkey", "rsa:\(bits)"])
        let trusted = TrustedAuthority(name: "danang", anchors: [anchor], revocation: .notChecked, agencies: .rest)
        // openssl dates what it signs by the machine's clock.
        let clock = Int64(Date().timeIntervalSince1970 * 1000)
        #expect(try PeerAuthenticator(trusted).verdict([leaf], at: clock) == expected)
    }

    @Test(
        "exactly one SPIFFE id of four components of the alphabet",
        arguments: [
            "spiffe://danang/health/registry", "spiffe://danang/health/registry/one/two", "spiffe://danang//registry/one",
            "spiffe://danang/Health/registry/one", "spiffe://danang/health/registry/m%C3%A1y", "spiffe://danang/health/../one",
            "spiffe://danang/health/registry/one?x=1", "spiffe://danang:9/health/registry/one", "SPIFFE://danang/health/registry/one",
            "https://danang/health/registry/one", "spiffe://danang/health/registry/one/", "spiffe://danang/health/registry/o ne",
            "spiffe://danang/health/registry/\(String(repeating: "n", count: 64))",
        ])
    func badSpiffeID(uri: String) throws {
        let authority = try TestAuthority()
        #expect(try PeerAuthenticator(authority.trusted()).verdict(try authority.issue(.init(uri: uri))) == "bad-spiffe-id")
    }

    @Test("63 characters of a component are accepted")
    func longComponent() throws {
        let authority = try TestAuthority()
        let node = String(repeating: "n", count: 63)
        let chain = try authority.issue(.init(uri: "spiffe://danang/health/registry/\(node)"))
        #expect(try PeerAuthenticator(authority.trusted()).verdict(chain) == "health/registry/\(node)")
    }

    @Test("no URI and two URIs are refused")
    func uriCount() throws {
        let authority = try TestAuthority()
        let authenticator = try PeerAuthenticator(authority.trusted())
        var leaf = TestAuthority.Leaf()
        leaf.names = [.dnsName("gateway.example")]
        #expect(authenticator.verdict(try authority.issue(leaf)) == "bad-spiffe-id")
        leaf.names = [.uniformResourceIdentifier("spiffe://danang/a/b/c"), .uniformResourceIdentifier("spiffe://danang/a/b/d")]
        #expect(authenticator.verdict(try authority.issue(leaf)) == "bad-spiffe-id")
        leaf.names = []
        #expect(authenticator.verdict(try authority.issue(leaf)) == "bad-spiffe-id")
    }

    @Test("an invisible or control character never reaches a display name")
    func displayName() throws {
        #expect(NamedIdentity.displayable("Phòng\u{1B}[31m Một\u{200B}\n") == "Phòng[31m Một")
        #expect(NamedIdentity.displayable("\u{7}") == nil)
        #expect(NamedIdentity.displayable(String(repeating: "ế", count: 300))?.count == NamedIdentity.displayNameCharactersMax)
    }

    @Test("what is remembered is bounded, and forgetting decides nothing")
    func memory() throws {
        var memory = ValidationMemory(max: 8)
        let authority = try TestAuthority()
        let authenticator = try PeerAuthenticator(authority.trusted())
        let node = try authenticator.authenticate(chain: try authority.issue(), at: now).get()
        let finding = ValidationMemory.Finding(node: node, notBefore: 0, notAfter: 1, listNextUpdate: 1)
        for number in 0..<100 as Range<UInt8> {
            memory.insert(finding, for: [number])
            #expect(memory.count <= 8)
        }
        #expect(memory.find([99]) != nil)
        #expect(memory.find([0]) == nil)
    }
}

/// An authority kept by the openssl command line, for keys that swift-crypto does not make.
struct OpenSSLAuthority {
    let directory: String
    init(_ directory: String) { self.directory = directory }

    /// - Returns: DER of the authority, its key's path, DER of a node's certificate.
    func issue(keyArguments: [String]) throws -> (anchor: [UInt8], key: String, leaf: [UInt8]) {
        func run(_ arguments: [String]) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            process.arguments = arguments
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "openssl \(arguments.joined(separator: " "))")
        }
        let (caKey, ca, request, leaf) = ("\(directory)/ca.key", "\(directory)/ca.der", "\(directory)/r.pem", "\(directory)/l.der")
        try run(
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", caKey, "-outform", "DER"]
                + ["-out", ca, "-subj", "/CN=openssl root", "-days", "3650", "-addext", "basicConstraints=critical,CA:TRUE"])
        try run(["req", "-new"] + keyArguments + ["-nodes", "-keyout", "\(directory)/l.key", "-out", request, "-subj", "/CN=n"])
        let extensions = "\(directory)/extensions"
        try "extendedKeyUsage=clientAuth\nsubjectAltName=URI:spiffe://danang/health/registry/gateway-1\n"
            .write(toFile: extensions, atomically: true, encoding: .utf8)
        try run(
            ["x509", "-req", "-in", request, "-CA", ca, "-CAform", "DER", "-CAkey", caKey, "-out", leaf, "-outform", "DER"]
                + ["-days", "3650", "-extfile", extensions, "-set_serial", "7"])
        let read = { (path: String) in [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
        return (try read(ca), caKey, try read(leaf))
    }
}
