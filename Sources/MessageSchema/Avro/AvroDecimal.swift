/// Decimals as people write them and as Avro does: an integer in two's complement, big-endian, and the number of its digits that stand
/// behind the point.
enum AvroDecimal {
    /// - Returns: nil for no bytes, which are no number.
    static func text(of bytes: [UInt8], scale: Int) -> String? {
        guard let first = bytes.first else { return nil }
        let isNegative = first >= 0x80
        var magnitude = isNegative ? negated(bytes) : bytes
        var digits: [UInt8] = []
        while magnitude.contains(where: { $0 != 0 }) {
            var remainder = 0
            for index in magnitude.indices {
                let value = remainder << 8 | Int(magnitude[index])
                magnitude[index] = UInt8(value / 10)
                remainder = value % 10
            }
            digits.append(UInt8(ascii: "0") + UInt8(remainder))
            if magnitude.first == 0 { magnitude.removeFirst() }
        }
        while digits.count <= scale { digits.append(UInt8(ascii: "0")) }
        if scale > 0 { digits.insert(UInt8(ascii: "."), at: scale) }
        if isNegative { digits.append(UInt8(ascii: "-")) }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }

    /// - Parameter text: digits with an optional sign and point.
    /// - Returns: as few bytes as possible; nil where it is no such number or has more digits behind the point than `scale`.
    static func bytes(of text: String, scale: Int) -> [UInt8]? {
        var digits = Substring(text)
        let isNegative = digits.first == "-"
        if isNegative { digits.removeFirst() }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1] : ""
        guard !parts[0].isEmpty, parts.count == 1 || !fraction.isEmpty, fraction.count <= scale,
            (parts[0] + fraction).utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        var magnitude: [UInt8] = [0]
        for digit in (parts[0] + fraction).utf8 + Array(repeating: 0x30, count: scale - fraction.utf8.count) {
            var carry = Int(digit - 0x30)
            for index in magnitude.indices.reversed() {
                let product = Int(magnitude[index]) * 10 + carry
                magnitude[index] = UInt8(truncatingIfNeeded: product)
                carry = product >> 8
            }
            if carry > 0 { magnitude.insert(UInt8(carry), at: 0) }
        }
        if magnitude[0] >= 0x80 { magnitude.insert(0, at: 0) }
        guard isNegative else { return magnitude }
        var negative = negated(magnitude)
        while negative.count > 1, negative[0] == 0xFF, negative[1] >= 0x80 { negative.removeFirst() }
        return negative
    }

    private static func negated(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes.map { ~$0 }
        for index in result.indices.reversed() {
            result[index] &+= 1
            if result[index] != 0 { break }
        }
        return result
    }
}
