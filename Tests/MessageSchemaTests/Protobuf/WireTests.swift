import MessageSchema
import Testing

@Suite struct WireTests {
    static let text = """
        syntax = "proto3"; package t;
        enum Open { ZERO = 0; ONE = 1; }
        message All {
          double f1 = 1; float f2 = 2; int64 f3 = 3; uint64 f4 = 4; int32 f5 = 5; fixed64 f6 = 6; fixed32 f7 = 7; bool f8 = 8; string f9 = 9;
          All f11 = 11; bytes f12 = 12; uint32 f13 = 13; Open f14 = 14; sfixed32 f15 = 15; sfixed64 f16 = 16; sint32 f17 = 17; sint64 f18 = 18;
          repeated int32 r = 20; repeated fixed32 x = 21; repeated fixed64 y = 22; repeated bool b = 23; repeated string s = 24; repeated All a = 25;
          map<string, All> m = 30; map<int32, string> n = 31; oneof o { int32 p = 40; string q = 41; } int32 far = 536870911; optional int32 z = 50;
        }
        """

    static let cases: [(String, [String])] = [
        ("", []),
        ("09 0000000000000000", []), ("15 00000000", []), ("18 ffffffffffffffffff01", []), ("20 ffffffffffffffffff01", []),
        ("28 00", []), ("28 ffffffff07", []), ("28 80808080f8ffffffff01", []), ("28 8080808008", ["/f5 range"]), ("28 ffffffff0f", ["/f5 range"]),
        ("28 8000", []), ("28 80808080808080808000", []), ("28 8080808080808080808000", ["/f5 syntax"]), ("28 ffffffffffffffffff02", ["/f5 range"]),
        ("31 0000000000000000", []), ("3d 00000000", []), ("40 01", []), ("40 02", ["/f8 range"]), ("4a 02 6869", []), ("4a 02 c3a9", []),
        ("4a 02 c3", ["/f9 truncated"]), ("4a 01 c3", ["/f9 utf8"]), ("4a 02 c080", ["/f9 utf8"]), ("4a 03 eda080", ["/f9 utf8"]), ("4a 04 f4908080", ["/f9 utf8"]),
        ("4a 09 616161616161616161", []), ("4a 09 6161616161616161ff", ["/f9 utf8"]), ("4a 04 f09f9880", []),
        ("5a 00", []), ("5a 02 4002", ["/f11/f8 range"]), ("5a 04 5a 02 4002", ["/f11/f11/f8 range"]), ("62 01 ff", []), ("68 ffffffff0f", []), ("68 8080808010", ["/f13 range"]),
        ("70 05", []), ("70 ffffffffffffffffff01", []), ("70 8080808008", ["/f14 range"]), ("7d 00000000", []), ("8101 0000000000000000", []),
        ("8801 ffffffff0f", []), ("8801 8080808010", ["/f17 range"]), ("9001 ffffffffffffffffff01", []),
        // Packed and one by one, mixed.
        ("a201 03 010203", []), ("a001 01 a001 02", []), ("a001 01 a201 02 0203 a001 04", []), ("a201 00", []), ("a201 02 0180", ["/r/1 truncated"]),
        ("a001 01 a201 06 01 ffffffff0f", ["/r/2 range"]), ("aa01 08 0000000000000000", []), ("aa01 06 000000000000", ["/x/0 syntax"]),
        ("b201 08 0000000000000000", []), ("b201 04 00000000", ["/y/0 syntax"]), ("ba01 03 000102", ["/b/2 range"]), ("c201 01 61 c201 01 ff", ["/s/1 utf8"]),
        ("ca01 00 ca01 02 4003", ["/a/1/f8 range"]), ("ca01 02 4003 ca01 02 4003", ["/a/0/f8 range", "/a/1/f8 range"]),
        // Maps: key, value, neither, twice, and more.
        ("f201 00", []), ("f201 03 0a0161", []), ("f201 05 0a0161 1200", []), ("f201 05 1200 0a0161", []), ("f201 03 0a01ff", ["/m/0 utf8"]), ("f201 04 1202 4002", ["/m/0/f8 range"]),
        ("f201 02 1801", ["/m/0 unknown-field"]), ("fa01 05 0801 1201ff", ["/n/0 utf8"]),
        // A oneof may be set twice: the last counts.
        ("c002 01 ca02 01 61", []), ("f8ffffff0f 01", []), ("9003 01", []),
        // Not this message's.
        ("50 01", [" unknown-field"]), ("9803 00 a003 00", [" unknown-field", " unknown-field"]),
        // Other wire types.
        ("08 01", ["/f1 wire-type"]), ("2d 00000000", ["/f5 wire-type"]), ("2a 01 01", ["/f5 wire-type"]), ("48 01", ["/f9 wire-type"]), ("c001 01", ["/s/0 wire-type"]),
        ("5b 5c", ["/f11 wire-type"]), ("a501 00000000", ["/r/0 wire-type"]),
        // No fields at all.
        ("00 00", [" syntax"]), ("07 00", [" syntax"]), ("06 00", [" syntax"]), ("80808080f001 00", [" syntax"]), ("ffffffffff0f", [" syntax"]),
        ("0c", [" syntax"]), ("5a 01 5c", ["/f11 syntax"]),
        // Cut.
        ("28", ["/f5 truncated"]), ("28 80", ["/f5 truncated"]), ("09 00", ["/f1 truncated"]), ("15 000000", ["/f2 truncated"]), ("a2", [" truncated"]), ("5a 7f 00", ["/f11 truncated"]),
        ("4a ffffffffffffffffff01", ["/f9 truncated"]), ("4a ffffffff7f 00", ["/f9 truncated"]), ("5a 02 5a 02", ["/f11/f11 truncated"]),
    ]

    @Test("Each type's values are taken and what is none is refused with path and rule", arguments: cases)
    func judges(_ hex: String, _ expected: [String]) throws {
        let schema = try Protobuf.compile(Self.text)
        #expect(Protobuf.verdict(Protobuf.bytes(hex), under: schema) == expected)
    }

    @Test("Unknown fields pass where the steward allows them, when they are whole", arguments: [
        ("50 01", []), ("51 0000000000000000", []), ("52 02 0000", []), ("53 08 01 54", []), ("53 53 54 0a 00 54", []), ("55 00000000", []),
        ("53", [" syntax"]), ("53 08", [" syntax"]), ("53 5c", [" syntax"]), ("53 54 54", [" syntax"]), ("52 02 00", [" truncated"]), ("50", [" truncated"]), ("57", [" syntax"]),
        ("f201 02 1801", []), ("08 01", ["/f1 wire-type"]),
    ] as [(String, [String])])
    func unknownFields(_ hex: String, _ expected: [String]) throws {
        let schema = try Protobuf.compile(Self.text, unknownFields: .allowed)
        #expect(Protobuf.verdict(Protobuf.bytes(hex), under: schema) == expected)
    }

    static let proto2 = """
        enum Closed { A = 1; B = -5; C = 1000; }
        message M {
          required int32 a = 1; optional M m = 2; repeated group G = 3 { required bool on = 1; optional M m = 2; } optional Closed c = 4; repeated Closed cs = 5 [packed = true];
          optional string s = 6; map<string, N> ns = 7; oneof o { N n = 8; int32 i = 9; } optional N single = 10; extensions 100 to 200;
        }
        message N { required int32 x = 1; required Closed y = 2; }
        extend M { optional int32 e = 100; repeated N ns = 101; }
        """

    @Test("proto2: required fields, groups, closed enums, extensions", arguments: [
        ("", [" required"]), ("08 01", []), ("08 01 1b 08 01 1c", []), ("08 01 1b 1c 1b 08 01 1c 1b 1c", ["/g/0 required", "/g/2 required"]),
        ("08 01 1b 08 01", ["/g/0 truncated"]), ("08 01 1b 08 01 24", ["/g/0 syntax"]), ("08 01 1c", [" syntax"]), ("08 01 1b 08 01 12 02 08 01 1c", []), ("08 01 1b 08 01 12 00 1c", ["/g/0/m required"]),
        ("08 01 20 01", []), ("08 01 20 fbffffffffffffffff01", []), ("08 01 20 02", ["/c enum"]), ("08 01 20 e807", []), ("08 01 2a 03 01 02 01", ["/cs/1 enum"]), ("08 01 28 01", []),
        ("08 01 32 01 ff", []), ("08 01 a006 05", []), ("08 01 a206 00", ["/[e] wire-type"]), ("08 01 aa06 02 0801", ["/[ns]/0 required"]), ("08 01 a806 01", ["/[ns]/0 wire-type"]),
        ("08 01 b006 01", [" unknown-field"]),
        // Occurrences of one single message are one message.
        ("08 01 52 02 0801 52 02 1001", []), ("08 01 52 02 0801 52 02 0801", ["/single required"]), ("12 02 0801 08 01", []), ("08 01 12 00 12 02 0801", []),
        // A member of a oneof pushes the one before out, with all that it lacked.
        ("08 01 42 00 48 01", []), ("08 01 48 01 42 00", ["/n required", "/n required"]), ("08 01 42 02 0801 48 01 42 02 1001", ["/n required"]), ("08 01 42 02 0801 42 02 1001", []),
        ("08 01 3a 06 1204 0801 1001", []), ("08 01 3a 04 1202 0801", ["/ns/0 required"]),
    ] as [(String, [String])])
    func proto2(_ hex: String, _ expected: [String]) throws {
        let schema = try Protobuf.compile(Self.proto2)
        #expect(Protobuf.verdict(Protobuf.bytes(hex), under: schema) == expected)
    }

    @Test("A value that a closed enum does not have counts as unknown where these are allowed, so it sets nothing")
    func closedEnum() throws {
        let schema = try Protobuf.compile("enum E { A = 1; } message M { required E e = 1; repeated E es = 2; }", unknownFields: .allowed)
        #expect(Protobuf.verdict([0x08, 0x01], under: schema) == [])
        #expect(Protobuf.verdict([0x08, 0x02], under: schema) == [" required"])
        #expect(Protobuf.verdict([0x08, 0x01, 0x10, 0x02], under: schema) == [])
    }

    @Test("More required fields than a word has bits are all asked for")
    func manyRequired() throws {
        let count: UInt64 = 150
        let schema = try Protobuf.compile("message M { \((1...count).map { "required int32 f\($0) = \($0);" }.joined()) }")
        func payload(without missing: UInt64) -> [UInt8] { (1...count).filter { $0 != missing }.flatMap { Protobuf.varint($0 << 3) + [1] } }
        #expect(Protobuf.verdict(payload(without: 0), under: schema) == [])
        for missing in [1, 64, 65, 150] as [UInt64] { #expect(Protobuf.verdict(payload(without: missing), under: schema) == [" required"]) }
        #expect(Protobuf.verdict([], under: schema).count == SchemaLimits.violationsMax)
        #expect(Protobuf.verdict([], under: schema, violationsMax: 1).count == 1)
    }

    @Test("Message indexes choose the message under Confluent's framing", arguments: [
        ("00 08 01", []), ("02 00 08 01", []), ("02 02 12 00", []), ("04 02 00 18 01", []), ("04 02 02 20 01", []), ("06 02 02 00 28 01", []),
        ("02 02 08 01", [" unknown-field"]), ("", [" message-index"]), ("80", [" message-index"]), ("02", [" message-index"]), ("02 04", [" message-index"]), ("02 01", [" message-index"]),
        ("01", [" message-index"]), ("04 02 06", [" message-index"]), ("04 00 00", [" message-index"]), ("feffffffffffffffff01", [" message-index"]), ("00", []),
    ] as [(String, [String])])
    func messageIndexes(_ hex: String, _ expected: [String]) throws {
        let schema = try Protobuf.compile("""
            syntax = "proto3"; message A { int32 a = 1; }
            message B { string b = 2; message C { int32 c = 3; } message D { int32 d = 4; message E { int32 e = 5; } } map<int32, int32> f = 6; }
            """)
        #expect(Protobuf.verdict(Protobuf.bytes(hex), under: schema, framing: .confluent) == expected)
    }

    @Test("A map's entry counts among the messages inside, as descriptors have it")
    func messageIndexOfMap() throws {
        let schema = try Protobuf.compile("syntax = \"proto3\"; message A { map<int32, int32> m = 1; message B { string b = 7; } }")
        #expect(Protobuf.verdict([4, 0, 2, 0x3A, 0], under: schema, framing: .confluent) == [])
        #expect(Protobuf.verdict([4, 0, 0, 8, 0], under: schema, framing: .confluent) == [])
    }

    @Test("A schema without a message is for others to import, and has no payloads")
    func noMessage() throws {
        let schema = try Protobuf.compile("syntax = \"proto3\"; enum E { A = 0; }")
        #expect(Protobuf.verdict([], under: schema) == [" message-index"])
        #expect(Protobuf.verdict([0], under: schema, framing: .confluent) == [" message-index"])
    }
}
