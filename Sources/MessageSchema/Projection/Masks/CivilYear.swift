/// The first day of the year that a day is in, proleptic Gregorian, both counted from 1970-01-01.
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", https://howardhinnant.github.io/date_algorithms.html.
enum CivilYear {
    /// Days that are looked at: about three million years to either side, more than any unit but seconds and days can say.
    private static let daysMax: Int64 = 1 << 40

    static func firstDay(ofYearOf day: Int64) -> Int64? {
        guard day.magnitude < daysMax.magnitude else { return nil }
        // Years of this calendar begin on the first of March, 400 of them have always as many days.
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // January and February, days 306 on, belong to the next civil year.
        let year = yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0)
        return firstDay(of: year)
    }

    /// The first of January is day 306 of the year before it, as these years go.
    private static func firstDay(of year: Int64) -> Int64 {
        let shifted = year - 1
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + 306 - 719_468
    }

    /// The first instant of the year, UTC.
    /// - Parameter unitsPerSecond: 1, 1000, a million or 10^9.
    /// - Returns: nil where that cannot be said in 64 bits.
    static func firstInstant(ofYearOf instant: Int64, unitsPerSecond: Int64) -> Int64? {
        let unitsPerDay = 86_400 * unitsPerSecond
        guard let day = firstDay(ofYearOf: floorDivide(instant, unitsPerDay)) else { return nil }
        let (result, overflow) = day.multipliedReportingOverflow(by: unitsPerDay)
        return overflow ? nil : result
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
