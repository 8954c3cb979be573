import Foundation
import Storage

/// Certificates and key hashes as text.
enum CertificateText {
    enum Label: String {
        case certificate = "CERTIFICATE"
        case revocationList = "X509 CRL"
    }

    /// RFC 7468: lines of 64 characters.
    static func pem(_ der: [UInt8], _ label: Label) -> String {
        let text = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN \(label.rawValue)-----\n\(text)\n-----END \(label.rawValue)-----\n"
    }
}

extension Digest256 {
    /// - Returns: nil unless the text is 64 lower-case hexadecimal digits.
    init?(hex: String) {
        let digits = Array("0123456789abcdef".utf8)
        let values = hex.utf8.compactMap { digits.firstIndex(of: $0) }
        guard hex.utf8.count == 64, values.count == 64 else { return nil }
        self.init(bytes: stride(from: 0, to: 64, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) })
    }
}
