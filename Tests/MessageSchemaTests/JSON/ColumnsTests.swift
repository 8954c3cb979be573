import MessageSchema
import Testing

@Suite("The columns of a JSON Schema")
struct ColumnsTests {
    private func columns(_ text: String, references: [(String, String)] = []) throws -> [String: JSONTypeSet]? {
        try CompiledSchema(
            compiling: SchemaSource(format: .json, text: text, references: references.map { .init(name: $0.0, text: $0.1) })
        ).columns
    }

    @Test("are its properties, each of the kind of its values, through references and combinations")
    func kinds() throws {
        let found = try columns(
            #"""
            {"type": "object", "properties": {
                "s": {"type": "string"}, "i": {"type": ["integer", "null"]}, "n": {"type": ["integer", "number"]}, "b": {"type": "boolean"},
                "o": {"type": "object"}, "a": {"items": {"type": "string"}}, "e": {"enum": ["x", "y"]}, "c": {"const": 5}, "any": true,
                "mixed": {"type": ["string", "integer"]}, "r": {"$ref": "#/$defs/count"}, "w": {"$ref": "ward.json"},
                "one": {"anyOf": [{"type": "null"}, {"type": "number"}]}, "circle": {"$ref": "#"}},
             "allOf": [{"properties": {"more": {"type": "number"}}}], "$defs": {"count": {"type": "integer"}}}
            """#, references: [("ward.json", #"{"type": "string"}"#)])
        #expect(found?["s"] == .string && found?["i"] == [.integer, .null] && found?["n"] == .number && found?["b"] == .boolean)
        #expect(found?["e"] == .string && found?["c"] == .number && found?["any"] == .all && found?["r"] == .integer && found?["w"] == .string)
        #expect(found?["one"] == [.null, .number] && found?["circle"] == .object && found?["more"] == .number)
        #expect(found?.keys.sorted() == ["a", "any", "b", "c", "circle", "e", "i", "mixed", "more", "n", "o", "one", "r", "s", "w"])
    }

    @Test("are unknown where no property has a name", arguments: ["{}", "true", #"{"type": "string"}"#, #"{"additionalProperties": {"type": "string"}}"#])
    func none(text: String) throws {
        #expect(try columns(text) == nil)
    }
}
