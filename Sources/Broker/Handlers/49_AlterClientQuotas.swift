import AccessPolicy
import KafkaWire

// API key 49. Alters quotas (KIP-546). Versions 0-1.
//
// Right: administerCluster; every change is audited before it is made. Each entry is one change, whole or not at all; an entity named twice
// is refused both times. What is no user, or no quota that is kept here, is INVALID_REQUEST with a sentence that says what there is.
enum AlterClientQuotas: ControlHandler {
    private typealias Answer = AlterClientQuotasResponse.EntryData

    static func handle(_ request: AlterClientQuotasRequest, in context: RequestContext) async -> AlterClientQuotasResponse {
        var response = AlterClientQuotasResponse()
        guard await context.reserveAnswer(request.entries.reduce(256) { $0 + 2 * Limits.sentenceBytesMax + 64 * $1.entity.count }) else {
            return response
        }
        let isAllowed = context.allows(.administerCluster)
        let entities = request.entries.map { entry in entry.entity.map { "\($0.entityType)=\($0.entityName ?? "\u{0}")" } }
        let counts: [[String]: Int] = entities.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        for (entry, named) in zip(request.entries, entities) {
            var answer = Answer()
            answer.entity = entry.entity.map { each in
                var entity = Answer.EntityData()
                entity.entityType = each.entityType
                entity.entityName = each.entityName
                return entity
            }
            let refusal: AdministrationRefusal?
            if !isAllowed {
                refusal = .clusterNotAuthorized
            } else if counts[named] != 1 {
                refusal = AdministrationRefusal(.invalidRequest, "the request names this entity more than once")
            } else {
                refusal = await alter(entry, validateOnly: request.validateOnly, in: context)
            }
            if let refusal { (answer.errorCode, answer.errorMessage) = (refusal.errorCode, refusal.sentence) }
            response.entries.append(answer)
        }
        return response
    }

    private static func alter(
        _ entry: AlterClientQuotasRequest.EntryData, validateOnly: Bool, in context: RequestContext
    ) async -> AdministrationRefusal? {
        do throws(QuotaRefusal) {
            guard entry.entity.count == 1, let named = entry.entity.first, named.entityType == QuotaEntity.type else {
                throw QuotaRefusal("quotas are kept by user alone: a node, agency/unit/node, an agency, agency/*, or the default")
            }
            let entity = try QuotaEntity(kafkaName: named.entityName)
            var changes: [QuotaKey: Double?] = [:]
            for change in entry.ops {
                let key = try QuotaLimits.key(change.key)
                guard changes.updateValue(change.remove ? nil : change.value, forKey: key) == nil else {
                    throw QuotaRefusal("the request names \(key.rawValue) more than once")
                }
            }
            return await QuotaAdministration(context.services).alter(entity, changes, by: context.peer, validateOnly: validateOnly)
        } catch {
            return AdministrationRefusal(.invalidRequest, error.sentence)
        }
    }
}
