import Storage

/// Everything that a shard keeps of one group. Owned by its shard: it never leaves the actor.
final class GroupEntry {
    var group: ConsumerGroup
    /// What is durable, and nothing else: a commit enters after its write.
    var offsets: [PartitionName: CommittedOffset]
    var writes = GroupWriteQueue()
    /// The store has a record of the group.
    var isStored: Bool

    init(group: ConsumerGroup, offsets: [PartitionName: CommittedOffset] = [:], isStored: Bool = false) {
        self.group = group
        self.offsets = offsets
        self.isStored = isStored
    }

    /// Nothing would be lost by forgetting it.
    var isTrivial: Bool {
        group.isEmpty && group.pendingMembers.isEmpty && offsets.isEmpty && writes.isIdle
    }
}
