/// By what a publisher's key was accepted: enough for somebody to come to the same finding years later, when the authority's own records are
/// gone.
public struct WriterCertificates: Hashable, Sendable {
    /// A revocation list; many keys are accepted under one, which is kept once.
    public struct List: Hashable, Sendable {
        /// SHA-256 of the bytes.
        public let digest: Digest256
        /// DER
        public let bytes: [UInt8]

        public init(digest: Digest256, bytes: [UInt8]) {
            self.digest = digest
            self.bytes = bytes
        }
    }

    /// DER, the publisher's certificate first, the authority's last.
    public let chain: [[UInt8]]
    public let revocationLists: [List]

    public init(chain: [[UInt8]], revocationLists: [List] = []) {
        self.chain = chain
        self.revocationLists = revocationLists
    }
}
