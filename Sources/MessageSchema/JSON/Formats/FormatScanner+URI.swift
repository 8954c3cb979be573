// RFC 3986 (URI and URI reference) and RFC 6570 (URI template).

extension FormatScanner {
    mutating func takeURI(mayBeRelative: Bool) -> Bool {
        let hasScheme = attempt { scanner in
            guard scanner.next?.isLetter == true else { return false }
            _ = scanner.take(while: { $0.isLetter || $0.isDigit || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E })
            return scanner.take(":")
        }
        guard hasScheme || mayBeRelative else { return false }
        if attempt({ $0.take("/") && $0.take("/") }) {
            guard takeAuthority() else { return false }
            if let next, next != 0x2F, next != 0x3F, next != 0x23 { return false }
        }
        // path-noscheme: without a scheme the first segment has no colon.
        if !hasScheme { guard takeCharacters("!$&'()*+,;=@") else { return false } }
        if !hasScheme, next == 0x3A { return false }
        guard takeCharacters("!$&'()*+,;=:@/") else { return false }
        if take("?") { guard takeCharacters("!$&'()*+,;=:@/?") else { return false } }
        if take("#") { guard takeCharacters("!$&'()*+,;=:@/?") else { return false } }
        return true
    }

    /// [ userinfo "@" ] host [ ":" port ]
    private mutating func takeAuthority() -> Bool {
        _ = attempt { $0.takeCharacters("!$&'()*+,;=:") && $0.take("@") }
        if take("[") {
            let isAddress = attempt { $0.takeIPv6() } || takeFutureAddress()
            guard isAddress, take("]") else { return false }
        } else {
            guard takeCharacters("!$&'()*+,;=") else { return false }
        }
        if take(":") { _ = take(while: \.isDigit) }
        return true
    }

    private mutating func takeFutureAddress() -> Bool {
        guard take(anyOf: "vV"), take(while: \.isHexDigit) > 0, take(".") else { return false }
        let start = position
        return takeCharacters("!$&'()*+,;=:") && position > start
    }

    /// Unreserved characters, percent-encoded ones, and those named; false only for a broken percent-encoding.
    private mutating func takeCharacters(_ others: StaticString) -> Bool {
        while let byte = next {
            if byte.isUnreserved || others.withUTF8Buffer({ $0.contains(byte) }) {
                _ = take(while: { _ in true }, max: 1)
            } else if byte == 0x25 {
                guard takePercentEncoded() else { return false }
            } else {
                break
            }
        }
        return true
    }

    private mutating func takePercentEncoded() -> Bool { take("%") && take(while: \.isHexDigit, max: 2) == 2 }

    mutating func takeURITemplate() -> Bool {
        while let byte = next {
            switch byte {
            case 0x7B: guard takeExpression() else { return false }
            case 0x25: guard takePercentEncoded() else { return false }
            // RFC 6570, 2.1: neither controls and space nor " < > \ ^ ` |, and no brace that closes nothing. An apostrophe is allowed by
            // erratum 6937.
            case 0...0x20, 0x22, 0x3C, 0x3E, 0x5C, 0x5E, 0x60, 0x7C, 0x7D, 0x7F: return false
            default: position(after: byte)
            }
        }
        return true
    }

    private mutating func position(after byte: UInt8) { _ = take(while: { $0 == byte }, max: 1) }

    /// "{" [ operator ] variable *( "," variable ) "}"
    private mutating func takeExpression() -> Bool {
        guard take("{") else { return false }
        _ = take(anyOf: "+#./;?&=,!@|")
        repeat { guard takeVariable() else { return false } } while take(",")
        return take("}")
    }

    private mutating func takeVariable() -> Bool {
        repeat {
            let start = position
            while attempt({ $0.take(while: { $0.isLetter || $0.isDigit || $0 == 0x5F }, max: 1) == 1 || $0.takePercentEncoded() }) {}
            guard position > start else { return false }
        } while take(".")
        if take("*") { return true }
        guard take(":") else { return true }
        return next != 0x30 && (1...4).contains(take(while: \.isDigit, max: 4))
    }

    /// RFC 6901.
    mutating func takeJSONPointer() -> Bool {
        while take("/") {
            while let byte = next, byte != 0x2F {
                position(after: byte)
                if byte == 0x7E, !take(anyOf: "01") { return false }
            }
        }
        return true
    }

    /// Relative JSON Pointers (draft-bhutton-relative-json-pointer).
    mutating func takeRelativeJSONPointer() -> Bool {
        let start = position
        let length = take(while: \.isDigit)
        guard length > 0, length == 1 || bytes(from: start).first != 0x30 else { return false }
        if take(anyOf: "+-") {
            let index = position
            let digits = take(while: \.isDigit)
            guard digits > 0, bytes(from: index).first != 0x30 else { return false }
        }
        return take("#") || takeJSONPointer()
    }
}

extension UInt8 {
    fileprivate var isUnreserved: Bool { isLetter || isDigit || self == 0x2D || self == 0x2E || self == 0x5F || self == 0x7E }
}
