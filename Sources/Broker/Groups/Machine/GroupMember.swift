/// One member of a consumer group.
struct GroupMember: Hashable, Sendable {
    /// A way of assigning partitions that the member knows, with what it wants to say under it. Opaque to the broker.
    struct AssignmentProtocol: Hashable, Sendable {
        var name: String
        var metadata: [UInt8]
    }

    var id: String
    var instance: String?
    var clientID: String
    var clientHost: String
    /// `User:agency/unit/node`
    var principal: String
    /// ms
    var sessionTimeout: Int64
    /// ms
    var rebalanceTimeout: Int64
    /// In the member's order of preference.
    var protocols: [AssignmentProtocol]
    var assignment: [UInt8] = []
    /// Uptime in ms at which the member is given up, unless one of its requests waits here.
    var sessionDeadline: Int64
    /// The join that waits for the next generation.
    var waitingJoin: RequestTicket?
    /// The sync that waits for the leader's assignment.
    var waitingSync: RequestTicket?
    /// It was never in a generation.
    var isNew: Bool
    /// The client was told its id before it joined. A new member without one cannot come back after its connection is lost.
    var knowsItsID: Bool

    func metadata(of protocolName: String?) -> [UInt8] {
        protocols.first { $0.name == protocolName }?.metadata ?? []
    }

    func supports(_ protocolName: String) -> Bool { protocols.contains { $0.name == protocolName } }

    /// What it costs to remember it, roughly: its own bytes and a flat sum for the rest.
    var byteCount: Int {
        512 + id.utf8.count + (instance?.utf8.count ?? 0) + clientID.utf8.count + assignment.count
            + protocols.reduce(0) { $0 + $1.name.utf8.count + $1.metadata.count }
    }
}
