import AccessPolicy
import KafkaWire

// Makes ACLs (KIP-140, KIP-290): each a grant or denial of its own beside the agreements, in force at once and until it is deleted.
// Versions 0-3.
//
// Right: the role operator. What one request makes is one version of the agreements; ACLs that are refused do not hurt the others of
// the request. An ALLOW opens only topics that are classified open or internal: for others POLICY_VIOLATION names the way. What this
// broker would enforce otherwise than it is said (hosts, single administrative operations) is refused and not bent.

enum CreateAcls: ControlHandler {
    static func handle(_ request: CreateAclsRequest, in context: RequestContext) async -> CreateAclsResponse {
        var response = CreateAclsResponse()
        guard context.allows(.administerCluster) else {
            response.results = request.creations.map { _ in result(.clusterNotAuthorized) }
            return response
        }
        let judged = request.creations.map { creation in
            Result { () throws(AdministrationRefusal) in
                let binding = try AccessBinding(creation)
                try refuseClosedTopics(binding, in: context.services)
                return binding
            }
        }
        let wanted = judged.compactMap { try? $0.get() }
        var refusal: AgreementsRefusal?
        if !wanted.isEmpty {
            refusal = await PolicyAdministration(context.services).changeBindings("acls.create", by: context.peer) {
                (bindings) throws(AgreementsRefusal) in try adding(wanted, to: bindings)
            }
        }
        response.results = judged.map { each in
            switch each {
            case .success: result(refusal.map(AdministrationRefusal.init))
            case .failure(let refusal): result(refusal)
            }
        }
        return response
    }

    /// - Returns: nil where all are there already, which is no change and no error.
    private static func adding(_ wanted: [AccessBinding], to bindings: [AccessBinding]) throws(AgreementsRefusal) -> [AccessBinding]? {
        let known = Set(bindings)
        let new = Set(wanted).subtracting(known)
        guard !new.isEmpty else { return nil }
        guard known.count + new.count <= AgreementsLimits.bindingsMax else {
            let sentence = "there are at most \(AgreementsLimits.bindingsMax) ACLs; write agreements for what lasts"
            throw .invalid([AgreementsProblem(file: "ACLs", line: 0, column: 0, message: sentence)])
        }
        return bindings + new
    }

    private static func refuseClosedTopics(_ binding: AccessBinding, in services: BrokerServices) throws(AdministrationRefusal) {
        guard binding.resource == .topic, binding.permission == .allow else { return }
        let catalogue = services.catalogue.value
        let pattern = binding.agreement.topic
        guard let name = catalogue.closedTopics.sorted().first(where: pattern.matches), let topic = catalogue[name] else { return }
        throw AdministrationRefusal(
            .policyViolation,
            "topic \(name) is classified \(topic.configuration.classification), and an ACL opens only topics that are classified open or internal; "
                + "write an agreement: hanbridge policy request \(name), then hanbridge policy apply")
    }

    private static func result(_ refusal: AdministrationRefusal?) -> CreateAclsResponse.AclCreationResult {
        var result = CreateAclsResponse.AclCreationResult()
        result.errorCode = refusal?.errorCode ?? .none
        result.errorMessage = refusal?.sentence
        return result
    }
}
