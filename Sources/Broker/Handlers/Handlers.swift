extension HandlerTable {
    /// Every API that is served, in the order of the keys.
    static let standard = HandlerTable([
        .control(ApiVersions.self),
        .control(InitProducerId.self),
        .control(DescribeCluster.self),
    ])
}
