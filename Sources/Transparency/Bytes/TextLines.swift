/// Takes a text apart line by line and remembers where each began. Every line must end in a newline.
struct TextLines {
    let bytes: [UInt8]
    /// Where the next line begins.
    private(set) var position: Int

    static let newline = UInt8(ascii: "\n")

    init(_ bytes: [UInt8], from position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position == bytes.count }

    /// The next line without its newline; its `startIndex` is its place in the whole.
    mutating func next() throws(FormatFault) -> ArraySlice<UInt8> {
        guard !isAtEnd else { throw FormatFault(.tooShort, at: position) }
        guard let end = bytes[position...].firstIndex(of: Self.newline) else { throw FormatFault(.missingNewline, at: bytes.count) }
        defer { position = end + 1 }
        return bytes[position..<end]
    }

    /// What follows `prefix` on the next line.
    mutating func next(after prefix: String) throws(FormatFault) -> ArraySlice<UInt8> {
        let line = try next()
        guard line.starts(with: prefix.utf8) else { throw FormatFault(.malformedLine, at: line.startIndex) }
        return line.dropFirst(prefix.utf8.count)
    }

    /// A hash a line up to an empty line, which is taken too.
    mutating func hashes(max: Int) throws(FormatFault) -> [TreeHash] {
        var hashes: [TreeHash] = []
        while true {
            let line = try next()
            if line.isEmpty { return hashes }
            guard hashes.count < max else { throw FormatFault(.tooMany, at: line.startIndex) }
            hashes.append(try TreeHash(base64: line))
        }
    }
}

/// Text as the formats build it.
struct TextBuilder {
    private(set) var bytes: [UInt8] = []

    mutating func line(_ text: some Sequence<UInt8>) {
        bytes.append(contentsOf: text)
        bytes.append(TextLines.newline)
    }

    mutating func line(_ text: String) { line(text.utf8) }
}
