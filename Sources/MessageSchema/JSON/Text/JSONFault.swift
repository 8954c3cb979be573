/// What keeps bytes from being one JSON text (RFC 8259), found before any schema is asked.
enum JSONFault: UInt8, Sendable {
    case truncated
    case unexpectedByte
    case byteOrderMark
    case controlCharacter
    case badEscape
    case loneSurrogate
    case badUTF8
    case badNumber
    case hugeExponent
    case tooDeep
    case duplicateKey
    case trailingBytes
    case tooLong

    /// The word for `Violation.rule`.
    var rule: String {
        switch self {
        case .truncated: "truncated"
        case .unexpectedByte, .byteOrderMark, .controlCharacter, .badEscape, .badNumber: "syntax"
        case .loneSurrogate, .badUTF8: "utf8"
        case .hugeExponent: "exponent"
        case .tooDeep: "depth"
        case .duplicateKey: "duplicate-key"
        case .trailingBytes: "trailing-bytes"
        case .tooLong: "size"
        }
    }

    /// What would be right, without what is there.
    var sentence: String {
        switch self {
        case .truncated: "the document ends before its value is complete"
        case .unexpectedByte: "this is not JSON (RFC 8259)"
        case .byteOrderMark: "a JSON document begins without a byte order mark"
        case .controlCharacter: "a control character in a string must be escaped"
        case .badEscape: "an escape is one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u with four hexadecimal digits"
        case .loneSurrogate: "an escaped surrogate stands in a pair, high before low"
        case .badUTF8: "a string must be UTF-8"
        case .badNumber: "a number is written as RFC 8259 says: no leading zeros, digits on both sides of a point"
        case .hugeExponent: "an exponent has at most \(SchemaLimits.exponentDigitsMax) digits"
        case .tooDeep: "arrays and objects nest at most \(SchemaLimits.depthMax) deep"
        case .duplicateKey: "an object has each key once"
        case .trailingBytes: "nothing may follow the document"
        case .tooLong: "a JSON document has at most \(SchemaLimits.jsonBytesMax) bytes"
        }
    }
}

/// A document that is not JSON.
struct JSONSyntaxError: Error, Sendable {
    let fault: JSONFault
    /// Where, in bytes from the start.
    let offset: Int
    /// The JSON pointer of the value that was being read.
    let path: String

    var sentence: String { "byte \(offset): \(fault.sentence)" }
}
