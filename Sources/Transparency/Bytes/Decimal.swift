/// Numbers as the C2SP formats write them: ASCII decimal, no sign, no leading zeros but for 0 itself.
enum Decimal {
    /// - Returns: nil where it is no such number or above `TransparencyLimits.treeSizeMax`.
    static func decode(_ text: some Collection<UInt8>) -> Int64? {
        guard let first = text.first, text.count <= 19, first != UInt8(ascii: "0") || text.count == 1 else { return nil }
        var value: Int64 = 0
        for character in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { return nil }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(Int64(character - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }
}
