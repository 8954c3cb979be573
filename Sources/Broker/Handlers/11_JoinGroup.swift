import AccessPolicy
import KafkaWire

// API key 11. Answers when the group's next generation begins: after all members have joined, or the rebalance time-out.
//
// Rights: useGroup. The topics in the member's metadata are not looked at: what it may read is decided at each fetch.
//
// - 0 has no rebalance time-out; the session time-out serves as one.
// - From 4 a new dynamic member first gets MEMBER_ID_REQUIRED and its id (KIP-394).
// - From 5 static members (KIP-345); from 9 a static leader that came back may skip the assignment (KIP-814).
// - The reason of 8 is a note for people, of any length: it is not kept.
enum JoinGroup: ControlHandler {
    static func handle(_ request: JoinGroupRequest, in context: RequestContext) async -> JoinGroupResponse {
        guard context.allows(.useGroup(request.groupID)) else {
            return await refusal(.groupAuthorizationFailed, memberID: request.memberID, in: context)
        }
        let sessionTimeout = Int64(request.sessionTimeoutMilliseconds)
        let join = JoinRequest(
            memberID: request.memberID, instance: request.groupInstanceID, clientID: context.clientID ?? "",
            clientHost: context.clientHost, principal: context.peer.identity.principal, sessionTimeout: sessionTimeout,
            rebalanceTimeout: request.rebalanceTimeoutMilliseconds < 0
                ? sessionTimeout : Int64(request.rebalanceTimeoutMilliseconds),
            protocolType: request.protocolType,
            protocols: request.protocols.map { GroupMember.AssignmentProtocol(name: $0.name, metadata: $0.metadata) },
            needsKnownMemberID: context.apiVersion >= 4, canSkipAssignment: context.apiVersion >= 9)

        switch await context.services.groups.shard(ofGroup: request.groupID).join(join, group: request.groupID) {
        case .joined(let joined):
            // The leader's has every member's metadata, which the group has in memory already.
            let bytes = joined.members.reduce(Limits.answerBytesAtLeast + joined.protocolType.utf8.count + joined.protocolName.utf8.count) {
                $0 + 64 + $1.memberID.utf8.count + ($1.instance?.utf8.count ?? 0) + $1.metadata.count
            }
            guard await context.reserveAnswer(bytes) else { return JoinGroupResponse() }
            return answer(joined)
        case .refused(let reason, let memberID): return await refusal(reason.errorCode, memberID: memberID, in: context)
        }
    }

    private static func answer(_ joined: JoinAnswer.Joined) -> JoinGroupResponse {
        var response = JoinGroupResponse()
        response.generationID = joined.generation
        response.protocolType = joined.protocolType
        response.protocolName = joined.protocolName
        response.leader = joined.leader
        response.skipAssignment = joined.skipsAssignment
        response.memberID = joined.memberID
        response.members = joined.members.map { participant in
            var member = JoinGroupResponse.JoinGroupResponseMember()
            member.memberID = participant.memberID
            member.groupInstanceID = participant.instance
            member.metadata = participant.metadata
            return member
        }
        return response
    }

    private static func refusal(_ code: ErrorCode, memberID: String, in context: RequestContext) async -> JoinGroupResponse {
        var response = JoinGroupResponse()
        guard await context.reserveAnswer(Limits.answerBytesAtLeast + memberID.utf8.count) else { return response }
        response.errorCode = code
        response.memberID = memberID
        // Nullable from version 7 only.
        response.protocolName = context.apiVersion >= 7 ? nil : ""
        return response
    }
}
