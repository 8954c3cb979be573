// RFC 3339, section 5.6 (date-time, date, time) and appendix A (duration).

extension FormatScanner {
    mutating func takeDateTime() -> Bool { takeDate() != nil && take(anyOf: "Tt") && takeTime() }

    /// full-date: a day that the Gregorian calendar has.
    mutating func takeDate() -> (year: Int, month: Int, day: Int)? {
        guard let year = takeNumber(digits: 4), take("-"), let month = takeNumber(digits: 2), take("-"), let day = takeNumber(digits: 2),
            (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        return (year, month, day)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// full-time. A second of 60 is a leap second: the last of a day of UTC.
    mutating func takeTime() -> Bool {
        guard let hour = takeNumber(digits: 2), take(":"), let minute = takeNumber(digits: 2), take(":"),
            let second = takeNumber(digits: 2), hour < 24, minute < 60, second <= 60
        else { return false }
        if take("."), take(while: \.isDigit) == 0 { return false }
        guard let offset = takeOffset() else { return false }
        guard second == 60 else { return true }
        let minuteOfDay = 24 * 60
        return ((hour * 60 + minute - offset) % minuteOfDay + minuteOfDay) % minuteOfDay == minuteOfDay - 1
    }

    /// - Returns: minutes east of UTC.
    private mutating func takeOffset() -> Int? {
        if take(anyOf: "Zz") { return 0 }
        let isWest = next == 0x2D
        guard take(anyOf: "+-"), let hours = takeNumber(digits: 2), take(":"), let minutes = takeNumber(digits: 2), hours < 24, minutes < 60
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }

    /// Weeks alone, or units in their order without a gap: a year and a day want the months between them.
    mutating func takeDuration() -> Bool {
        guard take("P") else { return false }
        if attempt({ $0.takeUnits("W") == 1 }) { return true }
        guard let dates = takeUnits("YMD") else { return false }
        guard take("T") else { return dates > 0 }
        return takeUnits("HMS").map { $0 > 0 } ?? false
    }

    /// - Returns: how many units were taken; nil where digits have no unit that may stand there.
    private mutating func takeUnits(_ units: StaticString) -> Int? {
        let order = units.withUTF8Buffer { Array($0) }
        var last: Int?
        var count = 0
        while next?.isDigit == true {
            _ = take(while: \.isDigit)
            guard let unit = next, let place = order.firstIndex(of: unit), last.map({ place == $0 + 1 }) ?? true else { return nil }
            _ = take(while: { $0 == unit }, max: 1)
            last = place
            count += 1
        }
        return count
    }
}
