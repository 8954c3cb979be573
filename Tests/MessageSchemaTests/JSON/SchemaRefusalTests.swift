import Testing

@testable import MessageSchema

/// Schemas that cannot be used, each with its place and a reason.
@Suite struct SchemaRefusalTests {
    static let refused: [(schema: String, path: String, words: String)] = [
        (#"{"type":"int"}"#, "/type", "one of null"),
        (#"{"properties":{"a":{"minLength":"3"}}}"#, "/properties/a/minLength", "whole number"),
        (#"{"$defs":{"unused":{"maximum":"9"}}}"#, "/$defs/unused/maximum", "must be a number"),
        (#"{"minLength":-1}"#, "/minLength", "whole number from 0"),
        (#"{"minItems":1.5}"#, "/minItems", "whole number"),
        (#"{"multipleOf":0}"#, "/multipleOf", "greater than 0"),
        (#"{"required":["a","a"]}"#, "/required", "different strings"),
        (#"{"required":"a"}"#, "/required", "array"),
        (#"{"allOf":[]}"#, "/allOf", "at least one"),
        (#"{"anyOf":[1]}"#, "/anyOf", "schemas"),
        (#"{"items":[{}]}"#, "/items", "a schema"),
        (#"{"properties":{"a":3}}"#, "/properties", "object of schemas"),
        (#"{"pattern":"("}"#, "/pattern", "pattern is wrong"),
        (#"{"pattern":"(?=a)"}"#, "/pattern", "steward"),
        (#"{"patternProperties":{"[":{}}}"#, "/patternProperties/[", "pattern is wrong"),
        (#"{"title":1}"#, "/title", "a string"),
        (#"{"uniqueItems":"yes"}"#, "/uniqueItems", "true or false"),
        (#"{"$anchor":"1a"}"#, "/$anchor", "begins with a letter"),
        (#"{"x-personal":"yes"}"#, "/x-personal", "true or false"),
        (#"{"x-codelist":"wards"}"#, "/x-codelist", "wards@3"),
        (#"{"x-codelist":"wards@3"}"#, "/x-codelist", "no code list wards@3"),
        (#"{"$schema":"http://json-schema.org/draft-04/schema#"}"#, "/$schema", "not known"),
        (#"{"$schema":7}"#, "/$schema", "a URI"),
        (##"{"$ref":"#/$defs/gone"}"##, "/$ref", "#/$defs/gone"),
        (#"{"properties":{"w":{"$ref":"ward.json"}}}"#, "/properties/w/$ref", "ward.json"),
        (##"{"$ref":"#"}"##, "", "without an end"),
        (##"{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}}}"##, "/$defs/a", "without an end"),
        (#"{"$defs":{"a":{"$id":"x"},"b":{"$id":"x"}}}"#, "/$defs/b", "same $id"),
        (#"{"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}}"#, "/$defs/b", "twice"),
        (#"{"$id":"https://a.example/x#y"}"#, "", "no fragment"),
        ("[]", "", "an object, true or false"),
        ("{", "", "ends before"),
        (#"{"a":1,"a":2}"#, "/a", "once"),
        ("", "", "ends before"),
    ]

    @Test("A schema that cannot be used is refused with its place and a reason", arguments: refused)
    func refuses(_ schema: String, _ path: String, _ words: String) {
        let error = #expect(throws: SchemaError.self) { try CompiledSchema(json: schema) }
        #expect(error?.path == path)
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }

    @Test("An error in a reference names the reference")
    func reference() {
        let error = #expect(throws: SchemaError.self) {
            try CompiledSchema(json: #"{"$ref":"ward.json"}"#, references: ["ward.json": #"{"properties":{"a":{"type":"text"}}}"#])
        }
        #expect(error?.path == "ward.json#/properties/a/type")
    }

    @Test("A metaschema that requires a vocabulary that is not known is refused")
    func vocabulary() {
        let metaschema = #"{"$id":"https://a.example/m","$vocabulary":{"https://a.example/v":true}}"#
        let error = #expect(throws: SchemaError.self) {
            try CompiledSchema(json: #"{"$schema":"https://a.example/m"}"#, references: ["https://a.example/m": metaschema])
        }
        #expect(error?.message.contains("vocabulary") == true)
    }

    @Test("The metaschemas refuse what the compiler refuses", arguments: Dialect.Draft.allCases)
    func metaschemasAgree(_ draft: Dialect.Draft) throws {
        let metaschema = try CompiledSchema(json: "{\"$ref\":\"\(draft.uri)\"}")
        for keyword in ["type", "minLength", "multipleOf", "required", "allOf", "items", "properties", "title", "uniqueItems", "enum", "pattern", "contains"] {
            for value in ["1", "-1", "\"a\"", "true", "[]", "[\"string\"]", "[1]", "{}", "null", "[{}]", "{\"a\":{}}", "{\"a\":1}"] {
                // Two ways in which the compiler is stricter: an array of one string is a type, and an enumeration may be empty in neither.
                let schema = "{\"$schema\":\"\(draft.uri)\",\"\(keyword)\":\(value)}"
                let isRefused = (try? CompiledSchema(json: schema)) == nil
                #expect(metaschema.violations(in: schema).isEmpty == !isRefused, "\(schema)")
            }
        }
    }

    @Test("A code list is an enumeration of strings, or alternatives with titles")
    func codeLists() throws {
        #expect(try CodeList(parsing: #"{"type":"string","enum":["a","b"]}"#).codes == ["a", "b"])
        #expect(try CodeList(parsing: #"{"oneOf":[{"const":"a","title":"A"},{"const":"b"}]}"#).codes == ["a", "b"])
        for wrong in [#"{}"#, #"{"enum":[]}"#, #"{"enum":[1]}"#, #"{"enum":["a","a"]}"#, #"{"oneOf":[{"title":"a"}]}"#, #"{"oneOf":[{"const":"a","minLength":1}]}"#, #"{"enum":["é","e\u0301"]}"#, #"{"type":"integer","enum":["a"]}"#, "[]"] {
            #expect(throws: SchemaError.self, "\(wrong)") { try CodeList(parsing: wrong) }
        }
    }

    @Test("A value outside of its code list breaks the rule x-codelist")
    func codeListRule() throws {
        let schema = try CompiledSchema(compiling: SchemaSource(format: .json, text: #"{"properties":{"ward":{"type":"string","x-codelist":"wards@3"}}}"#)) {
            $0 == CodeListName(subject: "wards", version: 3) ? CodeList(codes: ["hai-chau", "son-tra"]) : nil
        }
        #expect(schema.codeLists == [CodeListName(subject: "wards", version: 3)])
        #expect(schema.violations(in: #"{"ward":"son-tra"}"#) == [])
        #expect(schema.violations(in: #"{"ward":"son-\u0074ra"}"#) == [])
        #expect(schema.violations(in: #"{"ward":"sontra"}"#).map { "\($0.rule) \($0.path)" } == ["x-codelist /ward"])
    }

    @Test("Tagged fields are found through references, arrays and alternatives, once each")
    func taggedFields() throws {
        let schema = try CompiledSchema(json: ##"{"$defs":{"p":{"properties":{"id":{"x-personal":true,"x-sensitivity":"high"},"children":{"items":{"$ref":"#/$defs/p"}}}}},"properties":{"mother":{"$ref":"#/$defs/p"},"notes":{"additionalProperties":{"x-personal":true}}},"anyOf":[{"properties":{"mother":{"x-sensitivity":"low"}}}]}"##)
        #expect(schema.taggedFields.map(\.path) == ["/mother/id", "/notes/*", "/mother"])
    }
}
