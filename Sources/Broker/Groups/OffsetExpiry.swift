import Storage

/// Which committed offsets have outlived their use (KIP-211). Pure: the caller brings the time and what topics exist.
struct OffsetExpiry: Hashable, Sendable {
    /// ms
    let retention: Int64

    /// - Parameters:
    ///   - date: ms since 1970
    ///   - exists: whether the topic of an offset still is the one that it was committed for.
    func expired(
        _ offsets: some Sequence<CommittedOffset>, of group: ConsumerGroup, at date: Int64,
        exists: (CommittedOffset) -> Bool
    ) -> [PartitionName] {
        let subscribed = group.isStable && group.isConsumerProtocol ? group.subscribedTopics : nil
        return offsets.filter { offset in
            // A deleted topic's offsets mean nothing to its successor.
            guard exists(offset) else { return true }
            guard let since = idleSince(offset, group, subscribed) else { return false }
            return date - since >= retention
        }.map(\.partition)
    }

    /// ms since 1970 from when on nobody uses the offset; nil while somebody may.
    private func idleSince(_ offset: CommittedOffset, _ group: ConsumerGroup, _ subscribed: Set<String>?) -> Int64? {
        // Consumers that assign their own partitions show no other sign of life than their commits.
        if group.protocolType.isEmpty { return group.isEmpty ? offset.committedAt : nil }
        // Kafka counts from the moment at which the group became empty even where an administrator reset the offset since,
        // and may expire what was set a minute ago; here a commit always lasts for the retention.
        if group.isEmpty { return max(group.stateChangedAt, offset.committedAt) }
        // A living group forgets the topics that it no longer reads.
        if let subscribed, !subscribed.contains(offset.partition.topic) { return offset.committedAt }
        return nil
    }
}
