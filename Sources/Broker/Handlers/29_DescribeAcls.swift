import AccessPolicy
import KafkaWire

// Describes the ACLs in force (KIP-140, KIP-290). Versions 0-3.
//
// Right: the role operator or auditor. Agreements are not ACLs and are not shown: `hanbridge policy list` shows them.

enum DescribeAcls: ControlHandler {
    static func handle(_ request: DescribeAclsRequest, in context: RequestContext) async -> DescribeAclsResponse {
        var response = DescribeAclsResponse()
        guard context.shows(.audit) || context.allows(.administerCluster) else {
            return response.refusing(.clusterNotAuthorized)
        }
        let filter = AccessBindingFilter(
            resource: request.resourceTypeFilter, pattern: request.patternTypeFilter, name: request.resourceNameFilter,
            principal: request.principalFilter, host: request.hostFilter, operation: request.operation, permission: request.permissionType)
        guard let filter else { return response.refusing(AdministrationRefusal(.invalidRequest, "the filter has a number that nobody knows")) }
        do {
            let bindings = try await PolicyAdministration(context.services).bindings().filter(filter.matches)
            response.resources = resources(of: bindings)
            return response
        } catch {
            return response.refusing(AdministrationRefusal(error))
        }
    }

    /// Bindings of one resource together, in the order of the first of each.
    private static func resources(of bindings: [AccessBinding]) -> [DescribeAclsResponse.DescribeAclsResource] {
        var resources: [DescribeAclsResponse.DescribeAclsResource] = []
        for binding in bindings {
            let (type, pattern) = (binding.wireResource.rawValue, binding.wirePattern.rawValue)
            var acl = DescribeAclsResponse.DescribeAclsResource.AclDescription()
            acl.principal = binding.principal
            acl.host = AccessBinding.everyHost
            acl.operation = binding.wireOperation.rawValue
            acl.permissionType = binding.wirePermission.rawValue
            let known = resources.firstIndex { $0.resourceType == type && $0.resourceName == binding.name && $0.patternType == pattern }
            if let known {
                resources[known].acls.append(acl)
            } else {
                var resource = DescribeAclsResponse.DescribeAclsResource()
                resource.resourceType = type
                resource.resourceName = binding.name
                resource.patternType = pattern
                resource.acls = [acl]
                resources.append(resource)
            }
        }
        return resources
    }
}

extension DescribeAclsResponse {
    fileprivate func refusing(_ refusal: AdministrationRefusal) -> DescribeAclsResponse {
        var response = self
        response.errorCode = refusal.errorCode
        response.errorMessage = refusal.sentence
        return response
    }
}

extension AdministrationRefusal {
    /// Of a change of ACLs.
    init(_ refusal: AgreementsRefusal) {
        switch refusal {
        case .notAllowed(let why), .unknown(let why): self.init(.clusterAuthorizationFailed, why)
        case .invalid(let problems): self.init(.invalidRequest, problems.first?.description ?? "the ACLs cannot be read")
        case .storage(let error): self.init(error)
        }
    }
}
