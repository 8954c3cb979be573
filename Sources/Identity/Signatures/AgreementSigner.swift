public import AccessPolicy
import Foundation
import X509

/// A steward's certificate and key, to sign agreements with.
public struct AgreementSigner {
    /// What the certificate says; nil for one of an external authority, whose names only a broker's rules can read.
    public let identity: NodeIdentity?
    private let certificates: [[UInt8]]
    private let key: Certificate.PrivateKey

    /// - Parameters:
    ///   - certificate: a PEM file, the steward's own certificate first, then what leads to its authority.
    ///   - key: a PEM file.
    /// - Throws: ``TrustError`` naming the file that cannot be used.
    public init(certificate: String, key: String) throws(TrustError) {
        certificates = try TrustFiles.read(certificate, "CERTIFICATE", bytesMax: TrustFiles.certificateFileBytesMax)
        let names: PeerCertificate
        do throws(PeerRefusal) {
            names = try PeerCertificate(der: certificates[0])
        } catch {
            throw TrustError("the certificate file \(certificate) cannot be used: \(error.description)")
        }
        do {
            let text = String(decoding: try DurableFile.contents(of: key, bytesMax: 1 << 16), as: UTF8.self)
            self.key = try Certificate.PrivateKey(pemEncoded: text)
        } catch {
            throw TrustError("\(key) is not a private key in PEM: \(error)")
        }
        guard self.key.publicKey == names.certificate.publicKey else { throw TrustError("\(key) is not the key of \(certificate)") }
        identity = try? NamedIdentity.fromSpiffeID(names)
    }

    /// - Parameter signer: `agency/unit/node`, as the broker will name whoever has the certificate.
    /// - Throws: ``TrustError`` for a key that can sign neither with ECDSA nor with RSA.
    public func sign(_ agreement: Agreement, as signer: String) throws(TrustError) -> AgreementSignature {
        let bytes = Array(agreement.canonicalJSON.utf8)
        for algorithm in [Certificate.SignatureAlgorithm.ecdsaWithSHA256, .sha256WithRSAEncryption] {
            guard let signature = try? key.sign(bytes: bytes, signatureAlgorithm: algorithm) else { continue }
            return AgreementSignature(signer: signer, certificates: certificates, signature: signature.rawRepresentation)
        }
        throw TrustError("the key is neither an EC nor an RSA key")
    }
}
