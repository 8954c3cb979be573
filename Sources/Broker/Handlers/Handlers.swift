extension HandlerTable {
    /// Every API that is served, in the order of the keys.
    static let standard = HandlerTable([
        .produce,
        .fetch,
        .control(ListOffsets.self),
        .control(Metadata.self),
        .control(OffsetCommit.self),
        .control(OffsetFetch.self),
        .control(FindCoordinator.self),
        .control(JoinGroup.self),
        .control(Heartbeat.self),
        .control(LeaveGroup.self),
        .control(SyncGroup.self),
        .control(DescribeGroups.self),
        .control(ListGroups.self),
        .control(ApiVersions.self),
        .control(InitProducerId.self),
        .control(OffsetForLeaderEpoch.self),
        .control(DeleteGroups.self),
        .control(OffsetDelete.self),
        .control(DescribeCluster.self),
    ])
}
