import MessageSchema
import Testing

@Suite struct ProtoTextTests {
    static let good = [
        "",
        "\u{FEFF}syntax = \"proto3\";",
        "// Một ghi chú\n/* và * một ** nữa */ syntax = 'proto3';",
        "package a.b.c; message M {}",
        "syntax = \"pro\" \"to3\"; ; message M { ; }",
        "syntax = \"proto3\"; message M { string message = 1; int32 optional = 2; bool package = 3; bytes rpc = 4; }",
        "syntax = \"proto3\"; message M { optional int32 a = 1; repeated string b = 2; map<string, M> c = 0x3; map<int32, bytes> d = 010; }",
        "syntax = \"proto3\"; message M { oneof o { int32 a = 1; M b = 2; } }",
        "syntax = \"proto3\"; message M { enum E { option deprecated = true; A = 0; B = -1; C = 0x7FFFFFFF; D = -0x80000000; } E e = 1; }",
        "syntax = \"proto3\"; enum E { option allow_alias = true; A = 0; B = 0 [deprecated = true]; reserved 5, 7 to 9, -3 to -1, 100 to max; reserved \"Z\"; }",
        "syntax = \"proto3\"; message M { reserved 2, 15, 9 to 11, 40 to max; reserved \"foo\", \"bar\"; }",
        "message M { required int32 a = 1 [default = -5]; optional string s = 2 [default = \"a\\n\\x41\\101\\u00e9\\U0001F600\" 'b']; }",
        "message M { optional double d = 1 [default = -inf]; optional float f = 2 [default = nan]; optional double g = 3 [default = 1e3]; optional double h = 4 [default = .5]; optional double i = 5 [default = 7.]; }",
        "enum E { A = 1; B = 2; } message M { optional E e = 1 [default = B]; optional bool b = 2 [default = true]; optional bytes c = 3 [default = \"\\377\\0\"]; }",
        "message M { optional group G = 1 { optional int32 a = 1; repeated group H = 2 { } } oneof o { group I = 3 { } int32 j = 4; } }",
        "message M { extensions 100 to 199, 300; extensions 1000 to max; } extend M { optional int32 a = 100; repeated group G = 101 { } } message N { extend M { optional N n = 102; } }",
        "message M { repeated int32 a = 1 [packed = true]; repeated int32 b = 2 [packed = false, deprecated = true]; optional int64 c = 3 [jstype = JS_STRING]; }",
        "syntax = \"proto3\"; message M { int32 max = 536870911; int32 x = 18999; int32 y = 20000; }",
        "syntax = \"proto3\"; message A { message B { C c = 1; } message C { .A.B b = 1; A a = 2; A.B d = 3; } }",
        "syntax = \"proto3\"; message Q { int32 a = 1; } service S { option deprecated = true; rpc Get (Q) returns (stream Q); rpc Put (stream .Q) returns (Q) { option deprecated = true; option idempotency_level = NO_SIDE_EFFECTS; } ; }",
        "syntax = \"proto3\"; option java_package = \"vn.gov.danang\"; option optimize_for = SPEED; option (confluent.file_meta).doc = \"x\"; import \"confluent/meta.proto\";",
        "syntax = \"proto3\"; message M { int32 foo_bar = 1 [json_name = \"FOO\"]; }",
        "syntax = \"proto3\"; import weak \"google/protobuf/any.proto\"; import public \"google/protobuf/timestamp.proto\"; message M { google.protobuf.Any a = 1; google.protobuf.Timestamp t = 2; }",
    ]

    @Test("Every construct of the language is read", arguments: good)
    func reads(_ text: String) {
        #expect(Protobuf.refusal(text) == nil)
    }

    static let bad: [(String, String)] = [
        ("edition = \"2023\";", "schema.proto:1:1: editions are not supported"),
        ("syntax = \"proto4\";", "1:10: the syntax is"),
        ("message M {}\nsyntax = \"proto3\";", "2:1: a file holds"),
        ("package a; package b;", "1:12: a file has one package"),
        ("message M {", "1:12: the text ends inside message M"),
        ("message M { optional int32 a = 1 }", "1:34: expected ; here"),
        ("message M { int32 a = 1; }", "1:13: in proto2 a field begins with"),
        ("syntax = \"proto3\"; message M { required int32 a = 1; }", "1:32: proto3 has no required"),
        ("syntax = \"proto3\"; message M { optional group G = 1 {} }", "groups"),
        ("syntax = \"proto3\"; message M { string s = 1 [default = \"a\"]; }", "1:46: proto3 has no default"),
        ("syntax = \"proto3\"; message M { extensions 1 to 5; }", "extension ranges"),
        ("syntax = \"proto3\"; message M {} message N { extend M { int32 a = 1; } }", "for options only"),
        ("syntax = \"proto3\"; enum E { A = 1; }", "1:29: the first value of an enum of proto3 is 0"),
        ("enum E {}", "has no value"),
        ("enum E { A = 1; B = 1; }", "1:17: A and B have the same number"),
        ("enum E { option allow_alias = true; A = 1; B = 2; }", "no two"),
        ("enum E { A = 2147483648; }", "at most 2147483647"),
        ("enum E { A = 1; reserved 1 to 3; }", "reserved"),
        ("enum E { A = 1; reserved \"A\"; }", "reserved"),
        ("enum E { A = 0; } enum F { A = 0; }", "1:28: A is already the name of an enum value; the values of an enum are names beside it"),
        ("syntax = \"proto3\"; message M { int32 a = 1; int32 b = 1; }", "1:55: number 1 is already the number of field a of M"),
        ("syntax = \"proto3\"; message M { int32 a = 1; string a = 2; }", "1:52: M.a is already the name of a field"),
        ("syntax = \"proto3\"; message M { int32 a = 0; }", "1:42: field numbers go from 1"),
        ("syntax = \"proto3\"; message M { int32 a = 536870912; }", "field numbers go from 1"),
        ("syntax = \"proto3\"; message M { int32 a = 4294967297; }", "at most"),
        ("syntax = \"proto3\"; message M { int32 a = 19000; }", "19000 to 19999"),
        ("syntax = \"proto3\"; message M { int32 a = 19999; }", "19000 to 19999"),
        ("syntax = \"proto3\"; message M { int32 a = -1; }", "expected a field number"),
        ("syntax = \"proto3\"; message M { int32 a = 5; reserved 2 to 9; }", "reserved"),
        ("syntax = \"proto3\"; message M { int32 a = 5; reserved \"a\"; }", "reserved"),
        ("syntax = \"proto3\"; message M { reserved 2 to 9, 9; }", "overlaps"),
        ("syntax = \"proto3\"; message M { reserved 9 to 2; }", "a range ends at"),
        ("syntax = \"proto3\"; message M { reserved foo; }", "in quotes"),
        ("message M { extensions 5 to 9; optional int32 a = 7; }", "set apart for extensions"),
        ("message M { extensions 5 to 9; } extend M { optional int32 a = 4; }", "does not set number 4 apart"),
        ("message M { extensions 5; } extend M { optional int32 a = 5; optional int32 b = 5; }", "already taken"),
        ("message M { extensions 5; } extend M { required int32 a = 5; }", "cannot be required"),
        ("syntax = \"proto3\"; message M { oneof o { } }", "has no field"),
        ("syntax = \"proto3\"; message M { oneof o { repeated int32 a = 1; } }", "no label"),
        ("syntax = \"proto3\"; message M { oneof o { map<string, int32> a = 1; } }", "holds no map"),
        ("syntax = \"proto3\"; message M { repeated map<string, int32> a = 1; }", "no label"),
        ("syntax = \"proto3\"; message M { map<float, int32> a = 1; }", "the key of a map"),
        ("syntax = \"proto3\"; message M { map<bytes, int32> a = 1; }", "the key of a map"),
        ("syntax = \"proto3\"; message M { map<M, int32> a = 1; }", "the key of a map"),
        ("syntax = \"proto3\"; enum E { A = 0; } message M { map<E, int32> a = 1; }", "the key of a map"),
        ("syntax = \"proto3\"; message M { map<string, int32> foo = 1; message FooEntry {} }", "already the name"),
        ("syntax = \"proto3\"; message M { repeated string a = 1 [packed = true]; }", "packed is for"),
        ("syntax = \"proto3\"; message M { int32 a = 1 [packed = true]; }", "packed is for"),
        ("message M { optional int32 a = 1 [default = 2147483648]; }", "at most"),
        ("message M { optional uint32 a = 1 [default = -1]; }", "no negative"),
        ("message M { optional bool a = 1 [default = 1]; }", "true or false"),
        ("message M { optional M a = 1 [default = x]; }", "no default values"),
        ("message M { repeated int32 a = 1 [default = 1]; }", "no default values"),
        ("enum E { A = 0; } message M { optional E a = 1 [default = B]; }", "has no value B"),
        ("syntax = \"proto3\"; message M { Missing a = 1; }", "1:32: Missing is not defined"),
        ("syntax = \"proto3\"; message M { M.N a = 1; }", "not defined"),
        ("syntax = \"proto3\"; message A { message B {} } message C { message A {} A.B b = 1; }", "is taken for C.A.B"),
        ("syntax = \"proto3\"; service S {} message M { S s = 1; }", "S is not defined"),
        ("syntax = \"proto3\"; service S { rpc A (B) returns (B); }", "not defined"),
        ("syntax = \"proto3\"; import \"other.proto\";", "1:20: other.proto is not among the references"),
        ("syntax = \"proto3\"; import \"google/protobuf/any.proto\"; import \"google/protobuf/any.proto\";", "imported twice"),
        ("syntax = \"proto3\"; message M { google.protobuf.Any a = 1; }", "not defined"),
        ("syntax = \"proto3\"; message M { int32 a = 1 [unknown = 1]; }", "no option or field unknown"),
        ("syntax = \"proto3\"; message M { int32 a = 1 [(unknown) = 1]; }", "there is no option (unknown)"),
        ("syntax = \"proto3\"; message M { int32 a = 1 [deprecated = 1]; }", "takes a value of type bool"),
        ("syntax = \"proto3\"; message M { int32 a = 1 [deprecated = true, deprecated = true]; }", "set twice"),
        ("syntax = \"proto3\"; option optimize_for = FAST;", "a value of enum"),
        ("syntax = \"proto3\"; message M { int32 a_b = 1; int32 aB = 2; }", "the same name in JSON"),
        ("message M { option message_set_wire_format = true; extensions 4 to max; }", "message_set_wire_format"),
        ("syntax = \"proto3\"; /* no end", "1:20: this comment has no end"),
        ("syntax = \"proto3", "1:10: this string has no end"),
        ("option java_package = \"a\nb\";", "1:23: a string ends on the line"),
        ("option java_package = \"\\q\";", "1:23: the escapes of a string"),
        ("option java_package = \"\\uD800\";", "Unicode scalar"),
        ("enum E { A = 08; }", "octal"),
        ("enum E { A = 0x; }", "hexadecimal"),
        ("enum E { A = 1x; }", "put a space"),
        ("message M { optional double d = 1 [default = 1.2.3]; }", "put a space"),
        ("message M\u{1}{}", "control characters"),
        ("message Phường {}", "1:11: characters beyond ASCII"),
        ("message M {} }", "a file holds"),
    ]

    @Test("What the language does not allow is refused with its place and the reason", arguments: bad)
    func refuses(_ text: String, _ reason: String) throws {
        let refusal = try #require(Protobuf.refusal(text))
        #expect(refusal.contains(reason), "\(refusal)")
    }

    @Test("Imports are found by name, and only public ones are passed on")
    func imports() {
        let leaf = ("leaf.proto", "syntax = \"proto3\"; package leaf; message L { int32 a = 1; }")
        let hidden = ("middle.proto", "syntax = \"proto3\"; import \"leaf.proto\"; message Mid { leaf.L l = 1; }")
        let open = ("middle.proto", "syntax = \"proto3\"; import public \"leaf.proto\"; message Mid { leaf.L l = 1; }")
        let root = "syntax = \"proto3\"; import \"middle.proto\"; message R { Mid m = 1; leaf.L l = 2; }"
        #expect(Protobuf.refusal(root, references: [leaf, open]) == nil)
        #expect(Protobuf.refusal(root, references: [leaf, hidden])?.contains("leaf.L is not defined") == true)
        #expect(Protobuf.refusal(root, references: [open])?.contains("middle.proto:1:20: leaf.proto is not among") == true)
        let circle = [("a.proto", "import \"b.proto\";"), ("b.proto", "import \"a.proto\";")]
        #expect(Protobuf.refusal("import \"a.proto\";", references: circle)?.contains("imports itself") == true)
        #expect(Protobuf.refusal("import \"leaf.proto\"; message leaf {}", references: [leaf])?.contains("already the name of") == true)
    }

    @Test("Every built-in file compiles", arguments: [
        "any", "api", "descriptor", "duration", "empty", "field_mask", "source_context", "struct", "timestamp", "type", "wrappers",
    ].map { "google/protobuf/\($0).proto" } + ["calendar_period", "color", "date", "datetime", "dayofweek", "decimal", "expr", "fraction", "interval", "latlng", "localized_text", "money", "month", "phone_number", "postal_address", "quaternion", "timeofday"].map { "google/type/\($0).proto" }
        + ["confluent/meta.proto", "confluent/type/decimal.proto", "confluent/types/decimal.proto", "confluent/type/variant.proto", "hanbridge/options.proto"])
    func builtIns(_ path: String) {
        #expect(Protobuf.refusal("import \"\(path)\";") == nil)
    }

    @Test("Custom options are resolved and checked, also as aggregates")
    func customOptions() {
        let head = """
            import "google/protobuf/descriptor.proto";
            message Rule { optional string name = 1; repeated int32 levels = 2; optional Rule inner = 3; optional group Extra = 4 { optional bool on = 1; } map<string, double> weights = 5; extensions 100 to 110; }
            extend Rule { optional sint64 more = 100; }
            extend google.protobuf.FieldOptions { optional Rule rule = 50001; repeated float factor = 50002; optional google.protobuf.FieldOptions.JSType kind = 50003; }
            """
        func refusal(_ option: String) -> String? { Protobuf.refusal(head + "\nmessage M { optional int32 a = 1 [\(option)]; }") }
        for good in [
            "(rule).name = 'x', (rule).levels = 1, (rule).levels = -2, (.rule).inner.inner.name = 'y'",
            "(rule) = { name: 'x' 'y', levels: [1, 2, -3]; inner < name: \"z\" > Extra { on: true } [more]: -5 weights { key: 'a' value: 1 } weights: { key: 'b', value: -inf } }",
            "(factor) = 1, (factor) = -2.5e3, (factor) = inf, (factor) = -nan, (kind) = JS_STRING, (rule).(more) = 7",
            "(rule) = { levels: [] }",
        ] {
            #expect(refusal(good) == nil, "\(good)")
        }
        for bad in [
            "(rule) = 1", "(rule).name = 1", "(rule).nothing = 1", "(rule) = { name: 'x', name: 'y' }", "(rule) = { levels: 2147483648 }", "(rule).name = 'a', (rule) = { }",
            "(factor) = 'x'", "(kind) = JS_NOTHING", "(kind) = 1", "(rule).levels.x = 1", "(rule) = { name: }", "(rule) = { name 'x' }", "(rule) = { [nothing]: 1 }", "(rule) = {",
        ] {
            #expect(refusal(bad) != nil, "\(bad)")
        }
    }

    @Test("Nesting is bounded in messages, groups and options")
    func nesting() {
        func messages(_ depth: Int) -> String { String(repeating: "message M { ", count: depth) + String(repeating: "}", count: depth) }
        #expect(Protobuf.refusal(messages(32)) == nil)
        #expect(Protobuf.refusal(messages(33))?.contains("at most 32 deep") == true)
        #expect(Protobuf.refusal(messages(80_000))?.contains("at most 32 deep") == true)
        let groups = "message M { " + String(repeating: "optional group G = 1 { ", count: 1_000) + String(repeating: "}", count: 1_001)
        #expect(Protobuf.refusal(groups)?.contains("at most 32 deep") == true)
        let option = "option (x) = " + String(repeating: "{ a ", count: 1_000)
        #expect(Protobuf.refusal(option)?.contains("at most 32 deep") == true)
    }

    @Test("A text cut anywhere is refused or read, and never crashes")
    func cut() {
        let text = Array(Self.good.joined(separator: "\n").utf8)
        for length in stride(from: 0, to: text.count, by: 7) {
            _ = Protobuf.refusal(String(decoding: text[..<length], as: UTF8.self))
        }
        for text in Self.good where text.utf8.count > 1 {
            for length in 0..<text.utf8.count { _ = Protobuf.refusal(String(decoding: Array(text.utf8)[..<length], as: UTF8.self)) }
        }
    }

    @Test("Large texts are judged quickly: many fields, values, ranges, names")
    func large() {
        let start = ContinuousClock.now
        defer { #expect(ContinuousClock.now - start < .seconds(60)) }
        let count = 12_000
        let fields = (1...count).map { "int32 f\($0) = \($0 < 19_000 ? $0 : $0 + 1_000);" }.joined()
        #expect(Protobuf.refusal("syntax = \"proto3\"; message M { \(fields) }") == nil)
        let values = (0..<count).map { "V\($0) = \($0);" }.joined()
        #expect(Protobuf.refusal("syntax = \"proto3\"; enum E { \(values) }") == nil)
        let ranges = (1...count).map { "reserved \($0 * 2);" }.joined()
        #expect(Protobuf.refusal("syntax = \"proto3\"; message M { \(ranges) }") == nil)
        let oneofs = (1...count).map { "oneof o\($0) { int32 f\($0) = \($0); }" }.joined()
        let maps = (1...count).map { "map<string, M> m\($0) = \(100_000 + $0);" }.joined()
        let wide = "syntax = \"proto3\"; message M { \(oneofs) \(maps) }"
        let schema = try? Protobuf.compile(wide)
        #expect(schema.map { Protobuf.refusal($0.canonicalText) == nil && $0.incompatibilities(with: [$0], at: .full).isEmpty } == true)
        let messages = (1...count).map { "message M\($0) { M\($0 % 100 + 1) a = 1; }" }.joined()
        #expect(Protobuf.refusal("syntax = \"proto3\"; \(messages)") == nil)
    }
}
