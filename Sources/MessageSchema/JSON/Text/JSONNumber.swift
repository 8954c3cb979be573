/// A number of any size, exactly: `±0.d₁d₂d₃… × 10^magnitude`, with the digits left where they are in the text. Comparing takes time
/// in the digits, never in the exponent.
struct JSONNumber {
    let isNegative: Bool
    /// From the first digit that is not 0 to the last that is not 0, with a point perhaps between them.
    private let digits: UnsafeRawBufferPointer
    /// Without the point; 0 for zero.
    let digitCount: Int
    let magnitude: Int

    /// - Parameter text: a number of RFC 8259, its exponent of at most `SchemaLimits.exponentDigitsMax` digits.
    init(_ text: UnsafeRawBufferPointer) {
        isNegative = text.first == 0x2D
        var first = -1
        var last = -1
        var point: Int?
        var end = isNegative ? 1 : 0
        let integer = end
        while end < text.count, text[end] | 0x20 != 0x65 {
            if text[end] == 0x2E {
                point = end
            } else if text[end] != 0x30 {
                if first < 0 { first = end }
                last = end
            }
            end += 1
        }
        guard first >= 0 else {
            digits = UnsafeRawBufferPointer(start: nil, count: 0)
            digitCount = 0
            magnitude = 0
            return
        }
        digits = UnsafeRawBufferPointer(rebasing: text[first...last])
        let unit = point ?? end
        digitCount = last - first + 1 - (first < unit && unit < last ? 1 : 0)
        let leading = first < unit ? unit - first : unit + 1 - first
        magnitude = leading + Self.exponent(UnsafeRawBufferPointer(rebasing: text[end...]))
        assert(integer <= first)
    }

    private static func exponent(_ text: UnsafeRawBufferPointer) -> Int {
        var value = 0
        for byte in text where byte &- 0x30 <= 9 { value = value * 10 + Int(byte - 0x30) }
        return text.count > 1 && text[1] == 0x2D ? -value : value
    }

    var isZero: Bool { digitCount == 0 }
    /// 1.0 and 1e3 are integers too.
    var isInteger: Bool { digitCount <= magnitude || isZero }

    private func forEachDigit(_ body: (UInt8) -> Void) {
        for byte in digits where byte != 0x2E { body(byte - 0x30) }
    }

    /// Negative, 0 or positive, as `self` is less than, equal to or greater than `other`.
    func compared(to other: JSONNumber) -> Int {
        if isZero || other.isZero || isNegative != other.isNegative {
            return signum - other.signum
        }
        let sign = isNegative ? -1 : 1
        if magnitude != other.magnitude { return magnitude < other.magnitude ? -sign : sign }
        var left = 0
        var right = 0
        while left < digits.count, right < other.digits.count {
            if digits[left] == 0x2E { left += 1 }
            if other.digits[right] == 0x2E { right += 1 }
            if digits[left] != other.digits[right] { return digits[left] < other.digits[right] ? -sign : sign }
            left += 1
            right += 1
        }
        return digitCount == other.digitCount ? 0 : digitCount < other.digitCount ? -sign : sign
    }

    private var signum: Int { isZero ? 0 : isNegative ? -1 : 1 }

    /// Equal numbers hash alike, however they are written.
    func hash(into hasher: inout Hasher) {
        guard !isZero else { return hasher.combine(0) }
        hasher.combine(isNegative)
        hasher.combine(magnitude)
        forEachDigit { hasher.combine($0) }
    }

    /// A count such as `maxLength`: nil unless it is an integer from 0; `Int.max` where it is larger than that.
    var count: Int? {
        guard isInteger, !isNegative || isZero else { return nil }
        guard magnitude <= 18 else { return .max }
        return signedInteger
    }

    /// nil where it is not an integer of at most 18 digits.
    var signedInteger: Int? {
        guard isInteger, magnitude <= 18 else { return nil }
        var value = 0
        forEachDigit { value = value * 10 + Int($0) }
        for _ in 0..<max(0, magnitude - digitCount) { value *= 10 }
        return isNegative ? -value : value
    }
}

extension JSONNumber {
    /// What `multipleOf` asks for: greater than 0, at most `SchemaLimits.divisorDigitsMax` significant digits.
    struct Divisor: Hashable, Sendable {
        /// Without its factors of 2 and 5.
        let rest: UInt128
        let twos: Int
        let fives: Int
        /// The divisor is `rest × 2^twos × 5^fives × 10^exponent`.
        let exponent: Int

        init?(_ number: JSONNumber) {
            guard !number.isZero, !number.isNegative, number.digitCount <= SchemaLimits.divisorDigitsMax else { return nil }
            var rest: UInt128 = 0
            number.forEachDigit { rest = rest * 10 + UInt128($0) }
            var twos = 0
            var fives = 0
            while rest % 2 == 0 { rest /= 2; twos += 1 }
            while rest % 5 == 0 { rest /= 5; fives += 1 }
            self.rest = rest
            self.twos = twos
            self.fives = fives
            exponent = number.magnitude - number.digitCount
        }
    }

    /// Exact, and without ever writing out the power of ten between the two exponents.
    func isMultiple(of divisor: Divisor) -> Bool {
        guard !isZero else { return true }
        // self = M × 10^e times the divisor's power of ten, M not divisible by 10.
        let exponent = magnitude - digitCount - divisor.exponent
        guard exponent >= 0 else { return false }
        // M × 10^e is divisible by rest × 2^twos × 5^fives, if M is by what e twos and e fives leave of it.
        var modulus = divisor.rest
        for _ in 0..<max(0, divisor.twos - exponent) { modulus *= 2 }
        for _ in 0..<max(0, divisor.fives - exponent) { modulus *= 5 }
        if modulus <= UInt128(UInt64.max / 10 - 1) {
            let modulus = UInt64(modulus)
            var rest: UInt64 = 0
            forEachDigit { rest = (rest * 10 + UInt64($0)) % modulus }
            return rest == 0
        }
        var rest: UInt128 = 0
        forEachDigit { rest = (rest * 10 + UInt128($0)) % modulus }
        return rest == 0
    }
}
