/// Decimals as people write them and as Avro does: an integer in two's complement, big-endian, and the number of its digits that stand
/// behind the point.
///
/// Both ways take time with the square of the digits, so both are bounded: what is longer than any decimal that a schema can ask for is
/// refused before it is worked on.
enum AvroDecimal {
    /// Of a number to be read: more than any of `SchemaLimits.avroPrecisionMax` digits has.
    static let bytesMax = 512

    /// The numbers of Swift's `UInt32` are the digits here, most significant first; nine of ours go into one step.
    private static let digitsPerStep = 9
    private static let step: UInt64 = 1_000_000_000

    /// - Returns: nil for no bytes, which are no number, and for more than `bytesMax` of them behind those that only repeat the sign.
    static func text(of bytes: [UInt8], scale: Int) -> String? {
        guard let first = bytes.first else { return nil }
        let isNegative = first >= 0x80
        let significant = bytes.drop { $0 == (isNegative ? 0xFF : 0) }
        guard significant.count <= bytesMax else { return nil }
        // One byte of the sign stays in front, so that negating keeps its room.
        let number = [isNegative ? 0xFF : 0] + significant
        var limbs = limbs(of: isNegative ? negated(number) : number)
        var digits: [UInt8] = []
        while !limbs.isEmpty {
            var remainder: UInt64 = 0
            for index in limbs.indices {
                let value = remainder << 32 | UInt64(limbs[index])
                limbs[index] = UInt32(value / step)
                remainder = value % step
            }
            if limbs[0] == 0 { limbs.removeFirst() }
            for _ in 0..<digitsPerStep {
                digits.append(UInt8(ascii: "0") + UInt8(remainder % 10))
                remainder /= 10
            }
        }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        while digits.count <= scale { digits.append(UInt8(ascii: "0")) }
        if scale > 0 { digits.insert(UInt8(ascii: "."), at: scale) }
        if isNegative { digits.append(UInt8(ascii: "-")) }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }

    /// - Parameter text: digits with an optional sign and point.
    /// - Returns: as few bytes as possible; nil where it is no such number, has more digits behind the point than `scale`, or with these
    ///   more than `precision`, zeros in front not counted.
    static func bytes(of text: String, precision: Int, scale: Int) -> [UInt8]? {
        var rest = Substring(text).utf8
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1] : Substring().utf8
        guard !parts[0].isEmpty, parts.count == 1 || !fraction.isEmpty, fraction.count <= scale,
            parts.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        let zeros = Array(repeating: UInt8(ascii: "0"), count: scale - fraction.count)
        let digits = (Array(parts[0]) + Array(fraction) + zeros).drop { $0 == UInt8(ascii: "0") }
        guard digits.count <= precision else { return nil }
        let magnitude = bytes(of: limbs(ofDigits: digits))
        guard isNegative else { return magnitude }
        var negative = negated(magnitude)
        while negative.count > 1, negative[0] == 0xFF, negative[1] >= 0x80 { negative.removeFirst() }
        return negative
    }

    private static func limbs(ofDigits digits: ArraySlice<UInt8>) -> [UInt32] {
        var limbs: [UInt32] = []
        var rest = digits
        while !rest.isEmpty {
            // A short step first, so that all others are whole.
            let count = (rest.count - 1) % digitsPerStep + 1
            var carry = rest.prefix(count).reduce(0 as UInt64) { $0 * 10 + UInt64($1 - 0x30) }
            for index in limbs.indices.reversed() {
                let product = UInt64(limbs[index]) * step + carry
                limbs[index] = UInt32(truncatingIfNeeded: product)
                carry = product >> 32
            }
            if carry > 0 { limbs.insert(UInt32(carry), at: 0) }
            rest = rest.dropFirst(count)
        }
        return limbs
    }

    /// - Parameter bytes: of a number that is not negative.
    private static func limbs(of bytes: [UInt8]) -> [UInt32] {
        let padding = [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
        let whole = padding + bytes
        let limbs = stride(from: 0, to: whole.count, by: 4).map { place in
            whole[place..<place + 4].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        }
        return Array(limbs.drop { $0 == 0 })
    }

    /// As few as possible, with room for the sign.
    private static func bytes(of limbs: [UInt32]) -> [UInt8] {
        let bytes = limbs.flatMap { limb in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: limb >> $0) } }.drop { $0 == 0 }
        guard let first = bytes.first else { return [0] }
        return first >= 0x80 ? [0] + bytes : Array(bytes)
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
