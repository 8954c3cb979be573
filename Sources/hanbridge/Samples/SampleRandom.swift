/// SplitMix64 (Steele, Lea, Flood 2014): a small generator whose output is fixed for ever, unlike the standard library's
/// `random(in:)`, which may change its way of mapping; so the mapping is here too.
struct SampleRandom: Sendable {
    private var state: UInt64

    /// Each record has a stream of its own, so that record 1000 does not need the 999 before it.
    init(seed: UInt64, index: Int) {
        state = seed &+ UInt64(truncatingIfNeeded: index) &* 0xD1B5_4A32_D192_ED03
        _ = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// One decimal place, so that a number is the same text everywhere.
    mutating func tenths(_ range: ClosedRange<Int>) -> JSONText {
        let value = integer(range)
        return .raw("\(value / 10).\(value % 10)")
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[integer(0...choices.count - 1)] }

    /// True once in `count` times.
    mutating func oneIn(_ count: Int) -> Bool { integer(1...count) == 1 }

    /// An integer that clusters around the middle of the range, as counts and readings do.
    mutating func around(_ range: ClosedRange<Int>) -> Int {
        (integer(range) + integer(range) + integer(range)) / 3
    }

    mutating func digits(_ count: Int) -> String {
        String((0..<count).map { _ in Character(String(integer(0...9))) })
    }
}
