import AccessPolicy
public import KafkaWire
public import Storage

/// A topic as those who may describe it see it.
public struct TopicView: Sendable {
    public let name: String
    public let id: UUID128
    /// ms since 1970
    public let createdAt: Int64
    public let createdBy: String
    /// The agency that owns it; empty where nobody said.
    public let owner: String
    /// One of the broker's own (`_…`).
    public let isBrokerOwned: Bool
    public let configuration: [ConfigurationEntry]
    /// By number.
    public let partitions: [LogBounds]

    init(_ topic: Topic, settings: BrokerSettings) {
        name = topic.name
        id = topic.id
        createdAt = topic.record.createdAt
        createdBy = topic.record.createdBy
        owner = topic.configuration.owner
        isBrokerOwned = topic.isBrokerOwned
        configuration = ConfigurationEntry.all(
            of: topic.record.configuration, topic.configuration, settings, readOnly: topic.isBrokerOwned)
        partitions = topic.partitions.map(\.bounds)
    }
}

/// What the broker knows of whoever asks: `/v1/whoami`.
public struct NodeView: Hashable, Sendable {
    public let authority: String
    public let agency: String
    public let unit: String
    public let node: String
    public let principal: String
    public let spiffeID: String
    public let roles: [String]
    public let displayName: String?
    /// SHA-256 of the certificate, hex.
    public let certificateFingerprint: String
    public let remoteAddress: String
    /// The version of the agreements in force.
    public let policyVersion: Int64

    init(peer: Peer, policyVersion version: Int64) {
        let identity = peer.identity
        authority = identity.authority
        agency = identity.agency
        unit = identity.unit
        node = identity.node
        principal = identity.principal
        spiffeID = identity.spiffeID
        roles = identity.roles.map(\.rawValue).sorted()
        displayName = identity.displayName
        certificateFingerprint = peer.certificateFingerprint.hex
        remoteAddress = peer.remoteAddress
        policyVersion = version
    }
}
