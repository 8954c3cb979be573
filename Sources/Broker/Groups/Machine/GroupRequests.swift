/// What a JoinGroup request says, without its version.
struct JoinRequest: Hashable, Sendable {
    /// Empty for a member that has no id yet.
    var memberID: String
    var instance: String?
    var clientID: String
    var clientHost: String
    /// `User:agency/unit/node`
    var principal: String
    /// ms
    var sessionTimeout: Int64
    /// ms
    var rebalanceTimeout: Int64
    var protocolType: String
    var protocols: [GroupMember.AssignmentProtocol]
    /// KIP-394, from version 4: a dynamic member gets its id first and joins with it.
    var needsKnownMemberID: Bool
    /// KIP-814, from version 9.
    var canSkipAssignment: Bool
}

struct SyncRequest: Hashable, Sendable {
    var memberID: String
    var instance: String?
    var generation: Int32
    /// nil before version 5, which does not say.
    var protocolType: String?
    var protocolName: String?
    /// The leader's; empty from the others.
    var assignments: [String: [UInt8]]
}

/// Who a commit, a heartbeat or a leave claims to be.
struct MemberClaim: Hashable, Sendable {
    var memberID: String
    var instance: String?
}
