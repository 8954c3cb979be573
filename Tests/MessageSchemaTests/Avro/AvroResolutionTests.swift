import MessageSchema
import Testing

@Suite("Avro schema resolution")
struct AvroResolutionTests {
    private static func record(_ fields: String, _ name: String = "R") -> String { #"{"type":"record","name":"\#(name)","fields":[\#(fields)]}"# }
    private static func field(_ type: String) -> String { record(#"{"name":"f","type":\#(type)}"#) }
    private static func fixed(_ size: Int, _ more: String = "") -> String { #"{"type":"fixed","name":"F","size":\#(size)\#(more)}"# }
    private static func symbols(_ list: String, _ more: String = "") -> String { #"{"type":"enum","name":"E","symbols":[\#(list)]\#(more)}"# }

    @Test(
        "A reader reads what the specification says it does",
        arguments: [
            // reader, writer, what stands in the way
            (#""int""#, #""int""#, []), (#""long""#, #""int""#, []), (#""float""#, #""int""#, []), (#""double""#, #""int""#, []), (#""float""#, #""long""#, []),
            (#""double""#, #""long""#, []), (#""double""#, #""float""#, []), (#""bytes""#, #""string""#, []), (#""string""#, #""bytes""#, []),
            (#""int""#, #""long""#, [" TYPE_MISMATCH"]), (#""long""#, #""float""#, [" TYPE_MISMATCH"]), (#""float""#, #""double""#, [" TYPE_MISMATCH"]),
            (#""string""#, #""int""#, [" TYPE_MISMATCH"]), (#""null""#, #""int""#, [" TYPE_MISMATCH"]), (#""boolean""#, #""int""#, [" TYPE_MISMATCH"]),
            (#"{"type":"array","items":"long"}"#, #"{"type":"array","items":"int"}"#, []),
            (#"{"type":"array","items":"int"}"#, #"{"type":"array","items":"long"}"#, ["/items TYPE_MISMATCH"]),
            (#"{"type":"map","values":"int"}"#, #"{"type":"map","values":"long"}"#, ["/values TYPE_MISMATCH"]),
            (#"{"type":"map","values":"int"}"#, #"{"type":"array","items":"int"}"#, [" TYPE_MISMATCH"]),
            // Names: unqualified, or an alias.
            (record("", "a.R"), record("", "b.R"), []), (record("", "a.S"), record("", "a.R"), ["/name NAME_MISMATCH"]),
            (#"{"type":"record","name":"a.S","aliases":["R"],"fields":[]}"#, record("", "a.R"), []),
            (#"{"type":"record","name":"a.S","aliases":["R"],"fields":[]}"#, record("", "b.R"), ["/name NAME_MISMATCH"]),
            (fixed(2), fixed(2), []), (fixed(2), fixed(3), ["/size FIXED_SIZE_MISMATCH"]),
            (fixed(2), #"{"type":"fixed","name":"G","size":2}"#, ["/name NAME_MISMATCH"]),
            // Symbols
            (symbols(#""a","b""#), symbols(#""a""#), []), (symbols(#""a""#), symbols(#""a","b""#), ["/symbols MISSING_ENUM_SYMBOLS"]),
            (symbols(#""a""#, #","default":"a""#), symbols(#""a","b""#), []),
            // Fields
            (record(#"{"name":"a","type":"int"}"#), record(""), ["/fields/0 READER_FIELD_MISSING_DEFAULT_VALUE"]),
            (record(#"{"name":"a","type":"int","default":1}"#), record(""), []), (record(""), record(#"{"name":"a","type":"int"}"#), []),
            (record(#"{"name":"b","type":"int","aliases":["a"]}"#), record(#"{"name":"a","type":"int"}"#), []),
            (record(#"{"name":"b","type":"int","aliases":["a"]}"#), record(#"{"name":"a","type":"int"},{"name":"b","type":"int"}"#), ["/fields/0 NAME_MISMATCH"]),
            (field(#""int""#), field(#""string""#), ["/fields/0/type TYPE_MISMATCH"]),
            // Unions
            (#"["null","long"]"#, #""int""#, []), (#"["null","int"]"#, #""long""#, [" MISSING_UNION_BRANCH"]), (#"["null","string"]"#, #"["null","string"]"#, []),
            (#"["null","string"]"#, #"["string","int","null"]"#, ["/1 MISSING_UNION_BRANCH"]), (#""string""#, #"["string","bytes"]"#, []),
            (#""string""#, #"["null","string"]"#, ["/0 TYPE_MISMATCH"]), (field(#"["null","int"]"#), field(#""int""#), []),
            (field(#""int""#), field(#"["null","int"]"#), ["/fields/0/type/0 TYPE_MISMATCH"]),
            (#"["null",\#(field(#""int""#))]"#, field(#""string""#), [" MISSING_UNION_BRANCH"]),
            // Decimals
            (#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#, #"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#, []),
            (#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#, #"{"type":"bytes","logicalType":"decimal","precision":4,"scale":1}"#, [" TYPE_MISMATCH"]),
            (#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#, #""bytes""#, []),
            (fixed(4, #","logicalType":"decimal","precision":4"#), fixed(4, #","logicalType":"decimal","precision":5"#), [" TYPE_MISMATCH"]),
        ] as [(String, String, [String])])
    func verdicts(_ reader: String, _ writer: String, _ obstacles: [String]) throws {
        #expect(try avro(reader).obstacles(reading: avro(writer)) == obstacles)
    }

    @Test("All that is in the way is told, each once, with its place in the reader's schema")
    func several() throws {
        let reader = try avro(
            Self.record(
                #"""
                {"name":"a","type":{"type":"fixed","name":"F","size":2}},{"name":"b","type":"F"},
                {"name":"c","type":{"type":"array","items":{"type":"enum","name":"E","symbols":["x"]}}},{"name":"d","type":"int"}
                """#))
        let writer = try avro(
            Self.record(
                #"""
                {"name":"a","type":{"type":"fixed","name":"F","size":3}},{"name":"b","type":"F"},
                {"name":"c","type":{"type":"array","items":{"type":"enum","name":"E","symbols":["x","y"]}}}
                """#))
        #expect(
            reader.obstacles(reading: writer) == [
                "/fields/3 READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/0/type/size FIXED_SIZE_MISMATCH", "/fields/2/type/items/symbols MISSING_ENUM_SYMBOLS",
            ])
    }

    @Test("Types that contain themselves are compared, each pair once")
    func recursion() throws {
        func list(_ value: String) -> String { #"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]},{"name":"v","type":"\#(value)"}]}"# }
        #expect(try avro(list("long")).obstacles(reading: avro(list("int"))) == [])
        #expect(try avro(list("int")).obstacles(reading: avro(list("long"))) == ["/fields/0/type/1 MISSING_UNION_BRANCH", "/fields/1/type TYPE_MISMATCH"])
    }

    @Test("A branch that only seems to read what contains itself does not count")
    func seeming() throws {
        // Whether A reads A is still open when the union inside of it is looked at; its field v settles it only later.
        let text = #"{"type":"record","name":"A","fields":[{"name":"b","type":{"type":"record","name":"B","fields":[{"name":"a","type":["null","A"],"default":null}]}},{"name":"v","type":"TYPE"}]}"#
        let wrapped = #"{"type":"record","name":"W","fields":[{"name":"one","type":["null",TEXT],"default":null},{"name":"two","type":"B"}]}"#
        let reader = try avro(wrapped.replacing("TEXT", with: text.replacing("TYPE", with: "int")))
        let writer = try avro(wrapped.replacing("TEXT", with: text.replacing("TYPE", with: "string")))
        #expect(reader.obstacles(reading: writer) == ["/fields/0/type/1 MISSING_UNION_BRANCH", "/fields/1/type/fields/0/type/1 MISSING_UNION_BRANCH"])
    }

    @Test("Chains of thousands of types and unions of a thousand branches are compared in bounded time")
    func large() throws {
        func chain(_ count: Int) -> String {
            // A ring: each type leads to the next one, the last one to the first.
            let inner = (1..<count).map { #"{"name":"f\#($0)","type":{"type":"record","name":"C\#($0)","fields":[{"name":"n","type":["null","R"]}]}}"# }
            return Self.record(inner.joined(separator: ","))
        }
        let large = try avro(chain(4000))
        #expect(large.obstacles(reading: large) == [])
        func union(_ count: Int) -> String { "[" + (0..<count).map { #"{"type":"fixed","name":"F\#($0)","size":\#($0)}"# }.joined(separator: ",") + "]" }
        let wide = try avro(union(1000))
        #expect(wide.obstacles(reading: wide) == [])
    }

    @Test("Directions and levels are those of the registry's words")
    func levels() throws {
        let old = try avro(Self.record(#"{"name":"a","type":"int"}"#))
        let withDefault = try avro(Self.record(#"{"name":"a","type":"int"},{"name":"b","type":"int","default":0}"#))
        let without = try avro(Self.record(#"{"name":"a","type":"int"},{"name":"b","type":"int"}"#))
        #expect(withDefault.incompatibilities(with: [old], at: .full).isEmpty)
        #expect(!without.incompatibilities(with: [old], at: .backward).isEmpty)
        #expect(without.incompatibilities(with: [old], at: .forward).isEmpty)
        #expect(!without.incompatibilities(with: [old, withDefault], at: .backwardTransitive).isEmpty)
        #expect(without.incompatibilities(with: [old, withDefault], at: .backward).isEmpty)
    }
}
