import NIOConcurrencyHelpers
import NIOCore

extension BrokerServices {
    /// What the connections of an event loop share. Called on that loop, once a connection.
    func dataPlane(on eventLoop: any EventLoop) -> DataPlane {
        eventLoop.assertInEventLoop()
        return dataPlanes.withLockedValue { planes in
            if let plane = planes[ObjectIdentifier(eventLoop)] { return plane }
            let plane = DataPlane(on: eventLoop, fetchSessionBudget: fetchSessionBudget, ledger: deliveries)
            planes[ObjectIdentifier(eventLoop)] = plane
            highWatermarks.dataPlanes.replace(with: Array(planes.values))
            return plane
        }
    }

    /// Fetches that wait decide and look again.
    func wakeWaitingFetches() {
        for plane in highWatermarks.dataPlanes.value { plane.wakeAllFetches() }
    }

    /// Accesses may have begun or ended.
    func accessesChanged() {
        wakeWaitingFetches()
        let policy = policy.value
        for plane in highWatermarks.dataPlanes.value { plane.reviewDeliveries(policy) }
    }
}
