public import Storage

/// Coordinates every consumer group of this broker: the way from a request to the shard that owns its group.
///
/// Nothing is here but that way. The protocol is in `Machine/ConsumerGroup.swift`, the owner of groups is `GroupShard`.
public final class GroupCoordinator: Sendable {
    let settings: GroupSettings
    let clock: any GroupClock
    private let store: any MetadataStore
    private let shards: [GroupShard]

    public convenience init(
        metadata: any MetadataStore, settings: BrokerSettings, clock: any BrokerClock, catalogue: SnapshotBox<TopicCatalogue>
    ) {
        self.init(
            store: metadata, settings: GroupSettings(settings), clock: SystemGroupClock(calendar: clock), catalogue: catalogue)
    }

    init(store: any MetadataStore, settings: GroupSettings, clock: any GroupClock, catalogue: SnapshotBox<TopicCatalogue>) {
        self.store = store
        self.settings = settings
        self.clock = clock
        shards = (0..<settings.shardCount).map { _ in
            GroupShard(store: store, catalogue: catalogue, settings: settings, clock: clock)
        }
    }

    /// Takes over the stored groups and their offsets, and serves from then on; until then members are told to try again.
    /// - Parameter ringsAlone: false leaves the passing of time to ``timePassed()``, for tests.
    public func load(_ records: [GroupRecord], ringsAlone: Bool = true) async throws(StorageError) {
        var offsets: [String: [CommittedOffset]] = [:]
        for group in try await store.groupsWithOffsets() { offsets[group] = try await store.offsets(ofGroup: group) }
        for (number, shard) in shards.enumerated() {
            await shard.load(
                records.filter { self.number(ofGroup: $0.group) == number },
                offsets: offsets.filter { self.number(ofGroup: $0.key) == number }, ringsAlone: ringsAlone)
        }
    }

    /// Looks for expired offsets at the interval of `offsets.retention.check.interval.ms`, until its task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(settings.offsetRetentionCheckInterval))
            if !Task.isCancelled { await removeExpired() }
        }
    }

    /// Removes expired offsets and groups of which nothing is left, once.
    public func removeExpired() async {
        for shard in shards { await shard.removeExpired() }
    }

    /// Ends every wait of a member. Requests that come later are told to try elsewhere.
    public func shutDown() async {
        for shard in shards { await shard.shutDown() }
    }

    /// Carries out what is due by the clock. Only where `ringsAlone` is false.
    func timePassed() async {
        for shard in shards { await shard.timePassed() }
    }

    /// What operators see of a group; nil when there is none. The caller decides who may see it.
    public func describe(_ group: String) async -> GroupDescription? {
        await shard(ofGroup: group).describe(group: group)
    }

    /// Every group, by name. The caller decides who may see which.
    public func describeAll() async -> [GroupDescription] {
        var all: [GroupDescription] = []
        for shard in shards { all += await shard.describeAll() }
        return all.sorted { $0.group < $1.group }
    }

    /// What a list of every group takes at most.
    func listedBytes() async -> Int {
        var bytes = 0
        for shard in shards { bytes += await shard.listedBytes }
        return bytes
    }

    /// The committed offsets of a group, sorted, without those of topics that were deleted. The caller decides who may see them.
    public func committedOffsets(ofGroup group: String) async -> [CommittedOffset] {
        await shard(ofGroup: group).offsets(ofGroup: group, partitions: nil).success ?? []
    }

    func shard(ofGroup group: String) -> GroupShard { shards[number(ofGroup: group)] }

    /// FNV-1a, 64 bits: the same shard in every run, so that a trace of one run can be compared with another's.
    private func number(ofGroup group: String) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in group.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int(hash % UInt64(shards.count))
    }
}

extension Result {
    fileprivate var success: Success? {
        switch self {
        case .success(let value): value
        case .failure: nil
        }
    }
}
