import Testing

@testable import MessageSchema

/// Keywords that look at one value.
@Suite struct ValueKeywordTests {
    static let vectors = [
        KeywordVector(#"{"type":"integer"}"#, valid: ["0", "-7", "1.0", "1e3", "12.50e1", "1E400", "0e-5", "-0"], invalid: ["1.5", "1e-1", "\"1\"", "null", "[1]", "{}", "true"]),
        KeywordVector(#"{"type":"number"}"#, valid: ["1.5", "0", "1e400"], invalid: ["\"1\"", "false"]),
        KeywordVector(#"{"type":["string","null"]}"#, valid: ["null", "\"\""], invalid: ["0", "[]", "false"]),
        KeywordVector(#"{"type":"boolean"}"#, valid: ["true", "false"], invalid: ["0", "\"true\"", "null"]),
        KeywordVector(#"{"type":"object"}"#, valid: ["{}", #"{"a":1}"#], invalid: ["[]", "\"{}\""]),
        KeywordVector(#"{"type":"array"}"#, valid: ["[]", "[[]]"], invalid: ["{}", "\"[]\""]),
        KeywordVector("true", valid: ["1", "{}", "null"]),
        KeywordVector("false", invalid: ["1", "{}", "null"]),
        KeywordVector(#"{"const":{"a":[1,2.0],"b":null}}"#, valid: [#"{"b":null,"a":[1.0,2]}"#], invalid: [#"{"a":[2,1],"b":null}"#, #"{"a":[1,2]}"#, "{}"]),
        KeywordVector(#"{"const":0}"#, valid: ["0", "-0", "0.0", "0e9"], invalid: ["false", "\"\"", "null", "1"]),
        KeywordVector(#"{"const":false}"#, valid: ["false"], invalid: ["0", "true", "null"]),
        KeywordVector(#"{"const":"é"}"#, valid: ["\"é\"", #""\u00e9""#], invalid: [#""e\u0301""#, "\"e\u{301}\""]),
        KeywordVector(#"{"enum":["a","b\"c",3,null,[1],{"k":true}]}"#, valid: [#""a""#, #""b\"c""#, "3.0", "null", "[1]", #"{"k":true}"#], invalid: [#""c""#, "4", "[2]", #"{"k":false}"#, "true"]),
        KeywordVector(#"{"enum":["red","green"]}"#, valid: [#""red""#, #""gr\u0065en""#], invalid: [#""re""#, #""redd""#, "1"]),
        KeywordVector(#"{"enum":[true,null]}"#, valid: ["true", "null"], invalid: ["false", "0"]),
        KeywordVector(#"{"enum":["x","y"],"type":"string","maxLength":1}"#, valid: [#""x""#], invalid: [#""z""#]),
        KeywordVector(#"{"minimum":1.1}"#, valid: ["1.1", "1.10", "2", "1e400", "\"0\""], invalid: ["1.0999999999999999999999999", "-5", "0"]),
        KeywordVector(#"{"maximum":1e399}"#, valid: ["1e399", "10e398", "1e398", "-1e500"], invalid: ["1e400", "1.0000000000000000000001e399"]),
        KeywordVector(#"{"exclusiveMinimum":0,"exclusiveMaximum":1}"#, valid: ["0.5", "1e-999999999999"], invalid: ["0", "1", "-0.0", "1.0"]),
        KeywordVector(#"{"minimum":-9223372036854775809}"#, valid: ["-9223372036854775809", "0"], invalid: ["-9223372036854775810"]),
        KeywordVector(#"{"multipleOf":0.1}"#, valid: ["0.3", "1", "0", "1e1000000000", "-7.7", "\"x\""], invalid: ["0.35", "1e-1000000000", "0.30000000000000004"]),
        KeywordVector(#"{"multipleOf":0.0075}"#, valid: ["0.015", "0.0150"], invalid: ["0.0076"]),
        KeywordVector(#"{"multipleOf":123456789012345678901234567890}"#, valid: ["123456789012345678901234567890", "246913578024691357802469135780"], invalid: ["123456789012345678901234567891"]),
        KeywordVector(#"{"multipleOf":4e2}"#, valid: ["400", "1200", "4e5"], invalid: ["100", "4e1", "500"]),
        KeywordVector(#"{"minLength":2,"maxLength":3}"#, valid: [#""ab""#, #""Đà N""#.replacing(" N", with: ""), #""👍👍""#, #""\ud83d\udc4d\n""#, "1"], invalid: [#""a""#, #""abcd""#, #""👍""#, #""\ud83d\udc4d""#]),
        KeywordVector(#"{"minLength":2.0}"#, valid: [#""ab""#], invalid: [#""a""#]),
        KeywordVector(#"{"pattern":"^p[0-9]+$"}"#, valid: [#""p1""#, "5", #""\u007012""#], invalid: [#""p""#, #""xp1""#]),
        KeywordVector(#"{"format":"date"}"#, valid: [#""2026-02-28""#, "3"], invalid: [#""2026-02-29""#, #""28/02/2026""#]),
        KeywordVector(#"{"format":"date-time"}"#, valid: [#""2026-11-20T08:15:00+07:00""#, #""2026-11-20T08:15:00.123Z""#, #""2016-12-31T23:59:60Z""#], invalid: [#""2026-11-20 08:15:00""#, #""2026-13-20T08:15:00Z""#, #""2026-11-20T24:15:00Z""#]),
        KeywordVector(#"{"format":"no-such-format"}"#, valid: [#""anything""#]),
        KeywordVector(#"{"contentEncoding":"base64","contentMediaType":"application/json","contentSchema":{"type":"object"}}"#, valid: [#""%%%""#]),
    ]

    @Test("Each keyword decides as the specification says", arguments: vectors)
    func checkVectors(_ vector: KeywordVector) throws { try vector.check() }
}
