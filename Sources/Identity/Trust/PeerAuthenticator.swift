/// A compiled ``TrustConfiguration``: the one place where a certificate chain becomes an identity.
///
/// Immutable; a change of trust makes a new one. Safe to use from all event loops at once. A certificate is validated
/// once and remembered, so that asking again about a live connection costs one look-up.
public final class PeerAuthenticator: Sendable {
    /// Certificates taken from a peer. Real chains have two to four.
    public static let chainCertificatesMax = 8
    /// DER bytes taken from a peer in all.
    public static let chainBytesMax = 64 * 1024
    /// Authorities between the node's certificate and the anchor.
    public static let intermediatesMax = 4
    /// Validated certificates remembered.
    public static let rememberedMax = 8192

    /// The DER certificates that end paths: what a listener names in its CertificateRequest.
    public let trustAnchors: [[UInt8]]
    /// The revocation lists in force.
    public let revocationLists: [RevocationListStatus]

    /// - Throws: ``TrustError`` naming the authority whose certificates, lists or rules cannot be used.
    public init(_ configuration: TrustConfiguration) throws(TrustError) {
        throw TrustError("not built yet")
    }

    /// Decides about a new connection, after every handshake, resumed or not.
    /// - Parameters:
    ///   - chain: DER, the peer's certificate first, then what it sent with it in any order.
    ///   - now: ms since 1970.
    public func authenticate(chain: [[UInt8]], at now: Int64) -> Result<AuthenticatedNode, PeerRefusal> {
        .failure(.unknownAuthority)
    }

    /// Decides about a live connection: ends it when its certificate expired, was revoked, or is no longer trusted; a revocation
    /// list that merely went stale does not end it.
    public func recheck(_ node: AuthenticatedNode, at now: Int64) -> PeerRecheck {
        .ended(.unknownAuthority)
    }
}
