import NIOConcurrencyHelpers
import Testing

@testable import CommitLog

@Suite("Threads that wait for the disk")
struct WorkThreadsTests {
    private final class Order: Sendable {
        private let names = NIOLockedValueBox<[String]>([])
        var all: [String] { names.withLockedValue { $0 } }
        func note(_ name: String) -> @Sendable () -> Void {
            { self.names.withLockedValue { $0.append(name) } }
        }
    }

    @Test("Readers take turns: one that has much waiting keeps another waiting for one piece of it, and its own stays in order")
    func turns() {
        let (threads, order) = (WorkThreads(name: "t", countMax: 100, running: .stepped), Order())
        for number in 1...5 { #expect(threads.submit(lane: 1, order.note("noisy \(number)"))) }
        #expect(threads.submit(lane: 2, order.note("quiet")))
        #expect(threads.submit(order.note("store")))
        #expect(threads.waitingCount == 7)
        threads.runWaiting()
        #expect(order.all == ["noisy 1", "quiet", "store", "noisy 2", "noisy 3", "noisy 4", "noisy 5"])
        #expect(threads.waitingCount == 0)
        #expect(threads.submit(lane: 2, order.note("again")))
        threads.runWaiting()
        #expect(order.all.last == "again")
    }

    @Test("One reader fills its part of the queue and no more; the store's own work has all that is left")
    func parts() {
        let (threads, order) = (WorkThreads(name: "t", countMax: 8, running: .stepped), Order())
        #expect(threads.submit(lane: 1, order.note("a")) && threads.submit(lane: 1, order.note("b")))
        #expect(!threads.submit(lane: 1, order.note("too much")))
        #expect(threads.submit(lane: 2, order.note("c")))
        for number in 1...5 { #expect(threads.submit(order.note("store \(number)"))) }
        #expect(!threads.submit(lane: 3, order.note("full")) && !threads.submit(order.note("full")))
        threads.runWaiting()
        #expect(order.all.count == 8 && !order.all.contains("full") && !order.all.contains("too much"))
    }
}
