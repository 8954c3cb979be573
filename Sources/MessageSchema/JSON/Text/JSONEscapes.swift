/// Escapes of strings whose syntax has been checked.
enum JSONEscapes {
    /// Hands out the UTF-8 of a string, byte by byte. `raw` stands between the quotes.
    static func resolve(_ raw: UnsafeRawBufferPointer, _ write: (UInt8) -> Void) {
        var index = 0
        while index < raw.count {
            let byte = raw[index]
            guard byte == 0x5C else {
                write(byte)
                index += 1
                continue
            }
            switch raw[index + 1] {
            case 0x62: write(0x08)
            case 0x66: write(0x0C)
            case 0x6E: write(0x0A)
            case 0x72: write(0x0D)
            case 0x74: write(0x09)
            case 0x75:
                var scalar = unit(raw, index + 2)
                if scalar & 0xFC00 == 0xD800 {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + unit(raw, index + 8) & 0x3FF
                    index += 6
                }
                writeUTF8(scalar, write)
                index += 4
            case let other: write(other)
            }
            index += 2
        }
    }

    private static func unit(_ raw: UnsafeRawBufferPointer, _ at: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | (JSONCursor.hexadecimalDigit(raw[at + $1]) ?? 0) }
    }

    private static func writeUTF8(_ scalar: UInt32, _ write: (UInt8) -> Void) {
        switch scalar {
        case ..<0x80:
            write(UInt8(scalar))
        case ..<0x800:
            write(UInt8(0xC0 | scalar >> 6))
            write(UInt8(0x80 | scalar & 0x3F))
        case ..<0x10000:
            write(UInt8(0xE0 | scalar >> 12))
            write(UInt8(0x80 | scalar >> 6 & 0x3F))
            write(UInt8(0x80 | scalar & 0x3F))
        default:
            write(UInt8(0xF0 | scalar >> 18))
            write(UInt8(0x80 | scalar >> 12 & 0x3F))
            write(UInt8(0x80 | scalar >> 6 & 0x3F))
            write(UInt8(0x80 | scalar & 0x3F))
        }
    }

    /// Writes a string with its quotes, escaping only what RFC 8259 asks for, in its shortest form (as RFC 8785 does).
    static func write(_ text: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        out.append(0x22)
        for byte in text {
            switch byte {
            case 0x22: out += [0x5C, 0x22]
            case 0x5C: out += [0x5C, 0x5C]
            case 0x08: out += [0x5C, 0x62]
            case 0x0C: out += [0x5C, 0x66]
            case 0x0A: out += [0x5C, 0x6E]
            case 0x0D: out += [0x5C, 0x72]
            case 0x09: out += [0x5C, 0x74]
            case ..<0x20: out += Array("\\u00".utf8) + [hexadecimal(byte >> 4), hexadecimal(byte & 15)]
            default: out.append(byte)
            }
        }
        out.append(0x22)
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x61 + digit - 10 }
}
