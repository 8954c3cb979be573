import CLinux
import DequeModule
import NIOConcurrencyHelpers

/// A few threads that run pieces of work in order, for what may wait for the disk: cold reads, manifests, the syncs behind the
/// journal, the scrubber. Bounded: what does not fit is not taken.
final class WorkThreads: Sendable {
    /// Threads of its own, or none: then the work waits for `runWaiting`, by which tests step through it.
    enum Running: Hashable, Sendable {
        case threads(count: Int, lowPriority: Bool)
        case stepped
    }

    private struct State {
        var waiting: Deque<@Sendable () -> Void> = []
        var isClosed = false
        var alive = 0
    }

    private let countMax: Int
    private let state = NIOLockedValueBox(State())
    private let bell = Bell()
    private let ended = Bell()

    init(name: String, countMax: Int, running: Running) {
        self.countMax = countMax
        switch running {
        case .stepped: break
        case .threads(let count, let lowPriority):
            for _ in 0..<count {
                state.withLockedValue { $0.alive += 1 }
                startThread(name: name) { [self] in
                    if lowPriority { hb_yield_priority() }
                    loop()
                }
            }
        }
    }

    /// - Returns: false where too much waits already, or the threads have been told to end.
    @discardableResult
    func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = state.withLockedValue { state in
            guard !state.isClosed, state.waiting.count < countMax else { return false }
            state.waiting.append(work)
            return true
        }
        if isTaken { bell.ring() }
        return isTaken
    }

    /// Told to end. Long work that can be taken up again another time looks at it.
    var isClosed: Bool { state.withLockedValue { $0.isClosed } }

    var waitingCount: Int { state.withLockedValue { $0.waiting.count } }

    /// Runs what waits, and what that adds, on the calling thread.
    func runWaiting() {
        while let work = state.withLockedValue({ $0.waiting.popFirst() }) { work() }
    }

    /// Finishes what waits and ends the threads.
    func close() {
        state.withLockedValue { $0.isClosed = true }
        bell.ring()
        while true {
            let reading = ended.reading
            if state.withLockedValue({ $0.alive == 0 }) { break }
            ended.wait(after: reading)
        }
        runWaiting()
    }

    private func loop() {
        while true {
            let reading = bell.reading
            let (work, isClosed) = state.withLockedValue { ($0.waiting.popFirst(), $0.isClosed) }
            if let work {
                work()
            } else if isClosed {
                break
            } else {
                bell.wait(after: reading)
            }
        }
        state.withLockedValue { $0.alive -= 1 }
        ended.ring()
    }
}

/// Starts a thread of its own: a blocked one must not take a thread from Swift's pool.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) {
    final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void
        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }
    let argument = Unmanaged.passRetained(Body(name: name, run: body)).toOpaque()
    let status = hb_start_thread(
        { argument in
            guard let argument else { return }
            let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
            hb_name_thread(body.name)
            body.run()
        }, argument)
    precondition(status == 0, "the system refuses to start a thread (errno \(status)): raise its limit of threads")
}
