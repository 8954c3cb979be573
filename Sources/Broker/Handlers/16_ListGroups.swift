import AccessPolicy
import KafkaWire

// API key 16. Lists the groups that one may describe; the others are left out, which is no refusal.
//
// - 4 filters by state (KIP-518), 5 by type (KIP-848), both without regard to case. All groups here are of type classic.
enum ListGroups: ControlHandler {
    private static let groupType = "classic"

    static func handle(_ request: ListGroupsRequest, in context: RequestContext) async -> ListGroupsResponse {
        var response = ListGroupsResponse()
        guard await context.reserveAnswer(256 + (await context.services.groups.listedBytes())) else { return response }
        let states = Set(request.statesFilter.map { $0.lowercased() })
        let types = Set(request.typesFilter.map { $0.lowercased() })
        guard types.isEmpty || types.contains(groupType) else { return response }
        for group in await context.services.groups.describeAll() {
            guard states.isEmpty || states.contains(group.state.lowercased()), context.shows(.describeGroup(group.group)) else {
                continue
            }
            var listed = ListGroupsResponse.ListedGroup()
            listed.groupID = group.group
            listed.protocolType = group.protocolType
            listed.groupState = group.state
            listed.groupType = groupType
            response.groups.append(listed)
        }
        return response
    }
}
