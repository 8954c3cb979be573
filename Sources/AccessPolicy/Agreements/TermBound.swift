/// A date of an agreement as written: a whole day, or a moment.
struct TermBound: Hashable, Sendable {
    let text: String
    /// The first instant of the day or moment.
    let first: PolicyInstant
    /// The first instant after it: a moment lasts one millisecond, as finely as policy reckons.
    let afterLast: PolicyInstant

    /// `YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM[:SS[.fff]]` with `Z`, an offset, or nothing for the file's zone. A space may stand for
    /// the `T`, as YAML's own timestamps allow.
    init?(_ text: String, zone: CivilZone) {
        guard text.utf8.count <= 40 else { return nil }
        self.text = text
        if let day = CivilTime(date: text) {
            first = zone.instant(asIfUTC: day.millisecondsAsIfUTC)
            afterLast = zone.instant(asIfUTC: day.nextDay)
            return
        }
        guard let separator = text.firstIndex(where: { $0 == "T" || $0 == " " }),
            let day = CivilTime(date: text[..<separator])
        else { return nil }
        var rest = text[text.index(after: separator)...]
        var zone = zone
        if rest.hasSuffix("Z") {
            zone = .fixed(milliseconds: 0)
            rest = rest.dropLast()
        } else if rest.count > 6, let offset = CivilZone.offset(rest.suffix(6)) {
            zone = .fixed(milliseconds: offset)
            rest = rest.dropLast(6)
        }
        guard let time = Self.millisecondsOfDay(rest) else { return nil }
        first = zone.instant(asIfUTC: day.millisecondsAsIfUTC + time)
        afterLast = first + 1
    }

    /// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fff` (one to three digits).
    private static func millisecondsOfDay(_ text: Substring) -> Int64? {
        let halves = text.split(separator: ".", omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count <= 2, (2...3).contains(parts.count), parts.allSatisfy({ $0.utf8.count == 2 }) else { return nil }
        let numbers = parts.compactMap { CivilTime.number(Array($0.utf8)[...]) }
        guard numbers.count == parts.count, numbers[0] < 24, numbers.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
        var milliseconds = Int64(numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)) * 1000
        if halves.count == 2 {
            let digits = Array(halves[1].utf8)
            guard parts.count == 3, digits.count <= 3, let fraction = CivilTime.number(digits[...]) else { return nil }
            milliseconds += Int64(fraction) * (digits.count == 1 ? 100 : digits.count == 2 ? 10 : 1)
        }
        return milliseconds
    }
}
