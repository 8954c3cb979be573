import AccessPolicy
import KafkaWire

// API key 13. Members leave, and the others rebalance once for all of them.
//
// Rights: useGroup, or administerGroup for an operator who removes members of a group that is not his; that is audited as a
// change.
//
// - Before 3 a member leaves by itself, and its error is that of the whole answer.
// - From 3 a list; a static member may be named by its instance id alone (KIP-345), and each has its own error.
// - The reason of 5 is a note for people, of any length: it is not kept.
enum LeaveGroup: ControlHandler {
    static func handle(_ request: LeaveGroupRequest, in context: RequestContext) async -> LeaveGroupResponse {
        var response = LeaveGroupResponse()
        let group = request.groupID
        guard context.mayUse(group: group, or: .administerGroup(group)) else {
            response.errorCode = .groupAuthorizationFailed
            return response
        }
        if !context.shows(.useGroup(group)) {
            guard await context.recorded("group.removeMembers", group: group) else {
                response.errorCode = .coordinatorNotAvailable
                return response
            }
        }
        let isBatch = context.apiVersion >= 3
        let claims =
            isBatch
            ? request.members.map { MemberClaim(memberID: $0.memberID, instance: $0.groupInstanceID) }
            : [MemberClaim(memberID: request.memberID)]
        let verdicts = await context.services.groups.shard(ofGroup: group).leave(claims, group: group)
        guard isBatch else {
            response.errorCode = verdicts.first.flatMap { $0?.errorCode } ?? .none
            return response
        }
        response.members = zip(claims, verdicts).map { claim, verdict in
            var member = LeaveGroupResponse.MemberResponse()
            member.memberID = claim.memberID
            member.groupInstanceID = claim.instance
            member.errorCode = verdict?.errorCode ?? .none
            return member
        }
        return response
    }
}
