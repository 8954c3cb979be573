/// What masks make of a text; the text is UTF-8 without escapes, and so is what is written.
enum TextMask {
    /// A constant, so that not even the length is told.
    static let redacted: StaticString = "***"

    static let nilUUID: StaticString = "00000000-0000-0000-0000-000000000000"

    /// A text shorter than this is not shown at all: its last four characters would be half of it or more.
    static let lastFourLengthMin = 8

    /// Where the last four scalars begin; nil where the text is too short to show them.
    static func lastFour(of text: UnsafeRawBufferPointer) -> Int? {
        var place = text.count
        var shown = 0
        var start = place
        var scalars = 0
        while place > 0, scalars < lastFourLengthMin {
            place -= 1
            guard text[place] & 0xC0 != 0x80 else { continue }
            scalars += 1
            if shown < 4 {
                shown += 1
                start = place
            }
        }
        return scalars >= lastFourLengthMin ? start : nil
    }

    static let yearBytesMax = 20

    /// A text that is a date or a date with a time, cut to its year in the same form: `2026`, `2026-01`, `2026-01-01`,
    /// `2026-01-01T00:00:00Z`.
    /// - Returns: false, with nothing written, where it is none of these forms (RFC 3339, ISO 8601).
    static func writeYear(of text: UnsafeRawBufferPointer, into out: inout ProjectionBuffer) -> Bool {
        guard text.count >= 4, isDigits(text, 0, 4) else { return false }
        let form: StaticString
        switch text.count {
        case 4: form = ""
        case 7 where isDash(text, 4) && isDigits(text, 5, 7): form = "-01"
        case 10 where isDate(text): form = "-01-01"
        case 16...64 where isDate(text) && isTime(text): form = "-01-01T00:00:00Z"
        default: return false
        }
        out.append(UnsafeRawBufferPointer(rebasing: text[..<4]))
        out.append(form)
        return true
    }

    private static func isDigits(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
        (start..<end).allSatisfy { text[$0] &- 0x30 <= 9 }
    }

    private static func isDash(_ text: UnsafeRawBufferPointer, _ at: Int) -> Bool { text[at] == 0x2D }

    private static func isDate(_ text: UnsafeRawBufferPointer) -> Bool {
        isDash(text, 4) && isDigits(text, 5, 7) && isDash(text, 7) && isDigits(text, 8, 10)
    }

    /// Hours and minutes behind a T or a space; what follows is taken for the rest of a time and not shown.
    private static func isTime(_ text: UnsafeRawBufferPointer) -> Bool {
        (text[10] | 0x20 == 0x74 || text[10] == 0x20) && isDigits(text, 11, 13) && text[13] == 0x3A && isDigits(text, 14, 16)
    }
}
