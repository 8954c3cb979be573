/// Dates of samples: computed, since a sample must be the same on every machine and day.
enum SampleDate {
    /// Days since 1970-01-01 of 2026-11-20, when the samples begin.
    static let firstDay = 20_777

    /// `YYYY-MM-DD` (civil calendar from days, after Howard Hinnant's algorithm).
    static func day(_ daysSince1970: Int) -> String {
        let shifted = daysSince1970 + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(year)-\(two(month))-\(two(day))"
    }

    /// RFC 3339 with Da Nang's offset; `seconds` count from the local midnight of ``firstDay``.
    static func moment(_ seconds: Int) -> String {
        let second = seconds % 86_400
        return "\(day(firstDay + seconds / 86_400))T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))+07:00"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
