import AccessPolicy
import KafkaWire

// API key 14. The leader brings everyone's assignment; all are answered once it is durable.
//
// Rights: useGroup. From 3 static members (KIP-345); from 5 the member says which protocol it believes was chosen and is
// told (KIP-559).
enum SyncGroup: ControlHandler {
    static func handle(_ request: SyncGroupRequest, in context: RequestContext) async -> SyncGroupResponse {
        var response = SyncGroupResponse()
        guard context.allows(.useGroup(request.groupID)) else {
            guard await context.reserveAnswer(Limits.answerBytesAtLeast) else { return response }
            response.errorCode = .groupAuthorizationFailed
            return response
        }
        let sync = SyncRequest(
            memberID: request.memberID, instance: request.groupInstanceID, generation: request.generationID,
            protocolType: request.protocolType, protocolName: request.protocolName,
            assignments: Dictionary(request.assignments.map { ($0.memberID, $0.assignment) }) { $1 })
        switch await context.services.groups.shard(ofGroup: request.groupID).sync(sync, group: request.groupID) {
        case .assigned(let assignment, let protocolType, let protocolName):
            guard await context.reserveAnswer(Limits.answerBytesAtLeast + protocolType.utf8.count + (protocolName?.utf8.count ?? 0) + assignment.count) else { return response }
            response.assignment = assignment
            response.protocolType = protocolType
            response.protocolName = protocolName
        case .refused(let refusal):
            guard await context.reserveAnswer(Limits.answerBytesAtLeast) else { return response }
            response.errorCode = refusal.errorCode
        }
        return response
    }
}
