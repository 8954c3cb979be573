import MessageSchema
import Testing

/// The JSON mapping, both ways (https://protobuf.dev/programming-guides/json/).
@Suite("Protobuf as JSON")
struct ProtoJSONTests {
    private static let text = #"""
        syntax = "proto3";
        package t;
        import "google/protobuf/timestamp.proto";
        import "google/protobuf/duration.proto";
        import "google/protobuf/wrappers.proto";
        import "google/protobuf/struct.proto";
        import "google/protobuf/field_mask.proto";
        message M {
            int32 i = 1; sint32 z = 2; int64 long_number = 3; uint64 u = 4; double d = 5; float f = 6; bool b = 7; string s = 8; bytes y = 9;
            fixed32 x = 10; sfixed64 q = 11; Kind kind = 12; M inner = 13; repeated int32 packed = 14; repeated string texts = 15;
            map<string, int32> counts = 16; map<bool, M> flags = 17; optional int32 maybe = 18;
            oneof one { string left = 19; int32 right = 20; }
            google.protobuf.Timestamp at = 21; google.protobuf.Duration took = 22; google.protobuf.Int64Value wrapped = 23;
            google.protobuf.Struct free = 24; google.protobuf.FieldMask mask = 25; google.protobuf.Value any = 26; sint64 zz = 27;
            google.protobuf.ListValue items = 28; string renamed = 29 [json_name = "other"];
        }
        enum Kind { NONE = 0; GOOD = 5; }
        """#

    private func schema() throws -> CompiledSchema { try Protobuf.compile(Self.text) }

    private func json(_ schema: CompiledSchema, _ payload: [UInt8], _ framing: PayloadFraming = .plain) throws -> String {
        String(decoding: try schema.json(of: payload, framing: framing), as: UTF8.self)
    }

    @Test(
        "each kind of value is written and read as the mapping says",
        arguments: [
            "{}", #"{"i":-5}"#, #"{"z":-2147483648}"#, #"{"longNumber":"-9223372036854775808"}"#, #"{"u":"18446744073709551615"}"#, #"{"d":0.1}"#,
            #"{"d":"NaN"}"#, #"{"f":"-Infinity"}"#, #"{"f":0.1}"#, #"{"b":true}"#, #"{"s":"Hải Châu\n"}"#, #"{"y":"/+8="}"#, #"{"x":4294967295}"#,
            #"{"q":"-1"}"#, #"{"kind":"GOOD"}"#, #"{"inner":{"inner":{"i":1}}}"#, #"{"packed":[1,-2,300]}"#, #"{"texts":["a",""]}"#,
            #"{"counts":{"a":1,"b":0}}"#, #"{"flags":{"true":{"i":1},"false":{}}}"#, #"{"maybe":0}"#, #"{"left":""}"#, #"{"right":0}"#,
            #"{"at":"2026-11-23T01:15:00Z"}"#, #"{"at":"0001-01-01T00:00:00Z"}"#, #"{"at":"9999-12-31T23:59:59.999999999Z"}"#,
            #"{"at":"1969-12-31T23:59:59.500Z"}"#, #"{"took":"-1.000001s"}"#, #"{"took":"0s"}"#, #"{"wrapped":"7"}"#, #"{"wrapped":"0"}"#,
            #"{"free":{"a":[1.0,null,"x",{"b":true}],"e":{}}}"#, #"{"mask":"a.bC,d"}"#, #"{"any":null}"#, #"{"any":[]}"#, #"{"zz":"-3"}"#, #"{"items":[]}"#,
            #"{"other":"x"}"#, #"{"kind":7}"#,
        ])
    func roundTrip(text: String) throws {
        let schema = try schema()
        for framing in PayloadFraming.allCases {
            let payload = try schema.payload(ofJSON: Array(text.utf8), framing: framing)
            #expect(Protobuf.verdict(payload, under: schema, framing: framing) == [])
            #expect(try json(schema, payload, framing) == text)
        }
    }

    @Test("people may write the names of the file, numbers as text and text as numbers, times with an offset, and null for nothing")
    func lenient() throws {
        let schema = try schema()
        let text = #"{"long_number": 5, "i": "7", "at": "2026-11-23T08:15:00.25+07:00", "s": null, "kind": 5, "y": "_-8"}"#
        #expect(try json(schema, schema.payload(ofJSON: Array(text.utf8))) == #"{"i":7,"longNumber":"5","y":"/+8=","kind":"GOOD","at":"2026-11-23T01:15:00.250Z"}"#)
    }

    @Test("of what the wire repeats the last one counts, messages are merged, and of a oneof the last member counts")
    func repeated() throws {
        let schema = try schema()
        #expect(try json(schema, Protobuf.bytes("08 01 08 02")) == #"{"i":2}"#)
        #expect(try json(schema, Protobuf.bytes("6a 02 08 01 6a 02 10 02")) == #"{"inner":{"i":1,"z":1}}"#)
        #expect(try json(schema, Protobuf.bytes("9a 01 01 61 a0 01 05")) == #"{"right":5}"#)
        #expect(try json(schema, Protobuf.bytes("70 01 72 02 02 03")) == #"{"packed":[1,2,3]}"#)
    }

    @Test(
        "what does not fit is refused with its place and the rule",
        arguments: [
            (#"{"i": 2147483648}"#, "/i range"), (#"{"i": 1.5}"#, "/i range"), (#"{"i": 5e-1}"#, "/i range"), (#"{"i": 21474836480e-1}"#, "/i range"), (#"{"u": 1e20}"#, "/u range"),
            (#"{"u": "1e99999999999999999999"}"#, "/u range"), (#"{"i": "0x1F"}"#, "/i range"), (#"{"i": "+1"}"#, "/i range"), (#"{"i": " 1"}"#, "/i range"),
            (#"{"i": "01"}"#, "/i range"), (#"{"i": ""}"#, "/i range"), (#"{"i": "1e"}"#, "/i range"), (#"{"d": "0x1F"}"#, "/d type"),
            (#"{"d": "infinity"}"#, "/d type"), (#"{"d": "-inf"}"#, "/d type"), (#"{"d": "1."}"#, "/d type"), (#"{"f": "nan"}"#, "/f type"),
            (#"{"kind": 0.5}"#, "/kind enum"), (#"{"u": -1}"#, "/u range"), (#"{"s": 1}"#, "/s type"),
            (#"{"b": "true"}"#, "/b type"), (#"{"nope": 1}"#, "/nope unknown-field"), (#"{"inner": {"inner": {"x": "a"}}}"#, "/inner/inner/x range"),
            (#"{"packed": 1}"#, "/packed type"), (#"{"packed": [1, "x"]}"#, "/packed/1 range"), (#"{"kind": "BAD"}"#, "/kind enum"),
            (#"{"left": "a", "right": 1}"#, "/right oneof"), (#"{"at": "2026-02-30T00:00:00Z"}"#, "/at format"), (#"{"at": "now"}"#, "/at format"),
            (#"{"took": "1"}"#, "/took format"), (#"{"y": "***"}"#, "/y base64"), (#"{"long_number": 1, "longNumber": 2}"#, "/longNumber duplicate-key"),
            (#"{"flags": {"yes": {}}}"#, "/flags/yes type"), ("[]", " type"), ("{", " truncated"),
        ])
    func refused(text: String, fault: String) throws {
        let schema = try schema()
        #expect { try schema.payload(ofJSON: Array(text.utf8)) } throws: { error in
            guard let violation = error as? Violation else { return false }
            #expect("\(violation.path) \(violation.rule)" == fault)
            return true
        }
    }

    @Test("under message indexes the message is the one that they name")
    func indexes() throws {
        let schema = try Protobuf.compile(#"syntax = "proto3"; message A { int32 a = 1; message B { int32 b = 1; } } message C { int32 c = 1; }"#)
        #expect(try json(schema, Protobuf.bytes("00 08 01"), .confluent) == #"{"a":1}"#)
        #expect(try json(schema, Protobuf.bytes("02 02 08 01"), .confluent) == #"{"c":1}"#)
        #expect(try json(schema, Protobuf.bytes("04 00 00 08 01"), .confluent) == #"{"b":1}"#)
    }

    @Test("groups and extensions of proto2 have their names")
    func proto2() throws {
        let schema = try Protobuf.compile(
            #"syntax = "proto2"; package p; message A { optional group Part = 1 { optional int32 x = 2; } extensions 100 to 200; } extend A { optional string more = 100; }"#)
        let text = #"{"part":{"x":1},"[p.more]":"y"}"#
        let payload = try schema.payload(ofJSON: Array(text.utf8))
        #expect(Protobuf.verdict(payload, under: schema) == [])
        #expect(try json(schema, payload) == text)
        // An end tag may be longer than it must, as any varint.
        for overlong in ["0b 10 01 8c 00", "0b 10 01 8c 80 80 80 00"] {
            let payload = Protobuf.bytes(overlong)
            #expect(Protobuf.verdict(payload, under: schema) == [])
            #expect(try json(schema, payload) == #"{"part":{"x":1}}"#)
        }
    }

    @Test("the columns of a message are its fields, by both names")
    func columns() throws {
        let columns = try schema().columns
        #expect(columns?["longNumber"] == .integer && columns?["long_number"] == .integer && columns?["at"] == .string)
        #expect(columns?["counts"] == .object && columns?["packed"] == .array && columns?["b"] == .boolean && columns?["wrapped"] == .integer)
    }

    @Test(
        "a time that is none is refused, whatever stands in its fields",
        arguments: [21, 22] as [UInt64], [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max])
    func times(field: UInt64, seconds: Int64) throws {
        let schema = try schema()
        for nanos in [Int64.min, .min + 1, -1_000_000_000, 1_000_000_000, .max] {
            let time = [0x08] + Protobuf.varint(UInt64(bitPattern: seconds)) + [0x10] + Protobuf.varint(UInt64(bitPattern: nanos))
            #expect { try schema.json(of: Protobuf.field(field, bytes: time)) } throws: { ($0 as? Violation)?.rule == "range" }
        }
        let whole = [0x08] + Protobuf.varint(UInt64(bitPattern: seconds))
        guard seconds.magnitude > 1 else { return }
        #expect { try schema.json(of: Protobuf.field(field, bytes: whole)) } throws: { ($0 as? Violation)?.rule == "range" }
    }

    @Test(
        "a written time beyond all bounds is refused",
        arguments: [
            #"{"took":"-9223372036854775808s"}"#, #"{"took":"9223372036854775807s"}"#, #"{"took":"99999999999999999999s"}"#,
            #"{"took":"315576000001s"}"#, #"{"took":"-315576000001s"}"#, #"{"took":"--1s"}"#, #"{"took":"1.0000000000s"}"#, #"{"took":"s"}"#,
            #"{"at":"0000-01-01T00:00:00Z"}"#, #"{"at":"9999-12-31T23:59:59-23:59"}"#, #"{"at":"0001-01-01T00:00:00+23:59"}"#,
        ])
    func writtenTimes(text: String) throws {
        let schema = try schema()
        #expect { try schema.payload(ofJSON: Array(text.utf8)) } throws: { ($0 as? Violation)?.rule == "format" }
    }

    @Test("the longest durations are written and read", arguments: ["315576000000s", "-315576000000.999999999s", "-0.000000001s"])
    func longDurations(text: String) throws {
        let schema = try schema()
        let document = #"{"took":"\#(text)"}"#
        #expect(try json(schema, schema.payload(ofJSON: Array(document.utf8))) == document)
    }

    @Test(
        "what its schema refuses and can be read is written as it is",
        arguments: [
            ("08 80 80 80 80 08", #"{"i":2147483648}"#), ("10 80 80 80 80 10", #"{"z":2147483648}"#), ("38 02", #"{"b":2}"#),
            ("60 80 80 80 80 10", #"{"kind":4294967296}"#), ("08 01 f8 7f 05", #"{"i":1}"#),
        ])
    func invalid(hex: String, text: String) throws {
        let schema = try schema()
        #expect(Protobuf.verdict(Protobuf.bytes(hex), under: schema).count == 1)
        #expect(try json(schema, Protobuf.bytes(hex)) == text)
    }

    @Test("a string of proto2 that is not UTF-8 is not written")
    func notUTF8() throws {
        let schema = try Protobuf.compile(#"syntax = "proto2"; message A { optional string s = 1; required int32 i = 2; }"#)
        #expect { try json(schema, Protobuf.bytes("0a 01 ff")) } throws: { ($0 as? Violation)?.rule == "utf8" }
        #expect(try json(schema, Protobuf.bytes("0a 01 61")) == #"{"s":"a"}"#)
    }

    @Test(
        "a whole number may be written with a point or an exponent, also as a string",
        arguments: [
            ("5.0", 5), ("1e5", 100_000), ("-1E+2", -100), ("1.50e1", 15), (#""5.0""#, 5), (#""1e5""#, 100_000), ("-0", 0), (#""0e9999999999999999999""#, 0),
            ("21474836470e-1", 2_147_483_647), ("-2147483648.000", -2_147_483_648),
        ])
    func wholeNumbers(text: String, value: Int) throws {
        let schema = try schema()
        let payload = try schema.payload(ofJSON: Array(#"{"i":\#(text)}"#.utf8))
        #expect(try json(schema, payload) == #"{"i":\#(value)}"#)
    }

    @Test("the widest integers survive as decimals")
    func widest() throws {
        let schema = try schema()
        let text = #"{"u":"18446744073709551615.0","longNumber":-9223372036854775808.0,"zz":-9.223372036854775808e18,"q":9223372036854775807}"#
        let expected = #"{"longNumber":"-9223372036854775808","u":"18446744073709551615","q":"9223372036854775807","zz":"-9223372036854775808"}"#
        #expect(try json(schema, schema.payload(ofJSON: Array(text.utf8))) == expected)
    }

    @Test("many small messages of a type with many fields cost what they hold", .timeLimit(.minutes(1)))
    func manyFields() throws {
        let fields = (1...2000).map { "int32 f\($0) = \($0);" }.joined()
        let values = (1...2000).map { "V\($0) = \($0);" }.joined()
        let schema = try Protobuf.compile(
            #"syntax = "proto3"; message L { repeated W w = 1; repeated E e = 2; } message W { \#(fields) } enum E { ZERO = 0; \#(values) }"#)
        let messages = Array(repeating: #"{"f2000":1}"#, count: 5_000).joined(separator: ",")
        let words = Array(repeating: #""V2000""#, count: 5_000).joined(separator: ",")
        let text = #"{"w":[\#(messages)],"e":[\#(words)]}"#
        #expect(try json(schema, schema.payload(ofJSON: Array(text.utf8))) == text)
    }
}
