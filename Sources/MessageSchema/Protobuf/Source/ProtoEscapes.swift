/// The escapes of string literals in `.proto` texts.
enum ProtoEscapes {
    /// The bytes that a literal stands for.
    /// - Parameter literal: with its quotes, as the lexer cut it.
    static func unescape(_ literal: ArraySlice<UInt8>, orThrow error: (String) -> SchemaError) throws(SchemaError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(literal.count)
        var rest = literal.dropFirst().dropLast()
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard let kind = rest.popFirst() else { throw error("a string may not end in a lone backslash") }
            if let plain = simple[kind] {
                result.append(plain)
                continue
            }
            switch kind {
            case UInt8(ascii: "x"), UInt8(ascii: "X"):
                guard let value = digits(&rest, countMax: 2, radix: 16) else { throw error("\\x must be followed by one or two hexadecimal digits") }
                result.append(UInt8(truncatingIfNeeded: value))
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                var octal = UInt32(kind - UInt8(ascii: "0"))
                for _ in 0..<2 {
                    guard let digit = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { break }
                    octal = octal * 8 + UInt32(digit - UInt8(ascii: "0"))
                    rest.removeFirst()
                }
                result.append(UInt8(truncatingIfNeeded: octal))
            case UInt8(ascii: "u"):
                try appendScalar(&result, of: &rest, digits: 4, orThrow: error)
            case UInt8(ascii: "U"):
                try appendScalar(&result, of: &rest, digits: 8, orThrow: error)
            default:
                throw error("the escapes of a string are \\a \\b \\f \\n \\r \\t \\v \\\\ \\? \\' \\\" \\x.. \\... (octal), \\u.... and \\U........")
            }
        }
        return result
    }

    /// A literal in double quotes that stands for `bytes`. UTF-8 stays as it is where the whole is UTF-8.
    static func literal(_ bytes: [UInt8]) -> String {
        let isText = String(validating: bytes, as: UTF8.self) != nil
        var result: [UInt8] = [UInt8(ascii: "\"")]
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): result += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\r"): result += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case UInt8(ascii: "\t"): result += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0x20..<0x7F: result.append(byte)
            case 0x80... where isText: result.append(byte)
            default: result += [UInt8(ascii: "\\")] + [byte >> 6, byte >> 3 & 7, byte & 7].map { UInt8(ascii: "0") + $0 }
            }
        }
        result.append(UInt8(ascii: "\""))
        return String(decoding: result, as: UTF8.self)
    }

    /// Bytes as descriptors write them in default values: ASCII only, both quotes escaped.
    static func cEscape(_ bytes: [UInt8]) -> String {
        var result = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"): result += "\\n"
            case UInt8(ascii: "\r"): result += "\\r"
            case UInt8(ascii: "\t"): result += "\\t"
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): result += "\\" + String(UnicodeScalar(byte))
            case 0x20..<0x7F: result += String(UnicodeScalar(byte))
            default: result += "\\\(byte >> 6)\(byte >> 3 & 7)\(byte & 7)"
            }
        }
        return result
    }

    private static let simple: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
        UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "?"): UInt8(ascii: "?"),
        UInt8(ascii: "'"): UInt8(ascii: "'"), UInt8(ascii: "\""): UInt8(ascii: "\""),
    ]

    private static func digits(_ rest: inout ArraySlice<UInt8>, countMax: Int, radix: UInt32) -> UInt32? {
        var value: UInt32 = 0
        var count = 0
        while count < countMax, let digit = rest.first?.protoHexValue, UInt32(digit) < radix {
            value = value * radix + UInt32(digit)
            rest.removeFirst()
            count += 1
        }
        return count == 0 ? nil : value
    }

    private static func appendScalar(
        _ result: inout [UInt8], of rest: inout ArraySlice<UInt8>, digits count: Int, orThrow error: (String) -> SchemaError
    ) throws(SchemaError) {
        let before = rest.count
        guard var value = digits(&rest, countMax: count, radix: 16), before - rest.count == count else {
            throw error("\\u takes four hexadecimal digits and \\U eight")
        }
        if (0xD800..<0xDC00).contains(value), rest.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
            var second = rest.dropFirst(2)
            if let low = digits(&second, countMax: 4, radix: 16), (0xDC00..<0xE000).contains(low) {
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                rest = second
            }
        }
        guard let scalar = Unicode.Scalar(value) else { throw error("\\u and \\U name a Unicode scalar value up to 10FFFF") }
        result.append(contentsOf: Array(String(Character(scalar)).utf8))
    }
}
