public import AccessPolicy
public import Storage

/// The other end of an authenticated connection: made by a listener after the handshake, valid until the listener ends it.
public struct Peer: Sendable {
    public let identity: NodeIdentity
    /// H(DER SubjectPublicKeyInfo) of its certificate: the `writer` of what it publishes.
    public let writer: Digest256
    /// SHA-256 of its certificate, for the audit.
    public let certificateFingerprint: Digest256
    /// DER, its own certificate first, as the path to an authority was validated, that one included; kept for what it publishes.
    public let certificateChain: [[UInt8]]
    /// DER, the revocation lists under which the path was accepted; kept with it.
    public let revocationLists: [[UInt8]]
    /// Where it comes from, `address:port`; shown to operators.
    public let remoteAddress: String

    public init(
        identity: NodeIdentity, writer: Digest256, certificateFingerprint: Digest256, certificateChain: [[UInt8]] = [],
        revocationLists: [[UInt8]] = [], remoteAddress: String
    ) {
        self.identity = identity
        self.writer = writer
        self.certificateFingerprint = certificateFingerprint
        self.certificateChain = certificateChain
        self.revocationLists = revocationLists
        self.remoteAddress = remoteAddress
    }
}
