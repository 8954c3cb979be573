import MessageSchema
import Testing

@Suite struct ProtoCompatibilityTests {
    static let head = "syntax = \"proto3\"; "

    static let cases: [(before: String, after: String, rules: [String])] = [
        ("message M { int32 a = 1; }", "message M { int32 a = 1; string b = 2; }", []),
        ("message M { int32 a = 1; string b = 2; }", "message M { int32 a = 1; }", []),
        ("message M { int32 a = 1; }", "message M { int32 other = 1; }", []),
        ("message M { int32 a = 1; }", "message M { uint64 a = 1; }", []),
        ("message M { int32 a = 1; }", "message M { bool a = 1; }", []),
        ("message M { int32 a = 1; }", "enum E { Z = 0; } message M { E a = 1; }", []),
        ("message M { int32 a = 1; }", "message M { sint32 a = 1; }", ["FIELD_SCALAR_KIND_CHANGED #/M/1"]),
        ("message M { int32 a = 1; }", "message M { string a = 1; }", ["FIELD_SCALAR_KIND_CHANGED #/M/1"]),
        ("message M { string a = 1; }", "message M { bytes a = 1; }", []),
        ("message M { fixed32 a = 1; }", "message M { sfixed32 a = 1; }", []),
        ("message M { fixed32 a = 1; }", "message M { fixed64 a = 1; }", ["FIELD_SCALAR_KIND_CHANGED #/M/1"]),
        ("message M { float a = 1; }", "message M { double a = 1; }", ["FIELD_SCALAR_KIND_CHANGED #/M/1"]),
        ("message M { int32 a = 1; }", "message M { M a = 1; }", ["FIELD_KIND_CHANGED #/M/1"]),
        ("message M { int32 a = 1; }", "message M { map<int32, int32> a = 1; }", ["FIELD_KIND_CHANGED #/M/1"]),
        ("message M { map<string, int32> a = 1; }", "message M { map<string, int64> a = 1; }", []),
        ("message M { map<string, int32> a = 1; }", "message M { map<int32, string> a = 1; }", ["FIELD_SCALAR_KIND_CHANGED #/M/1", "FIELD_SCALAR_KIND_CHANGED #/M/1"]),
        ("message M { map<string, M> a = 1; }", "message M { map<string, int32> a = 1; }", ["FIELD_KIND_CHANGED #/M/1"]),
        ("message M { string a = 1; }", "message M { repeated string a = 1; }", []),
        ("message M { M a = 1; }", "message M { repeated M a = 1; }", []),
        ("message M { int32 a = 1; }", "message M { repeated int32 a = 1; }", ["FIELD_NUMERIC_LABEL_CHANGED #/M/1"]),
        ("message M { int32 a = 1; }", "message M { optional int32 a = 1; }", []),
        ("message M { N a = 1; } message N {} message O {}", "message M { O a = 1; } message N {} message O {}", ["FIELD_NAMED_TYPE_CHANGED #/M/1"]),
        ("message M {} message N {}", "message M {}", ["MESSAGE_REMOVED #/N"]),
        ("message M { message N {} }", "message M {}", ["MESSAGE_REMOVED #/M/N"]),
        ("message M { message N { int32 a = 1; } }", "message M { message N { string a = 1; } }", ["FIELD_SCALAR_KIND_CHANGED #/M/N/1"]),
        ("message M {} message N {}", "message N {} message M {} message O {}", []),
        ("package a; message M {}", "package b; message M {}", ["PACKAGE_CHANGED #/"]),
        ("enum E { A = 0; B = 1; } message M {}", "message M {}", []),
        ("message M { int32 a = 1; }", "message M { oneof o { int32 a = 1; string b = 2; } }", []),
        ("message M { int32 a = 1; int32 b = 2; }", "message M { oneof o { int32 a = 1; int32 b = 2; } }", ["MULTIPLE_FIELDS_MOVED_TO_ONEOF #/M/o"]),
        ("message M { int32 a = 1; oneof o { int32 b = 2; } }", "message M { oneof o { int32 a = 1; int32 b = 2; } }", ["FIELD_MOVED_TO_EXISTING_ONEOF #/M/o"]),
        ("message M { oneof o { int32 a = 1; int32 b = 2; } }", "message M { oneof o { int32 a = 1; } }", ["ONEOF_FIELD_REMOVED #/M/o/2"]),
        ("message M { oneof o { int32 a = 1; int32 b = 2; } }", "message M { }", []),
        ("message M { oneof o { int32 a = 1; int32 b = 2; } }", "message M { int32 a = 1; }", ["ONEOF_FIELD_REMOVED #/M/o/2"]),
        ("message M { oneof o { int32 a = 1; int32 b = 2; } }", "message M { int32 a = 1; int32 b = 2; }", []),
        ("message M { oneof o { int32 a = 1; } }", "message M { oneof p { string a = 1; } }", ["FIELD_SCALAR_KIND_CHANGED #/M/p/1"]),
    ]

    private func rules(_ before: String, _ after: String, _ level: CompatibilityLevel = .backward) throws -> [String] {
        let old = try Protobuf.compile(before)
        return try Protobuf.compile(after).incompatibilities(with: [old], at: level).map { "\($0.rule) \($0.path)" }
    }

    @Test("Changes are judged as Confluent's registry judges them", arguments: cases)
    func judges(_ change: (before: String, after: String, rules: [String])) throws {
        #expect(try rules(Self.head + change.before, Self.head + change.after) == change.rules)
    }

    @Test("Required fields come and go for nobody's good")
    func required() throws {
        #expect(try rules("message M { }", "message M { required int32 a = 1; }") == ["REQUIRED_FIELD_ADDED #/M/1"])
        #expect(try rules("message M { required int32 a = 1; }", "message M { }") == ["REQUIRED_FIELD_REMOVED #/M/1"])
        #expect(try rules("message M { required int32 a = 1; }", "message M { optional int32 a = 1; }") == ["FIELD_NUMERIC_LABEL_CHANGED #/M/1"])
        #expect(try rules("message M { required string a = 1; }", "message M { optional string a = 1; }") == [])
    }

    @Test("Forward asks the other way round")
    func forward() throws {
        let (one, two) = ("message M {} message N {}", "message M {}")
        #expect(try rules(one, two, .forward) == [])
        #expect(try rules(two, one, .forward) == ["MESSAGE_REMOVED #/N"])
        #expect(try rules(one, two, .full) == ["MESSAGE_REMOVED #/N"])
    }

    @Test("Imported types are compared where they changed, and types that hold themselves end")
    func imports() throws {
        let text = "syntax = \"proto3\"; import \"place.proto\"; message M { place.P p = 1; repeated place.P q = 2; M m = 3; }"
        func place(_ body: String) -> [(String, String)] { [("place.proto", "syntax = \"proto3\"; package place; message P { \(body) P inner = 9; }")] }
        let old = try Protobuf.compile(text, references: place("int32 a = 1;"))
        let same = try Protobuf.compile(text, references: place("int32 renamed = 1;"))
        let other = try Protobuf.compile(text, references: place("string a = 1;"))
        #expect(same.incompatibilities(with: [old], at: .full) == [])
        #expect(other.incompatibilities(with: [old], at: .backward).map { "\($0.rule) \($0.path)" } == [
            "FIELD_SCALAR_KIND_CHANGED #/P/1", "FIELD_NAMED_TYPE_CHANGED #/M/1", "FIELD_NAMED_TYPE_CHANGED #/M/2",
        ])
    }

    @Test("Any schema is compatible with itself", arguments: ProtoTextTests.good)
    func itself(_ text: String) throws {
        let schema = try Protobuf.compile(text)
        #expect(schema.incompatibilities(with: [schema], at: .fullTransitive) == [])
    }
}
