/// A place in the bytes of a document, and the only code that loads from them.
///
/// Bounded: `at` never leaves `start...end`, and each load is preceded by a comparison with `end` (`eight` for words). A method
/// that returns false has written why to `fault` and leaves `at` at the byte that is wrong. The bytes must outlive the cursor.
struct JSONCursor {
    let start: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    var at: UnsafePointer<UInt8>
    private(set) var fault = JSONFault.unexpectedByte
    private let utf8: UnsafePointer<UInt64>

    /// - Parameter bytes: not empty.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return nil }
        start = base.assumingMemoryBound(to: UInt8.self)
        end = start + bytes.count
        at = start
        utf8 = UTF8Automaton.shared.rows
    }

    var offset: Int { at - start }

    @inline(__always) mutating func fail(_ fault: JSONFault) -> Bool {
        self.fault = fault
        return false
    }

    /// The byte at `at`; 0, which no JSON text holds outside of strings, at the end.
    @inline(__always) var byte: UInt8 { at < end ? at.pointee : 0 }

    /// Why there is not what was expected at `at`.
    @inline(__always) mutating func failUnexpected() -> Bool { fail(at == end ? .truncated : .unexpectedByte) }

    @inline(__always) mutating func skipWhitespace() {
        while at < end, at.pointee <= 0x20, Self.isWhitespace(at.pointee) { at += 1 }
    }

    @inline(__always) static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// Eight bytes from `place`, the first one lowest. The caller has checked that they are there.
    @inline(__always) static func eight(_ place: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt64.self))
    }

    // MARK: words

    /// Steps over `true`, `false` or `null` at `at`.
    @inline(__always) mutating func skipWord(_ word: StaticString) -> Bool {
        var letter = word.utf8Start
        for _ in 0..<word.utf8CodeUnitCount {
            guard byte == letter.pointee else { return failUnexpected() }
            at += 1
            letter += 1
        }
        return true
    }

    // MARK: strings

    /// A string as it stands in the text.
    struct Text {
        /// After the opening quote.
        var first: UnsafePointer<UInt8>
        /// Up to the closing quote.
        var byteCount: Int
        /// Unicode scalars, escapes resolved: what JSON Schema calls its length.
        var scalarCount: Int
        var hasEscapes: Bool

        @inline(__always) var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: first, count: byteCount) }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The high bit of every byte of `word` that is a quote, a backslash or a control character. Bits above the lowest set one may
    /// be wrong (borrows); the lowest never is.
    @inline(__always) private static func special(_ word: UInt64) -> UInt64 {
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
        return ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- 0x2020_2020_2020_2020) & ~word) & highs
    }

    /// Bytes of `word` that begin a scalar.
    @inline(__always) private static func scalarStarts(_ word: UInt64) -> Int {
        (((~word >> 7) | (word >> 6)) & ones).nonzeroBitCount
    }

    /// Reads a string from after its opening quote to after its closing one.
    @inline(__always) mutating func scanString(_ text: inout Text) -> Bool {
        text.first = at
        text.scalarCount = 0
        text.hasEscapes = false
        while true {
            // Eight at a time while they are plain ASCII.
            while end - at >= 8 {
                let word = Self.eight(at)
                let special = Self.special(word)
                if (special | word & Self.highs) != 0 {
                    let plain = (special | word & Self.highs).trailingZeroBitCount >> 3
                    at += plain
                    text.scalarCount &+= plain
                    break
                }
                at += 8
                text.scalarCount &+= 8
            }
            guard at < end else { return fail(.truncated) }
            let byte = at.pointee
            if byte == 0x22 {
                text.byteCount = at - text.first
                at += 1
                return true
            }
            if byte >= 0x80 {
                guard scanBeyondASCII(&text) else { return false }
            } else if byte == 0x5C {
                guard scanEscape() else { return false }
                text.hasEscapes = true
                text.scalarCount &+= 1
            } else if byte < 0x20 {
                return fail(.controlCharacter)
            } else {
                at += 1
                text.scalarCount &+= 1
            }
        }
    }

    /// Steps over a string that has been scanned before, from after its opening quote to after its closing one.
    /// - Returns: whether it has escapes.
    @inline(__always) mutating func skipString() -> Bool {
        var hasEscapes = false
        while true {
            while end - at >= 8 {
                let special = Self.special(Self.eight(at))
                if special != 0 {
                    at += special.trailingZeroBitCount >> 3
                    break
                }
                at += 8
            }
            guard at < end else { return hasEscapes }
            let byte = at.pointee
            at += 1
            if byte == 0x22 { return hasEscapes }
            if byte == 0x5C {
                hasEscapes = true
                if at < end { at += 1 }
            }
        }
    }

    /// Goes on from a byte past ASCII up to the next quote, backslash or control character, or to eight bytes of ASCII.
    @inline(__always) private mutating func scanBeyondASCII(_ text: inout Text) -> Bool {
        var state = UTF8Automaton.accept
        let from = at
        while end - at >= 8 {
            let word = Self.eight(at)
            let special = Self.special(word)
            if special != 0 {
                let count = special.trailingZeroBitCount >> 3
                for index in 0..<count { state = utf8[Int(at[index])] >> (state & 63) }
                at += count
                // The mask keeps the bytes before the special one; the others must not count, and 0x80 begins no scalar.
                let kept = (UInt64(1) << UInt64(count * 8)) &- 1
                text.scalarCount &+= Self.scalarStarts(word & kept | Self.highs & ~kept)
                return state & 63 == UTF8Automaton.accept || failUTF8(from)
            }
            if word & Self.highs == 0 {
                return state & 63 == UTF8Automaton.accept || failUTF8(from)
            }
            for index in 0..<8 { state = utf8[Int(at[index])] >> (state & 63) }
            at += 8
            text.scalarCount &+= Self.scalarStarts(word)
        }
        while at < end, at.pointee != 0x22, at.pointee != 0x5C, at.pointee >= 0x20 {
            state = utf8[Int(at.pointee)] >> (state & 63)
            if at.pointee & 0xC0 != 0x80 { text.scalarCount &+= 1 }
            at += 1
        }
        return state & 63 == UTF8Automaton.accept || failUTF8(from)
    }

    /// Puts `at` on the byte with which UTF-8 ended.
    private mutating func failUTF8(_ from: UnsafePointer<UInt8>) -> Bool {
        var state = UTF8Automaton.accept
        var place = from
        while place < at {
            state = utf8[Int(place.pointee)] >> (state & 63)
            if state & 63 == UTF8Automaton.reject { break }
            place += 1
        }
        at = place
        return fail(.badUTF8)
    }

    /// Steps over an escape, a pair of surrogates being one.
    private mutating func scanEscape() -> Bool {
        guard end - at >= 2 else { return fail(.truncated) }
        switch at[1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            at += 2
            return true
        case 0x75:
            guard let unit = hexadecimal(at + 2) else { return false }
            switch unit {
            case 0xD800...0xDBFF:
                if end - at > 6, at[6] != 0x5C { return fail(.loneSurrogate) }
                if end - at > 7, at[7] != 0x75 { return fail(.loneSurrogate) }
                guard end - at >= 12 else { return fail(.truncated) }
                guard let low = hexadecimal(at + 8) else { return false }
                guard (0xDC00...0xDFFF).contains(low) else { return fail(.loneSurrogate) }
                at += 12
            case 0xDC00...0xDFFF:
                return fail(.loneSurrogate)
            default:
                at += 6
            }
            return true
        default:
            return fail(.badEscape)
        }
    }

    private mutating func hexadecimal(_ place: UnsafePointer<UInt8>) -> UInt32? {
        guard end - place >= 4 else { _ = fail(.truncated); return nil }
        var unit: UInt32 = 0
        for index in 0..<4 {
            guard let digit = Self.hexadecimalDigit(place[index]) else { _ = fail(.badEscape); return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x41 + 10)
        case 0x61...0x66: UInt32(byte - 0x61 + 10)
        default: nil
        }
    }

    // MARK: numbers

    /// A number as it stands in the text.
    struct Number {
        var first: UnsafePointer<UInt8>?
        var byteCount = 0
        var isNegative = false
        /// The digits without the point. Meaningful up to 18 of them (`isSmall`).
        var digits: Int64 = 0
        var digitCount = 0
        /// Digits behind the point.
        var fractionCount = 0
        var hasExponent = false

        /// It is `±digits × 10^-fractionCount`, exactly.
        @inline(__always) var isSmall: Bool { digitCount <= 18 && !hasExponent }
        @inline(__always) var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: first, count: byteCount) }
    }

    @inline(__always) mutating func scanNumber(_ number: inout Number) -> Bool {
        let first = at
        let isNegative = byte == 0x2D
        if isNegative { at += 1 }
        var digits: Int64 = 0
        var digit = byte &- 0x30
        let integer = at
        if digit == 0 {
            at += 1
            if byte &- 0x30 <= 9 { return fail(.badNumber) }
        } else {
            guard digit <= 9 else { return fail(at == end ? .truncated : isNegative ? .badNumber : .unexpectedByte) }
            repeat {
                digits = digits &* 10 &+ Int64(digit)
                at += 1
                digit = byte &- 0x30
            } while digit <= 9
        }
        var digitCount = at - integer
        number.fractionCount = 0
        number.hasExponent = false
        if byte == 0x2E {
            at += 1
            let fraction = at
            digit = byte &- 0x30
            guard digit <= 9 else { return fail(at == end ? .truncated : .badNumber) }
            repeat {
                digits = digits &* 10 &+ Int64(digit)
                at += 1
                digit = byte &- 0x30
            } while digit <= 9
            number.fractionCount = at - fraction
            digitCount += at - fraction
        }
        if byte | 0x20 == 0x65 {
            number.hasExponent = true
            guard scanExponent() else { return false }
        }
        number.first = first
        number.byteCount = at - first
        number.isNegative = isNegative
        number.digits = digits
        number.digitCount = digitCount
        return true
    }

    private mutating func scanExponent() -> Bool {
        at += 1
        if byte == 0x2B || byte == 0x2D { at += 1 }
        guard byte &- 0x30 <= 9 else { return fail(at == end ? .truncated : .badNumber) }
        while byte == 0x30 { at += 1 }
        let significant = at
        while byte &- 0x30 <= 9 { at += 1 }
        return at - significant <= SchemaLimits.exponentDigitsMax || fail(.hugeExponent)
    }
}
