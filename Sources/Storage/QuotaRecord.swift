/// The quotas of one entity, by their names.
public struct QuotaRecord: Hashable, Sendable {
    /// nil for the default entity.
    public let entity: String?
    public let values: [String: Double]

    public init(entity: String?, values: [String: Double]) {
        self.entity = entity
        self.values = values
    }
}
