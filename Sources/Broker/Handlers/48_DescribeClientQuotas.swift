import AccessPolicy
import KafkaWire

// API key 48. Describes quotas (KIP-546). Versions 0-1.
//
// Right: administerCluster. Entities are of the type `user` alone: a node, `agency/unit/node`, an agency, `agency/*`, and the default. A
// filter for other types finds nothing, because no entity has them.
enum DescribeClientQuotas: ControlHandler {
    private typealias Entry = DescribeClientQuotasResponse.EntryData

    static func handle(_ request: DescribeClientQuotasRequest, in context: RequestContext) async -> DescribeClientQuotasResponse {
        var response = DescribeClientQuotasResponse()
        guard context.allows(.administerCluster) else {
            return refusal(AdministrationRefusal.clusterNotAuthorized)
        }
        let table = context.services.quotas.table.value
        guard await context.reserveAnswer(256 + table.limits.count * Self.entryBytesMax) else { return response }
        do throws(QuotaRefusal) {
            let filter = try Filter(request)
            response.entries = table.limits.filter { filter.takes($0.key) }
                .sorted { ($0.key.kafkaName ?? "") < ($1.key.kafkaName ?? "") }.map { entry($0.key, $0.value) }
        } catch {
            return refusal(AdministrationRefusal(.invalidRequest, error.sentence))
        }
        return response
    }

    /// A name of three components, and every key.
    private static let entryBytesMax = 4 + 3 * NodeIdentity.componentBytesMax + 32 + QuotaKey.allCases.count * 32

    private static func refusal(_ refusal: AdministrationRefusal) -> DescribeClientQuotasResponse {
        var response = DescribeClientQuotasResponse()
        response.errorCode = refusal.errorCode
        response.errorMessage = refusal.sentence
        return response
    }

    private static func entry(_ entity: QuotaEntity, _ limits: QuotaLimits) -> Entry {
        var entry = Entry()
        var named = Entry.EntityData()
        named.entityType = QuotaEntity.type
        named.entityName = entity.kafkaName
        entry.entity = [named]
        entry.values = limits.values.sorted { $0.key.rawValue < $1.key.rawValue }.map { key, limit in
            var value = Entry.ValueData()
            value.key = key.rawValue
            value.value = limit
            return value
        }
        return entry
    }

    /// What `components` and `strict` ask for.
    private struct Filter {
        private enum Match {
            case entity(QuotaEntity)
            case any
            case nothing
        }
        private var match = Match.any

        init(_ request: DescribeClientQuotasRequest) throws(QuotaRefusal) {
            guard Set(request.components.map(\.entityType)).count == request.components.count else {
                throw QuotaRefusal("a filter names each type of entity once")
            }
            // Strict: no types but those named, and every entity here has one.
            if request.strict, request.components.isEmpty { match = .nothing }
            for component in request.components {
                guard component.entityType == QuotaEntity.type else {
                    match = .nothing
                    return
                }
                switch component.matchType {
                case 0: match = .entity(try QuotaEntity(kafkaName: component.match ?? ""))
                case 1: match = .entity(.everyNode)
                case 2: match = .any
                default: throw QuotaRefusal("a filter matches by name (0), the default (1) or any (2)")
                }
            }
        }

        func takes(_ entity: QuotaEntity) -> Bool {
            switch match {
            case .entity(let wanted): entity == wanted
            case .any: true
            case .nothing: false
            }
        }
    }
}
