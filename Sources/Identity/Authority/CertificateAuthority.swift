/// The built-in certificate authority: a PKI directory with a P-256 key, an index of what was issued and a revocation list.
public struct CertificateAuthority {
    /// Makes a new revocation list when half of the present one's life is over and the key is at hand; what `serve` calls
    /// every few minutes.
    /// - Returns: whether a new list was written.
    /// - Throws: ``TrustError`` when the directory or its key cannot be used.
    public static func reissueRevocationListIfDue(pki directory: String, at now: Int64) throws(TrustError) -> Bool { false }
}
