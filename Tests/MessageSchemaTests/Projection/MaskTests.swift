import Testing

@testable import MessageSchema

@Suite("Masks of values")
struct MaskTests {
    private static func hexadecimal(_ code: MessageCode) -> String {
        code.withBytes { bytes in
            bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        }
    }

    private static func code(_ key: [UInt8], _ message: [UInt8]) -> String? {
        HashKey(key).map { key in message.withUnsafeBytes { hexadecimal(key.code(of: $0)) } }
    }

    @Test("The hash is HMAC-SHA-256: the vectors of RFC 4231 that have a key of ours")
    func vectors() {
        #expect(Self.code([UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8)) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            Self.code([UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50))
                == "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
        #expect(
            Self.code(Array(1...25), [UInt8](repeating: 0xCD, count: 50)) == "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")
        #expect(
            Self.code([UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        #expect(
            Self.code(
                [UInt8](repeating: 0xAA, count: 131),
                Array("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.".utf8))
                == "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2")
    }

    @Test("A key of 16 bytes is one, a shorter one is none")
    func keys() {
        #expect(HashKey([UInt8](repeating: 1, count: 16)) != nil)
        #expect(HashKey([UInt8](repeating: 1, count: 15)) == nil)
    }

    @Test("SHA-256 of every length around its blocks is what the definition says: the state does not depend on how the message is cut")
    func lengths() {
        // FIPS 180-4 examples.
        let abc = Array("abc".utf8).withUnsafeBytes { MessageCode(words: SHA256.finish(SHA256.initial, before: 0, $0)) }
        #expect(Self.hexadecimal(abc) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        for count in 0...200 {
            let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let whole = message.withUnsafeBytes { SHA256.finish(SHA256.initial, before: 0, $0) }
            guard count >= 64 else { continue }
            var state = SHA256.initial
            message.withUnsafeBytes { SHA256.compress(&state, UnsafeRawBufferPointer(rebasing: $0[..<64])) }
            let rest = message.withUnsafeBytes { SHA256.finish(state, before: 64, UnsafeRawBufferPointer(rebasing: $0[64...])) }
            #expect(whole == rest)
        }
    }

    @Test("An integer and its text have one hash")
    func integers() throws {
        let key = try #require(Shown.key)
        #expect(key.code(of: Int64(-120)).words == Array("-120".utf8).withUnsafeBytes { key.code(of: $0) }.words)
        #expect(key.code(of: Int64.min).words == Array("-9223372036854775808".utf8).withUnsafeBytes { key.code(of: $0) }.words)
        #expect(key.code(of: UInt64.max).words == Array("18446744073709551615".utf8).withUnsafeBytes { key.code(of: $0) }.words)
        #expect((0..<1 << 53).contains(key.code(of: Int64(5)).integer53))
    }

    @Test("The first day of a year, day by day over 2,800 years, is that of a calendar that is counted")
    func years() {
        var day: Int64 = -1_000 * 365
        // Counted from 1970 back to a first of January, and from there on.
        var year: Int64 = 1970
        var first: Int64 = 0
        func length(_ year: Int64) -> Int64 { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365 }
        while first > day {
            year -= 1
            first -= length(year)
        }
        while year < 3770 {
            if day >= first + length(year) {
                first += length(year)
                year += 1
            }
            if CivilYear.firstDay(ofYearOf: day) != first { Issue.record("day \(day) is in \(year)") }
            day += 1
        }
        #expect(CivilYear.firstInstant(ofYearOf: 1_782_000_000_123, unitsPerSecond: 1000) == 1_767_225_600_000)
        #expect(CivilYear.firstInstant(ofYearOf: -1, unitsPerSecond: 1) == -31_536_000)
        #expect(CivilYear.firstInstant(ofYearOf: Int64.min, unitsPerSecond: 1) == nil)
        #expect(CivilYear.firstInstant(ofYearOf: Int64.min, unitsPerSecond: 1_000_000_000) == nil)
        #expect(CivilYear.firstInstant(ofYearOf: Int64.max, unitsPerSecond: 1_000_000_000) != nil)
    }

    @Test(
        "Dates and times are cut to their year in the form they have; another text has no year",
        arguments: [
            ("2026", "2026"), ("2026-11", "2026-01"), ("2026-11-23", "2026-01-01"), ("2026-11-23T16:30:00Z", "2026-01-01T00:00:00Z"),
            ("2026-11-23t16:30:00.123456+07:00", "2026-01-01T00:00:00Z"), ("2026-11-23 16:30", "2026-01-01T00:00:00Z"), ("23/11/2026", nil),
            ("2026-11-2", nil), ("2026-1123", nil), ("20261123", nil), ("", nil), ("26", nil), ("2026-11-23T", nil), ("2026-11-23Tab:cd:ef", nil),
            ("2026-11-23 is the day on which", nil),
        ] as [(String, String?)])
    func yearTexts(_ text: String, _ year: String?) {
        var buffer = ProjectionBuffer()
        let isYear = Array(text.utf8).withUnsafeBytes { TextMask.writeYear(of: $0, into: &buffer) }
        #expect((isYear ? buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } : nil) == year)
    }

    @Test("Four of eight characters are shown, of seven none; a character may have several bytes")
    func lastFour() {
        func shown(_ text: String) -> String? {
            let bytes = Array(text.utf8)
            return bytes.withUnsafeBytes { TextMask.lastFour(of: $0) }.map { String(decoding: bytes[$0...], as: UTF8.self) }
        }
        #expect(shown("12345678") == "5678")
        #expect(shown("1234567") == nil)
        #expect(shown("Nguyễn Thị Ánh") == " Ánh")
        #expect(shown("đđđđđđđđ") == "đđđđ")
        #expect(shown("") == nil)
    }
}
