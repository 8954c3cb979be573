import AccessPolicy
import KafkaWire
import NIOConcurrencyHelpers

// Deletes the ACLs that filters match and says which these were (KIP-140, KIP-290). Versions 0-3.
//
// Right: the role operator. What one request deletes is one version of the agreements, in force at once. Agreements are not touched.

enum DeleteAcls: ControlHandler {
    static func handle(_ request: DeleteAclsRequest, in context: RequestContext) async -> DeleteAclsResponse {
        var response = DeleteAclsResponse()
        guard context.allows(.administerCluster) else {
            response.filterResults = request.filters.map { _ in refused(.clusterNotAuthorized) }
            return response
        }
        let filters = request.filters.map {
            AccessBindingFilter(
                resource: $0.resourceTypeFilter, pattern: $0.patternTypeFilter, name: $0.resourceNameFilter, principal: $0.principalFilter,
                host: $0.hostFilter, operation: $0.operation, permission: $0.permissionType)
        }
        let before = NIOLockedValueBox<[AccessBinding]>([])
        let refusal = await PolicyAdministration(context.services).changeBindings("acls.delete", by: context.peer) { bindings in
            before.withLockedValue { $0 = bindings }
            let left = bindings.filter { binding in !filters.contains { $0?.matches(binding) ?? false } }
            return left.count == bindings.count ? nil : left
        }
        let bindings = before.withLockedValue { $0 }
        response.filterResults = filters.map { filter in
            guard let filter else { return refused(AdministrationRefusal(.invalidRequest, "the filter has a number that nobody knows")) }
            if let refusal { return refused(AdministrationRefusal(refusal)) }
            var result = DeleteAclsResponse.DeleteAclsFilterResult()
            result.matchingAcls = bindings.filter(filter.matches).map(deleted)
            return result
        }
        return response
    }

    private static func refused(_ refusal: AdministrationRefusal) -> DeleteAclsResponse.DeleteAclsFilterResult {
        var result = DeleteAclsResponse.DeleteAclsFilterResult()
        result.errorCode = refusal.errorCode
        result.errorMessage = refusal.sentence
        return result
    }

    private static func deleted(_ binding: AccessBinding) -> DeleteAclsResponse.DeleteAclsFilterResult.DeleteAclsMatchingAcl {
        var acl = DeleteAclsResponse.DeleteAclsFilterResult.DeleteAclsMatchingAcl()
        acl.resourceType = binding.wireResource.rawValue
        acl.resourceName = binding.name
        acl.patternType = binding.wirePattern.rawValue
        acl.principal = binding.principal
        acl.host = AccessBinding.everyHost
        acl.operation = binding.wireOperation.rawValue
        acl.permissionType = binding.wirePermission.rawValue
        return acl
    }
}
