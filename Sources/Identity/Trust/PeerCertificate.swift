import Crypto
import SwiftASN1
import X509

/// The names and keys of a node's certificate, read by swift-certificates after OpenSSL accepted its path.
struct PeerCertificate {
    let certificate: Certificate
    /// DER of the SubjectPublicKeyInfo, as it stands in the certificate.
    let subjectPublicKeyInfo: [UInt8]
    private let alternativeNames: SubjectAlternativeNames

    init(der: [UInt8]) throws(PeerRefusal) {
        do {
            certificate = try Certificate(derEncoded: der)
            alternativeNames = try certificate.extensions.subjectAlternativeNames ?? SubjectAlternativeNames([])
            subjectPublicKeyInfo = try Self.subjectPublicKeyInfo(in: der)
        } catch {
            throw .malformed(String(describing: error))
        }
    }

    /// The serial number, lower-case hex without separators.
    var serial: String { Hexadecimal.text(certificate.serialNumber.bytes) }

    var uris: [String] {
        alternativeNames.compactMap { name in
            if case .uniformResourceIdentifier(let uri) = name { uri } else { nil }
        }
    }

    /// Every value under a name, in the certificate's order.
    func values(of name: CertificateName) -> [String] {
        switch name {
        case .subject(let identifier):
            certificate.subject.flatMap { $0 }.filter { $0.type.description == identifier }.compactMap { String($0.value) }
        case .dnsName:
            alternativeNames.compactMap { if case .dnsName(let text) = $0 { text } else { nil } }
        case .email:
            alternativeNames.compactMap { if case .rfc822Name(let text) = $0 { text } else { nil } }
        case .uri: uris
        case .ipAddress:
            alternativeNames.compactMap { if case .ipAddress(let address) = $0 { InternetAddress.text(Array(address.bytes)) } else { nil } }
        }
    }

    /// RFC 5280, 4.1: TBSCertificate is the first element of the certificate; in it the key follows version [0] (absent in
    /// version 1), serial number, signature, issuer, validity and subject. The slice is hashed as it stands, never re-encoded.
    private static func subjectPublicKeyInfo(in der: [UInt8]) throws -> [UInt8] {
        guard let toBeSigned = try children(of: try DER.parse(der)).first else {
            throw ASN1Error.invalidASN1Object(reason: "an empty certificate")
        }
        let fields = try children(of: toBeSigned)
        let version = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
        let position = fields.first?.identifier == version ? 6 : 5
        guard fields.count > position else { throw ASN1Error.invalidASN1Object(reason: "a certificate without a key") }
        return Array(fields[position].encodedBytes)
    }

    private static func children(of node: ASN1Node) throws -> [ASN1Node] {
        guard case .constructed(let children) = node.content else {
            throw ASN1Error.invalidASN1Object(reason: "a value where a sequence is expected")
        }
        return Array(children)
    }
}

enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// - Returns: nil unless the text is pairs of hexadecimal digits; colons between pairs are skipped.
    static func bytes(_ text: String) -> [UInt8]? {
        let stripped = text.replacing(":", with: "")
        guard !stripped.isEmpty, stripped.utf8.count.isMultiple(of: 2), stripped.utf8.allSatisfy({ $0 < 128 }) else { return nil }
        var bytes: [UInt8] = []
        var rest = stripped[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16), rest.first != "+", rest.first != "-" else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
