/// Cuts a `.proto` text into tokens. Comments and white space have no meaning and are passed over.
/// Source: the lexical elements of https://protobuf.dev/reference/protobuf/proto3-spec/ and proto2-spec, and protoc where they are vague.
struct ProtoLexer {
    let file: String
    let text: [UInt8]
    private var offset = 0
    private var line: Int32 = 1
    private var lineStart = 0
    /// Continuation bytes of UTF-8 passed on this line: they are no columns.
    private var continuationBytes = 0

    init(file: String, text: [UInt8]) {
        self.file = file
        self.text = text
        if text.starts(with: [0xEF, 0xBB, 0xBF]) {  // a byte order mark, as protoc takes it
            offset = 3
            lineStart = 3
        }
    }

    var position: ProtoPosition {
        ProtoPosition(line: line, column: Int32(offset - lineStart - continuationBytes + 1))
    }

    func error(at position: ProtoPosition, _ message: String) -> SchemaError {
        position.error(in: file, message)
    }

    mutating func next() throws(SchemaError) -> ProtoToken {
        try skipBlanks()
        let start = position
        let first = offset
        guard let byte = peek(0) else { return ProtoToken(kind: .end, bytes: first..<first, position: start) }
        let kind: ProtoToken.Kind
        switch byte {
        case _ where byte.isProtoLetter:
            while let next = peek(0), next.isProtoLetter || next.isProtoDigit { offset += 1 }
            kind = .identifier
        case _ where byte.isProtoDigit, UInt8(ascii: ".") where peek(1)?.isProtoDigit == true:
            kind = try number()
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            try string(quote: byte)
            kind = .string
        case 0..<0x20, 0x7F:
            throw error(at: start, "control characters may stand in string escapes only")
        case 0x80...:
            throw error(at: start, "characters beyond ASCII may stand in strings and comments only")
        default:
            offset += 1
            kind = .symbol
        }
        return ProtoToken(kind: kind, bytes: first..<offset, position: start)
    }

    private func peek(_ distance: Int) -> UInt8? {
        offset + distance < text.count ? text[offset + distance] : nil
    }

    private mutating func skipBlanks() throws(SchemaError) {
        while let byte = peek(0) {
            switch byte {
            case UInt8(ascii: "\n"):
                newLine()
            case UInt8(ascii: " "), 0x09, 0x0B, 0x0C, 0x0D:
                offset += 1
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                while let next = peek(0), next != UInt8(ascii: "\n") { offset += 1 }
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
                try blockComment()
            default:
                return
            }
        }
    }

    private mutating func newLine() {
        offset += 1
        line += 1
        lineStart = offset
        continuationBytes = 0
    }

    private mutating func blockComment() throws(SchemaError) {
        let start = position
        offset += 2
        while let byte = peek(0) {
            if byte == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                offset += 2
                return
            }
            if byte == UInt8(ascii: "\n") {
                newLine()
            } else {
                if byte & 0xC0 == 0x80 { continuationBytes += 1 }
                offset += 1
            }
        }
        throw error(at: start, "this comment has no end; close it with */")
    }

    private mutating func number() throws(SchemaError) -> ProtoToken.Kind {
        let start = position
        var kind = ProtoToken.Kind.integer
        if peek(0) == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X") {
            offset += 2
            let digits = offset
            while peek(0)?.protoHexValue != nil { offset += 1 }
            if offset == digits { throw error(at: start, "0x must be followed by hexadecimal digits") }
        } else if peek(0) == UInt8(ascii: "0"), peek(1)?.isProtoDigit == true {
            while let next = peek(0), next.isProtoDigit {
                guard next < UInt8(ascii: "8") else { throw error(at: start, "a number that begins with 0 is octal and has digits 0 to 7 only") }
                offset += 1
            }
        } else {
            skipDigits()
            if peek(0) == UInt8(ascii: ".") {
                kind = .float
                offset += 1
                skipDigits()
            }
            if peek(0) == UInt8(ascii: "e") || peek(0) == UInt8(ascii: "E") {
                kind = .float
                offset += 1
                if peek(0) == UInt8(ascii: "+") || peek(0) == UInt8(ascii: "-") { offset += 1 }
                guard peek(0)?.isProtoDigit == true else { throw error(at: start, "an exponent needs digits after the e") }
                skipDigits()
            }
        }
        if let next = peek(0), next.isProtoLetter || next.isProtoDigit || next == UInt8(ascii: ".") {
            throw error(at: position, "put a space between a number and what follows it")
        }
        return kind
    }

    private mutating func skipDigits() {
        while peek(0)?.isProtoDigit == true { offset += 1 }
    }

    private mutating func string(quote: UInt8) throws(SchemaError) {
        let start = position
        offset += 1
        while let byte = peek(0) {
            switch byte {
            case quote:
                offset += 1
                return
            case UInt8(ascii: "\n"):
                throw error(at: start, "a string ends on the line on which it begins; write \\n for a new line")
            case 0:
                throw error(at: position, "a string holds no NUL byte; write \\0")
            case UInt8(ascii: "\\"):
                guard let escaped = peek(1), escaped != UInt8(ascii: "\n") else { throw error(at: start, "this string has no end") }
                offset += 2
            default:
                if byte & 0xC0 == 0x80 { continuationBytes += 1 }
                offset += 1
            }
        }
        throw error(at: start, "this string has no end")
    }
}

extension UInt8 {
    var isProtoDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    var isProtoLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
            || self == UInt8(ascii: "_")
    }

    var protoHexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
