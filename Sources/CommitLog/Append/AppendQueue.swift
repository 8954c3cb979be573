import NIOConcurrencyHelpers
import Storage

/// What waits for the log thread: bounded in bytes and count. The sync in flight is the batching window, so there is no timer:
/// the log thread takes all there is and sleeps only when there is nothing.
final class AppendQueue: Sendable {
    private struct State {
        var waiting: [QueuedAppend] = []
        var bytes = 0
        /// Kept from the group before, so that a steady flow allocates no arrays.
        var spare: [QueuedAppend] = []
        var isClosed = false
        var sleeps = false
    }

    enum Admission: Hashable, Sendable {
        case queued
        case overloaded
        case closed
    }

    private let bytesMax: Int
    private let countMax: Int
    private let state = NIOLockedValueBox(State())
    private let bell = Bell()

    init(bytesMax: Int, countMax: Int) {
        self.bytesMax = bytesMax
        self.countMax = countMax
    }

    func put(_ append: QueuedAppend) -> Admission {
        let (admission, wakes) = state.withLockedValue { state -> (Admission, Bool) in
            if state.isClosed { return (.closed, false) }
            // The first of an empty queue always fits: a limit below one batch must not stop it for ever.
            if state.waiting.count >= countMax || (!state.waiting.isEmpty && state.bytes + append.frameBytes > bytesMax) {
                return (.overloaded, false)
            }
            state.waiting.append(append)
            state.bytes += append.frameBytes
            let wakes = state.sleeps
            state.sleeps = false
            return (.queued, wakes)
        }
        if wakes { bell.ring() }
        return admission
    }

    /// Takes what waits, up to `bytesMax` bytes but at least one. nil once the queue is closed and empty.
    func take(bytesMax: Int, sleeping: Bool) -> [QueuedAppend]? {
        while true {
            let rung = bell.reading
            let (taken, isClosed) = state.withLockedValue { state -> ([QueuedAppend], Bool) in
                guard !state.waiting.isEmpty else {
                    state.sleeps = true
                    return ([], state.isClosed)
                }
                return (takeWaiting(&state, bytesMax: bytesMax), false)
            }
            if !taken.isEmpty { return taken }
            if isClosed { return nil }
            guard sleeping else { return [] }
            bell.wait(after: rung)
        }
    }

    private func takeWaiting(_ state: inout State, bytesMax: Int) -> [QueuedAppend] {
        if state.bytes <= bytesMax {
            let taken = state.waiting
            state.waiting = state.spare
            state.spare = []
            state.bytes = 0
            return taken
        }
        var count = 0
        var bytes = 0
        while count < state.waiting.count, count == 0 || bytes + state.waiting[count].frameBytes <= bytesMax {
            bytes += state.waiting[count].frameBytes
            count += 1
        }
        let taken = Array(state.waiting[..<count])
        state.waiting.removeFirst(count)
        state.bytes -= bytes
        return taken
    }

    /// Gives an array back for its capacity.
    func giveBack(_ appends: consuming [QueuedAppend]) {
        appends.removeAll(keepingCapacity: true)
        let spare = appends
        guard spare.capacity <= 4096 else { return }
        state.withLockedValue { $0.spare = spare }
    }

    /// What waits is still taken; nothing more is put.
    func close() {
        state.withLockedValue { $0.isClosed = true }
        bell.ring()
    }

    var depth: (count: Int, bytes: Int) { state.withLockedValue { ($0.waiting.count, $0.bytes) } }
}
