extension RegexParser {
    /// After a backslash outside a class.
    mutating func escape() throws(PatternError) -> RegexNode {
        let start = position - 1
        guard let scalar = next else { throw error("the pattern ends in a backslash") }
        switch scalar {
        case "b", "B":
            position += 1
            return .wordBoundary(isNegated: scalar == "B")
        case "k":
            position += 1
            return try backReferenceByName(at: start)
        case "1"..."9":
            var number = 0
            while let digit = next?.value, (0x30...0x39).contains(digit), number < 10_000 {
                number = number * 10 + Int(digit - 0x30)
                position += 1
            }
            return backReference(number: number, at: start)
        default:
            if let set = try classEscape() { return .scalars(set) }
            return .scalars(ScalarSet(try characterEscape()))
        }
    }

    /// `\d`, `\p{…}` and their kin; nil, and nothing taken, where something else stands.
    mutating func classEscape() throws(PatternError) -> ScalarSet? {
        guard let scalar = next else { return nil }
        let set: ScalarSet
        switch scalar {
        case "d": set = .digits
        case "D": set = ScalarSet.digits.inverted
        case "w": set = .wordCharacters
        case "W": set = ScalarSet.wordCharacters.inverted
        case "s": set = .whiteSpace
        case "S": set = ScalarSet.whiteSpace.inverted
        case "p", "P":
            position += 1
            let named = try property()
            return scalar == "P" ? named.inverted : named
        default: return nil
        }
        position += 1
        return set
    }

    private mutating func property() throws(PatternError) -> ScalarSet {
        let start = position
        guard take("{") else { throw error("\\p is followed by a property in braces") }
        var name = ""
        while let scalar = next, scalar != "}" {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take("}") else { throw PatternError(position: start, message: "the property that begins here is not closed") }
        guard let set = ScalarSet(property: name) else {
            throw PatternError(position: start, message: "this Unicode property is not known here; general categories and binary properties are, scripts are not")
        }
        return set
    }

    /// An escape that stands for one scalar, in or outside a class.
    mutating func characterEscape() throws(PatternError) -> Unicode.Scalar {
        guard let scalar = next else { throw error("the pattern ends in a backslash") }
        position += 1
        switch scalar {
        case "t": return "\u{09}"
        case "n": return "\u{0A}"
        case "v": return "\u{0B}"
        case "f": return "\u{0C}"
        case "r": return "\u{0D}"
        case "0":
            if let digit = next?.value, (0x30...0x39).contains(digit) { throw error("octal escapes are not known in Unicode mode") }
            return "\u{00}"
        case "c":
            guard let letter = next, letter.isASCII, letter.properties.isAlphabetic else { throw error("\\c is followed by a letter") }
            position += 1
            return Unicode.Scalar(UInt8(letter.value % 32))
        case "x": return try unicodeScalar(try hexadecimal(digits: 2))
        case "u": return try unicodeEscape()
        default:
            guard !scalar.properties.isIDContinue else {
                position -= 1
                throw error("this escape is not known")
            }
            return scalar
        }
    }

    private mutating func unicodeEscape() throws(PatternError) -> Unicode.Scalar {
        if take("{") {
            var value: UInt32 = 0
            var digits = 0
            while let digit = next?.properties.isASCIIHexDigit == true ? next : nil {
                value = value << 4 | UInt32(digit.hexadecimalValue)
                guard value <= ScalarSet.lastScalar else { throw error("there is no such scalar") }
                digits += 1
                position += 1
            }
            guard digits > 0, take("}") else { throw error("\\u{ is followed by hexadecimal digits and }") }
            return try unicodeScalar(value)
        }
        let first = try hexadecimal(digits: 4)
        let isHighSurrogate = (0xD800...0xDBFF).contains(first)
        guard isHighSurrogate, take("\\u") else { return try unicodeScalar(first) }
        let second = try hexadecimal(digits: 4)
        guard (0xDC00...0xDFFF).contains(second) else { throw error("half a surrogate pair matches nothing") }
        return try unicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private func unicodeScalar(_ value: UInt32) throws(PatternError) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(value) else { throw error("half a surrogate pair matches nothing") }
        return scalar
    }

    private mutating func hexadecimal(digits: Int) throws(PatternError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = next, digit.properties.isASCIIHexDigit else { throw error("\(digits) hexadecimal digits belong here") }
            value = value << 4 | UInt32(digit.hexadecimalValue)
            position += 1
        }
        return value
    }

    // MARK: Classes

    /// After `[`, up to and with `]`.
    mutating func characterClass() throws(PatternError) -> ScalarSet {
        let start = position - 1
        let isNegated = take("^")
        var set = ScalarSet()
        while true {
            guard next != nil else { throw PatternError(position: start, message: "the class that begins here is not closed") }
            if take("]") { return isNegated ? set.inverted : set }
            let first = try classMember()
            let beforeDash = position
            guard take("-"), next != "]", next != nil else {
                position = beforeDash
                set.formUnion(first)
                continue
            }
            let last = try classMember()
            guard let lower = first.onlyScalar, let upper = last.onlyScalar else {
                // `[\w-.]` is no range: patterns in the field mean three members by it.
                for member in [first, last, ScalarSet("-")] { set.formUnion(member) }
                continue
            }
            guard lower <= upper else { throw error("the bounds of this range are out of order") }
            set.formUnion(ScalarSet([lower...upper]))
        }
    }

    private mutating func classMember() throws(PatternError) -> ScalarSet {
        guard take("\\") else {
            guard let scalar = next else { throw error("the pattern ends too early") }
            position += 1
            return ScalarSet(scalar)
        }
        if let set = try classEscape() { return set }
        if take("b") { return ScalarSet("\u{08}") }
        return ScalarSet(try characterEscape())
    }
}

extension ScalarSet {
    fileprivate var onlyScalar: UInt32? {
        ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
    }
}

extension Unicode.Scalar {
    fileprivate var hexadecimalValue: UInt8 {
        switch value {
        case 0x30...0x39: UInt8(value - 0x30)
        case 0x41...0x46: UInt8(value - 0x41 + 10)
        default: UInt8(value - 0x61 + 10)
        }
    }
}
