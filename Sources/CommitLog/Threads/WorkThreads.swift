import CLinux
import DequeModule
import NIOConcurrencyHelpers

/// A few threads that run pieces of work, for what may wait for the disk: cold reads, manifests, the syncs behind the journal, the
/// scrubber. Bounded: what does not fit is not taken.
///
/// Work comes in lanes, one for each reader; lanes take turns, and within one work is done in order. So a reader that has a thousand cold
/// reads waiting keeps another's single one waiting for one of them and not for all.
final class WorkThreads: Sendable {
    /// Threads of its own, or none: then the work waits for `runWaiting`, by which tests step through it.
    enum Running: Hashable, Sendable {
        case threads(count: Int, lowPriority: Bool)
        case stepped
    }

    private struct State {
        /// In the order of their turns, each with what waits in it; never an empty one.
        var turns: Deque<UInt64> = []
        var lanes: [UInt64: Deque<@Sendable () -> Void>] = [:]
        var waitingCount = 0
        var isClosed = false
        var alive = 0

        mutating func append(_ work: @escaping @Sendable () -> Void, _ lane: UInt64) {
            if lanes[lane, default: []].isEmpty { turns.append(lane) }
            lanes[lane, default: []].append(work)
            waitingCount += 1
        }

        mutating func popFirst() -> (@Sendable () -> Void)? {
            guard let lane = turns.popFirst(), let work = lanes[lane]?.popFirst() else { return nil }
            waitingCount -= 1
            if lanes[lane]?.isEmpty ?? true { lanes[lane] = nil } else { turns.append(lane) }
            return work
        }
    }

    /// Of what may wait in all, the part that one reader's lane may have.
    static let laneParts = 4

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

    /// - Parameter lane: whose work it is; 0 for the store's own, of which as much may wait as there is room for.
    /// - Returns: false where too much waits already, or the threads have been told to end.
    @discardableResult
    func submit(lane: UInt64 = 0, _ work: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = state.withLockedValue { state in
            guard !state.isClosed, state.waitingCount < countMax else { return false }
            guard lane == 0 || (state.lanes[lane]?.count ?? 0) < max(1, countMax / Self.laneParts) else { return false }
            state.append(work, lane)
            return true
        }
        if isTaken { bell.ring() }
        return isTaken
    }

    /// Told to end. Long work that can be taken up again another time looks at it.
    var isClosed: Bool { state.withLockedValue { $0.isClosed } }

    var waitingCount: Int { state.withLockedValue { $0.waitingCount } }

    /// Runs what waits, and what that adds, on the calling thread.
    func runWaiting() {
        while let work = state.withLockedValue({ $0.popFirst() }) { work() }
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
            let (work, isClosed) = state.withLockedValue { ($0.popFirst(), $0.isClosed) }
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
