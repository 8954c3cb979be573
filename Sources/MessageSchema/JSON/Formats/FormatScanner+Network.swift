// Names and addresses: RFC 1123 (hostname), RFC 5321 (mailbox), RFC 2673 (IPv4), RFC 4291 (IPv6).

extension FormatScanner {
    /// Labels of letters, digits and inner hyphens, at most 63 bytes each and 253 in all.
    mutating func takeHostname() -> Bool {
        let start = position
        repeat { guard takeLabel() else { return false } } while take(".")
        return position - start <= 253
    }

    private mutating func takeLabel() -> Bool {
        let start = position
        let length = take(while: { $0.isLetter || $0.isDigit || $0 == 0x2D })
        let label = bytes(from: start)
        guard (1...63).contains(length), label.first != 0x2D, label.last != 0x2D else { return false }
        // RFC 5891, 4.2.3.1: hyphens in the third and fourth place are for A-labels.
        let marked = label.dropFirst(2).prefix(2).elementsEqual([0x2D, 0x2D])
        return !marked || (label.prefix(2).elementsEqual([0x78, 0x6E]) && length > 4)
    }

    /// A local part and a domain or an address in brackets.
    mutating func takeMailbox() -> Bool {
        guard var (local, domain) = scanner(upToLast: "@") else { return false }
        let start = local.position
        let isLocal = local.next == 0x22 ? local.takeQuotedString() : local.takeDotString()
        guard isLocal, local.isAtEnd, local.position - start <= 64 else { return false }
        let isDomain = domain.next == 0x5B ? domain.takeAddressLiteral() : domain.takeHostname()
        guard isDomain, domain.isAtEnd else { return false }
        self = domain
        return true
    }

    private mutating func takeDotString() -> Bool {
        repeat { guard take(while: \.isAtomText) > 0 else { return false } } while take(".")
        return true
    }

    private mutating func takeQuotedString() -> Bool {
        guard take("\"") else { return false }
        while let byte = next {
            if take("\"") { return true }
            if take("\\") {
                guard take(while: { (0x20...0x7E).contains($0) }, max: 1) == 1 else { return false }
            } else {
                guard (0x20...0x7E).contains(byte), take(while: { _ in true }, max: 1) == 1 else { return false }
            }
        }
        return false
    }

    private mutating func takeAddressLiteral() -> Bool {
        guard take("[") else { return false }
        let isAddress =
            attempt { scanner in
                for byte in "IPv6:".unicodeScalars { guard scanner.take(byte) else { return false } }
                return scanner.takeIPv6()
            } || takeIPv4()
        return isAddress && take("]")
    }

    /// Four decimal numbers without leading zeros.
    mutating func takeIPv4() -> Bool {
        for index in 0..<4 {
            if index > 0, !take(".") { return false }
            let start = position
            let length = take(while: \.isDigit, max: 3)
            let value = bytes(from: start).reduce(0) { $0 * 10 + Int($1 - 0x30) }
            guard length > 0, value <= 255, length == 1 || bytes(from: start).first != 0x30 else { return false }
        }
        return true
    }

    /// Eight groups, fewer with one `::`, the last two perhaps as IPv4.
    mutating func takeIPv6() -> Bool {
        var groups = 0
        var isShortened = false
        if attempt({ $0.take(":") && $0.take(":") }) { isShortened = true } else if next == 0x3A { return false }
        while next?.isHexDigit == true {
            if groups <= 6, attempt({ $0.takeIPv4() }) {
                groups += 2
                break
            }
            guard take(while: \.isHexDigit, max: 4) > 0 else { return false }
            groups += 1
            guard next == 0x3A else { break }
            if attempt({ $0.take(":") && $0.take(":") }) {
                guard !isShortened else { return false }
                isShortened = true
            } else {
                guard attempt({ $0.take(":") && $0.next?.isHexDigit == true }) else { return false }
            }
        }
        return isShortened ? groups <= 7 : groups == 8
    }

    /// RFC 4122, section 3.
    mutating func takeUUID() -> Bool {
        for (index, length) in [8, 4, 4, 4, 12].enumerated() {
            if index > 0, !take("-") { return false }
            guard take(while: \.isHexDigit, max: length) == length else { return false }
        }
        return true
    }
}

extension UInt8 {
    /// RFC 5322, 3.2.3.
    fileprivate var isAtomText: Bool {
        isLetter || isDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains(self)
    }
}
