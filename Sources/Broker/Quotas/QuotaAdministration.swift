import KafkaWire
import Storage

/// Changes quotas: one entity at a time, audited, stored (the commit point), and swapped in for the next request of every live connection.
struct QuotaAdministration: Sendable {
    let services: BrokerServices

    init(_ services: BrokerServices) { self.services = services }

    /// - Parameter changes: by key what is to be set; nil for what is to be removed.
    func alter(
        _ entity: QuotaEntity, _ changes: [QuotaKey: Double?], by peer: Peer, validateOnly: Bool
    ) async -> AdministrationRefusal? {
        await services.changes.inTurn {
            let table = self.services.quotas.table.value
            let before = table.limits[entity] ?? QuotaLimits()
            do throws(QuotaRefusal) {
                var limits = before
                for (key, value) in changes {
                    if let value { try limits.set(key, to: value, of: entity) } else { limits.remove(key) }
                }
                guard limits != before, !validateOnly else { return nil }
                guard !before.isEmpty || table.limits.count < QuotaTable.entitiesMax else {
                    return AdministrationRefusal(.policyViolation, "at most \(QuotaTable.entitiesMax) entities have quotas of their own; remove some")
                }
                return await self.commit(limits, was: before, of: entity, table, by: peer)
            } catch {
                return AdministrationRefusal(.invalidRequest, error.sentence)
            }
        }
    }

    private func commit(
        _ limits: QuotaLimits, was before: QuotaLimits, of entity: QuotaEntity, _ table: QuotaTable, by peer: Peer
    ) async -> AdministrationRefusal? {
        var details: [String: String] = [:]
        for key in QuotaKey.allCases where limits[key] != before[key] {
            details[key.rawValue] = "\(before[key].map { "\($0)" } ?? "none") → \(limits[key].map { "\($0)" } ?? "none")"
        }
        let object = "quota:\(entity.kafkaName ?? "default")"
        do throws(StorageError) {
            try await services.audit.willChange(AuditedChange(action: "quota.alter", object: object, by: peer, details: details))
        } catch {
            return AdministrationRefusal(.kafkaStorageError, "nothing was changed, because the change cannot be audited: \(error.sentence)")
        }
        do throws(StorageError) {
            try await services.metadata.apply(
                .putQuotas(QuotaRecord(entity: entity.kafkaName, values: Dictionary(uniqueKeysWithValues: limits.values.map { ($0.key.rawValue, $0.value) }))))
        } catch {
            try? await services.audit.willChange(
                AuditedChange(action: "quota.alter.failed", object: object, by: peer, details: ["why": error.sentence]))
            return AdministrationRefusal(error)
        }
        services.quotas.table.replace(with: table.with(entity, limits))
        return nil
    }
}

extension QuotaTable {
    /// What an earlier version has stored and this one does not keep is left out.
    init(_ records: [QuotaRecord]) {
        var limits: [QuotaEntity: QuotaLimits] = [:]
        for record in records {
            guard let entity = try? QuotaEntity(kafkaName: record.entity) else { continue }
            var own = QuotaLimits()
            for (name, value) in record.values {
                guard let key = QuotaKey(rawValue: name) else { continue }
                try? own.set(key, to: value, of: entity)
            }
            if !own.isEmpty { limits[entity] = own }
        }
        self.init(version: 1, limits: limits)
    }
}
