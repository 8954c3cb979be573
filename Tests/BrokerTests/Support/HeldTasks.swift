import NIOConcurrencyHelpers

/// Runs tasks when the test says so, on the test's thread: whatever else a busy machine does in between happens there and then.
final class HeldTasks: TaskExecutor {
    private let jobs = NIOLockedValueBox<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLockedValue { $0.append(job) }
    }

    /// Runs what there is to do, until all of it waits for something.
    func run() {
        while let job = jobs.withLockedValue({ $0.isEmpty ? nil : $0.removeFirst() }) { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    /// Begins a task; what it gives is there when it is.
    func begin<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Outcome<Value> {
        let outcome = Outcome<Value>()
        Task(executorPreference: self) {
            let value = await work()
            outcome.box.withLockedValue { $0 = value }
        }
        return outcome
    }

    struct Outcome<Value: Sendable>: Sendable {
        fileprivate let box = NIOLockedValueBox<Value?>(nil)
        var value: Value? { box.withLockedValue { $0 } }
    }
}
