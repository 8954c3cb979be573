import AccessPolicy
import Crypto
import Foundation
import SwiftASN1
import Testing
import X509

@testable import Identity

/// Signatures under agreements with real keys and chains.
@Suite struct AgreementSignatureTests {
    private static let agreement = Agreement(
        id: "A-1", topic: .literal("health.v1"), owner: "health", parties: [], legalBasis: "Quyết định 1", signedBy: ["health/steward/linh"])

    /// A steward with a certificate, read from such files as `cert issue` writes.
    private struct Steward {
        let signer: AgreementSigner
        let chain: [[UInt8]]

        init(of authority: TestAuthority, key: P256.Signing.PrivateKey = P256.Signing.PrivateKey(), leaf change: (inout TestAuthority.Leaf) -> Void = { _ in }) throws {
            var leaf = TestAuthority.Leaf(uri: "spiffe://danang/health/steward/linh")
            leaf.roles = try RolesExtension.encode([.steward])
            leaf.key = Certificate.PublicKey(key.publicKey)
            change(&leaf)
            chain = try authority.issue(leaf)
            let directory = try TemporaryDirectory()
            let pem = try chain.map { try Certificate(derEncoded: $0).serializeAsPEM().pemString }.joined(separator: "\n")
            signer = try AgreementSigner(
                certificate: try directory.write("certificate.pem", pem), key: try directory.write("key.pem", key.pemRepresentation))
        }
    }

    private func judge(
        _ signature: AgreementSignature, trusting authorities: [TrustedAuthority], over agreement: Agreement = agreement, at instant: Int64 = now
    ) throws -> Result<NodeIdentity, SignatureFlaw> {
        let authenticator = try PeerAuthenticator(TrustConfiguration(authorities: authorities))
        return CertificateSignatures { authenticator }.judge(signature, over: Array(agreement.canonicalJSON.utf8), at: instant)
    }

    @Test("a steward's signature is the steward's, whether trust is asked or the certificate taken by its word")
    func signed() throws {
        let authority = try TestAuthority()
        let steward = try Steward(of: authority)
        let signature = try steward.signer.sign(Self.agreement, as: "health/steward/linh")
        let signer = try judge(signature, trusting: [try authority.trusted()]).get()
        #expect(signer.path == "health/steward/linh" && signer.roles.contains(.steward))
        #expect(steward.signer.identity?.path == "health/steward/linh")
        let bytes = Array(Self.agreement.canonicalJSON.utf8)
        #expect(try CertificateSignatures.byTheirWord.judge(signature, over: bytes, at: now).get().path == "health/steward/linh")
        #expect(CertificateSignatures.byTheirWord.judge(signature, over: bytes, at: now + 91 * day) == .failure(.expired(signer)))
    }

    @Test("the system's openssl verifies the same bytes with the same key")
    func openssl() throws {
        let authority = try TestAuthority()
        let steward = try Steward(of: authority)
        let signature = try steward.signer.sign(Self.agreement, as: "health/steward/linh")
        let directory = try TemporaryDirectory()
        let meaning = try directory.write("meaning", Self.agreement.canonicalJSON)
        let certificate = try directory.write("certificate", try Certificate(derEncoded: signature.certificates[0]).serializeAsPEM().pemString)
        try Data(signature.signature).write(to: URL(fileURLWithPath: "\(directory.path)/signature"))
        let key = try IdentityTests.openssl("x509", "-in", certificate, "-pubkey", "-noout")
        let file = try directory.write("key", key.text)
        let verdict = try IdentityTests.openssl("dgst", "-sha256", "-verify", file, "-signature", "\(directory.path)/signature", meaning)
        #expect(verdict.status == 0, "\(verdict.text)")
    }

    @Test("another meaning, another key and a damaged signature are told from each other's certificate by nothing: none of them counts")
    func changed() throws {
        let authority = try TestAuthority()
        let steward = try Steward(of: authority)
        let other = try Steward(of: authority)
        let signature = try steward.signer.sign(Self.agreement, as: "health/steward/linh")
        let trusted = [try authority.trusted()]
        let more = Agreement(id: "A-1", topic: .literal("health.v2"), owner: "health", parties: [])
        #expect(try judge(signature, trusting: trusted, over: more) == .failure(.changedSince))
        let foreign = AgreementSignature(signer: signature.signer, certificates: other.chain, signature: signature.signature)
        #expect(try judge(foreign, trusting: trusted) == .failure(.changedSince))
        for index in signature.signature.indices {
            var bytes = signature.signature
            bytes[index] ^= 1
            let damaged = AgreementSignature(signer: signature.signer, certificates: signature.certificates, signature: bytes)
            #expect(try judge(damaged, trusting: trusted) == .failure(.changedSince))
        }
        for signature in [[], [0x30], Array(repeating: 0xFF, count: 5000)] as [[UInt8]] {
            let wrong = AgreementSignature(signer: "health/steward/linh", certificates: steward.chain, signature: signature)
            #expect(try judge(wrong, trusting: trusted) == .failure(.changedSince))
        }
    }

    @Test("the chain is judged as a connection's: ended, revoked, foreign, of an authority that may not speak for the agency or grant the role")
    func chains() throws {
        let authority = try TestAuthority()
        var serial = Certificate.SerialNumber()
        let steward = try Steward(of: authority) { serial = $0.serial }
        let signature = try steward.signer.sign(Self.agreement, as: "health/steward/linh")
        func reason(_ trusted: TrustedAuthority, at instant: Int64 = now) throws -> String {
            switch try judge(signature, trusting: [trusted], at: instant) {
            case .success(let node): node.path
            case .failure(.untrusted(let why)), .failure(.revoked(let why)): why
            case .failure(.expired(let node)): "\(node.path) expired"
            case .failure(let flaw): "\(flaw)"
            }
        }
        #expect(try reason(authority.trusted(), at: now + 91 * day) == "health/steward/linh expired")
        #expect(try reason(authority.trusted(), at: now - 2 * day) != "health/steward/linh", "neither it nor the list of revocations has begun")
        #expect(try reason(authority.trusted(lists: [try authority.list(revoking: [Array(serial.bytes)])])).contains("was revoked"))
        #expect(try reason(TestAuthority("hue").trusted()).contains("no authority that is trusted"))
        #expect(try reason(authority.trusted(agencies: .listed(["education"]))).contains("may not speak for the agency"))
        #expect(try reason(authority.trusted(roles: [.member])).contains("may not grant the role"))
        let empty = AgreementSignature(signer: "health/steward/linh", certificates: [], signature: [1])
        #expect(try judge(empty, trusting: [try authority.trusted()]) == .failure(.untrusted("the signature comes without a certificate")))
        let noise = AgreementSignature(signer: "health/steward/linh", certificates: [[1, 2, 3]], signature: [1])
        guard case .failure(.untrusted) = try judge(noise, trusting: [try authority.trusted()]) else { return #expect(Bool(false)) }
    }

    @Test("where an authority of the path has ended, what it signed is still looked at: a certificate that it did not sign names nobody")
    func endedAuthority() throws {
        let root = try TestAuthority()
        let middle = try root.subordinate("middle", notAfter: now + hour)
        func trusted(roles: Set<Role> = Set(Role.allCases)) throws -> TrustedAuthority {
            TrustedAuthority(
                name: root.name, anchors: [try root.der], intermediates: [], revocation: .notChecked, agencies: .rest, roles: roles, naming: .spiffe)
        }
        let steward = try Steward(of: middle)
        let signature = try steward.signer.sign(Self.agreement, as: "health/steward/linh")
        let node = try judge(signature, trusting: [trusted()]).get()
        let later = try judge(signature, trusting: [trusted()], at: now + day)
        #expect(later == .failure(.expired(node)))

        // All of it as it would be, but for the signature of an authority whose key the forger has not.
        var certificates = signature.certificates
        certificates[0][certificates[0].count - 1] ^= 1
        let forged = AgreementSignature(signer: signature.signer, certificates: certificates, signature: signature.signature)
        for instant in [now, now + day] {
            let verdict = try judge(forged, trusting: [trusted()], at: instant)
            guard case .failure(.untrusted) = verdict else { return #expect(Bool(false), "at \(instant): \(verdict)") }
        }
        guard case .failure(.untrusted) = try judge(signature, trusting: [trusted(roles: [.member])], at: now + day) else {
            return #expect(Bool(false), "it may not grant the role any more")
        }
    }

    @Test("a key that is not the certificate's is refused before anything is signed")
    func wrongKey() throws {
        let authority = try TestAuthority()
        let directory = try TemporaryDirectory()
        let pem = try Certificate(derEncoded: try authority.issue()[0]).serializeAsPEM().pemString
        let certificate = try directory.write("certificate.pem", pem)
        let key = try directory.write("key.pem", P256.Signing.PrivateKey().pemRepresentation)
        for (certificate, key) in [(certificate, key), (certificate, certificate), (key, key), ("\(directory.path)/none", key)] {
            #expect(throws: TrustError.self) { try AgreementSigner(certificate: certificate, key: key) }
        }
    }
}
