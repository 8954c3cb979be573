import MessageSchema
import Testing

@Suite("Avro schemas")
struct AvroSchemaTests {
    private static func record(_ fields: String) -> String { #"{"type":"record","name":"R","fields":[\#(fields)]}"# }

    @Test(
        "What the specification allows compiles",
        arguments: [
            #""string""#, #"{"type":"long"}"#, #"["null","int"]"#, #"{"type":"array","items":"int","default":[]}"#,
            #"{"type":"map","values":["null","bytes"]}"#, #"{"type":"fixed","name":"Hash","size":16}"#, #"{"type":"fixed","name":"Empty","size":0}"#,
            #"{"type":"enum","name":"Suit","symbols":["A","B"],"default":"B"}"#, #"{"type":"enum","name":"None","symbols":[]}"#,
            record(""), record(#"{"name":"next","type":["null","R"],"default":null}"#), record(#"{"name":"children","type":{"type":"array","items":"R"}}"#),
            #"{"type":"error","name":"E","fields":[]}"#,
            #"{"type":"record","name":"a.b.C","namespace":"ignored","fields":[{"name":"x","type":{"type":"enum","name":"D","symbols":["q"]}},{"name":"y","type":"a.b.D"},{"name":"z","type":"D"}]}"#,
            // A name of a complex type can be used for a type.
            #"{"type":"record","name":"record","fields":[{"name":"r","type":["null","record"]}]}"#,
            // Unknown attributes, logical types and logical types that do not fit are no error.
            #"{"type":"string","logicalType":"colour","x":{"y":[1,2]}}"#, #"{"type":"bytes","logicalType":"decimal","precision":2,"scale":3}"#,
            #"{"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":99}"#, #"{"type":"int","logicalType":"uuid"}"#,
            // Aliases may be any string.
            record(#"{"name":"a","type":"int","aliases":["old name","b"]}"#),
            #"{"type":"enum","name":"E","doc":7,"aliases":["x.y","z"],"symbols":["a"]}"#,
        ])
    func valid(_ text: String) throws {
        _ = try avro(text)
    }

    @Test(
        "What it does not allow is refused, with the place",
        arguments: [
            ("", ""), ("7", ""), (#"{"type":"strin"}"#, "/type"), (#""R""#, ""), (#"{"items":"int"}"#, ""), (#"{"type":["null"]}"#, "/type"),
            (#"{"type":"array"}"#, ""), (#"{"type":"array","items":"x"}"#, "/items"), (#"{"type":"map"}"#, ""),
            (#"{"type":"fixed","name":"F","size":-1}"#, "/size"), (#"{"type":"fixed","name":"F","size":1.5}"#, "/size"),
            (#"{"type":"fixed","name":"F","size":2147483648}"#, "/size"), (#"{"type":"fixed","name":"F"}"#, ""),
            (#"{"type":"enum","name":"E"}"#, ""), (#"{"type":"enum","name":"E","symbols":["a","a"]}"#, "/symbols/1"),
            (#"{"type":"enum","name":"E","symbols":["a-b"]}"#, "/symbols/0"), (#"{"type":"enum","name":"E","symbols":["a"],"default":"b"}"#, "/default"),
            (#"{"type":"enum","name":"E","symbols":[1]}"#, "/symbols/0"),
            (#"{"type":"record","fields":[]}"#, ""), (#"{"type":"record","name":"R"}"#, ""), (#"{"type":"record","name":"1R","fields":[]}"#, "/name"),
            (#"{"type":"record","name":"a..R","fields":[]}"#, "/name"), (#"{"type":"record","name":".R","fields":[]}"#, "/name"),
            (record(#"{"name":"a","type":["null",".R"]}"#), "/fields/0/type/1"), (#"{"type":"record","name":"a.int","fields":[]}"#, "/name"),
            (#"{"type":"record","name":"R","namespace":"a.1","fields":[]}"#, "/namespace"), (#"{"type":"record","name":"R","namespace":3,"fields":[]}"#, "/namespace"),
            (record("7"), "/fields/0"), (record(#"{"name":"a"}"#), "/fields/0"), (record(#"{"type":"int"}"#), "/fields/0"),
            (record(#"{"name":"a.b","type":"int"}"#), "/fields/0/name"),
            (record(#"{"name":"a","type":"int"},{"name":"a","type":"int"}"#), "/fields/1/name"),
            (record(#"{"name":"a","type":"int","order":"up"}"#), "/fields/0/order"),
            (record(#"{"name":"a","type":"int","aliases":"b"}"#), "/fields/0/aliases"),
            (record(#"{"name":"a","type":{"type":"record","name":"R","fields":[]}}"#), "/fields/0/type/name"),
            (record(#"{"name":"a","type":"Later"},{"name":"b","type":{"type":"fixed","name":"Later","size":1}}"#), "/fields/0/type"),
            (#"["int",["null"]]"#, "/1"), (#"["int","int"]"#, "/1"), (#"[{"type":"array","items":"int"},{"type":"array","items":"long"}]"#, "/1"), ("[]", ""),
            // No value of these ends.
            (record(#"{"name":"a","type":"R"}"#), ""), (record(#"{"name":"a","type":["R"]}"#), ""),
            (record(#"{"name":"a","type":{"type":"record","name":"S","fields":[{"name":"b","type":"R"}]}}"#), ""),
        ])
    func invalid(_ text: String, _ place: String) {
        let error = #expect(throws: SchemaError.self) { try avro(text) }
        #expect(error?.path == place)
    }

    @Test(
        "Defaults have the type of their field; in a union that of any branch",
        arguments: [
            (#""null""#, "null", true), (#""null""#, "0", false), (#""boolean""#, "true", true), (#""boolean""#, "1", false),
            (#""int""#, "2147483647", true), (#""int""#, "2147483648", false), (#""int""#, "1.0", false), (#""int""#, #""1""#, false),
            (#""long""#, "9223372036854775807", true), (#""long""#, "9223372036854775808", false), (#""double""#, "1", true), (#""float""#, "1.5e3", true),
            (#""double""#, #""NaN""#, false), (#""string""#, #""x""#, true), (#""string""#, "null", false),
            (#""bytes""#, #""\u00FF""#, true), (#""bytes""#, #""\u0100""#, false),
            (#"{"type":"fixed","name":"F","size":2}"#, #""\u00FFa""#, true), (#"{"type":"fixed","name":"F","size":2}"#, #""a""#, false),
            (#"{"type":"enum","name":"E","symbols":["a"]}"#, #""a""#, true), (#"{"type":"enum","name":"E","symbols":["a"]}"#, #""b""#, false),
            (#"{"type":"array","items":"int"}"#, "[1,2]", true), (#"{"type":"array","items":"int"}"#, #"[1,"2"]"#, false),
            (#"{"type":"map","values":"int"}"#, #"{"a":1}"#, true), (#"{"type":"map","values":"int"}"#, #"{"a":null}"#, false),
            (#"["null","int"]"#, "null", true), (#"["null","int"]"#, "7", true), (#"["null","int"]"#, #""7""#, false),
            (#"{"type":"record","name":"S","fields":[{"name":"a","type":"int"},{"name":"b","type":"int","default":1}]}"#, #"{"a":1}"#, true),
            (#"{"type":"record","name":"S","fields":[{"name":"a","type":"int"}]}"#, "{}", false),
        ])
    func defaults(_ type: String, _ value: String, _ isRight: Bool) {
        let text = Self.record(#"{"name":"f","type":\#(type),"default":\#(value)}"#)
        if isRight {
            #expect(throws: Never.self) { try avro(text) }
        } else {
            #expect(throws: SchemaError.self) { try avro(text) }
        }
    }

    @Test("A default of unions within unions is checked in bounded time")
    func defaultSteps() {
        // Each of n levels has two branches that both fit down to the last one.
        var text = #"{"type":"record","name":"R","fields":[{"name":"next","type":["null","R","S"]},{"name":"x","type":"int"}]}"#
        text = #"{"type":"record","name":"Top","fields":[{"name":"s","type":["null",{"type":"record","name":"S","fields":[{"name":"next","type":["null","S",\#(text)]},{"name":"x","type":"int"}]}],"default":DEFAULT}]}"#
        var value = #"{"next":null,"x":"no int"}"#
        for _ in 0..<100 { value = #"{"next":\#(value),"x":1}"# }
        let error = #expect(throws: SchemaError.self) { try avro(text.replacing("DEFAULT", with: value)) }
        #expect(error?.message.contains("steps") == true)
    }

    @Test("References are known by full name, each after those that it needs")
    func references() throws {
        let ward = #"{"type":"enum","name":"city.Ward","symbols":["hai_chau","son_tra"]}"#
        let address = #"{"type":"record","name":"city.Address","fields":[{"name":"ward","type":"Ward"}]}"#
        let text = #"{"type":"record","name":"city.Person","fields":[{"name":"address","type":"Address"},{"name":"born","type":"city.Ward"}]}"#
        let schema = try avro(text, references: [("city.Ward", ward), ("city.Address", address)])
        #expect(schema.faults([2, 0]) == [])
        #expect(schema.faults([4, 6]) == ["/address/ward enum", "/born enum"])
        #expect(throws: SchemaError.self) { try avro(text, references: [("city.Ward", ward)]) }
        let error = #expect(throws: SchemaError.self) { try avro(text, references: [("city.Address", address), ("city.Ward", ward)]) }
        #expect(error?.path == "city.Address#/fields/0/type")
        #expect(throws: SchemaError.self) { try avro(ward, references: [("city.Ward", ward)]) }
    }

    @Test("A name without a dot is looked up in the null namespace last, as Apache's parser does")
    func nullNamespace() throws {
        let text = #"{"type":"record","name":"n.R","fields":[{"name":"a","type":{"type":"fixed","name":"F","namespace":"","size":1}},{"name":"b","type":"F"}]}"#
        #expect(try avro(text).faults([1, 2]) == [])
    }

    // MARK: Limits

    private static func names(_ count: Int) -> String {
        record((1..<count).map { #"{"name":"f\#($0)","type":{"type":"fixed","name":"F\#($0)","size":1}}"# }.joined(separator: ","))
    }

    private static func fields(_ count: Int) -> String { record((0..<count).map { #"{"name":"f\#($0)","type":"int"}"# }.joined(separator: ",")) }
    private static func symbols(_ count: Int) -> String { #"{"type":"enum","name":"E","symbols":[\#((0..<count).map { "\"s\($0)\"" }.joined(separator: ","))]}"# }
    private static func branches(_ count: Int) -> String { "[" + (0..<count).map { #"{"type":"fixed","name":"F\#($0)","size":1}"# }.joined(separator: ",") + "]" }
    private static func arrays(_ count: Int) -> String { String(repeating: #"{"type":"array","items":"#, count: count) + "\"int\"" + String(repeating: "}", count: count) }
    private static func name(_ count: Int) -> String { #"{"type":"fixed","size":1,"name":"\#(String(repeating: "n", count: count))"}"# }
    private static func decimal(_ precision: Int) -> String { #"{"type":"bytes","logicalType":"decimal","precision":\#(precision)}"# }

    @Test("Each limit holds, and one past it is refused")
    func limits() {
        let limits: [(Int, (Int) -> String)] = [
            (SchemaLimits.avroNamesMax, Self.names), (SchemaLimits.avroFieldsMax, Self.fields), (SchemaLimits.avroSymbolsMax, Self.symbols),
            (SchemaLimits.avroBranchesMax, Self.branches), (SchemaLimits.depthMax, Self.arrays), (SchemaLimits.avroNameBytesMax, Self.name),
            (SchemaLimits.avroPrecisionMax, Self.decimal),
        ]
        for (limit, text) in limits {
            #expect(throws: Never.self, "\(text(1)) \(limit)") { try avro(text(limit)) }
            #expect(throws: SchemaError.self, "\(text(1)) \(limit + 1)") { try avro(text(limit + 1)) }
        }
    }

    @Test("Types that nest by references from one to the next nest as deep as payloads do, and no deeper")
    func chain() {
        func chain(_ count: Int) -> [(String, String)] {
            // A reference defines two of them, so that it takes fewer sources than levels.
            stride(from: 0, to: count, by: 2).map { number in
                let inner = number == 0 ? #""int""# : #""C\#(number - 1)""#
                return ("C\(number + 1)", #"{"type":"record","name":"C\#(number + 1)","fields":[{"name":"c","type":{"type":"record","name":"C\#(number)","fields":[{"name":"c","type":\#(inner)}]}}]}"#)
            }
        }
        #expect(throws: Never.self) { try avro(#""C255""#, references: chain(256)) }
        #expect(throws: SchemaError.self) { try avro(#""C257""#, references: chain(258)) }
    }
}
