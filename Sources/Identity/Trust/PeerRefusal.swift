public import AccessPolicy

/// Why a certificate is not believed. A value, never a crash: each is logged and audited.
public enum PeerRefusal: Error, Sendable, Hashable {
    /// The peer sent none.
    case noCertificate
    /// Not a DER certificate, or one that the two parsers do not both accept.
    case malformed(String)
    /// More certificates, or more bytes of them, than ``PeerAuthenticator`` takes.
    case chainTooLong
    /// No path to a trusted anchor.
    case unknownAuthority
    /// ms since 1970.
    case expired(at: Int64)
    /// ms since 1970.
    case notYetValid(before: Int64)
    /// A certificate of the path is on its issuer's revocation list.
    case revoked
    /// Not issued for authenticating a client.
    case wrongPurpose
    /// RSA below 2048 bits, a curve below P-256, an outdated digest.
    case weakKey
    /// Signature, basic constraints, name constraints: OpenSSL's words for it.
    case invalidPath(String)
    /// No revocation list covers a certificate of the path.
    case revocationListMissing
    /// Bad signature, not yet valid, an extension nobody here understands.
    case revocationListUnusable(String)
    /// Past its next update, ms since 1970, by more than the grace.
    case revocationListStale(since: Int64)
    /// None, several, or one that is not `spiffe://authority/agency/unit/node`.
    case badSpiffeID(String)
    /// The SPIFFE id names another authority than the one that signed.
    case authorityMismatch(named: String, signedBy: String)
    /// The authority may not speak for this agency.
    case agencyOfAnotherAuthority(agency: String, authority: String)
    /// The roles extension does not parse, or names a role that does not exist.
    case badRoles(String)
    /// The authority may not grant this role.
    case roleNotGranted(Role, authority: String)
    /// No rule of an external authority fits the certificate.
    case noRuleMatches(authority: String)
    /// A rule fits, but a name that it takes a component from is missing, repeated or outside the alphabet.
    case unusableName(String)
    /// A live connection's certificate now stands for another identity than the one it was let in with.
    case identityChanged
}

extension PeerRefusal {
    /// A short stable word, for metrics' labels and the audit.
    public var code: String {
        switch self {
        case .noCertificate: "no-certificate"
        case .malformed: "malformed"
        case .chainTooLong: "chain-too-long"
        case .unknownAuthority: "unknown-authority"
        case .expired: "expired"
        case .notYetValid: "not-yet-valid"
        case .revoked: "revoked"
        case .wrongPurpose: "wrong-purpose"
        case .weakKey: "weak-key"
        case .invalidPath: "invalid-path"
        case .revocationListMissing: "crl-missing"
        case .revocationListUnusable: "crl-unusable"
        case .revocationListStale: "crl-stale"
        case .badSpiffeID: "bad-spiffe-id"
        case .authorityMismatch: "authority-mismatch"
        case .agencyOfAnotherAuthority: "agency-of-another-authority"
        case .badRoles: "bad-roles"
        case .roleNotGranted: "role-not-granted"
        case .noRuleMatches: "no-rule-matches"
        case .unusableName: "unusable-name"
        case .identityChanged: "identity-changed"
        }
    }
}

extension PeerRefusal: CustomStringConvertible {
    /// A sentence for the log: what is wrong and what to do.
    public var description: String {
        switch self {
        case .noCertificate: "the peer sent no certificate; give the client a certificate and its key"
        case .malformed(let what): "the certificate cannot be read: \(what)"
        case .chainTooLong:
            "the peer sent more than \(PeerAuthenticator.chainCertificatesMax) certificates or \(PeerAuthenticator.chainBytesMax) bytes of them"
        case .unknownAuthority:
            "the certificate comes from no authority that is trusted here; add its authority to identity.authorities, or issue another certificate"
        case .expired(let end): "the certificate, or one it rests on, ended at \(UTCTime.text(end)); renew it"
        case .notYetValid(let start): "the certificate, or one it rests on, begins at \(UTCTime.text(start)); check both clocks"
        case .revoked: "the certificate was revoked"
        case .wrongPurpose: "the certificate is not for authenticating clients (extended key usage clientAuth)"
        case .weakKey: "a key or digest of the path is too weak: RSA needs 2048 bits, curves P-256, digests SHA-256"
        case .invalidPath(let words): "the certificate's path does not hold: \(words)"
        case .revocationListMissing: "no revocation list covers the certificate's path; add its issuer's list to identity.authorities"
        case .revocationListUnusable(let words): "the revocation list cannot be used: \(words)"
        case .revocationListStale(let end):
            "the revocation list should have been replaced at \(UTCTime.text(end)); make a new one (`hanbridge cert crl`) and bring it here"
        case .badSpiffeID(let what): "the certificate does not carry one SPIFFE id spiffe://authority/agency/unit/node: \(what)"
        case .authorityMismatch(let named, let signer): "the certificate names the authority “\(named)” but “\(signer)” signed it"
        case .agencyOfAnotherAuthority(let agency, let authority): "the authority “\(authority)” may not speak for the agency “\(agency)”"
        case .badRoles(let what): "the certificate's roles cannot be read: \(what)"
        case .roleNotGranted(let role, let authority): "the authority “\(authority)” may not grant the role “\(role.rawValue)”"
        case .noRuleMatches(let authority): "no rule of identity.rules fits this certificate of “\(authority)”"
        case .unusableName(let what): "a rule of identity.rules fits, but \(what)"
        case .identityChanged: "the configuration now gives this certificate another identity; the node has to connect again"
        }
    }
}
