extension HandlerTable {
    /// Every API that is served, in the order of the keys.
    static let standard = HandlerTable([
        .produce,
        .fetch,
        .control(ListOffsets.self),
        .control(Metadata.self),
        .control(ApiVersions.self),
        .control(InitProducerId.self),
        .control(OffsetForLeaderEpoch.self),
        .control(DescribeCluster.self),
    ])
}
