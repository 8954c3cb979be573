/// Walks a text by its grammar. Each `take…` leaves the position behind what it took; where it took nothing or too little it says so, and the
/// text is not of the format.
struct FormatScanner {
    private let text: UnsafeRawBufferPointer
    private(set) var position = 0
    /// One past the last byte that may be taken.
    private var end: Int

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
        self.end = text.count
    }

    var isAtEnd: Bool { position == end }
    var next: UInt8? { position < end ? text[position] : nil }

    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard next.map(UInt32.init) == byte.value else { return false }
        position += 1
        return true
    }

    mutating func take(anyOf bytes: StaticString) -> Bool {
        guard let next, bytes.withUTF8Buffer({ $0.contains(next) }) else { return false }
        position += 1
        return true
    }

    /// - Returns: how many were taken, up to `max`.
    mutating func take(while isIn: (UInt8) -> Bool, max: Int = .max) -> Int {
        let start = position
        while position < end, position - start < max, isIn(text[position]) { position += 1 }
        return position - start
    }

    /// Exactly so many digits.
    mutating func takeNumber(digits: Int) -> Int? {
        let start = position
        guard take(while: \.isDigit, max: digits) == digits else { return nil }
        return text[start..<position].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Tries a part and forgets it where it fails.
    mutating func attempt(_ part: (inout FormatScanner) -> Bool) -> Bool {
        let start = position
        if part(&self) { return true }
        position = start
        return false
    }

    /// A part up to the last of a byte, such as the local part of an address.
    func scanner(upToLast byte: Unicode.Scalar) -> (before: FormatScanner, after: FormatScanner)? {
        guard let place = text[position..<end].lastIndex(where: { UInt32($0) == byte.value }) else { return nil }
        var (before, after) = (self, self)
        before.end = place
        after.position = place + 1
        return (before, after)
    }

    func bytes(from start: Int) -> Slice<UnsafeRawBufferPointer> { text[start..<position] }
}

extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isHexDigit: Bool { isDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self) }
    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}
