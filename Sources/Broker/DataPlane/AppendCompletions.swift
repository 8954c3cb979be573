import NIOCore
import Storage

/// Brings the outcomes of one commit group to one event loop: one wake-up for all the requests it answers.
final class AppendCompletions: AppendCompletionQueue {
    private let eventLoop: any EventLoop
    private let waiting: NIOLoopBound<AppendsInFlight>

    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        waiting = NIOLoopBound(AppendsInFlight(on: eventLoop), eventLoop: eventLoop)
    }

    /// On its event loop only.
    var inFlight: AppendsInFlight { waiting.value }

    func complete(_ outcomes: [(ticket: AppendTicket, outcome: AppendOutcome)]) {
        let waiting = waiting
        eventLoop.execute {
            let inFlight = waiting.value
            for (ticket, outcome) in outcomes { inFlight.resolve(ticket, outcome) }
        }
    }
}

/// Receives the outcomes of its appends, in any order, each once. Owned by its event loop.
protocol AppendWaiter: AnyObject {
    func appendEnded(at index: Int, _ outcome: AppendOutcome)
    /// The request has waited for as long as its client allows.
    func timedOut()
    /// When it has.
    var deadline: NIODeadline { get }
}

/// The requests of one event loop whose appends are not all ended, in slots that are used again. Confined to the loop.
///
/// A slot is freed when every append of its request has ended, not when the request was answered: a ticket therefore never
/// names the wrong request, whatever timed out or disconnected in between. Bounded by the connections' requests in flight.
final class AppendsInFlight {
    private struct Slot {
        var waiter: any AppendWaiter
        var unresolved: Int
    }
    private let eventLoop: any EventLoop
    private var slots: [Slot?] = []
    private var free: [Int] = []
    /// One timer for all: a produce time-out is seconds, and a timer for each request would cost more than the request.
    private var sweep: Scheduled<Void>?
    static let sweepInterval = TimeAmount.milliseconds(500)
    /// A ticket is slot << 24 | index.
    static let indexBits: UInt64 = 24

    init(on eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Registers a request with this many appends.
    /// - Returns: its slot, for ``ticket(slot:index:)``.
    func register(_ waiter: any AppendWaiter, appends: Int) -> Int {
        precondition(appends > 0 && appends < 1 << Int(Self.indexBits), "a request has 1 to 2^24 - 1 appends")
        let slot = Slot(waiter: waiter, unresolved: appends)
        let number: Int
        if let reused = free.popLast() {
            number = reused
            slots[number] = slot
        } else {
            number = slots.count
            slots.append(slot)
        }
        scheduleSweep()
        return number
    }

    static func ticket(slot: Int, index: Int) -> AppendTicket {
        AppendTicket(rawValue: UInt64(slot) << indexBits | UInt64(index))
    }

    func resolve(_ ticket: AppendTicket, _ outcome: AppendOutcome) {
        let number = Int(ticket.rawValue >> Self.indexBits)
        guard number < slots.count, let waiter = slots[number]?.waiter else {
            preconditionFailure("the store answered ticket \(ticket.rawValue), which names no append in flight")
        }
        slots[number]?.unresolved -= 1
        if slots[number]?.unresolved == 0 {
            slots[number] = nil
            free.append(number)
        }
        waiter.appendEnded(at: Int(ticket.rawValue & (1 << Self.indexBits - 1)), outcome)
    }

    /// Looks for requests that waited for too long, now and again while anything is in flight.
    private func scheduleSweep() {
        guard sweep == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        sweep = eventLoop.scheduleTask(in: Self.sweepInterval) { bound.value.sweepTimedOut() }
    }

    private func sweepTimedOut() {
        sweep = nil
        let now = eventLoop.now
        for case .some(let slot) in slots where slot.waiter.deadline <= now { slot.waiter.timedOut() }
        if count > 0 { scheduleSweep() }
    }

    var count: Int { slots.count - free.count }
}
