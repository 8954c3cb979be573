import AccessPolicy
import Foundation
import Testing

@Suite struct TermTests {
    private func term(_ extra: String, file: String = "") throws -> Term {
        let yaml = file + agreement(party: "node: a/b/c\nmay: [publish]", extra: extra)
        return try #require(try AgreementsFile.parse(yaml: yaml, name: "a").agreements.first).term
    }

    private func instant(_ text: String) throws -> PolicyInstant {
        let date = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains(".")))
        return PolicyInstant((date.timeIntervalSince1970 * 1000).rounded())
    }

    @Test("a date is a whole day in Asia/Ho_Chi_Minh, and until is inclusive")
    func wholeDays() throws {
        let term = try term("from: 2026-01-01\nuntil: 2026-12-31")
        #expect(try term.start == instant("2025-12-31T17:00:00Z"))
        #expect(try term.end == instant("2026-12-31T17:00:00Z"))
        #expect(!term.contains(term.start - 1))
        #expect(term.contains(term.start))
        #expect(term.contains(term.end - 1))
        #expect(!term.contains(term.end))
    }

    @Test("an agreement of one day lasts that day")
    func oneDay() throws {
        let term = try term("from: 2026-02-28\nuntil: 2026-02-28")
        #expect(term.end - term.start == 86_400_000)
    }

    @Test("without dates an agreement is always in force")
    func noDates() throws {
        let term = try term("")
        #expect(term.contains(.min) && term.contains(0) && term.contains(.max - 1))
    }

    @Test(
        "moments are taken with an offset, with Z, or in the file's zone, and are inclusive to the millisecond",
        arguments: [
            ("2026-03-01T08:30:00+07:00", "2026-03-01T01:30:00Z"), ("2026-03-01T08:30:00Z", "2026-03-01T08:30:00Z"),
            ("2026-03-01T08:30", "2026-03-01T01:30:00Z"), ("2026-03-01 08:30:15", "2026-03-01T01:30:15Z"),
            ("2026-03-01T08:30:15.250Z", "2026-03-01T08:30:15.250Z"), ("2026-03-01T08:30:15.5-03:00", "2026-03-01T11:30:15.500Z"),
        ])
    func moments(text: String, utc: String) throws {
        let term = try term("from: \(text)\nuntil: \(text)")
        #expect(try term.start == instant(utc))
        #expect(term.end == term.start + 1)
    }

    @Test(
        "another zone is taken for the file or for one agreement, with its clock changes",
        arguments: [
            ("UTC", "2026-06-01", "2026-06-01T00:00:00Z"), ("+09:00", "2026-06-01", "2026-05-31T15:00:00Z"),
            ("Europe/Paris", "2026-06-01", "2026-05-31T22:00:00Z"), ("Europe/Paris", "2026-12-01", "2026-11-30T23:00:00Z"),
            ("America/New_York", "2026-07-04", "2026-07-04T04:00:00Z"),
        ])
    func zones(zone: String, date: String, utc: String) throws {
        let expected = try instant(utc)
        #expect(try term("from: \(date)\ntimeZone: \(zone)").start == expected)
        #expect(try term("from: \(date)", file: "timeZone: \(zone)\n").start == expected)
    }

    @Test(
        "days and moments that do not exist are refused",
        arguments: [
            "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-01-01", "2026-1-1", "tomorrow", "2026-01-01T24:00",
            "2026-01-01T10:60", "2026-01-01T10", "2026-01-01T10:00:00.", "2026-01-01T10:00+25:00", "1899-12-31", "١٢٣٤-٠١-٠١",
            "2026-01-01T", "99999999999999999999",
        ])
    func badDates(_ text: String) throws {
        #expect(try !problems(agreement(party: "node: a/b/c\nmay: [publish]", extra: "from: \"\(text)\"")).isEmpty)
    }

    @Test("29 February exists in leap years, century rules included", arguments: [2000, 2024, 2028])
    func leapYears(_ year: Int) throws {
        #expect(try term("from: \(year)-02-29").start == instant("\(year)-02-28T17:00:00Z"))
    }

    @Test("every day of four centuries follows the day before it")
    func calendar() throws {
        // Foundation's calendar is the oracle at a sample of days.
        for year in stride(from: 1901, through: 2299, by: 7) {
            for month in [1, 2, 3, 12] {
                let text = "\(year)-\(month < 10 ? "0" : "")\(month)-28"
                #expect(try term("from: \(text)\ntimeZone: UTC").start == instant("\(text)T00:00:00Z"), "\(text)")
            }
        }
    }

    @Test("an unknown time zone is refused", arguments: ["Mars/Olympus", "+7", "+19:00", "ICT", "../../etc/passwd"])
    func badZones(_ zone: String) throws {
        #expect(try !problems(agreement(party: "node: a/b/c\nmay: [publish]", extra: "timeZone: \(zone)")).isEmpty)
    }
}
