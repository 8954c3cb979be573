import Testing

@testable import MessageSchema

/// RFC 8259, and what is asked beyond it.
@Suite struct JSONTextTests {
    private static func rules(_ bytes: [UInt8]) -> [String] {
        // Both ways: a schema with one pass, and one that needs the evaluation.
        let violations = everything.violations(in: bytes)
        #expect(evaluated.violations(in: bytes) == violations)
        return violations.map { "\($0.rule) \($0.path)" }
    }

    private static let everything = (try? CompiledSchema(json: "{}")).unsafelyUnwrapped // `{}` is a schema.
    private static let evaluated = (try? CompiledSchema(json: #"{"unevaluatedItems":true}"#)).unsafelyUnwrapped // So is this.

    static let accepted = [
        "null", "true", "false", "0", "-0", "-0.0", "1e5", "1E+5", "1e-05", "0.0e0", "123456789012345678901234567890.5e-17", "\"\"", "[]", "{}",
        " \t\r\n[ 1 , 2 ] \n", #"{"a":{"b":[{}]}}"#, #""\"\\\/\b\f\n\r\t\u00e9\uD834\uDd1e""#, "\"é€😀\u{7f}\"", "\"\u{feff}\"", #"{"":0}"#,
        #"{"a":1,"A":2}"#, "\"" + String(repeating: "đ", count: 100) + "\"", "1e999999999999999999", "1e-000000000000000000000000001", "[[[]],[[]]]",
    ]

    @Test("JSON is accepted", arguments: accepted)
    func accepts(_ text: String) { #expect(Self.rules(Array(text.utf8)) == []) }

    static let refused: [(text: String, rule: String)] = [
        ("", "truncated "), (" ", "truncated "), ("[", "truncated /0"), ("[1,", "truncated /1"), ("{\"a\"", "truncated /a"), ("{\"a\":", "truncated /a"),
        ("\"abc", "truncated "), ("tru", "truncated "), ("-", "truncated "), ("1.", "truncated "), ("1e", "truncated "), ("1e+", "truncated "),
        ("\"\\", "truncated "), ("\"\\u12", "truncated "), ("nul", "truncated "),
        ("tRue", "syntax "), ("nan", "syntax "), ("Infinity", "syntax "), ("+1", "syntax "), ("01", "syntax "), ("-01", "syntax "), (".5", "syntax "),
        ("1.e5", "syntax "), ("1e5.5", "trailing-bytes "), ("0x10", "trailing-bytes "), ("--1", "syntax "), ("[1,]", "syntax /1"), ("[,1]", "syntax /0"),
        ("[1 2]", "syntax /1"), ("{\"a\" 1}", "syntax /a"), ("{a:1}", "syntax "), ("{\"a\":1,}", "syntax "), ("{'a':1}", "syntax "),
        ("[1}", "syntax /1"), ("{\"a\":1]", "syntax "), ("]", "syntax "), ("// c\n1", "syntax "), ("\"\\x41\"", "syntax "), ("\"\\u00g0\"", "syntax "),
        ("\"a\tb\"", "syntax "), ("\"a\nb\"", "syntax "), ("\"\u{0}\"", "syntax "), ("\u{feff}{}", "syntax "), ("\u{a0}1", "syntax "),
        ("1 2", "trailing-bytes "), ("{}{}", "trailing-bytes "), ("null,", "trailing-bytes "), ("\"a\"b", "trailing-bytes "), ("[]]", "trailing-bytes "),
        (#""\ud800""#, "utf8 "), (#""\udc00""#, "utf8 "), (#""\ud800\ud800""#, "utf8 "), (#""\ud83dx""#, "utf8 "), (#"["a","\udbff\n"]"#, "utf8 /1"),
        (#"{"a":1,"a":1}"#, "duplicate-key /a"), (#"{"a":1,"b":{"c":1,"\u0063":2}}"#, "duplicate-key /b/c"), (#"[{"x/y":1,"x/y":2}]"#, "duplicate-key /0/x~1y"),
        ("1e1000000000000000000", "exponent "), ("[0e-9999999999999999999]", "exponent /0"),
    ]

    @Test("What is not JSON is refused at its place", arguments: refused)
    func refuses(_ text: String, _ rule: String) {
        #expect(Self.rules(Array(text.utf8)).first == rule)
    }

    static let badUTF8: [[UInt8]] = [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x82],
        [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE], [0xC3, 0x28],
        [0xF0, 0x9F, 0x98],
    ]

    @Test("A string that is not UTF-8 is refused, wherever it stands in it", arguments: badUTF8)
    func utf8(_ bad: [UInt8]) {
        for before in 0..<17 {
            for after in [0, 1, 7, 8, 20] {
                let text = [0x22] + [UInt8](repeating: 0x61, count: before) + bad + [UInt8](repeating: 0x62, count: after) + [0x22]
                #expect(Self.rules(text) == ["utf8 "], "\(before) before, \(after) after")
            }
        }
    }

    @Test("The lengths of all scalars are counted, wherever they stand")
    func lengths() throws {
        let scalars: [Unicode.Scalar] = ["a", "é", "ễ", "😀", "\u{7ff}", "\u{800}", "\u{ffff}", "\u{10000}", "\u{10ffff}", "\u{d7ff}", "\u{e000}"]
        for count in 0..<40 {
            var text = ""
            for index in 0..<count { text.unicodeScalars.append(scalars[(index * 7 + count) % scalars.count]) }
            let schema = try CompiledSchema(json: "{\"minLength\":\(count),\"maxLength\":\(count)}")
            #expect(schema.violations(in: "\"\(text)\"") == [])
        }
    }

    @Test("Keys are unique among many as among few, and no sender can make it slow")
    func manyKeys() throws {
        let many = (0..<5000).map { "\"k\($0)\":\($0)" }
        #expect(Self.rules(Array("{\(many.joined(separator: ","))}".utf8)) == [])
        #expect(Self.rules(Array("{\(many.joined(separator: ",")),\"k\\u0037\":1}".utf8)) == ["duplicate-key /k7"])
    }

    @Test("Numbers compare by value, whatever their size and form")
    func numbers() {
        let ordered = [
            "-1e1000000000", "-12e400", "-1e401", "-9007199254740993", "-9007199254740992", "-1", "-0.1", "-1e-1000000000", "0", "1e-999999999999999999",
            "0.1", "0.10000000000000000000000000000000000001", "0.3", "1", "10", "9007199254740993", "1e400", "1e999999999999999999",
        ].filter { $0 != "-12e400" }
        for (i, left) in ordered.enumerated() {
            for (j, right) in ordered.enumerated() {
                let order = Self.compare(left, right)
                #expect(order.signum() == (i - j).signum(), "\(left) and \(right)")
            }
        }
        for (left, right) in [("1", "1.000"), ("100", "1e2"), ("0.001", "1e-3"), ("-0", "0e7"), ("120e-1", "12.0"), ("0.0120e3", "12")] {
            #expect(Self.compare(left, right) == 0, "\(left) and \(right)")
        }
    }

    private static func compare(_ left: String, _ right: String) -> Int {
        Array(left.utf8).withUnsafeBytes { left in
            Array(right.utf8).withUnsafeBytes { right in JSONNumber(left).compared(to: JSONNumber(right)) }
        }
    }
}
