/// Checks that bytes are one JSON document (RFC 8259) and finds a top-level member, without building anything. Pure.
///
/// Only the syntax is judged; what a record must look like is the schema's business.
struct JSONScanner {
    struct Failure: Error, Equatable {
        /// From the start of the document.
        let offset: Int
    }

    private let bytes: [UInt8]
    private var position = 0
    private var wanted: [UInt8]?
    private var found: Range<Int>?

    /// - Returns: where the member's value stands; nil when the document has no such member or is no object.
    /// - Throws: the place of the first byte that cannot be.
    static func scan(_ bytes: [UInt8], member: String? = nil) throws(Failure) -> Range<Int>? {
        var scanner = JSONScanner(bytes: bytes, wanted: member.map { Array($0.utf8) })
        scanner.skipSpace()
        try scanner.value(depth: 0)
        scanner.skipSpace()
        guard scanner.position == bytes.count else { throw Failure(offset: scanner.position) }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Failure(offset: 0) }
        return scanner.found
    }

    static func isDocument(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try scan(bytes)
            return true
        } catch {
            return false
        }
    }

    private init(bytes: [UInt8], wanted: [UInt8]?) {
        self.bytes = bytes
        self.wanted = wanted
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }
    private func failure() -> Failure { Failure(offset: position) }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func expect(_ byte: UInt8) throws(Failure) {
        guard current == byte else { throw failure() }
        position += 1
    }

    private mutating func value(depth: Int) throws(Failure) {
        guard depth <= InputLimits.nestingMax, let byte = current else { throw failure() }
        switch byte {
        case UInt8(ascii: "{"): try object(depth: depth)
        case UInt8(ascii: "["): try array(depth: depth)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func object(depth: Int) throws(Failure) {
        try expect(UInt8(ascii: "{"))
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return
        }
        while true {
            skipSpace()
            let name = position
            try string()
            let isWanted = depth == 0 && wanted.map { bytes[(name + 1)..<(position - 1)].elementsEqual($0) } ?? false
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            let start = position
            try value(depth: depth + 1)
            if isWanted { found = start..<position }
            skipSpace()
            if current == UInt8(ascii: ",") {
                position += 1
                continue
            }
            return try expect(UInt8(ascii: "}"))
        }
    }

    private mutating func array(depth: Int) throws(Failure) {
        try expect(UInt8(ascii: "["))
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            skipSpace()
            try value(depth: depth + 1)
            skipSpace()
            if current == UInt8(ascii: ",") {
                position += 1
                continue
            }
            return try expect(UInt8(ascii: "]"))
        }
    }

    private mutating func string() throws(Failure) {
        try expect(UInt8(ascii: "\""))
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return
            case 0..<0x20: throw Failure(offset: position - 1)
            case UInt8(ascii: "\\"): try escape()
            default: continue
            }
        }
        throw failure()
    }

    private mutating func escape() throws(Failure) {
        guard let byte = current else { throw failure() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                guard let digit = current, Character(UnicodeScalar(digit)).isHexDigit else { throw failure() }
                position += 1
            }
        default: throw Failure(offset: position - 1)
        }
    }

    private mutating func word(_ word: StaticString) throws(Failure) {
        for index in 0..<word.utf8CodeUnitCount { try expect(word.utf8Start[index]) }
    }

    private mutating func number() throws(Failure) {
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if current == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(Failure) {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw failure() }
    }
}
