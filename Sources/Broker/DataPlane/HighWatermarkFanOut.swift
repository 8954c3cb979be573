import Storage

/// Tells every event loop with waiting fetches which partitions have new durable records. Called on the log thread.
final class HighWatermarkFanOut: HighWatermarkObserver {
    /// Written by ``BrokerServices/dataPlane(on:)`` under its lock.
    let dataPlanes = SnapshotBox<[DataPlane]>([])
    /// Partitions whose writer says itself when its readers have something to see: an entry that somebody read the audit must not
    /// make them read it again. Written before the first append.
    private let leftAsleep = SnapshotBox<[PartitionID]>([])

    func leaveAsleep(_ partition: PartitionID) { leftAsleep.replace(with: leftAsleep.value + [partition]) }

    func highWatermarkRose(_ partitions: [PartitionID]) {
        let leftAsleep = leftAsleep.value
        let awake = partitions.filter { !leftAsleep.contains($0) }
        guard !awake.isEmpty else { return }
        for dataPlane in dataPlanes.value { dataPlane.highWatermarkRose(awake) }
    }

    /// There is something to see in a partition that is left asleep otherwise. Called from any thread.
    func wakeReaders(of partition: PartitionID) {
        for dataPlane in dataPlanes.value { dataPlane.highWatermarkRose([partition]) }
    }
}
