#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The wall clock, as a dependency: decisions, append times and expiry are tested by setting it. Waits use the event loop's
/// own time instead, which a test drives too.
public protocol BrokerClock: Sendable {
    /// ms since 1970-01-01T00:00:00Z
    func now() -> Int64
}

/// The machine's clock.
public struct SystemClock: BrokerClock {
    public init() {}

    public func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
