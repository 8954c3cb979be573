import Testing

@testable import MessageSchema

@Suite struct StringFormatTests {
    private static let valid: [(StringFormat, [String])] = [
        (.dateTime, ["2026-11-23T08:00:00Z", "2026-11-23t08:00:00.123456+07:00", "1998-12-31T23:59:60Z", "1998-12-31T15:59:60.5-08:00", "2024-02-29T00:00:00z"]),
        (.date, ["2026-11-23", "2000-02-29", "2024-02-29", "0000-01-01"]),
        (.time, ["08:30:06Z", "08:30:06.283185+00:20", "23:59:60Z", "01:29:60+01:30", "00:00:00-23:59"]),
        (.duration, ["P4DT12H30M5S", "P4Y", "PT0S", "P1M", "PT36H", "P1DT12H", "P2W", "P1Y2M3DT4H5M6S"]),
        (.email, ["linh@danang.gov.vn", "a+b~c@x", "\"joe bloggs\"@example.com", "\"a@b\"@x.vn", "joe@[127.0.0.1]", "joe@[IPv6:::1]"]),
        (.hostname, ["danang.gov.vn", "a", "xn--4gbwdl.xn--wgbh1c", "1host", "a-b.c"]),
        (.ipv4, ["192.168.0.1", "0.0.0.0", "255.255.255.255"]),
        (.ipv6, ["::", "::1", "1::", "::42:ff:1", "d6::", "1:2::192.168.0.1", "::ffff:192.168.0.1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8"]),
        (.uri, ["http://foo.bar/?baz=qux#quux", "urn:oasis:names", "mailto:a@b.c", "ldap://[2001:db8::7]/c=GB?x", "http://a:b@c:80/%20", "file:///etc", "x:"]),
        (.uriReference, ["", "/abc", "//foo.bar/?x", "#frag", "a/b:c", "?q", "http://x"]),
        (.uriTemplate, ["http://example.com/dictionary/{term:1}/{term}", "{+path,x}/here", "{?a,b*}", "{/a.b}", "plain", "{#%41}", "a'b"]),
        (.uuid, ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380", "00000000-0000-0000-0000-000000000000"]),
        (.jsonPointer, ["", "/", "/foo/0", "/a~1b/m~0n", "//", "/đ"]),
        (.relativeJSONPointer, ["1", "0/foo", "2/0/baz", "0#", "10+1", "0-1/a"]),
        (.regex, ["^a+$", "(?=a)"]),
    ]

    private static let invalid: [(StringFormat, [String])] = [
        (.dateTime, ["2026-11-23", "2026-11-23 08:00:00Z", "2026-02-29T00:00:00Z", "1998-12-31T22:59:60Z", "1990-12-31T15:59:59-24:00", "2026-11-23T08:00:00", "2026-1-23T08:00:00Z", "2026-11-23T08:00:00.Z", "2026-11-2३T00:00:00Z"]),
        (.date, ["2026-13-01", "2026-04-31", "1900-02-29", "2026-00-10", "2026-01-00", "20261123", "2026-11-23 "]),
        (.time, ["08:30:06", "24:00:00Z", "00:60:00Z", "00:00:61Z", "22:59:60Z", "8:30:06Z", "00:00:00+24:00", "00:00:00+00:60", "01:02:03+0100"]),
        (.duration, ["P", "PT", "4DT", "P1", "P1D2H", "P2S", "PT1D", "P2D1Y", "P1YT", "P1Y2W", "P1.5D", "P1Y1D", "PT1H1S", "P1D2T3H", "PT1H2"]),
        (.email, ["2962", "@x", "a@", ".a@b", "a.@b", "a..b@c", "joe bloggs@x", "a@-b.c", "joe@[127.0.0.300]", "a@b@c"]),
        (.hostname, ["", "-a", "a-", "a_b", "a..b", ".a", "a.", String(repeating: "a", count: 64), "ab--cd", "đ.vn"]),
        (.ipv4, ["127.0.0", "127.0.0.0.1", "256.0.0.1", "087.10.0.1", "0x7f000001", "1.2.3.", "1..2.3", "127.0.0.1/24"]),
        (.ipv6, ["12345::", "1::2::3", ":1", "1:", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1/64", "fe80::a%eth1", "1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::laptop"]),
        (.uri, ["", "//a", "/a", "abc", "http:// space", "bar,\\uri", ":// x", "http://a{b}", "http://[::1", "http://x/%2", "http://[::1]x", "1http://x", "http://x:80a/"]),
        (.uriReference, ["\\\\WINDOWS\\x", "#frag\\ment", "a:b:c d", "%zz", "1:x"]),
        (.uriTemplate, ["{", "}", "{}", "{a", "{a:0}", "{a:12345}", "{a b}", "x y", "{a,}", "%4"]),
        (.uuid, ["2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d16380 ", "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380", "g"]),
        (.jsonPointer, ["a", "/a~", "/a~2", "#/a"]),
        (.relativeJSONPointer, ["", "/a", "-1", "01", "0##", "1a", "0+01", "+1"]),
        (.regex, ["(", "\\a"]),
    ]

    @Test("A text of the format is taken")
    func accepts() {
        for (format, texts) in Self.valid {
            for text in texts { #expect(matches(format, text), "\(format.rawValue) \(text)") }
        }
    }

    @Test("A text that is not quite of the format is refused")
    func refuses() {
        for (format, texts) in Self.invalid {
            for text in texts { #expect(!matches(format, text), "\(format.rawValue) \(text)") }
        }
    }

    @Test("Each format has examples of both kinds, and any bytes cut from them give a verdict")
    func everyPrefix() {
        for format in StringFormat.allCases {
            let texts = (Self.valid + Self.invalid).filter { $0.0 == format }
            #expect(texts.count == 2, "\(format.rawValue)")
            for text in texts.flatMap(\.1) {
                for count in 0...text.utf8.count { _ = Array(text.utf8.prefix(count)).withUnsafeBytes(format.matches) }
            }
        }
    }

    private func matches(_ format: StringFormat, _ text: String) -> Bool { Array(text.utf8).withUnsafeBytes(format.matches) }
}
