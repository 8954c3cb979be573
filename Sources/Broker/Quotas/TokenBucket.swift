/// A rate that may be passed for a moment: as much as comes in a second is there at once, and what is taken beyond it must be waited for.
///
/// What was done is always counted, so the bucket may be in debt; who is in debt is kept waiting until it is paid. So a request larger than
/// the bucket is served and paid for afterwards, as Kafka's quotas have it (KIP-219), and no rate is too small for anything.
struct TokenBucket: Hashable, Sendable {
    /// Tokens a second.
    private(set) var rate: Double
    private var level: Double
    /// Since then, in nanoseconds of a clock that never steps back.
    private var time: UInt64

    /// Full.
    init(rate: Double, at now: UInt64) {
        self.rate = rate
        level = rate
        time = now
    }

    /// The same debt, or as much of what was there as fits.
    mutating func change(rate next: Double, at now: UInt64) {
        fill(at: now)
        rate = next
        level = min(level, rate)
    }

    mutating func take(_ amount: Double, at now: UInt64) {
        fill(at: now)
        level -= amount
    }

    /// How long from `now` on to wait until there is no debt, in nanoseconds; 0 where there is none.
    func debt(at now: UInt64) -> UInt64 {
        var filled = self
        filled.fill(at: now)
        guard filled.level < 0 else { return 0 }
        let seconds = -filled.level / rate
        // A rate of almost nothing: for ever, in a number that can be added to.
        return seconds < 1e9 ? UInt64((seconds * 1e9).rounded(.up)) : UInt64(1e18)
    }

    private mutating func fill(at now: UInt64) {
        guard now > time else { return }
        level = min(rate, level + Double(now - time) * rate / 1e9)
        time = now
    }
}
