/// Checks that bytes are one JSON document (RFC 8259) and finds where its parts stand, without building anything.
///
/// Only the syntax is judged; what a record must look like is the schema's business.
public struct JSONScanner {
    public struct Failure: Error, Equatable {
        /// From the start of the document.
        public let offset: Int
    }

    /// A document of one level: its parts by where they stand in the bytes.
    public enum Parts: Equatable, Sendable {
        /// Of an array.
        case elements([Range<Int>])
        /// Of an object, in its order; the names with their quotes.
        case members([Member])
        /// A string, a number, a word.
        case value
    }

    public struct Member: Equatable, Sendable {
        public let name: Range<Int>
        public let value: Range<Int>
    }

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int
    private var wanted: [UInt8]?
    private var found: Range<Int>?
    /// Collects the parts of the outermost array or object, up to so many.
    private let partsMax: Int
    private var parts = Parts.value

    /// - Returns: where the member's value stands; nil when the document has no such member or is no object.
    /// - Throws: the place of the first byte that cannot be.
    public static func scan(_ bytes: [UInt8], member: String? = nil) throws(Failure) -> Range<Int>? {
        var scanner = JSONScanner(bytes, in: bytes.indices, wanted: member, partsMax: 0)
        try scanner.document()
        return scanner.found
    }

    /// - Parameters:
    ///   - range: where the document stands among the bytes.
    ///   - partsMax: no more are collected; the rest is still looked at.
    /// - Throws: the place of the first byte that cannot be, from the start of all bytes.
    public static func parts(of bytes: [UInt8], in range: Range<Int>? = nil, partsMax: Int) throws(Failure) -> Parts {
        var scanner = JSONScanner(bytes, in: range ?? bytes.indices, wanted: nil, partsMax: partsMax)
        try scanner.document()
        return scanner.parts
    }

    private mutating func document() throws(Failure) {
        let start = position
        skipSpace()
        try value(depth: 0)
        skipSpace()
        guard position == end else { throw failure() }
        guard String(validating: bytes[start..<end], as: UTF8.self) != nil else { throw Failure(offset: start) }
    }

    public static func isDocument(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try scan(bytes)
            return true
        } catch {
            return false
        }
    }

    private init(_ bytes: [UInt8], in range: Range<Int>, wanted: String?, partsMax: Int) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
        self.wanted = wanted.map { Array($0.utf8) }
        self.partsMax = partsMax
    }

    private var current: UInt8? { position < end ? bytes[position] : nil }
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
        var members: [Member] = []
        defer { if depth == 0 { parts = .members(members) } }
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return
        }
        while true {
            skipSpace()
            let name = position
            try string()
            let nameEnd = position
            let isWanted = depth == 0 && wanted.map { bytes[(name + 1)..<(nameEnd - 1)].elementsEqual($0) } ?? false
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            let start = position
            try value(depth: depth + 1)
            if isWanted { found = start..<position }
            if depth == 0, members.count < partsMax { members.append(Member(name: name..<nameEnd, value: start..<position)) }
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
        var elements: [Range<Int>] = []
        defer { if depth == 0 { parts = .elements(elements) } }
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            skipSpace()
            let start = position
            try value(depth: depth + 1)
            if depth == 0, elements.count < partsMax { elements.append(start..<position) }
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
