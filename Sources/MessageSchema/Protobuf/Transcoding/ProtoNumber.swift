/// Numbers as the JSON mapping writes them, also within strings: by the grammar of JSON (RFC 8259, section 6) and nothing else that a
/// language may read as a number.
struct ProtoNumber {
    private let isNegative: Bool
    /// All digits in front of the exponent, and how many of them stand behind the point.
    private let digits: [UInt8]
    private let fractionDigits: Int
    private let exponent: Int

    /// - Returns: nil where the text is no number of JSON.
    init?(_ text: String) {
        var rest = Substring(text).utf8
        func take(_ byte: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: byte) else { return false }
            rest.removeFirst()
            return true
        }
        func takeDigits() -> [UInt8] {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            return Array(digits)
        }
        isNegative = take("-")
        let whole = takeDigits()
        guard !whole.isEmpty, whole.count == 1 || whole[0] != UInt8(ascii: "0") else { return nil }
        let hasPoint = take(".")
        let fraction = hasPoint ? takeDigits() : []
        guard hasPoint == !fraction.isEmpty else { return nil }
        var exponent = 0
        if take("e") || take("E") {
            let isSmall = take("-")
            if !isSmall { _ = take("+") }
            let written = takeDigits()
            guard !written.isEmpty else { return nil }
            // What has more digits is beyond every number here, or zero.
            let magnitude = written.reduce(0) { min($0 * 10 + Int($1 - 0x30), Self.exponentMax) }
            exponent = isSmall ? -magnitude : magnitude
        }
        guard rest.isEmpty else { return nil }
        digits = whole + fraction
        fractionDigits = fraction.count
        self.exponent = exponent
    }

    private static let exponentMax = 1 << 40

    /// The bits of a whole number, a negative one in two's complement; nil where it is none or out of the range.
    func bits(from low: Int64, through high: UInt64) -> UInt64? {
        let zeros = digits.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        let significant = digits.dropLast(zeros).drop { $0 == UInt8(ascii: "0") }
        guard !significant.isEmpty else { return 0 }
        let shift = exponent - fractionDigits + zeros
        // No UInt64 has more than 20 digits.
        guard shift >= 0, shift <= 20, significant.count + shift <= 20 else { return nil }
        let text = String(decoding: significant, as: UTF8.self) + String(repeating: "0", count: shift)
        guard let magnitude = UInt64(text) else { return nil }
        guard isNegative else { return magnitude <= high ? magnitude : nil }
        return magnitude <= low.magnitude ? 0 &- magnitude : nil
    }
}
