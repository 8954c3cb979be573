public import AccessPolicy
public import Storage

/// Who puts agreements in force.
public enum AgreementsApplier: Sendable {
    case node(Peer)
    /// The directory named in broker.yaml, at start and on reload. The operator of the machine answers for it.
    case directory(name: String)
}

/// What applying a set of agreements came to.
public struct AgreementsApplied: Sendable {
    /// The version in force now.
    public let version: Int64
    /// False where the set was in force already, byte for byte: no new version is made then.
    public let isNewVersion: Bool
    /// Ids, in the order of the set.
    public let added: [String]
    public let changed: [String]
    public let removed: [String]
    public let warnings: [AgreementsProblem]
}

/// An agreement that was ended before its date.
public struct AgreementEnded: Sendable {
    public let agreement: String
    /// The version in force now.
    public let version: Int64
    /// ms since 1970: the first instant at which it is no longer in force.
    public let endedAt: Int64
}

/// Why a set of agreements was not put in force. The one before it stays.
public enum AgreementsRefusal: Error, Sendable {
    /// The node may not apply agreements, or not these: the sentence says which.
    case notAllowed(String)
    /// There is no such agreement, or the node may not see it.
    case unknown(String)
    /// Mistakes, each with its place.
    case invalid([AgreementsProblem])
    /// The change could not be audited or stored.
    case storage(StorageError)
}
