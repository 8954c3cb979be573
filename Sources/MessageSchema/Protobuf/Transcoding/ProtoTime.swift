/// Timestamps and durations as the JSON mapping writes them: RFC 3339 in UTC, seconds with an `s`.
enum ProtoTime {
    private static let nanosPerSecond: Int64 = 1_000_000_000
    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
    private static let timestampRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
    private static let durationRange: ClosedRange<Int64> = -315_576_000_000...315_576_000_000

    static func timestamp(seconds: Int64, nanos: Int64) -> String? {
        guard timestampRange.contains(seconds), (0..<nanosPerSecond).contains(nanos) else { return nil }
        let days = (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400
        let time = seconds - days * 86_400
        let (year, month, day) = civil(days)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        return "\(date)T\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))\(fraction(nanos))Z"
    }

    static func duration(seconds: Int64, nanos: Int64) -> String? {
        // The ranges come first: anything may stand on the wire, and the least Int64 has no magnitude.
        guard durationRange.contains(seconds), (1 - nanosPerSecond..<nanosPerSecond).contains(nanos),
            seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
        else { return nil }
        return "\(seconds < 0 || nanos < 0 ? "-" : "")\(abs(seconds))\(fraction(abs(nanos)))s"
    }

    /// Three, six or nine digits, as many as it needs.
    private static func fraction(_ nanos: Int64) -> String {
        if nanos == 0 { return "" }
        if nanos % 1_000_000 == 0 { return ".\(padded(nanos / 1_000_000, 3))" }
        return nanos % 1000 == 0 ? ".\(padded(nanos / 1000, 6))" : ".\(padded(nanos, 9))"
    }

    private static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    // MARK: Reading

    /// RFC 3339 with any offset.
    static func timestamp(_ text: String) -> (seconds: Int64, nanos: Int64)? {
        var rest = Substring(text)
        guard let year = number(&rest, 4), take("-", &rest), let month = number(&rest, 2), take("-", &rest), let day = number(&rest, 2),
            take("T", &rest) || take("t", &rest), let hour = number(&rest, 2), take(":", &rest), let minute = number(&rest, 2), take(":", &rest),
            let second = number(&rest, 2), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60,
            let nanos = nanos(&rest), let offset = offset(&rest), rest.isEmpty
        else { return nil }
        let days = days(year, month, day)
        guard civil(days) == (year, month, day) else { return nil }
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return timestampRange.contains(seconds) ? (seconds, nanos) : nil
    }

    static func duration(_ text: String) -> (seconds: Int64, nanos: Int64)? {
        var rest = Substring(text)
        guard rest.popLast() == "s" else { return nil }
        let sign: Int64 = take("-", &rest) ? -1 : 1
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        guard let seconds = Int64(digits), durationRange.contains(seconds), let nanos = nanos(&rest), rest.isEmpty else { return nil }
        return (sign * seconds, sign * nanos)
    }

    private static func take(_ character: Character, _ rest: inout Substring) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private static func number(_ rest: inout Substring, _ count: Int) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.utf8.count == count, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest.dropFirst(count)
        return Int64(digits)
    }

    private static func nanos(_ rest: inout Substring) -> Int64? {
        guard take(".", &rest) else { return 0 }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        return Int64(digits + String(repeating: "0", count: 9 - digits.count))
    }

    private static func offset(_ rest: inout Substring) -> Int64? {
        if take("Z", &rest) || take("z", &rest) { return 0 }
        let sign: Int64 = take("+", &rest) ? 1 : take("-", &rest) ? -1 : 0
        guard sign != 0, let hours = number(&rest, 2), take(":", &rest), let minutes = number(&rest, 2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    // MARK: The calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms")

    private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
