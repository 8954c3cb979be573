import DequeModule
import Dispatch
import NIOConcurrencyHelpers

/// The threads on which large projections run, so that masking one subscriber's records does not keep the event loop from all the others'.
/// What waits is taken in turn, a stretch of records at a time: whoever reads much waits for its next stretch behind those who read little.
final class ProjectionCrew: Sendable {
    private struct State {
        var waiting: Deque<@Sendable () -> Void> = []
        var running = 0
    }

    private let state = NIOLockedValueBox(State())
    private let queue = DispatchQueue(label: "hanbridge.projection", qos: .utility, attributes: .concurrent)
    private let runningMax: Int
    private let waitingMax: Int

    init(runningMax: Int = ReadingLimits.projectionsAtOnce, waitingMax: Int = ReadingLimits.projectionsWaitingMax) {
        self.runningMax = runningMax
        self.waitingMax = waitingMax
    }

    /// - Returns: whether it will run; not where too many wait.
    func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        enum Place { case now, later, never }
        let place: Place = state.withLockedValue { state in
            if state.running < runningMax {
                state.running += 1
                return .now
            }
            guard state.waiting.count < waitingMax else { return .never }
            state.waiting.append(work)
            return .later
        }
        switch place {
        case .now: queue.async { self.work(from: work) }
        case .later: break
        case .never: return false
        }
        return true
    }

    private func work(from first: @escaping @Sendable () -> Void) {
        var next: (@Sendable () -> Void)? = first
        while let work = next {
            work()
            next = state.withLockedValue { state in
                let waiting = state.waiting.popFirst()
                if waiting == nil { state.running -= 1 }
                return waiting
            }
        }
    }
}
