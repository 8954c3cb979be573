import AccessPolicy
import Crypto
import NIOConcurrencyHelpers

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

    private let authorities: [CompiledAuthority]
    private let agencyOwners: AgencyOwners
    /// Seconds.
    private let revocationGrace: Int64
    /// Held for a dictionary look-up, never across a validation.
    private let memory: NIOLockedValueBox<ValidationMemory>

    /// - Throws: ``TrustError`` naming the authority whose certificates, lists or rules cannot be used.
    public init(_ configuration: TrustConfiguration) throws(TrustError) {
        agencyOwners = try AgencyOwners(configuration)
        try configuration.checkRules(owners: agencyOwners)
        authorities = try configuration.authorities.map { authority throws(TrustError) in try CompiledAuthority(authority) }
        trustAnchors = configuration.authorities.flatMap(\.anchors)
        revocationLists = authorities.flatMap(\.lists)
        revocationGrace = configuration.revocationGraceMilliseconds / 1000
        memory = NIOLockedValueBox(ValidationMemory(max: Self.rememberedMax))
    }

    /// Decides about a new connection, after every handshake, resumed or not.
    /// - Parameters:
    ///   - chain: DER, the peer's certificate first, then what it sent with it in any order.
    ///   - now: ms since 1970.
    public func authenticate(chain: [[UInt8]], at now: Int64) -> Result<AuthenticatedNode, PeerRefusal> {
        Result { () throws(PeerRefusal) in
            let finding = try find(chain, atSecond: now.dividedDown(by: 1000))
            try finding.checkValidity(atSecond: now.dividedDown(by: 1000))
            try finding.checkFreshness(atSecond: now.dividedDown(by: 1000), grace: revocationGrace)
            return finding.node
        }
    }

    /// Whom a chain that has ended named while it lasted. All else about it holds, at `now`: who signed what, who was revoked, and which
    /// authority may say so. For what was signed then; never for a connection.
    func identity(ofEnded chain: [[UInt8]], at now: Int64) -> Result<NodeIdentity, PeerRefusal> {
        Result { () throws(PeerRefusal) in
            try examine(chain, atSecond: now.dividedDown(by: 1000), forgivingEnds: true).node.identity
        }
    }

    /// Decides about a live connection: ends it when its certificate expired, was revoked, or is no longer trusted; a revocation
    /// list that merely went stale does not end it.
    public func recheck(_ node: AuthenticatedNode, at now: Int64) -> PeerRecheck {
        do throws(PeerRefusal) {
            let finding = try find(node.chain, atSecond: now.dividedDown(by: 1000))
            try finding.checkValidity(atSecond: now.dividedDown(by: 1000))
            return finding.node.identity == node.identity ? .stillValid : .ended(.identityChanged)
        } catch {
            return .ended(error)
        }
    }

    /// The finding about the chain's first certificate: remembered, or made now.
    private func find(_ chain: [[UInt8]], atSecond now: Int64) throws(PeerRefusal) -> ValidationMemory.Finding {
        let fingerprint = Array(SHA256.hash(data: try Self.leaf(of: chain)))
        if let remembered = memory.withLockedValue({ $0.find(fingerprint) }) { return remembered }
        let finding = try examine(chain, atSecond: now)
        memory.withLockedValue { $0.insert(finding, for: fingerprint) }
        return finding
    }

    private static func leaf(of chain: [[UInt8]]) throws(PeerRefusal) -> [UInt8] {
        guard let leaf = chain.first else { throw .noCertificate }
        guard chain.count <= chainCertificatesMax, chain.reduce(0, { $0 + $1.count }) <= chainBytesMax else { throw .chainTooLong }
        return leaf
    }

    private func examine(_ chain: [[UInt8]], atSecond now: Int64, forgivingEnds: Bool = false) throws(PeerRefusal) -> ValidationMemory.Finding {
        let leaf = try Self.leaf(of: chain)
        let (path, authority) = try validate(chain, atSecond: now, forgivingEnds: forgivingEnds)
        let names = try PeerCertificate(der: leaf)
        let identity = try NamedIdentity.read(names, of: authority)
        try agencyOwners.check(identity, speaking: authority)
        let node = AuthenticatedNode(
            identity: identity, authority: authority.name, spkiHash: Array(SHA256.hash(data: names.subjectPublicKeyInfo)),
            certificateFingerprint: Array(SHA256.hash(data: leaf)), serial: names.serial, notAfter: path.leafNotAfter * 1000,
            pathNotAfter: path.notAfter * 1000, chain: path.certificates,
            revocationLists: authority.listFiles)
        return ValidationMemory.Finding(
            node: node, notBefore: path.notBefore, notAfter: path.notAfter, listNextUpdate: path.listNextUpdate)
    }

    /// Asks every authority. Where several know the certificate (one trusts a root, another a subordinate of it) the nearest
    /// anchor speaks; but what one of them revoked is revoked.
    private func validate(_ chain: [[UInt8]], atSecond now: Int64, forgivingEnds: Bool) throws(PeerRefusal) -> (ValidatedPath, CompiledAuthority) {
        var nearest: (path: ValidatedPath, authority: CompiledAuthority)?
        var refusal = PeerRefusal.unknownAuthority
        for authority in authorities {
            switch authority.validate(chain, atSecond: now, forgivingEnds: forgivingEnds) {
            case .success(let path):
                if nearest.map({ path.certificates.count < $0.path.certificates.count }) ?? true { nearest = (path, authority) }
            case .failure(.revoked): throw .revoked
            case .failure(let other):
                if refusal == .unknownAuthority { refusal = other }
            }
        }
        guard let nearest else { throw refusal }
        return nearest
    }
}

extension ValidationMemory.Finding {
    fileprivate func checkValidity(atSecond now: Int64) throws(PeerRefusal) {
        if now < notBefore { throw .notYetValid(before: notBefore * 1000) }
        if now >= notAfter { throw .expired(at: notAfter * 1000) }
    }

    fileprivate func checkFreshness(atSecond now: Int64, grace: Int64) throws(PeerRefusal) {
        if listNextUpdate != Int64.max, now >= listNextUpdate + grace { throw .revocationListStale(since: listNextUpdate * 1000) }
    }
}

extension Int64 {
    /// Division that rounds towards minus infinity: an instant before 1970 lies in the second that holds it.
    fileprivate func dividedDown(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
