import Storage

extension GroupShard {
    /// Answers when the offsets are durable.
    /// - Returns: nil when they are.
    func commit(_ offsets: [CommittedOffset], by claim: MemberClaim, generation: Int32, group id: String) async -> GroupRefusal? {
        if let refusal { return refusal }
        guard isValid(groupID: id) else { return .invalidGroupID }
        // A generation of a group that was forgotten; without one the client manages its partitions itself.
        if groups[id] == nil, generation >= 0 { return .illegalGeneration }
        guard let entry = entry(makingGroup: id) else { return .limitReached }

        var refusal: GroupRefusal?
        perform(on: entry) { group in
            refusal = group.commitRequested(by: claim, generation: generation, at: clock.now())
            return []
        }
        if let refusal { return refusal }
        guard !offsets.isEmpty else { return nil }
        let added = offsets.count { entry.offsets[$0.partition] == nil }
        guard added == 0 || offsetCount + added <= settings.share(of: settings.offsetsMax) else { return .limitReached }
        // `perform` may have forgotten a group that has nothing yet; from here on it has.
        groups[id] = entry
        let write = GroupWriteQueue.Write.commit(Dictionary(offsets.map { ($0.partition, $0) }) { $1 })
        return await writeAndWait(write, for: entry) == nil ? nil : .notAvailable
    }

    /// What is durable, without the offsets of topics that have since been deleted. Sorted.
    /// - Parameter partitions: nil for all.
    func offsets(ofGroup id: String, partitions: [PartitionName]?) -> Result<[CommittedOffset], OffsetFetchError> {
        if let refusal { return .failure(OffsetFetchError(refusal: refusal)) }
        guard let entry = groups[id] else { return .success([]) }
        let topics = catalogue.value
        let found = partitions.map { $0.compactMap { entry.offsets[$0] } } ?? Array(entry.offsets.values)
        return .success(found.filter { topics[$0.partition.topic]?.id == $0.topicID }.sorted(by: Self.inOrder))
    }

    /// What an answer with the offsets of these partitions, or of all, takes at most.
    func fetchedBytes(ofGroup id: String, _ topics: [(topic: String, partitions: [Int32])]?) -> Int {
        let offsets = groups[id]?.offsets ?? [:]
        func bytes(_ offset: CommittedOffset?) -> Int { 32 + (offset?.metadata.utf8.count ?? 0) }
        let beside = 64 + id.utf8.count
        guard let topics else {
            // Each might be of a topic of its own.
            return offsets.values.reduce(beside) { $0 + bytes($1) + $1.partition.topic.utf8.count + 8 }
        }
        return topics.reduce(beside) { sum, topic in
            topic.partitions.reduce(sum + topic.topic.utf8.count + 8) {
                $0 + bytes(offsets[PartitionName(topic: topic.topic, partition: $1)])
            }
        }
    }

    /// KIP-496.
    /// - Returns: a refusal of the whole, or the refused ones of the partitions.
    func deleteOffsets(
        _ partitions: [PartitionName], group id: String
    ) async -> (refusal: GroupRefusal?, refused: [PartitionName: GroupRefusal]) {
        if let refusal { return (refusal, [:]) }
        guard let entry = groups[id], !entry.group.isDead else { return (.groupNotFound, [:]) }
        var refused: [PartitionName: GroupRefusal] = [:]
        if !entry.group.isEmpty {
            guard entry.group.isConsumerProtocol else { return (.groupNotEmpty, [:]) }
            let subscribed = entry.group.subscribedTopics
            for partition in partitions where subscribed?.contains(partition.topic) ?? true {
                refused[partition] = .subscribedToTopic
            }
        }
        let allowed = partitions.filter { refused[$0] == nil }
        guard !allowed.isEmpty else { return (nil, refused) }
        let failure = await writeAndWait(.deleteOffsets(allowed), for: entry)
        return (failure == nil ? nil : .notAvailable, refused)
    }

    private static func inOrder(_ left: CommittedOffset, _ right: CommittedOffset) -> Bool {
        (left.partition.topic, left.partition.partition) < (right.partition.topic, right.partition.partition)
    }
}

struct OffsetFetchError: Error {
    let refusal: GroupRefusal
}
