import Storage

/// Finds out how far groups are behind, in records and in time, for `/metrics`, `doctor` and `group describe`.
///
/// Records cost nothing: two numbers are subtracted. Time needs the append time of the first unread record, which means
/// reading a batch of the log; what was read is remembered, so a group that stands still is read once, and a survey makes
/// no more reads than it is allowed.
public actor GroupLagSurvey {
    /// Reads of the log that one survey may make.
    public static let readsMax = 64
    /// Append times remembered; beyond that all are forgotten and found again.
    static let rememberedMax = 100_000

    private struct Position: Hashable {
        let partition: PartitionID
        let offset: Int64
    }

    private let groups: GroupCoordinator
    private let catalogue: SnapshotBox<TopicCatalogue>
    private let clock: any BrokerClock
    /// An offset holds one record for ever, so its append time never changes.
    private var appendTimes: [Position: Int64] = [:]

    public init(groups: GroupCoordinator, catalogue: SnapshotBox<TopicCatalogue>, clock: any BrokerClock) {
        self.groups = groups
        self.catalogue = catalogue
        self.clock = clock
    }

    /// The lag of one group. The caller decides who may see it.
    public func lag(ofGroup group: String, readsMax: Int = readsMax) async -> GroupLag {
        var reads = readsMax
        return await survey(group, reads: &reads)
    }

    /// The lag of every group with offsets, by name.
    /// - Parameter groupsMax: of more groups than this, only the first by name are surveyed.
    public func lags(groupsMax: Int = 1000, readsMax: Int = readsMax) async -> [GroupLag] {
        var reads = readsMax
        var lags: [GroupLag] = []
        for description in await groups.describeAll().lazy.filter({ $0.offsetCount > 0 }).prefix(groupsMax) {
            lags.append(await survey(description.group, reads: &reads))
        }
        return lags
    }

    private func survey(_ group: String, reads: inout Int) async -> GroupLag {
        var partitions: [PartitionLag] = []
        for committed in await groups.committedOffsets(ofGroup: group) {
            guard let log = catalogue.value[committed.partition.topic]?.partition(committed.partition.partition) else { continue }
            let bounds = log.bounds
            let end = bounds.highWatermark.rawValue
            let firstUnread = max(committed.offset, bounds.logStart.rawValue)
            var waiting: Int64? = 0
            if firstUnread < end {
                waiting = await appendTime(of: firstUnread, in: log, reads: &reads).map { max(0, clock.now() - $0) }
            }
            partitions.append(
                PartitionLag(
                    partition: committed.partition, committedOffset: committed.offset, endOffset: end,
                    records: max(0, end - firstUnread), milliseconds: waiting))
        }
        return GroupLag(group: group, partitions: partitions)
    }

    private func appendTime(of offset: Int64, in log: any PartitionLog, reads: inout Int) async -> Int64? {
        let position = Position(partition: log.id, offset: offset)
        if let known = appendTimes[position] { return known }
        guard reads > 0 else { return nil }
        reads -= 1
        let request = LogReadRequest(from: Offset(offset), bytesMax: 1, firstBatchWhole: true)
        let slice = await withCheckedContinuation { continuation in
            log.read(request) { continuation.resume(returning: $0) }
        }
        guard case .success(let read) = slice,
            let batch = read.batches.first(where: { $0.lastOffset.rawValue >= offset })
        else { return nil }
        if appendTimes.count >= Self.rememberedMax { appendTimes = [:] }
        appendTimes[position] = batch.appendTime
        return batch.appendTime
    }
}
