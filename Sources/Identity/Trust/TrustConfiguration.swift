public import AccessPolicy

/// Everything that decides whether a certificate is believed, as values: no paths, nothing parsed yet.
/// ``PeerAuthenticator`` compiles it; ``TrustFiles`` reads it from the files that broker.yaml names.
public struct TrustConfiguration: Sendable {
    public var authorities: [TrustedAuthority]
    /// How long after its next update a revocation list still lets new connections in, ms. Live ones never end by it.
    public var revocationGraceMilliseconds: Int64

    /// Issue 2: a stale list refuses new connections after 24 h unless the operator says otherwise.
    public static let revocationGraceMillisecondsDefault: Int64 = 24 * 3600 * 1000
    /// Authorities of one broker. A handshake tries each one whose anchors could have issued the certificate.
    public static let authoritiesMax = 64

    public init(
        authorities: [TrustedAuthority],
        revocationGraceMilliseconds: Int64 = Self.revocationGraceMillisecondsDefault
    ) {
        self.authorities = authorities
        self.revocationGraceMilliseconds = revocationGraceMilliseconds
    }
}

/// A certificate authority and what it may say.
public struct TrustedAuthority: Sendable {
    /// What a node's identity calls it. Our own certificates name it as the trust domain of their SPIFFE id.
    public var name: String
    /// Certificates that end a path, DER. They need not be self-signed: trusting one subordinate of a national root and not
    /// its siblings is the ordinary case.
    public var anchors: [[UInt8]]
    /// Certificates that may stand between anchor and node when the peer does not send them, DER.
    public var intermediates: [[UInt8]]
    public var revocation: Revocation
    public var agencies: Agencies
    /// The roles its certificates may grant. Another department's authority makes no operators here unless it is told so.
    public var roles: Set<Role>
    public var naming: Naming
    public var sources = Sources()

    /// Where the documents came from, in their order, for sentences about them.
    public struct Sources: Sendable, Hashable {
        public var anchors: [String] = []
        public var intermediates: [String] = []
        public var lists: [String] = []

        public init() {}
    }

    public enum Revocation: Sendable {
        /// DER revocation lists; every certificate of a path but the anchor must be covered by one.
        case lists([[UInt8]])
        /// The authority publishes none. Written out in the configuration, never the result of a forgotten line.
        case notChecked
    }

    public enum Agencies: Sendable, Hashable {
        case listed(Set<String>)
        /// All that no other authority lists. At most one authority may have it.
        case rest
    }

    public enum Naming: Sendable {
        /// The certificate carries the identity: one SPIFFE id, and our roles extension.
        case spiffe
        /// An external authority: the first rule whose conditions all hold gives the identity.
        case rules([NamingRule])
    }

    public init(
        name: String, anchors: [[UInt8]], intermediates: [[UInt8]] = [], revocation: Revocation, agencies: Agencies,
        roles: Set<Role> = [.member], naming: Naming = .spiffe
    ) {
        self.name = name
        self.anchors = anchors
        self.intermediates = intermediates
        self.revocation = revocation
        self.agencies = agencies
        self.roles = roles
        self.naming = naming
    }
}
