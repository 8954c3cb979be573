import KafkaWire
import NIOCore

/// Where a consumer stands in its partitions. Pure.
struct PartitionPositions: Sendable {
    /// The offset of the next record to deliver.
    private(set) var next: [TopicPartition: Int64]
    /// What a commit would say that was not said yet.
    private var uncommitted: Set<TopicPartition> = []

    init(_ next: [TopicPartition: Int64]) { self.next = next }

    var partitions: [TopicPartition] { next.keys.sorted() }

    mutating func delivered(_ offset: Int64, of partition: TopicPartition) {
        next[partition] = offset + 1
        uncommitted.insert(partition)
    }

    mutating func moved(to offset: Int64, of partition: TopicPartition) {
        guard next[partition] != nil else { return }
        next[partition] = offset
    }

    var toCommit: [TopicPartition: Int64] {
        Dictionary(uniqueKeysWithValues: uncommitted.compactMap { partition in next[partition].map { (partition, $0) } })
    }

    /// Others are no longer ours: where we stood in them is forgotten.
    mutating func keep(only held: Set<TopicPartition>) {
        next = next.filter { held.contains($0.key) }
        uncommitted.formIntersection(held)
    }

    mutating func begin(at offsets: [TopicPartition: Int64]) { next.merge(offsets) { $1 } }

    /// Only what has not moved on since is committed.
    mutating func committed(_ offsets: [TopicPartition: Int64]) {
        for (partition, offset) in offsets where next[partition] == offset { uncommitted.remove(partition) }
    }
}

/// A record as it reached a subscriber.
struct DeliveredRecord: Sendable {
    let partition: TopicPartition
    let record: Record
}
