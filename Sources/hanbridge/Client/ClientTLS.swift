import NIOCore
import NIOSSL
import Sentences

/// Whether and as whom a connection is made.
enum ClientSecurity: Sendable {
    /// For measuring other brokers only; Hanbridge has no such listener.
    case plaintext
    case mutualTLS(NIOSSLContext)

    /// Mutual TLS with a profile's certificate.
    static func mutualTLS(_ profile: Profile) throws(CommandFailure) -> ClientSecurity {
        do {
            return .mutualTLS(try NIOSSLContext(configuration: try profile.clientTLS()))
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw .wrongUsage(.certificateFilesUnusable(profile.certificate, why: String(describing: error)))
        }
    }

    func addHandlers(to pipeline: ChannelPipeline.SynchronousOperations, host: String) throws {
        switch self {
        case .plaintext: return
        case .mutualTLS(let context):
            // An address is no server name (RFC 6066, 3); it is compared with the certificate's IP entries instead.
            let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host))
        }
    }
}

extension Profile {
    /// Mutual TLS with the profile's certificate.
    func clientTLS() throws(CommandFailure) -> TLSConfiguration {
        do {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.minimumTLSVersion = .tlsv12
            tls.trustRoots = .file(ca)
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            return tls
        } catch {
            throw .wrongUsage(.certificateFilesUnusable(certificate, why: String(describing: error)))
        }
    }
}
