public import AccessPolicy
import CTrust
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
        guard let authenticator else { return Self.named(certificate, at: instant) }
        switch authenticator().authenticate(chain: signature.certificates, at: instant) {
        case .success(let node): return .success(node.identity)
        case .failure(.expired): return .failure(.expired)
        case .failure(let refusal): return .failure(.untrusted(refusal.description))
        }
    }

    private static func named(_ certificate: [UInt8], at instant: PolicyInstant) -> Result<NodeIdentity, SignatureFlaw> {
        do throws(PeerRefusal) {
            let names = try PeerCertificate(der: certificate)
            guard instant < Int64(names.certificate.notValidAfter.timeIntervalSince1970) * 1000 else { return .failure(.expired) }
            return .success(try NamedIdentity.fromSpiffeID(names))
        } catch {
            return .failure(.untrusted(error.description))
        }
    }
}
