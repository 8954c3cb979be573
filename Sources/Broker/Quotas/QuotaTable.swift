/// Every quota in force: an immutable snapshot.
struct QuotaTable: Sendable {
    /// Raised with each change, so that those who keep something of it see that it is old.
    let version: UInt64
    let limits: [QuotaEntity: QuotaLimits]

    static let empty = QuotaTable(version: 0, limits: [:])

    /// Entities with quotas of their own.
    static let entitiesMax = 10_000

    var isEmpty: Bool { limits.isEmpty }

    /// A node's own quota, else what every node has; each key for itself.
    func limit(_ key: QuotaKey, ofNode path: String) -> Double? {
        limits[.node(path)]?[key] ?? limits[.everyNode]?[key]
    }

    func limit(_ key: QuotaKey, ofAgency agency: String) -> Double? { limits[.agency(agency)]?[key] }

    func with(_ entity: QuotaEntity, _ next: QuotaLimits) -> QuotaTable {
        var limits = limits
        limits[entity] = next.isEmpty ? nil : next
        return QuotaTable(version: version + 1, limits: limits)
    }
}
