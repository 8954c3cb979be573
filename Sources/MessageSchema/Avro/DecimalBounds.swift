/// The numbers of at most so many digits, as bounds that no value may reach: 10^precision and its negative, each in two's complement,
/// big-endian, with as few bytes as possible.
struct DecimalBounds: Sendable {
    let precision: Int
    private let above: [UInt8]
    private let below: [UInt8]

    init(precision: Int) {
        var digits: [UInt8] = [1]
        for _ in 0..<precision {
            var carry = 0
            for place in digits.indices {
                let product = Int(digits[place]) * 10 + carry
                digits[place] = UInt8(truncatingIfNeeded: product)
                carry = product >> 8
            }
            if carry > 0 { digits.append(UInt8(carry)) }
        }
        if digits[digits.count - 1] >= 0x80 { digits.append(0) }
        var carry = 1
        let negative = digits.map { digit in
            let sum = Int(~digit) + carry
            carry = sum >> 8
            return UInt8(truncatingIfNeeded: sum)
        }
        self.precision = precision
        self.above = digits.reversed()
        self.below = negative.reversed()
    }

    /// - Parameter value: an integer in two's complement, big-endian. One without bytes is no number.
    func contains(_ value: UnsafeRawBufferPointer) -> Bool {
        guard var first = value.first else { return false }
        var start = 0
        // A byte that only repeats the sign of the next one adds nothing.
        while start + 1 < value.count, (first == 0 && value[start + 1] < 0x80) || (first == 0xFF && value[start + 1] >= 0x80) {
            start += 1
            first = value[start]
        }
        let count = value.count - start
        let bound = first < 0x80 ? above : below
        guard count == bound.count else { return count < bound.count }
        for place in 0..<count where value[start + place] != bound[place] {
            return first < 0x80 ? value[start + place] < bound[place] : value[start + place] > bound[place]
        }
        return false
    }
}
