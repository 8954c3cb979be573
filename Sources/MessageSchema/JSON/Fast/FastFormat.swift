/// Formats in the shape that nearly all texts have; the rest goes to `StringFormat`.
enum FastFormat {
    @inline(__always) static func matches(_ format: StringFormat, _ text: UnsafeRawBufferPointer) -> Bool {
        switch format {
        case .date: isPlainDate(text) || format.matches(text)
        case .dateTime: isPlainDateTime(text) || format.matches(text)
        default: format.matches(text)
        }
    }

    /// What eight bytes must look like: digits, and other characters that are given.
    private struct Form {
        /// The characters, and "0" for each digit.
        let text: UInt64
        /// What takes a byte of a word, xored with `text`, past 0x7F where it is above 9 for a digit, above 0 for another character.
        let slack: UInt64

        static let yearAndMonth = Form(text: 0x2D30_302D_3030_3030, slack: 0x7F76_767F_7676_7676)  // 0000-00-
        static let monthAndDay = Form(text: 0x3030_2D30_302D_3030, slack: 0x7676_7F76_767F_7676)  // 00-00-00
        static let dayAndMinute = Form(text: 0x3030_3A30_3054_3030, slack: 0x7676_7F76_767F_7676)  // 00T00:00
        static let secondAndOffset = Form(text: 0x3030_3A30_302B_3030, slack: 0x7676_7F76_767F_7676)  // 00+00:00

        /// - Returns: a word with the number of each digit in its byte; nil where the text looks otherwise.
        @inline(__always) func digits(_ text: UnsafeRawBufferPointer, at offset: Int) -> UInt64? {
            let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ self.text
            return (word | (word &+ slack)) & 0x8080_8080_8080_8080 == 0 ? word : nil
        }
    }

    /// The number of two digits, the first of them at a place of the word.
    @inline(__always) private static func two(_ word: UInt64, _ place: UInt64) -> Int {
        Int(word >> (place * 8) & 0xF) * 10 + Int(word >> (place * 8 + 8) & 0xF)
    }

    /// `2026-11-20`, of a year that has every day but 29 February.
    private static func isPlainDate(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 10, Form.yearAndMonth.digits(text, at: 0) != nil, let end = Form.monthAndDay.digits(text, at: 2) else { return false }
        return isDay(two(end, 6), ofMonth: two(end, 3))
    }

    /// `2026-11-20T08:15:00+07:00` or `2026-11-20T08:15:00Z`, without fractions and leap seconds.
    private static func isPlainDateTime(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 25 || text.count == 20, let start = Form.yearAndMonth.digits(text, at: 0), let middle = Form.dayAndMinute.digits(text, at: 8),
            isDay(two(middle, 0), ofMonth: two(start, 5)), two(middle, 3) < 24, two(middle, 6) < 60, text[16] == 0x3A
        else { return false }
        if text.count == 20 { return text[19] == 0x5A && text[17] &- 0x30 < 6 && text[18] &- 0x30 <= 9 }
        guard let end = Form.secondAndOffset.digits(text, at: 17) else { return false }
        return two(end, 0) < 60 && two(end, 3) < 24 && two(end, 6) < 60
    }

    @inline(__always) private static func isDay(_ day: Int, ofMonth month: Int) -> Bool {
        // Two bits a month: days beyond 28.
        let more: UInt32 = 0b11_10_11_10_11_11_10_11_10_11_00_11_00
        return month &- 1 < 12 && month > 0 && day > 0 && day <= 28 + Int(more >> UInt32(month * 2) & 3)
    }
}
