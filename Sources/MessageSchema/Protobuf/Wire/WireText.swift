/// UTF-8 as RFC 3629 has it, over raw bytes.
enum WireText {
    static func isUTF8(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer) -> Bool {
        var cursor = start
        while cursor < end {
            // Eight ASCII bytes at a time.
            while end - cursor >= 8, cursor.loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0 { cursor += 8 }
            guard cursor < end else { return true }
            let lead = cursor.load(as: UInt8.self)
            if lead < 0x80 {
                cursor += 1
                continue
            }
            let length = sequenceLength(cursor, end, lead: lead)
            if length == 0 { return false }
            cursor += length
        }
        return true
    }

    /// - Returns: 0 where no sequence begins here.
    @inline(__always)
    private static func sequenceLength(_ cursor: UnsafeRawPointer, _ end: UnsafeRawPointer, lead: UInt8) -> Int {
        let rest = end - cursor
        func follows(_ offset: Int) -> Bool { cursor.load(fromByteOffset: offset, as: UInt8.self) & 0xC0 == 0x80 }
        switch lead {
        case 0xC2...0xDF:
            return rest >= 2 && follows(1) ? 2 : 0
        case 0xE0...0xEF:
            guard rest >= 3, follows(1), follows(2) else { return 0 }
            let second = cursor.load(fromByteOffset: 1, as: UInt8.self)
            // No longer form of what is shorter, and no surrogates.
            return lead == 0xE0 && second < 0xA0 || lead == 0xED && second >= 0xA0 ? 0 : 3
        case 0xF0...0xF4:
            guard rest >= 4, follows(1), follows(2), follows(3) else { return 0 }
            let second = cursor.load(fromByteOffset: 1, as: UInt8.self)
            return lead == 0xF0 && second < 0x90 || lead == 0xF4 && second >= 0x90 ? 0 : 4
        default:
            return 0
        }
    }
}
