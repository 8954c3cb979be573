import AccessPolicy

/// What one request is served by: the catalogue, the policy, the schemas and the time, read once at its beginning, so that all its
/// partitions get answers that fit together.
struct RequestMoment {
    let catalogue: TopicCatalogue
    let policy: PolicySnapshot
    let registry: SchemaRegistry
    let projections: Projections
    /// Asked for topics alone that are strict about time-stamps.
    let timestamps: TimestampStatus
    /// ms since 1970
    let now: Int64

    init(of services: BrokerServices) {
        // The policy first: a topic made after the policy was read is then seen with rules that are too old, never too new.
        policy = services.policy.value
        catalogue = services.catalogue.value
        registry = services.registry.value
        projections = services.projections
        timestamps = services.timestamps
        now = services.clock.now()
    }
}
