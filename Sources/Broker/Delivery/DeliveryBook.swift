import AccessPolicy
import Atomics
import NIOCore

/// How many streams all event loops together keep apart.
final class DeliveryBudget: Sendable {
    private let left: ManagedAtomic<Int>

    init(_ count: Int = DeliveryLimits.streamsMax) { left = ManagedAtomic(count) }

    func take() -> Bool {
        guard left.wrappingDecrementThenLoad(ordering: .relaxed) < 0 else { return true }
        left.wrappingIncrement(ordering: .relaxed)
        return false
    }

    func give(_ count: Int) { left.wrappingIncrement(by: count, ordering: .relaxed) }
}

/// The accounts of one event loop's sessions, and the timer that tells what they hold. Confined to its event loop.
final class DeliveryBook {
    /// A reader over HTTPS: its pages are requests of their own.
    private struct Reader: Hashable {
        let node: String
        let certificate: String
        let address: String
    }

    let ledger: DeliveryLedger
    let budget: DeliveryBudget
    let clock: any BrokerClock
    let eventLoop: any EventLoop
    /// Accounts that hold something that time tells or closes.
    private var due: [ObjectIdentifier: DeliveryAccount] = [:]
    /// All that hold streams.
    private var open: [ObjectIdentifier: DeliveryAccount] = [:]
    private var readers: [Reader: DeliveryAccount] = [:]
    private var timer: Scheduled<Void>?

    init(_ ledger: DeliveryLedger, on eventLoop: any EventLoop) {
        self.ledger = ledger
        self.eventLoop = eventLoop
        budget = ledger.budget
        clock = ledger.clock
    }

    var now: NIODeadline { eventLoop.now }

    /// Where a reader's pages are told together. It stays until ``DeliveryAccount/pageEnded()``, however long a busy machine takes to make the page.
    func beginPage(of peer: Peer) -> DeliveryAccount {
        let account = account(ofReader: peer)
        account.pageBegan()
        return account
    }

    func account(ofReader peer: Peer) -> DeliveryAccount {
        let reader = Reader(node: peer.identity.path, certificate: peer.certificateFingerprint.hex, address: peer.remoteAddress)
        if let known = readers[reader] {
            known.lastUsed = now
            return known
        }
        if readers.count >= DeliveryLimits.readersMax, let silent = readers.min(by: { $0.value.silence < $1.value.silence }) {
            silent.value.close()
            readers[silent.key] = nil
        }
        let account = DeliveryAccount(peer, .https, in: self)
        readers[reader] = account
        schedule()
        return account
    }

    func isDue(_ account: DeliveryAccount) {
        due[ObjectIdentifier(account)] = account
        open[ObjectIdentifier(account)] = account
        schedule()
    }

    func closed(_ account: DeliveryAccount) {
        due[ObjectIdentifier(account)] = nil
        open[ObjectIdentifier(account)] = nil
    }

    /// The policy changed, or time ended something.
    func review(_ policy: PolicySnapshot) {
        let now = clock.now()
        for account in Array(open.values) { account.review(policy, at: now) }
    }

    /// Another session needs a stream.
    func retireResting() {
        for account in Array(open.values) { account.retireResting() }
    }

    /// Tells everything: the broker stops.
    func close() {
        for account in Array(open.values) { account.close() }
        readers = [:]
    }

    private func schedule() {
        guard timer == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(in: .milliseconds(DeliveryLimits.coalescedMilliseconds)) { bound.value.timePassed() }
    }

    private func timePassed() {
        timer = nil
        ledger.measured { tellDue() }
        if !due.isEmpty || !readers.isEmpty || ledger.hasWaiting { schedule() }
    }

    private func tellDue() {
        for (id, account) in due where !account.timePassed() { due[id] = nil }
        let idle = TimeAmount.milliseconds(DeliveryLimits.readerIdleMilliseconds)
        for (reader, account) in readers where !account.hasPages && now - account.lastUsed >= idle {
            account.close()
            readers[reader] = nil
        }
        ledger.tick(on: eventLoop)
    }
}
