import AccessPolicy
import Atomics
import NIOCore
import Storage

/// What belongs to one event loop: the appends and the fetches of its connections that wait.
///
/// Made on its event loop, by its first connection; lives as long as the broker.
final class DataPlane: Sendable {
    let eventLoop: any EventLoop
    let appends: AppendCompletions
    let fetchSessions: NIOLoopBound<FetchSessionCache>
    let deliveries: NIOLoopBound<DeliveryBook>
    private let waiters: NIOLoopBound<FetchWaiters>
    /// How many fetches wait here. The log thread reads it to leave a loop alone where nobody waits; written on the loop.
    private let waiterCount: ManagedAtomic<Int>

    init(on eventLoop: any EventLoop, fetchSessionBudget: FetchSessionBudget, ledger: DeliveryLedger) {
        self.eventLoop = eventLoop
        let waiterCount = ManagedAtomic<Int>(0)
        self.waiterCount = waiterCount
        appends = AppendCompletions(on: eventLoop)
        waiters = NIOLoopBound(FetchWaiters(count: waiterCount), eventLoop: eventLoop)
        deliveries = NIOLoopBound(DeliveryBook(ledger, on: eventLoop), eventLoop: eventLoop)
        fetchSessions = NIOLoopBound(FetchSessionCache(budget: fetchSessionBudget), eventLoop: eventLoop)
    }

    /// On its event loop only.
    var fetchWaiters: FetchWaiters { waiters.value }

    /// Called from any thread. A fetch that begins to wait counts itself first and looks at the high watermark again after
    /// that, so it is either seen here or sees the rise itself; both sides are sequentially consistent for that reason.
    func highWatermarkRose(_ partitions: [PartitionID]) {
        guard waiterCount.load(ordering: .sequentiallyConsistent) > 0 else { return }
        let waiters = waiters
        eventLoop.execute { waiters.value.highWatermarkRose(partitions) }
    }

    /// The policy or the catalogue changed. Called from any thread.
    func wakeAllFetches() {
        let waiters = waiters
        eventLoop.execute { waiters.value.wakeAll() }
    }

    /// Accesses may have ended: what was handed over by them is told. Called from any thread.
    func reviewDeliveries(_ policy: PolicySnapshot) {
        let deliveries = deliveries
        eventLoop.execute { deliveries.value.review(policy) }
    }

    /// Other sessions need what these do not use now. Called from any thread.
    func retireDeliveries() {
        let deliveries = deliveries
        eventLoop.execute {
            deliveries.value.retireResting()
            self.fetchWaiters.wakeAll()
        }
    }

    /// Tells the ledger all that sessions hold. Called from any thread.
    func closeDeliveries() async {
        let deliveries = deliveries
        try? await eventLoop.submit { deliveries.value.close() }.get()
    }
}
