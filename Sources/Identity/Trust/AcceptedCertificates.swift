import Crypto
import CTrust
import SwiftASN1

/// The certificates by which a publisher's key was accepted, as they were kept with its first use, judged again: years later, with no broker
/// and no network, at the moment of its first record.
public struct AcceptedCertificates: Sendable {
    /// Of a whole file: a chain and the revocation lists of its authority.
    public static let fileBytesMax = 64 << 20

    /// DER, the publisher's certificate first, the authority's last.
    public let chain: [[UInt8]]
    /// DER
    public let revocationLists: [[UInt8]]

    public init(chain: [[UInt8]], revocationLists: [[UInt8]]) {
        self.chain = chain
        self.revocationLists = revocationLists
    }

    /// SHA-256 of the publisher's key: what entries call their writer. nil where there is no certificate that can be read.
    public var writer: [UInt8]? {
        guard let leaf = chain.first, let names = try? PeerCertificate(der: leaf) else { return nil }
        return Array(SHA256.hash(data: names.subjectPublicKeyInfo))
    }

    /// Whose it was: the identity that our own certificates carry, of others the common name, or the whole subject.
    public var subject: String? {
        guard let leaf = chain.first else { return nil }
        if let identity = (try? PeerCertificate(der: leaf))?.uris.first(where: { $0.hasPrefix("spiffe://") }) { return identity }
        var facts = ct_certificate_facts()
        guard withSpan(leaf, { ct_certificate_inspect($0, &facts) }) == CT_VALID else { return nil }
        return withUnsafeBytes(of: &facts.name) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Whether the chain held then, by the lists that are with it.
    /// - Parameters:
    ///   - anchors: DER, the authorities that the auditor believes.
    ///   - time: ms since 1970.
    public func held(under anchors: [[UInt8]], at time: Int64) -> Result<Void, PeerRefusal> {
        guard let leaf = chain.first, chain.count <= PeerAuthenticator.chainCertificatesMax else { return .failure(.noCertificate) }
        // Lists of an authority that publishes none are not missing.
        let checksRevocation: Int32 = revocationLists.isEmpty ? 0 : 1
        guard let authority = ct_authority_create(checksRevocation, Int32(PeerAuthenticator.intermediatesMax)) else {
            return .failure(.invalidPath("out of memory"))
        }
        defer { ct_authority_free(authority) }
        for anchor in anchors { _ = withSpan(anchor) { ct_authority_add_anchor(authority, $0) } }
        for certificate in chain.dropFirst() where !anchors.contains(certificate) {
            _ = withSpan(certificate) { ct_authority_add_intermediate(authority, $0) }
        }
        // Lists of others that the same authority trusted say nothing of this chain.
        for list in revocationLists {
            var facts = ct_list_facts()
            _ = withSpan(list) { ct_authority_add_list(authority, $0, &facts) }
        }
        return CompiledAuthority.validate([leaf], under: authority, atSecond: time / 1000, forgivingEnds: false).map { _ in }
    }
}

// MARK: files

extension AcceptedCertificates {
    /// Reads what `GET /tlog/writers/<hash>` answers: certificates and lists, PEM.
    /// - Returns: nil where it is no such text.
    public init?(pem text: [UInt8]) {
        guard let documents = try? PEMDocument.parseMultiple(pemString: String(decoding: text, as: UTF8.self)) else { return nil }
        self.init(
            chain: documents.filter { $0.discriminator == "CERTIFICATE" }.map(\.derBytes),
            revocationLists: documents.filter { $0.discriminator == "X509 CRL" }.map(\.derBytes))
    }

    /// The certificates of a file that an auditor names: PEM, or one as DER.
    public static func anchors(file: String) throws(TrustError) -> [[UInt8]] {
        try TrustFiles.read(file, "CERTIFICATE", bytesMax: 1 << 20)
    }
}
