public import AccessPolicy

/// What a certificate is asked for.
public struct CertificateRequest: Sendable {
    public enum Subject: Sendable {
        /// A node that connects to the broker (clientAuth).
        case node(NodeIdentity)
        /// A machine that is connected to (serverAuth): DNS names and IP addresses.
        case server(hosts: [String])
    }

    public enum Key: Sendable {
        /// A new P-256 key, handed out once with the certificate and kept nowhere else.
        case generated
        /// PEM of a PKCS #10 request: the key stays where it was made. Only the key is taken from it; the names are the caller's.
        case signingRequest(pem: String)
        /// The key of an existing certificate, DER: renewal.
        case of(certificate: [UInt8])
    }

    public var subject: Subject
    public var key: Key
    /// How long it is valid.
    public var days: Int

    /// Nodes: short lives, because a list of what was revoked is only as good as its last delivery.
    public static let nodeDaysDefault = 90
    public static let serverDaysDefault = 397
    /// CA/Browser Forum, Baseline Requirements 6.3.2: no certificate of an end entity lives longer.
    public static let daysRange = 1...398
    public static let hostsMax = 32

    public init(subject: Subject, key: Key = .generated, days: Int? = nil) {
        self.subject = subject
        self.key = key
        self.days =
            days
            ?? {
                switch subject {
                case .node: Self.nodeDaysDefault
                case .server: Self.serverDaysDefault
                }
            }()
    }

    /// - Throws: `.request` unless the text is a DNS name (RFC 1123) or an IP address.
    public static func check(host text: String) throws(AuthorityError) {
        guard CertificateTemplate.isHost(text) else { throw .request("“\(text)” is neither a DNS name nor an IP address") }
    }
}

/// A certificate that the authority made just now.
public struct IssuedCertificate: Sendable {
    /// PEM, the certificate alone: its issuer is the authority's own.
    public let certificatePEM: String
    public let certificateDER: [UInt8]
    /// PKCS #8 PEM, when the authority made the key.
    public let keyPEM: String?
    public let record: CertificateRecord
}

/// A line of `cert list`.
public struct CertificateRecord: Sendable, Hashable {
    /// Lower-case hex.
    public let serial: String
    /// The SPIFFE id, or the hosts of a server, separated by blanks.
    public let subject: String
    public let roles: [String]
    public let displayName: String?
    /// ms since 1970.
    public let issuedAt: Int64
    public let notBefore: Int64
    public let notAfter: Int64
    /// SHA-256 of the certificate, hex.
    public let fingerprint: String
    /// SHA-256 of the DER SubjectPublicKeyInfo, hex: certificates with the same one share a key.
    public let keyHash: String
    /// ms since 1970.
    public internal(set) var revokedAt: Int64?
    public internal(set) var revocationReason: RevocationReason?

    public enum Status: String, Sendable { case valid, expired, revoked }

    public func status(at now: Int64) -> Status {
        revokedAt != nil ? .revoked : now >= notAfter ? .expired : .valid
    }
}

/// RFC 5280, 5.3.1, without `certificateHold`: what was revoked stays revoked.
public enum RevocationReason: String, Sendable, Hashable, CaseIterable {
    case unspecified
    case keyCompromise
    case affiliationChanged
    case superseded
    case cessationOfOperation
    case privilegeWithdrawn

    /// The CRLReason's number.
    var code: UInt8 {
        switch self {
        case .unspecified: 0
        case .keyCompromise: 1
        case .affiliationChanged: 3
        case .superseded: 4
        case .cessationOfOperation: 5
        case .privilegeWithdrawn: 9
        }
    }
}
