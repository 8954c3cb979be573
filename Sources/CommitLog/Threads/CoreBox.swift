import NIOConcurrencyHelpers

/// The log thread's state, which the control plane enters between two commit groups.
///
/// Two locks: who waits for the core holds the door, so that the log thread, which comes back at once, queues behind it
/// instead of winning the core every time.
///
/// `@unchecked Sendable`: `core` and all it reaches are touched only with `inside` held.
final class CoreBox: @unchecked Sendable {
    private let door = NIOLock()
    private let inside = NIOLock()
    private var core: LogCore?

    func put(_ core: LogCore?) {
        inside.withLock { self.core = core }
    }

    /// - Returns: nil after the store was shut down.
    func with<T: Sendable>(_ body: (LogCore) -> T) -> T? {
        door.lock()
        inside.lock()
        door.unlock()
        defer { inside.unlock() }
        return core.map(body)
    }
}
