/// What texts in a payload are held to.
enum AvroText {
    @inline(__always) static func isUTF8(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        let highs: UInt64 = 0x8080_8080_8080_8080
        let bytes = UnsafeRawPointer(text)
        while count - index >= 8 {
            if bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & highs != 0 { return isUTF8Beyond(text + index, count - index) }
            index += 8
        }
        var last: UInt8 = 0
        while index < count {
            last |= text[index]
            index += 1
        }
        return last < 0x80 || isUTF8Beyond(text + (count & ~7), count & 7)
    }

    /// - Parameter text: begins with a scalar.
    @inline(never) private static func isUTF8Beyond(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let rows = UTF8Automaton.shared.rows
        var state = UTF8Automaton.accept
        for index in 0..<count { state = rows[Int(text[index])] >> (state & 63) }
        return state & 63 == UTF8Automaton.accept
    }

    /// RFC 4122: digits in either case, of any version.
    static func isUUID(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard count == 36 else { return false }
        for index in 0..<36 {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard text[index] == UInt8(ascii: "-") else { return false }
            } else {
                let isDigit = text[index] &- 0x30 <= 9 || (text[index] | 0x20) &- 0x61 <= 5
                guard isDigit else { return false }
            }
        }
        return true
    }
}
