import Foundation
import NIOSSL

/// The TLS library's errors in a few words of its own, without the places in its source that it adds.
extension CloseReason {
    init(handshake error: BoringSSLError) {
        let words = Self.words(error)
        self = words == Self.noCertificateWords ? .noCertificate : .handshakeFailed(words)
    }

    /// Bytes of a connection that was established, and that its keys did not make: damaged on the way, or not its peer's.
    init(established error: BoringSSLError) {
        self = .brokenTLS(Self.words(error))
    }

    private static let noCertificateWords = "peer did not return a certificate"

    private static func words(_ error: BoringSSLError) -> String {
        switch error {
        case .sslError(let stack), .unknownError(let stack): stack.map { words($0.description) }.joined(separator: ", ")
        default: "\(error)"
        }
    }

    /// `Error: 268435648 error:100000c0:SSL routines:OPENSSL_internal:NO_SHARED_CIPHER at /…/handshake_server.cc:348`
    private static func words(_ entry: String) -> String {
        let reason = entry.components(separatedBy: " at ")[0].split(separator: ":").last ?? ""
        return reason.replacingOccurrences(of: "_", with: " ").lowercased().trimmingCharacters(in: .whitespaces)
    }
}
