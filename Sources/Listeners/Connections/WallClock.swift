import Foundation

/// ms since 1970. The listeners judge certificates by it; time-outs go by the event loop's own monotonic clock.
public typealias WallClock = @Sendable () -> Int64

/// The system's clock.
public let systemWallClock: WallClock = { Int64(Date().timeIntervalSince1970 * 1000) }
