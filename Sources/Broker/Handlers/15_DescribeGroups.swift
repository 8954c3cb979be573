import AccessPolicy
import KafkaWire

// API key 15. Describes groups and their members.
//
// Rights: describeGroup, each group for itself. A group that does not exist answers the state Dead and no error, as Kafka
// does up to version 5. Metadata and assignments are shown while the group is stable.
enum DescribeGroups: ControlHandler {
    static func handle(_ request: DescribeGroupsRequest, in context: RequestContext) async -> DescribeGroupsResponse {
        var response = DescribeGroupsResponse()
        var seen: Set<String> = []
        // A group named twice is described once: a small request must not make a huge response.
        let groups = request.groups.filter { seen.insert($0).inserted }
        var bytes = 256
        for group in groups { bytes += group.utf8.count + (await context.services.groups.shard(ofGroup: group).describedBytes(group: group)) }
        guard await context.reserveAnswer(bytes) else { return response }
        for group in groups {
            response.groups.append(await describe(group, request, in: context))
        }
        return response
    }

    private static func describe(
        _ group: String, _ request: DescribeGroupsRequest, in context: RequestContext
    ) async -> DescribeGroupsResponse.DescribedGroup {
        var described = DescribeGroupsResponse.DescribedGroup()
        described.groupID = group
        guard context.allows(.describeGroup(group)) else {
            described.errorCode = .groupAuthorizationFailed
            return described
        }
        if request.includeAuthorizedOperations {
            described.authorizedOperations = AuthorizedOperations.group(group, in: context)
        }
        guard let found = await context.services.groups.describe(group) else {
            described.groupState = "Dead"
            return described
        }
        described.groupState = found.state
        described.protocolType = found.protocolType
        described.protocolData = found.protocolName
        described.members = found.members.map { member in
            var each = DescribeGroupsResponse.DescribedGroup.DescribedGroupMember()
            each.memberID = member.memberID
            each.groupInstanceID = member.groupInstanceID
            each.clientID = member.clientID
            each.clientHost = member.clientHost
            each.memberMetadata = member.metadata
            each.memberAssignment = member.assignment
            return each
        }
        return described
    }
}
