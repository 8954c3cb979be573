import Testing

@testable import MessageSchema

/// Verdicts and words of Confluent's registry for JSON Schema (strict policy).
@Suite struct JSONCompatibilityTests {
    private static func rules(_ old: String, _ new: String) throws -> [String] {
        try CompiledSchema(json: new).incompatibilities(with: [CompiledSchema(json: old)], at: .backward).map { "\($0.rule) \($0.path)" }
    }

    static let compatible: [(old: String, new: String)] = [
        (#"{"type":"string","maxLength":20}"#, #"{"type":"string","maxLength":40}"#),
        (#"{"type":"string","minLength":3,"pattern":"^a"}"#, #"{"type":"string"}"#),
        (#"{"type":"integer"}"#, #"{"type":"number"}"#),
        (#"{"type":"integer"}"#, #"{"type":["integer","null"]}"#),
        (#"{"type":"number","multipleOf":10}"#, #"{"type":"number","multipleOf":2.5}"#),
        (#"{"type":"number","multipleOf":0.50}"#, #"{"type":"number","multipleOf":0.5}"#),
        (#"{"enum":["a","b"]}"#, #"{"enum":["c","b","a"]}"#),
        (#"{"const":1.0}"#, #"{"const":1}"#),
        (#"{"type":"string"}"#, #"{}"#),
        (#"false"#, #"{"type":"string"}"#),
        (#"{"title":"old","description":"x"}"#, #"{"title":"new","default":3}"#),
        // A closed object may gain optional properties, and an open one may lose any.
        (
            #"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}"#,
            #"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"additionalProperties":false}"#
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}"#,
            #"{"type":"object","properties":{"a":{"type":"string"},"b":{"default":1}},"required":["b"],"additionalProperties":false}"#
        ),
        (#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}"#, #"{"type":"object","properties":{"a":{"type":"string"}}}"#),
        (#"{"type":"object"}"#, #"{"type":"object","properties":{"a":{}}}"#),
        (#"{"type":"object","required":["a"],"properties":{"a":{}}}"#, #"{"type":"object","properties":{"a":{}}}"#),
        (
            #"{"type":"object","properties":{"a":{}}}"#,
            #"{"type":"object","properties":{"a":{"default":0}},"required":["a"]}"#
        ),
        (
            #"{"type":"object","patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}"#,
            #"{"type":"object","properties":{"x-a":{"type":"string"}},"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}"#
        ),
        (#"{"type":"object","additionalProperties":false}"#, #"{"type":"object","additionalProperties":{"type":"string"}}"#),
        (#"{"type":"object","unevaluatedProperties":false}"#, #"{"type":"object"}"#),
        (#"{"type":"array","minItems":2,"uniqueItems":true}"#, #"{"type":"array","minItems":1}"#),
        (#"{"type":"array","prefixItems":[{"type":"string"}],"items":false}"#, #"{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}"#),
        (#"{"type":"array","contains":{"type":"string"},"minContains":2}"#, #"{"type":"array","contains":{"type":"integer"}}"#),
        (#"{"oneOf":[{"type":"string"},{"type":"integer"}]}"#, #"{"oneOf":[{"type":"integer"},{"type":"null"},{"type":"string"}]}"#),
        (#"{"type":"string"}"#, #"{"anyOf":[{"type":"integer"},{"type":"string"}]}"#),
        (#"{"allOf":[{"type":"string"},{"type":"string","maxLength":4}]}"#, #"{"type":"string","maxLength":9}"#),
        (#"{"oneOf":[{"type":"string"},{"type":"integer"}]}"#, #"{"anyOf":[{"type":"string"},{"type":"integer"}]}"#),
        (#"{"not":{"type":"string"}}"#, #"{"not":{"type":"string","minLength":3}}"#),
        (#"{"dependentRequired":{"a":["b","c"]}}"#, #"{"dependentRequired":{"a":["b"]}}"#),
        (
            ##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}},"additionalProperties":false}}}"##,
            ##"{"$ref":"#/$defs/m","$defs":{"m":{"type":"object","properties":{"next":{"$ref":"#/$defs/m"},"x":{}},"additionalProperties":false}}}"##
        ),
    ]

    @Test("What the registry's rules allow is compatible", arguments: compatible)
    func allows(_ old: String, _ new: String) throws {
        #expect(try Self.rules(old, new) == [])
    }

    static let incompatible: [(old: String, new: String, rules: [String])] = [
        (#"{"type":"string"}"#, #"{"type":"integer"}"#, ["TYPE_CHANGED "]),
        (#"{"type":"number"}"#, #"{"type":"integer"}"#, ["TYPE_NARROWED "]),
        (#"{}"#, #"{"type":"string"}"#, ["TYPE_CHANGED "]),
        (#"{"type":"string"}"#, #"{"type":"string","maxLength":9}"#, ["MAX_LENGTH_ADDED /maxLength"]),
        (#"{"type":"string","maxLength":9}"#, #"{"type":"string","maxLength":8}"#, ["MAX_LENGTH_DECREASED /maxLength"]),
        (#"{"type":"string"}"#, #"{"type":"string","minLength":1}"#, ["MIN_LENGTH_ADDED /minLength"]),
        (#"{"type":"string","minLength":1}"#, #"{"type":"string","minLength":2}"#, ["MIN_LENGTH_INCREASED /minLength"]),
        (#"{"type":"string"}"#, #"{"type":"string","pattern":"a"}"#, ["PATTERN_ADDED /pattern"]),
        (#"{"type":"string","pattern":"a"}"#, #"{"type":"string","pattern":"a|b"}"#, ["PATTERN_CHANGED /pattern"]),
        (#"{"type":"number"}"#, #"{"type":"number","maximum":1,"minimum":0}"#, ["MAXIMUM_ADDED /maximum", "MINIMUM_ADDED /minimum"]),
        (#"{"type":"number","maximum":1e400}"#, #"{"type":"number","maximum":1e399}"#, ["MAXIMUM_DECREASED /maximum"]),
        (#"{"type":"number","minimum":-1}"#, #"{"type":"number","minimum":-0.5}"#, ["MINIMUM_INCREASED /minimum"]),
        (#"{"type":"number"}"#, #"{"type":"number","exclusiveMaximum":1}"#, ["EXCLUSIVE_MAXIMUM_ADDED /exclusiveMaximum"]),
        (#"{"type":"number","exclusiveMaximum":2}"#, #"{"type":"number","exclusiveMaximum":1}"#, ["EXCLUSIVE_MAXIMUM_DECREASED /exclusiveMaximum"]),
        (#"{"type":"number","exclusiveMinimum":2}"#, #"{"type":"number","exclusiveMinimum":3}"#, ["EXCLUSIVE_MINIMUM_INCREASED /exclusiveMinimum"]),
        (#"{"type":"number"}"#, #"{"type":"number","multipleOf":3}"#, ["MULTIPLE_OF_ADDED /multipleOf"]),
        (#"{"type":"number","multipleOf":3}"#, #"{"type":"number","multipleOf":6}"#, ["MULTIPLE_OF_EXPANDED /multipleOf"]),
        (#"{"type":"number","multipleOf":3}"#, #"{"type":"number","multipleOf":2}"#, ["MULTIPLE_OF_CHANGED /multipleOf"]),
        (#"{"enum":["a","b"]}"#, #"{"enum":["a"]}"#, ["ENUM_ARRAY_NARROWED /enum"]),
        (#"{"enum":["a","b"]}"#, #"{"enum":["a","c"]}"#, ["ENUM_ARRAY_CHANGED /enum"]),
        (#"{"const":1}"#, #"{"const":2}"#, ["ENUM_ARRAY_CHANGED /const"]),
        (
            #"{"type":"object","properties":{"a":{"type":"string"}}}"#,
            #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}"#, ["REQUIRED_ATTRIBUTE_ADDED /required/a"]
        ),
        (#"{"type":"object"}"#, #"{"type":"object","properties":{"a":{"type":"string"}}}"#, ["OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL /properties/a"]),
        (
            #"{"type":"object"}"#, #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}"#,
            ["REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL /properties/a"]
        ),
        (
            #"{"type":"object"}"#, #"{"type":"object","properties":{"a":{"type":"string","default":""}},"required":["a"]}"#,
            ["REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL /properties/a"]
        ),
        (
            #"{"type":"object","additionalProperties":false}"#,
            #"{"type":"object","properties":{"a~/b":{"type":"string"}},"required":["a~/b"],"additionalProperties":false}"#,
            ["REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL /properties/a~0~1b"]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}"#,
            #"{"type":"object","additionalProperties":false}"#, ["PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL /properties/a"]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}}"#,
            #"{"type":"object","additionalProperties":{"type":"integer"}}"#,
            ["TYPE_CHANGED /properties/a", "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL /properties/a"]
        ),
        (
            #"{"type":"object","additionalProperties":{"type":"integer"}}"#,
            #"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}}"#,
            ["TYPE_CHANGED /properties/a", "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL /properties/a"]
        ),
        (#"{"type":"object"}"#, #"{"type":"object","additionalProperties":false}"#, ["ADDITIONAL_PROPERTIES_REMOVED /additionalProperties"]),
        (#"{"type":"object"}"#, #"{"type":"object","additionalProperties":{"type":"string"}}"#, ["ADDITIONAL_PROPERTIES_NARROWED /additionalProperties"]),
        (#"{"type":"object"}"#, #"{"type":"object","unevaluatedProperties":false}"#, ["UNEVALUATED_PROPERTIES_REMOVED /unevaluatedProperties"]),
        (#"{"type":"object"}"#, #"{"type":"object","minProperties":1}"#, ["MIN_PROPERTIES_ADDED /minProperties"]),
        (#"{"type":"object","maxProperties":3}"#, #"{"type":"object","maxProperties":2}"#, ["MAX_PROPERTIES_DECREASED /maxProperties"]),
        (#"{"type":"object"}"#, #"{"type":"object","dependentRequired":{"a":["b"]}}"#, ["DEPENDENCY_ARRAY_ADDED /dependencies/a"]),
        (
            #"{"type":"object","dependentRequired":{"a":["b"]}}"#, #"{"type":"object","dependentRequired":{"a":["b","c"]}}"#,
            ["DEPENDENCY_ARRAY_EXTENDED /dependencies/a"]
        ),
        (#"{"type":"object"}"#, #"{"type":"object","dependentSchemas":{"a":{"required":["b"]}}}"#, ["DEPENDENCY_SCHEMA_ADDED /dependencies/a"]),
        (#"{"type":"array"}"#, #"{"type":"array","items":{"type":"string"}}"#, ["SCHEMA_ADDED /items"]),
        (#"{"type":"array","items":{"type":"string"}}"#, #"{"type":"array","items":{"type":"integer"}}"#, ["TYPE_CHANGED /items"]),
        (#"{"type":"array"}"#, #"{"type":"array","maxItems":3}"#, ["MAX_ITEMS_ADDED /maxItems"]),
        (#"{"type":"array","minItems":1}"#, #"{"type":"array","minItems":2}"#, ["MIN_ITEMS_INCREASED /minItems"]),
        (#"{"type":"array"}"#, #"{"type":"array","uniqueItems":true}"#, ["UNIQUE_ITEMS_ADDED /uniqueItems"]),
        (#"{"type":"array"}"#, #"{"type":"array","prefixItems":[{"type":"string"}]}"#, ["ITEM_ADDED_TO_OPEN_CONTENT_MODEL /items/0"]),
        (
            #"{"type":"array","prefixItems":[{"type":"string"},{}],"items":false}"#, #"{"type":"array","prefixItems":[{"type":"string"}],"items":false}"#,
            ["ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL /items/1"]
        ),
        (#"{"oneOf":[{"type":"string"},{"type":"integer"}]}"#, #"{"oneOf":[{"type":"string"}]}"#, ["SUM_TYPE_NARROWED "]),
        (#"{"allOf":[{"type":"string"}]}"#, #"{"allOf":[{"type":"string"},{"minLength":1}]}"#, ["PRODUCT_TYPE_EXTENDED "]),
        (
            #"{"oneOf":[{"type":"string"},{"type":"integer"}]}"#, #"{"oneOf":[{"type":"string"},{"type":"null"}]}"#,
            ["COMBINED_TYPE_SUBSCHEMAS_CHANGED "]
        ),
        (#"{"anyOf":[{"type":"string"},{"type":"integer"}]}"#, #"{"oneOf":[{"type":"string"},{"type":"integer"}]}"#, ["COMBINED_TYPE_CHANGED "]),
        (#"{"not":{"type":"string","minLength":3}}"#, #"{"not":{"type":"string"}}"#, ["NOT_TYPE_EXTENDED /not"]),
        // Two properties of one recursive type, one of which changes deep inside.
        (
            ##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"},"v":{"type":"string"}}}}}"##,
            ##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"},"v":{"type":"integer"}}}}}"##,
            ["TYPE_CHANGED /properties/next/properties/v", "TYPE_CHANGED /properties/v"]
        ),
    ]

    @Test("What the registry's rules refuse is named by its word and place", arguments: incompatible)
    func refuses(_ old: String, _ new: String, _ rules: [String]) throws {
        #expect(try Self.rules(old, new) == rules)
    }

    @Test("Draft 7's names for the same keywords are compared as well")
    func draft7() throws {
        let draft = #""$schema":"http://json-schema.org/draft-07/schema#""#
        #expect(
            try Self.rules("{\(draft),\"items\":[{}],\"additionalItems\":true}", "{\(draft),\"items\":[{}],\"additionalItems\":false}") == [
                "ADDITIONAL_ITEMS_REMOVED /additionalItems"
            ])
        #expect(try Self.rules("{\(draft)}", "{\(draft),\"dependencies\":{\"a\":[\"b\"]}}") == ["TYPE_CHANGED "])
        #expect(
            try Self.rules("{\(draft),\"type\":\"object\"}", "{\(draft),\"type\":\"object\",\"dependencies\":{\"a\":{\"required\":[\"b\"]}}}") == [
                "DEPENDENCY_SCHEMA_ADDED /dependencies/a"
            ])
    }

    @Test("A later version of a code list may not lack a code")
    func codeLists() throws {
        let lists = ["w@1": ["a"], "w@2": ["a", "b"], "w@3": ["b"]]
        func schema(_ name: String) throws -> CompiledSchema {
            try CompiledSchema(compiling: SchemaSource(format: .json, text: #"{"type":"string","x-codelist":"\#(name)"}"#)) {
                lists[$0.description].map { CodeList(codes: Set($0)) }
            }
        }
        let (first, second, third) = (try schema("w@1"), try schema("w@2"), try schema("w@3"))
        #expect(second.incompatibilities(with: [first], at: .backward) == [])
        #expect(third.incompatibilities(with: [second], at: .backward).map(\.rule) == ["COMBINED_TYPE_SUBSCHEMAS_CHANGED"])
    }

    @Test("Alternatives without end are given up, not compared for ever")
    func tooLarge() throws {
        func schema(_ type: String) -> String {
            "{\"anyOf\":[\((0..<300).map { "{\"type\":\"\(type)\",\"minimum\":\($0)}" }.joined(separator: ","))]}"
        }
        #expect(try Self.rules(schema("number"), schema("integer")) == ["COMPARISON_TOO_LARGE "])
    }

    @Test("Normalised, a schema has its keys in order and no white space")
    func normalized() throws {
        #expect(try CompiledSchema(json: "{ \"type\" : \"string\",\n \"maxLength\": 1.0, \"$id\": \"a\\u00e9\" }").normalizedText == #"{"$id":"aé","maxLength":1.0,"type":"string"}"#)
    }
}
