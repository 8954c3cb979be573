import AccessPolicy
import KafkaWire

// API key 12. Keeps a member's session alive and tells it of a rebalance (REBALANCE_IN_PROGRESS).
//
// Rights: useGroup. From version 3 a static member says its instance id, and the older of two processes with one id is fenced
// (KIP-345).
enum Heartbeat: ControlHandler {
    static func handle(_ request: HeartbeatRequest, in context: RequestContext) async -> HeartbeatResponse {
        var response = HeartbeatResponse()
        guard context.allows(.useGroup(request.groupID)) else {
            response.errorCode = .groupAuthorizationFailed
            return response
        }
        let refusal = await context.services.groups.shard(ofGroup: request.groupID).heartbeat(
            from: MemberClaim(memberID: request.memberID, instance: request.groupInstanceID),
            generation: request.generationID, group: request.groupID)
        response.errorCode = refusal?.errorCode ?? .none
        return response
    }
}
