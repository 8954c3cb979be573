/// A 16-byte UUID as Kafka carries it: topic ids, cluster ids.
public struct UUID128: Hashable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Kafka's "no topic id".
    public static let zero = UUID128(high: 0, low: 0)

    /// A version 4 UUID (RFC 9562) from the given generator.
    public static func random(using generator: inout some RandomNumberGenerator) -> UUID128 {
        let high = (generator.next() as UInt64) & ~0xF000 | 0x4000
        let low = (generator.next() as UInt64) & ~(0b11 << 62) | (0b10 << 62)
        return UUID128(high: high, low: low)
    }

    public static func random() -> UUID128 {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// 32 lower-case hexadecimal digits without dashes, as EVIDENCE.md writes it in origins.
    public var hex: String {
        func digits(_ word: UInt64) -> String {
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return digits(high) + digits(low)
    }

    /// - Returns: nil unless `hex` is 32 hexadecimal digits.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 32, hex.allSatisfy(\.isHexDigit),
            let high = UInt64(hex.prefix(16), radix: 16), let low = UInt64(hex.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    public var description: String { hex }
}
