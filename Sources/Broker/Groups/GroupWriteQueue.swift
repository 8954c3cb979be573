import DequeModule
import Storage

/// What a group still has to make durable, in order, one write at a time.
///
/// Order is what keeps a committed offset from going back: two commits of one partition must reach the store, and then the
/// memory, in the order in which they were accepted. Writes of one kind that wait together become one, so the write in flight
/// is the batching window, as it is for records. Those who wait are bounded by the connections: each has one such request.
struct GroupWriteQueue {
    enum Write: Hashable, Sendable {
        case putGroup(GroupRecord)
        case commit([PartitionName: CommittedOffset])
        case deleteOffsets([PartitionName])
        case deleteGroup
    }

    enum Waiter {
        /// The state machine hears `recordStored`.
        case machine(StorePurpose)
        /// A request waits; nil tells it of success.
        case request(CheckedContinuation<StorageError?, Never>)
        case nobody
    }

    struct Item {
        var write: Write
        var waiters: [Waiter]
    }

    private var items: Deque<Item> = []
    /// A write is at the store, or about to be.
    var isDraining = false

    /// Requests and events that wait, the write in flight aside.
    var waiterCount: Int { items.reduce(0) { $0 + $1.waiters.count } }
    var isIdle: Bool { items.isEmpty && !isDraining }

    mutating func append(_ write: Write, _ waiter: Waiter) {
        if let last = items.indices.last, let merged = Self.merge(items[last].write, write) {
            items[last].write = merged
            items[last].waiters.append(waiter)
        } else {
            items.append(Item(write: write, waiters: [waiter]))
        }
    }

    mutating func next() -> Item? { items.popFirst() }

    private static func merge(_ earlier: Write, _ later: Write) -> Write? {
        switch (earlier, later) {
        case (.putGroup, .putGroup): later
        case (.commit(let first), .commit(let second)): .commit(first.merging(second) { $1 })
        case (.putGroup, _), (.commit, _), (.deleteOffsets, _), (.deleteGroup, _): nil
        }
    }
}
