import Storage

/// Tells every event loop with waiting fetches which partitions have new durable records. Called on the log thread.
final class HighWatermarkFanOut: HighWatermarkObserver {
    /// Written by ``BrokerServices/dataPlane(on:)`` under its lock.
    let dataPlanes = SnapshotBox<[DataPlane]>([])

    func highWatermarkRose(_ partitions: [PartitionID]) {
        for dataPlane in dataPlanes.value { dataPlane.highWatermarkRose(partitions) }
    }
}
