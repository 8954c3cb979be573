import Testing

@testable import MessageSchema

/// Which schema shown records have, and what it says.
@Suite("Derived JSON schemas")
struct JSONDerivedSchemaTests {
    private func derived(_ schema: String, allow: [String]? = nil, mask: [String: FieldRules.Mask] = [:]) throws -> String? {
        try Shown.projection(FieldRules(allow: allow, masks: mask), of: CompiledSchema(json: schema)).derivedSchema?.text
    }

    @Test("The published schema stays where every field is shown and masked values are valid where they stand")
    func stays() throws {
        let schema = #"{"type":"object","properties":{"a":{"type":"string"},"n":{"type":"integer","minimum":0},"d":{"type":"string","format":"date"},"u":{"type":"string","format":"uuid"},"t":{"type":"string","maxLength":40}},"required":["a"]}"#
        #expect(try derived(schema, mask: ["a": .hash, "n": .redact, "d": .year, "u": .hash, "t": .hash]) == nil)
        #expect(try derived(schema, mask: ["a": .last4, "u": .redact]) == nil)
        #expect(try derived(schema, allow: ["a", "n", "d", "u", "t"]) == nil)
        #expect(try Shown.projection(FieldRules(conditions: ["a": ["x"]]), of: CompiledSchema(json: schema)).derivedSchema == nil)
    }

    @Test("Fields that are gone are gone from properties and required; masked ones keep their type")
    func changes() throws {
        let schema = #"{"$id":"https://city.example/v","title":"Vaccination","type":"object","properties":{"id":{"type":"string","pattern":"^[0-9]+$","title":"Id","x-personal":true,"examples":["123"]},"v":{"enum":["BCG","MMR"]},"w":{"type":"string","x-note":1}},"required":["id","v"],"additionalProperties":false}"#
        #expect(
            try derived(schema, mask: ["id": .drop])
                == #"{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Vaccination","type":"object","required":["v"],"properties":{"v":{"enum":["BCG","MMR"]},"w":{"x-note":1,"type":"string"}},"additionalProperties":false}"#)
        #expect(
            try derived(schema, mask: ["id": .hash])
                == #"{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Vaccination","type":"object","required":["id","v"],"properties":{"id":{"title":"Id","x-personal":true,"type":"string"},"v":{"enum":["BCG","MMR"]},"w":{"x-note":1,"type":"string"}},"additionalProperties":false}"#)
        #expect(
            try derived(schema, allow: ["v"], mask: ["v": .redact])
                == #"{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Vaccination","type":"object","required":["v"],"properties":{"v":{"type":"string"}},"additionalProperties":false}"#)
    }

    @Test("A definition that is seen in two ways stands there twice")
    func definitions() throws {
        let schema = ##"{"properties":{"owner":{"$ref":"#/$defs/person"},"clerk":{"$ref":"#/$defs/person"}},"$defs":{"person":{"type":"object","properties":{"name":{"type":"string"},"id":{"type":"string"}},"required":["id"],"additionalProperties":false}}}"##
        #expect(
            try derived(schema, mask: ["owner.id": .drop])
                == ##"{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"owner":{"$ref":"#/$defs/person"},"clerk":{"$ref":"#/$defs/person_2"}},"$defs":{"person":{"type":"object","properties":{"name":{"type":"string"}},"additionalProperties":false},"person_2":{"type":"object","required":["id"],"properties":{"name":{"type":"string"},"id":{"type":"string"}},"additionalProperties":false}}}"##)
    }

    @Test("The draft of the published schema is kept, with the words that it has")
    func drafts() throws {
        let schema = ##"{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"$ref":"#/definitions/t"},"b":{"type":"string"},"l":{"items":[{"type":"string"}],"additionalItems":false}},"dependencies":{"a":["b"],"b":["a"]},"definitions":{"t":{"type":"string"}}}"##
        let text = try #require(try derived(schema, mask: ["b": .drop]))
        #expect(text.contains(##""$schema":"http://json-schema.org/draft-07/schema#""##))
        #expect(text.contains(#""additionalItems":false"#))
        #expect(!text.contains("\"b\""))
        _ = try CompiledSchema(json: text)
    }

    @Test("What is said of a whole that has changed is left out, and nothing else")
    func wholes() throws {
        let schema = #"{"type":"object","properties":{"id":{"type":"string"},"l":{"type":"array","uniqueItems":true,"items":{"type":"string"}},"k":{"type":"array","uniqueItems":true,"items":{"type":"string"}}},"minProperties":2,"not":{"required":["x"]},"additionalProperties":false}"#
        let text = try #require(try derived(schema, mask: ["id": .drop, "l": .hash]))
        #expect(text == #"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"l":{"type":"array","items":{"type":"string"}},"k":{"type":"array","uniqueItems":true,"items":{"type":"string"}}},"additionalProperties":false}"#)
    }

    @Test("Code lists stay with fields that are shown, and go from masked ones")
    func codeLists() throws {
        let source = SchemaSource(format: .json, text: #"{"properties":{"ward":{"type":"string","x-codelist":"wards@1"},"seen":{"type":"string","x-codelist":"wards@1"},"id":{"type":"string"}}}"#)
        let schema = try CompiledSchema(compiling: source) { _ in CodeList(codes: ["hai-chau"]) }
        let projection = try Shown.projection(FieldRules(masks: ["ward": .redact, "id": .drop]), of: schema)
        let text = try #require(projection.derivedSchema?.text)
        #expect(text == #"{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"ward":{"type":"string"},"seen":{"type":"string","x-codelist":"wards@1"}}}"#)
        #expect(Shown.text(projection.apply(Array(#"{"ward":"hai-chau","seen":"hai-chau","id":"1"}"#.utf8))) == #"{"ward":"***","seen":"hai-chau"}"#)
        #expect(Shown.text(projection.apply(Array(#"{"seen":"nowhere"}"#.utf8))) == "withheld: invalid")
    }
}
