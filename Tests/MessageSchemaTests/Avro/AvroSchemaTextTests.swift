import Testing

@testable import MessageSchema

@Suite("Texts of Avro schemas")
struct AvroSchemaTextTests {
    private static let text = #"""
        { "type": "record", "name": "Person", "namespace": "city", "doc": "Ai \"đó\"", "x": {"b": 1, "a": 2},
          "fields": [
            {"name": "id", "type": {"type": "string"}, "x-personal": true, "default": "a\u0041"},
            {"name": "f", "type": {"type": "fixed", "size": 4, "name": "other.F", "aliases": ["Y", "X"]}, "aliases": ["old", "d"], "order": "ignore"},
            {"name": "g", "type": ["null", "other.F", {"type": "array", "items": {"type": "int", "logicalType": "date"}}], "default": null},
            {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["q"], "default": "q"}, "order": "ascending"},
            {"name": "h", "type": "E", "doc": ""}, {"name": "m", "type": {"type": "map", "values": "Person"}, "default": {"k": 1e1}}
          ]}
        """#.replacing(#"{"k": 1e1}"#, with: "{}")

    private static let canonical =
        #"{"type":"record","name":"Person","namespace":"city","doc":"Ai \"đó\"","fields":["#
        + #"{"name":"id","type":"string","default":"aA","x-personal":true},"#
        + #"{"name":"f","type":{"type":"fixed","name":"F","namespace":"other","size":4,"aliases":["other.Y","other.X"]},"order":"ignore","aliases":["old","d"]},"#
        + #"{"name":"g","type":["null","other.F",{"type":"array","items":{"type":"int","logicalType":"date"}}],"default":null},"#
        + #"{"name":"e","type":{"type":"enum","name":"E","symbols":["q"],"default":"q"}},"#
        + #"{"name":"h","type":"E","doc":""},{"name":"m","type":{"type":"map","values":"Person"},"default":{}}],"x":{"b":1,"a":2}}"#

    @Test("The parsing canonical form is the specification's")
    func parsing() throws {
        let schema = try AvroSchemaParser.parse(SchemaSource(format: .avro, text: Self.text))
        #expect(
            AvroSchemaText.parsingCanonicalForm(schema)
                == #"{"name":"city.Person","type":"record","fields":[{"name":"id","type":"string"},"#
                + #"{"name":"f","type":{"name":"other.F","type":"fixed","size":4}},{"name":"g","type":["null","other.F",{"type":"array","items":"int"}]},"#
                + #"{"name":"e","type":{"name":"city.E","type":"enum","symbols":["q"]}},{"name":"h","type":"city.E"},"#
                + #"{"name":"m","type":{"type":"map","values":"city.Person"}}]}"#)
    }

    @Test("The canonical text keeps all but the spacing, and means the same")
    func canonical() throws {
        let schema = try avro(Self.text)
        #expect(schema.canonicalText == Self.canonical)
        #expect(try avro(schema.canonicalText).canonicalText == Self.canonical)
    }

    @Test("The normalised text has full names, and aliases and properties in order")
    func normalized() throws {
        let schema = try avro(Self.text)
        let other = try avro(
            Self.text.replacing(#"["Y", "X"]"#, with: #"["X", "Y"]"#).replacing(#"{"b": 1, "a": 2}"#, with: #"{"a": 2, "b": 1}"#)
                .replacing(#""name": "Person", "namespace": "city""#, with: #""name": "city.Person""#))
        #expect(schema.normalizedText == other.normalizedText)
        #expect(schema.canonicalText != other.canonicalText)
        #expect(schema.normalizedText.hasPrefix(#"{"name":"city.Person","type":"record","fields":[{"name":"id","type":"string","default":"aA","x-personal":true},"#))
        #expect(try avro(schema.normalizedText).normalizedText == schema.normalizedText)
        #expect(try avro(schema.normalizedText).incompatibilities(with: [schema], at: .full).isEmpty)
    }

    @Test("What a reference defines is not repeated")
    func references() throws {
        let ward = #"{"type":"enum","name":"city.Ward","symbols":["a"]}"#
        let schema = try avro(#"{"type":"record","name":"city.R","fields":[{"name":"w","type":"Ward"}]}"#, references: [("city.Ward", ward)])
        #expect(schema.normalizedText == #"{"name":"city.R","type":"record","fields":[{"name":"w","type":"city.Ward"}]}"#)
        #expect(schema.canonicalText == #"{"type":"record","name":"R","namespace":"city","fields":[{"name":"w","type":"Ward"}]}"#)
        let alone = try avro(#""city.Ward""#, references: [("city.Ward", ward)])
        #expect(alone.normalizedText == #""city.Ward""#)
        #expect(alone.canonicalText == #""city.Ward""#)
    }

    @Test("Any string is an alias, and stays what it is")
    func aliases() throws {
        let schema = try avro(#"{"type":"enum","name":"a.E","symbols":[],"aliases":[".b","c","d.","x y"]}"#)
        #expect(schema.canonicalText == #"{"type":"enum","name":"E","namespace":"a","symbols":[],"aliases":[".b","a.c","d.","a.x y"]}"#)
        #expect(try avro(schema.canonicalText).canonicalText == schema.canonicalText)
    }

    @Test("Numbers that are equal are written alike")
    func numbers() throws {
        func text(_ value: String) throws -> String { try avro(#"{"type":"record","name":"R","fields":[{"name":"a","type":"double","default":\#(value)}]}"#).canonicalText }
        #expect(try text("1e1") == text("10.0"))
        #expect(try text("0.10") == text("1E-1"))
        // What no double holds stays as it is written.
        #expect(try avro(#"{"type":"int","x":[1e999,12345678901234567890]}"#).canonicalText == #"{"type":"int","x":[1e999,12345678901234567890]}"#)
    }
}
