public import AccessPolicy

/// What a validated certificate chain says: the identity and the facts that the audit and the log keep of it.
public struct AuthenticatedNode: Sendable, Hashable {
    public let identity: NodeIdentity
    /// The configured authority that vouches for it.
    public let authority: String
    /// SHA-256 of the DER SubjectPublicKeyInfo, 32 bytes: the `writer` of EVIDENCE.md.
    public let spkiHash: [UInt8]
    /// SHA-256 of the DER certificate, 32 bytes.
    public let certificateFingerprint: [UInt8]
    /// The certificate's serial number, lower-case hex without separators.
    public let serial: String
    /// ms since 1970: the end of the certificate.
    public let notAfter: Int64
    /// ms since 1970: the end of the first certificate of the path that ends, an authority's perhaps. The node counts until then.
    public let pathNotAfter: Int64
    /// DER, the node's certificate first, as the path was validated, anchor included.
    public let chain: [[UInt8]]
    /// DER, the lists by which its authority's certificates were held to be unrevoked; none where the authority publishes none.
    public let revocationLists: [[UInt8]]
}

/// Whether a live connection may go on.
public enum PeerRecheck: Sendable, Hashable {
    case stillValid
    case ended(PeerRefusal)
}
