// A set of scalars as the byte sequences of their UTF-8 (RFC 3629): a program over bytes never decodes.

extension ScalarSet {
    typealias ByteSequence = [ClosedRange<UInt8>]

    /// Byte sequences that together match exactly the set's scalars. Surrogates are left out: no text holds them.
    var byteSequences: [ByteSequence] {
        var result: [ByteSequence] = []
        for range in ranges {
            for (limits, _) in Self.lengths {
                let low = max(range.lowerBound, limits.lowerBound)
                let high = min(range.upperBound, limits.upperBound)
                if low <= high { Self.split(low, high, into: &result) }
            }
        }
        return result
    }

    /// The scalars of each encoded length, without surrogates.
    private static let lengths: [(ClosedRange<UInt32>, Int)] = [
        (0...0x7F, 1), (0x80...0x7FF, 2), (0x800...0xD7FF, 3), (0xE000...0xFFFF, 3), (0x1_0000...0x10_FFFF, 4),
    ]

    /// Cuts a range of scalars of one encoded length until each piece differs in whole trailing bytes only.
    private static func split(_ low: UInt32, _ high: UInt32, into result: inout [ByteSequence]) {
        for shift in stride(from: UInt32(6), through: 18, by: 6) {
            let mask = UInt32(1) << shift - 1
            guard low & ~mask != high & ~mask else { continue }
            if low & mask != 0 {
                split(low, low | mask, into: &result)
                return split((low | mask) + 1, high, into: &result)
            }
            if high & mask != mask {
                split(low, (high & ~mask) - 1, into: &result)
                return split(high & ~mask, high, into: &result)
            }
        }
        result.append(zip(utf8(low), utf8(high)).map { $0...$1 })
    }

    private static func utf8(_ value: UInt32) -> [UInt8] {
        guard let scalar = Unicode.Scalar(value) else { preconditionFailure("surrogates are cut out before") }
        return Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}
