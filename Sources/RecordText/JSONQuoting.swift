/// Text as a JSON string (RFC 8259, 7), in bytes.
public enum JSONQuoting {
    /// Appends the text in quotes; only what must be escaped is.
    public static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): output += "\\n".utf8
            case UInt8(ascii: "\r"): output += "\\r".utf8
            case UInt8(ascii: "\t"): output += "\\t".utf8
            case 0..<0x20: output += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// The text of a JSON string, its quotes included, which a scanner has found to be one.
    /// - Returns: nil where it is none, or names half of a pair of surrogates.
    public static func text(of string: some Collection<UInt8>) -> String? {
        guard string.count >= 2, string.first == UInt8(ascii: "\"") else { return nil }
        let inner = string.dropFirst().dropLast(1)
        guard inner.contains(UInt8(ascii: "\\")) else { return String(validating: inner, as: UTF8.self) }
        var units: [UInt16] = []
        var plain: [UInt8] = []
        func endPlain() { units += String(decoding: plain, as: UTF8.self).utf16; plain = [] }
        var rest = inner.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "\\") else {
                plain.append(byte)
                continue
            }
            endPlain()
            switch rest.next() {
            case UInt8(ascii: "u"): units.append((0..<4).reduce(0) { unit, _ in unit << 4 | UInt16(rest.next().map(hexDigit) ?? 0) })
            case UInt8(ascii: "b"): units.append(8)
            case UInt8(ascii: "f"): units.append(12)
            case UInt8(ascii: "n"): units.append(10)
            case UInt8(ascii: "r"): units.append(13)
            case UInt8(ascii: "t"): units.append(9)
            case let other?: units.append(UInt16(other))
            case nil: return nil
            }
        }
        endPlain()
        return String(validating: units, as: UTF16.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        default: (byte | 0x20) &- UInt8(ascii: "a") &+ 10
        }
    }
}
