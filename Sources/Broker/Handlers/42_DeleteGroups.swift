import AccessPolicy
import KafkaWire

// API key 42. Deletes groups without members, with all their offsets, durably (KIP-229).
//
// Rights: administerGroup, each group for itself; audited as a change.
enum DeleteGroups: ControlHandler {
    static func handle(_ request: DeleteGroupsRequest, in context: RequestContext) async -> DeleteGroupsResponse {
        var response = DeleteGroupsResponse()
        var seen: Set<String> = []
        for group in request.groupsNames where seen.insert(group).inserted {
            var result = DeleteGroupsResponse.DeletableGroupResult()
            result.groupID = group
            result.errorCode = await delete(group, in: context)
            response.results.append(result)
        }
        return response
    }

    private static func delete(_ group: String, in context: RequestContext) async -> ErrorCode {
        guard context.allows(.administerGroup(group)) else { return .groupAuthorizationFailed }
        guard let found = await context.services.groups.describe(group) else { return .groupIDNotFound }
        guard found.members.isEmpty else { return .nonEmptyGroup }
        guard await context.recorded("group.delete", group: group, details: ["offsets": String(found.offsetCount)]) else {
            return .coordinatorNotAvailable
        }
        return await context.services.groups.shard(ofGroup: group).delete(group: group)?.errorCode ?? .none
    }
}
