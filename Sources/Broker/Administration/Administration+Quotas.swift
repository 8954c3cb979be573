import AccessPolicy
import KafkaWire

/// The quotas of one entity, for people and programs.
public struct QuotaView: Hashable, Sendable {
    /// `agency/unit/node`, `agency/*`; nil for every node that has none of its own.
    public let entity: String?
    /// By Kafka's names where Kafka has one.
    public let values: [String: Double]
}

extension Administration {
    /// For operators, as DescribeClientQuotas; nil for others. Sorted, the default first.
    public func quotas(for peer: Peer) -> [QuotaView]? {
        guard services.decide(.administerCluster, for: peer).isAllowed else { return nil }
        return services.quotas.table.value.limits
            .map { entity, limits in
                QuotaView(
                    entity: entity.kafkaName, values: Dictionary(uniqueKeysWithValues: limits.values.map { ($0.key.rawValue, $0.value) }))
            }
            .sorted { ($0.entity ?? "") < ($1.entity ?? "") }
    }

    /// Sets and removes quotas of one entity, as AlterClientQuotas does, all or none.
    /// - Parameters:
    ///   - name: as ``QuotaView/entity``.
    ///   - changes: by name; nil removes one.
    public func alterQuotas(of name: String?, _ changes: [String: Double?], by peer: Peer) async -> AdministrationRefusal? {
        guard services.decide(.administerCluster, for: peer).isAllowed else { return .clusterNotAuthorized }
        do throws(QuotaRefusal) {
            let entity = try QuotaEntity(kafkaName: name)
            var known: [QuotaKey: Double?] = [:]
            for (name, value) in changes { known[try QuotaLimits.key(name)] = value }
            return await QuotaAdministration(services).alter(entity, known, by: peer, validateOnly: false)
        } catch {
            return AdministrationRefusal(.invalidRequest, error.sentence)
        }
    }
}
