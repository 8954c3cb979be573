/// How long to wait before the next try: twice as long each time up to a longest wait, a random part of it, so that a
/// thousand clients of a restarted broker do not come back in the same instant. Pure.
struct Backoff: Sendable {
    private let first: Duration
    private let longest: Duration
    private(set) var failures = 0

    init(first: Duration = .milliseconds(50), longest: Duration = .seconds(5)) {
        self.first = first
        self.longest = longest
    }

    /// The wait after one more failure: between half of the step and all of it.
    mutating func failed(using generator: inout some RandomNumberGenerator) -> Duration {
        let step = min(longest, first * (1 << min(failures, 20)))
        failures += 1
        return step / 2 + step / 2 * Double.random(in: 0...1, using: &generator)
    }

    mutating func failed() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return failed(using: &generator)
    }

    mutating func succeeded() { failures = 0 }
}
