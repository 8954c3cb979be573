import Atomics
import Storage

/// A fetch that waits for data. Owned by its event loop.
protocol FetchWaiter: AnyObject {
    var partitionsAwaited: [PartitionID] { get }
    /// A partition has new records. The waiter may remove itself, and others may be added, during the call.
    func highWatermarkRose()
    /// What the fetch was decided by has changed: it must decide again.
    func conditionsChanged()
}

/// The fetches of one event loop that wait for their `min_bytes`, found by partition. Confined to the event loop.
///
/// Bounded by the connections' requests in flight and each request's partitions.
final class FetchWaiters {
    private var byPartition: [PartitionID: [any FetchWaiter]] = [:]
    private var all: [ObjectIdentifier: any FetchWaiter] = [:]
    private let count: ManagedAtomic<Int>

    init(count: ManagedAtomic<Int>) { self.count = count }

    func add(_ waiter: any FetchWaiter) {
        let previous = all.updateValue(waiter, forKey: ObjectIdentifier(waiter))
        precondition(previous == nil, "a fetch began to wait twice")
        for partition in waiter.partitionsAwaited { byPartition[partition, default: []].append(waiter) }
        count.wrappingIncrement(ordering: .sequentiallyConsistent)
    }

    func remove(_ waiter: any FetchWaiter) {
        guard all.removeValue(forKey: ObjectIdentifier(waiter)) != nil else { return }
        count.wrappingDecrement(ordering: .sequentiallyConsistent)
        for partition in waiter.partitionsAwaited {
            byPartition[partition]?.removeAll { $0 === waiter }
            if byPartition[partition]?.isEmpty == true { byPartition[partition] = nil }
        }
    }

    func highWatermarkRose(_ partitions: [PartitionID]) {
        for partition in partitions {
            // The array is the one of before the calls: waiters come and go in them.
            for waiter in byPartition[partition] ?? [] where all[ObjectIdentifier(waiter)] != nil {
                waiter.highWatermarkRose()
            }
        }
    }

    func wakeAll() {
        for waiter in Array(all.values) where all[ObjectIdentifier(waiter)] != nil { waiter.conditionsChanged() }
    }

    var isEmpty: Bool { all.isEmpty && byPartition.isEmpty }
}
