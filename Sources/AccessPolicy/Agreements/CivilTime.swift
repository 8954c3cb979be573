import Foundation

/// A wall-clock reading in the proleptic Gregorian calendar, and its conversion to an instant. Written here because policy needs
/// exactly this much of a calendar, with every overflow and every impossible date refused.
struct CivilTime: Hashable, Sendable {
    var year: Int
    var month: Int
    var day: Int
    var millisecondsOfDay: Int64 = 0

    /// `YYYY-MM-DD` of a day that exists, years 1900 to 9999.
    init?(date text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]), let day = Self.number(bytes[8..<10]),
            (1900...9999).contains(year), (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Days since 1970-01-01. The era arithmetic counts years from March, so that the leap day comes last.
    var daysSinceEpoch: Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    static let millisecondsADay: Int64 = 86_400_000

    var millisecondsAsIfUTC: Int64 { daysSinceEpoch * Self.millisecondsADay + millisecondsOfDay }

    var nextDay: Int64 { (daysSinceEpoch + 1) * Self.millisecondsADay }

    static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 4 else { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// A time zone of an agreements file: a fixed offset, or a named zone.
enum CivilZone: Hashable, Sendable {
    case fixed(milliseconds: Int64)
    case named(TimeZone)

    static let defaultName = "Asia/Ho_Chi_Minh"

    /// `UTC`, `Z`, `+07:00` or an IANA name. The default zone is a constant (no change since 1975), so that the usual file does
    /// not load the time zone database.
    init?(_ text: String) {
        switch text {
        case Self.defaultName: self = .fixed(milliseconds: 7 * 3_600_000)
        case "UTC", "Z": self = .fixed(milliseconds: 0)
        default:
            if let offset = Self.offset(text) {
                self = .fixed(milliseconds: offset)
            } else if text.utf8.count <= 64, text.contains("/"), let zone = TimeZone(identifier: text) {
                self = .named(zone)
            } else {
                return nil
            }
        }
    }

    /// `+HH:MM` or `-HH:MM`, at most 18 hours (ISO 8601 as java.time reads it), in ms.
    static func offset(_ text: some StringProtocol) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"),
            let hours = CivilTime.number(bytes[1..<3]), let minutes = CivilTime.number(bytes[4..<6]), hours <= 18, minutes < 60
        else { return nil }
        let magnitude = Int64(hours * 60 + minutes) * 60_000
        return bytes[0] == UInt8(ascii: "-") ? -magnitude : magnitude
    }

    /// The instant of a wall-clock reading given as if it were UTC. In the hour that a clock change skips or repeats, the later
    /// reading of the offset wins: an agreement may then begin or end an hour off, never a day.
    func instant(asIfUTC local: Int64) -> PolicyInstant {
        switch self {
        case .fixed(let offset): return local - offset
        case .named(let zone):
            func offset(at instant: Int64) -> Int64 {
                Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant) / 1000))) * 1000
            }
            let guess = local - offset(at: local)
            return local - offset(at: guess)
        }
    }
}
