import Testing

@testable import Broker

@Suite("Token buckets")
struct TokenBucketTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("A second's worth is there at once; one more is a debt that the rate pays")
    func limit() {
        var bucket = TokenBucket(rate: 100, at: 0)
        bucket.take(100, at: 0)
        #expect(bucket.debt(at: 0) == 0)
        bucket.take(1, at: 0)
        #expect(bucket.debt(at: 0) == Self.second / 100)
        #expect(bucket.debt(at: Self.second / 100 - 1) > 0)
        #expect(bucket.debt(at: Self.second / 100) == 0)
    }

    @Test("Nothing is saved up beyond a second's worth")
    func full() {
        var bucket = TokenBucket(rate: 10, at: 0)
        bucket.take(11, at: 1000 * Self.second)
        #expect(bucket.debt(at: 1000 * Self.second) == Self.second / 10)
    }

    @Test("However large one thing is, it is paid for in time", arguments: [1.0, 0.001, 1e9])
    func large(rate: Double) {
        var bucket = TokenBucket(rate: rate, at: 0)
        bucket.take(rate * 61, at: 0)
        let debt = bucket.debt(at: 0)
        #expect(debt >= 60 * Self.second && debt <= 60 * Self.second + 1000)
        #expect(bucket.debt(at: debt) == 0)
    }

    @Test("A rate of almost nothing asks for a long time, not for none")
    func tiny() {
        var bucket = TokenBucket(rate: .leastNormalMagnitude, at: 0)
        bucket.take(1, at: 0)
        #expect(bucket.debt(at: 0) == 1_000_000_000_000_000_000)
    }

    @Test("A changed rate keeps the debt, and of what was saved as much as fits")
    func changed() {
        var bucket = TokenBucket(rate: 100, at: 0)
        bucket.change(rate: 10, at: 0)
        bucket.take(11, at: 0)
        #expect(bucket.debt(at: 0) == Self.second / 10)
        bucket.change(rate: 1, at: 0)
        #expect(bucket.debt(at: 0) == Self.second)
    }

    @Test("A clock that stands still or steps back gives nothing and takes nothing")
    func clock() {
        var bucket = TokenBucket(rate: 10, at: 5 * Self.second)
        bucket.take(20, at: 5 * Self.second)
        bucket.take(0, at: 0)
        #expect(bucket.debt(at: 0) == Self.second)
        #expect(bucket.debt(at: 6 * Self.second) == 0)
    }

    @Test("Over any time no more is taken without waiting than the rate times it, and a second's worth")
    func random() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        for _ in 0..<50 {
            let rate = Double(1 + next(1000))
            var bucket = TokenBucket(rate: rate, at: 0)
            var (now, taken): (UInt64, Double) = (0, 0)
            for _ in 0..<300 {
                let amount = Double(next(200))
                now += bucket.debt(at: now) + next(Self.second / 2)
                // Before it is served the client has waited, so what it took before is paid.
                #expect(taken <= rate * (Double(now) / 1e9 + 1) + 1e-3, "seed \(seed)")
                bucket.take(amount, at: now)
                taken += amount
            }
        }
    }
}
