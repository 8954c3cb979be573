public import AccessPolicy
public import Storage

/// Who writes refusals and changes down, durably (`_audit.access`). The audit log behind it is made at start.
public protocol AccessAuditing: Sendable {
    /// A node asked for what nothing allows. Called on event loops: never waits and holds a bounded amount; what it must drop
    /// under a flood it counts, and the count becomes a record.
    func refused(_ question: AccessQuestion, refusal: Decision.Refusal, policyVersion: Int64, peer: Peer)

    /// A node begins to publish or to read what an agreement or a role lets it, or goes on under another decision. Called on event
    /// loops, once a connection, topic and decision.
    func allowed(_ question: AccessQuestion, by decision: Decision, peer: Peer)

    /// A node has come through a listener's door. Called on event loops, once a connection.
    func signedIn(_ peer: Peer, listener: String)

    /// A listener refused a connection, or ended one whose certificate no longer counts. Called on event loops.
    /// - Parameter node: nil where nobody was recognised.
    func signInRefused(node: String?, listener: String, reason: String, remoteAddress: String)

    /// From now on the audit itself says when its readers have something to see: that somebody read it must not make them read it
    /// again.
    /// - Returns: false where readers see every entry.
    func wakesReaders(by wake: @escaping @Sendable () -> Void) -> Bool

    /// A change is about to be made. Returns when its record is durable; the change is not made when it cannot be recorded
    /// (DESIGN.md, promise 6).
    func willChange(_ change: AuditedChange) async throws(StorageError)

    /// Writes what waits and stops.
    func shutDown() async
}

/// A change for the audit, in words and names; never a payload or a secret.
public struct AuditedChange: Hashable, Sendable {
    /// What is done: `topic.create`, `agreements.apply` …
    public let action: String
    /// What it is done to: a topic, a group, an agreement.
    public let object: String
    /// The principal who does it; `broker` for the broker itself.
    public let principal: String
    /// `address:port`, nil where it came through no connection.
    public let remoteAddress: String?
    /// SHA-256 of the certificate of the node that does it; nil for the broker itself.
    public let certificateFingerprint: Digest256?
    public let details: [String: String]

    public init(
        action: String, object: String, principal: String, remoteAddress: String?,
        certificateFingerprint: Digest256? = nil, details: [String: String] = [:]
    ) {
        self.action = action
        self.object = object
        self.principal = principal
        self.remoteAddress = remoteAddress
        self.certificateFingerprint = certificateFingerprint
        self.details = details
    }

    public init(action: String, object: String, by peer: Peer, details: [String: String] = [:]) {
        self.init(
            action: action, object: object, principal: peer.identity.principal, remoteAddress: peer.remoteAddress,
            certificateFingerprint: peer.certificateFingerprint, details: details)
    }

    /// A change by nobody's request: at start, by a file, by a timer.
    public init(byBroker action: String, object: String, details: [String: String] = [:]) {
        self.init(action: action, object: object, principal: "broker", remoteAddress: nil, details: details)
    }

    /// The principal as agreements name nodes.
    var node: String { principal.hasPrefix("User:") ? String(principal.dropFirst(5)) : principal }
}
