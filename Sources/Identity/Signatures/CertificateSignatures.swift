public import AccessPolicy
import CTrust
import Crypto
import Foundation
import X509

/// Judges the signatures under agreements: that the certificate's key made them, that its path is trusted as a connection's would be, and
/// whom it names.
public struct CertificateSignatures: SignatureJudging {
    private let authenticator: (@Sendable () -> PeerAuthenticator)?

    /// - Parameter authenticator: the trust in force, asked anew for each signature.
    public init(trusting authenticator: @escaping @Sendable () -> PeerAuthenticator) { self.authenticator = authenticator }

    private init() { authenticator = nil }

    /// Where no trust is configured, as on a desk: takes a certificate by its word, in its time. What it finds wrong is wrong; whether the
    /// rest is right only a broker can say.
    public static let byTheirWord = CertificateSignatures()

    public func judge(
        _ signature: AgreementSignature, over bytes: [UInt8], at instant: PolicyInstant
    ) -> Result<NodeIdentity, SignatureFlaw> {
        guard let certificate = signature.certificates.first else { return .failure(.untrusted("the signature comes without a certificate")) }
        switch withSpan(certificate, { der in withSpan(signature.signature) { made in withSpan(bytes) { ct_signature_verify(der, made, $0) } } }) {
        case CT_VALID: break
        case CT_MALFORMED: return .failure(.untrusted(PeerRefusal.malformed("not a DER certificate").description))
        case CT_WEAK_KEY: return .failure(.untrusted(PeerRefusal.weakKey.description))
        default: return .failure(.changedSince)
        }
        guard let authenticator = authenticator?() else { return Self.named(certificate, at: instant) }
        switch authenticator.authenticate(chain: signature.certificates, at: instant) {
        case .success(let node): return .success(node.identity)
        case .failure(.expired):
            switch authenticator.identity(ofEnded: signature.certificates, at: instant) {
            case .success(let identity): return .failure(.expired(identity))
            case .failure(let refusal): return .failure(SignatureFlaw(refusal))
            }
        case .failure(let refusal): return .failure(SignatureFlaw(refusal))
        }
    }

    public func digest(of bytes: [UInt8]) -> String { SHA256.hash(data: bytes).map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined() }

    private static func named(_ certificate: [UInt8], at instant: PolicyInstant) -> Result<NodeIdentity, SignatureFlaw> {
        do throws(PeerRefusal) {
            let names = try PeerCertificate(der: certificate)
            let identity = try NamedIdentity.fromSpiffeID(names)
            let end = Int64(names.certificate.notValidAfter.timeIntervalSince1970) * 1000
            return instant < end ? .success(identity) : .failure(.expired(identity))
        } catch {
            return .failure(SignatureFlaw(error))
        }
    }
}

extension SignatureFlaw {
    fileprivate init(_ refusal: PeerRefusal) {
        self = refusal == .revoked ? .revoked(refusal.description) : .untrusted(refusal.description)
    }
}
