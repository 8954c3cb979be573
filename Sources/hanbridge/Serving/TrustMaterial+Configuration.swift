import Identity
import Listeners
import NIOSSL

extension TrustMaterial {
    /// Reads the broker's certificate and everything it trusts, anew each time.
    /// - Throws: a sentence that names the file.
    init(_ configuration: BrokerConfiguration) throws { try self.init(configuration.identity, relativeTo: configuration.directory) }

    /// - Throws: a sentence that names the file.
    init(_ identity: IdentitySettings, relativeTo directory: String) throws {
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }
        let (certificate, key) = (absolute(identity.certificate), absolute(identity.key))
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate)
        } catch {
            throw TrustError("the broker's certificate \(certificate) cannot be read: \(error)")
        }
        guard !chain.isEmpty else { throw TrustError("there is no certificate in \(certificate)") }
        let privateKey: NIOSSLPrivateKey
        do {
            privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
        } catch {
            throw TrustError("the broker's key \(key) cannot be read: \(error)")
        }
        let trust = try TrustFiles.load(identity, relativeTo: directory)
        self.init(
            certificateChain: chain, privateKey: privateKey, authenticator: try PeerAuthenticator(trust),
            files: [certificate, key] + TrustFiles.paths(of: identity, relativeTo: directory))
    }
}
