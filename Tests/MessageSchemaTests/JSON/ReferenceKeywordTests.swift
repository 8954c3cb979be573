import Testing

@testable import MessageSchema

/// Combinations, references and dialects.
@Suite struct ReferenceKeywordTests {
    static let combinations = [
        KeywordVector(#"{"allOf":[{"minimum":1},{"maximum":3}]}"#, valid: ["2"], invalid: ["0", "4"]),
        KeywordVector(#"{"anyOf":[{"type":"string"},{"minimum":3}]}"#, valid: ["\"a\"", "3"], invalid: ["2"]),
        KeywordVector(#"{"oneOf":[{"type":"integer"},{"minimum":2}]}"#, valid: ["1", "2.5"], invalid: ["3", "1.5"]),
        KeywordVector(#"{"not":{"type":"string"}}"#, valid: ["1"], invalid: ["\"a\""]),
        KeywordVector(#"{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}}"#, valid: ["\"ab\"", "2"], invalid: ["\"a\"", "1"]),
        KeywordVector(#"{"then":false,"else":false}"#, valid: ["1"]),
        KeywordVector(#"{"oneOf":[{"required":["a"]},{"required":["b"]}]}"#, valid: [#"{"a":1}"#, #"{"b":[{"x":1}]}"#], invalid: [#"{"a":1,"b":2}"#, "{}"]),
    ]

    static let references = [
        KeywordVector(##"{"$ref":"#/$defs/a~1b%25","$defs":{"a/b%":{"type":"integer"}}}"##, valid: ["1"], invalid: ["\"1\""]),
        KeywordVector(##"{"$ref":"#here","$defs":{"x":{"$anchor":"here","type":"integer"}}}"##, valid: ["1"], invalid: ["\"1\""]),
        KeywordVector(##"{"$ref":"#/$defs/a","maximum":3,"$defs":{"a":{"minimum":1}}}"##, valid: ["2"], invalid: ["0", "4"]),
        KeywordVector(##"{"properties":{"next":{"$ref":"#"}},"additionalProperties":false}"##, valid: [#"{"next":{"next":{}}}"#], invalid: [#"{"next":{"x":1}}"#]),
        KeywordVector(#"{"$id":"https://a.example/root","$ref":"sub","$defs":{"s":{"$id":"sub","type":"integer"}}}"#, valid: ["1"], invalid: ["null"]),
        KeywordVector(#"{"$ref":"ward.json#/$defs/code"}"#, valid: ["\"son-tra\""], invalid: ["\"Sơn Trà\"", "1"], references: ["ward.json": #"{"$defs":{"code":{"type":"string","pattern":"^[a-z-]+$"}}}"#]),
        KeywordVector(#"{"$id":"https://a.example/schemas/main","$ref":"person"}"#, valid: [#"{"n":1}"#], invalid: [#"{"n":"1"}"#], references: ["person-subject": #"{"$id":"https://a.example/schemas/person","properties":{"n":{"$ref":"n"}}}"#, "https://a.example/schemas/n": #"{"type":"integer"}"#]),
        KeywordVector(#"{"$ref":"https://json-schema.org/draft/2020-12/schema"}"#, valid: [#"{"minLength":1}"#, "true"], invalid: [#"{"minLength":-1}"#, #"{"properties":{"a":{"type":"int"}}}"#]),
        // A tree whose nodes are extended by a schema around it.
        KeywordVector(
            ##"{"$id":"https://a.example/strict","$dynamicAnchor":"node","$ref":"tree","unevaluatedProperties":false,"$defs":{"t":{"$id":"tree","$dynamicAnchor":"node","type":"object","properties":{"data":true,"children":{"items":{"$dynamicRef":"#node"}}}}}}"##,
            valid: [#"{"children":[{"data":1}]}"#], invalid: [#"{"children":[{"daat":1}]}"#, #"{"daat":1}"#]),
        KeywordVector(##"{"$dynamicRef":"#x","$defs":{"x":{"$dynamicAnchor":"x","type":"integer"}}}"##, valid: ["1"], invalid: ["\"1\""]),
    ]

    static let olderDrafts = [
        KeywordVector(#"{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}],"additionalItems":{"type":"integer"}}"#, valid: ["[\"a\",1]"], invalid: ["[\"a\",\"b\"]", "[1]"]),
        KeywordVector(##"{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a","maximum":1,"definitions":{"a":{"type":"integer"}}}"##, valid: ["7"], invalid: ["\"a\""]),
        KeywordVector(#"{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":["b"],"c":{"required":["d"]}}}"#, valid: [#"{"a":1,"b":1}"#, "{}"], invalid: [#"{"a":1}"#, #"{"c":1}"#]),
        KeywordVector(##"{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#a","definitions":{"x":{"$id":"#a","type":"null"}}}"##, valid: ["null"], invalid: ["1"]),
        KeywordVector(#"{"$schema":"http://json-schema.org/draft-07/schema#","unevaluatedProperties":false,"prefixItems":[false],"dependentRequired":{"a":["b"]}}"#, valid: ["[1]", #"{"a":1}"#]),
        KeywordVector(##"{"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://a.example/strict","$recursiveAnchor":true,"$ref":"tree","unevaluatedProperties":false,"$defs":{"t":{"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"tree","$recursiveAnchor":true,"properties":{"data":true,"children":{"items":{"$recursiveRef":"#"}}}}}}"##, valid: [#"{"children":[{"data":1}]}"#], invalid: [#"{"children":[{"daat":1}]}"#]),
        KeywordVector(#"{"$schema":"https://json-schema.org/draft/2019-09/schema","items":[{"type":"string"}],"unevaluatedItems":false}"#, valid: ["[\"a\"]"], invalid: ["[\"a\",1]"]),
    ]

    static let draft2019 = [
        (##"{"$ref":"#/$defs/a","maximum":3,"$defs":{"a":{"minimum":1}}}"##, ["2"], ["0", "4"]),
        (##"{"$ref":"#here","$defs":{"x":{"$anchor":"here","type":"integer"}}}"##, ["1"], ["null"]),
        (##"{"properties":{"a":{"$recursiveRef":"#"}},"additionalProperties":false}"##, [#"{"a":{"a":{}}}"#], [#"{"a":{"b":1}}"#]),
        (##"{"prefixItems":[false],"$dynamicRef":"#no"}"##, ["[1]"], []),
        (#"{"items":[{"type":"string"}],"additionalItems":{"type":"integer"},"unevaluatedItems":false}"#, [#"["a",1]"#], [#"["a","b"]"#]),
        (#"{"additionalItems":false}"#, ["[1]"], []),
        (#"{"contains":{"type":"integer"},"minContains":2,"maxContains":3}"#, ["[1,2]", "[1,2,3,null]"], ["[1]", "[1,2,3,4]"]),
        // What `contains` finds counts as evaluated from 2020-12 on.
        (#"{"contains":{"const":1},"unevaluatedItems":false}"#, ["1"], ["[1]"]),
        (#"{"dependentRequired":{"a":["b"]},"dependentSchemas":{"c":{"required":["d"]}}}"#, [#"{"a":1,"b":1}"#, "{}"], [#"{"a":1}"#, #"{"c":1}"#]),
        (#"{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":{"type":"null"}}"#, [#"{"a":1,"b":null}"#], [#"{"b":1}"#]),
        (#"{"if":{"minimum":5},"then":{"multipleOf":5},"else":{"const":1}}"#, ["10", "1"], ["6", "2"]),
        (#"{"propertyNames":{"pattern":"^a"},"minProperties":1,"maxProperties":1}"#, [#"{"ab":1}"#], ["{}", #"{"b":1}"#, #"{"a":1,"ab":2}"#]),
    ].map { KeywordVector(older("https://json-schema.org/draft/2019-09/schema", $0.0), valid: $0.1, invalid: $0.2) }

    static let draft7 = [
        (#"{"items":{"type":"integer"},"additionalItems":false}"#, ["[1,2]"], ["[null]"]),
        (#"{"items":[true],"additionalItems":false}"#, ["[1]", "[]"], ["[1,2]"]),
        (#"{"contains":{"const":1},"minContains":0,"maxContains":0}"#, ["[1]", "[2,1]"], ["[2]", "[]"]),
        (#"{"$id":"https://a.example/root","allOf":[{"$ref":"sub"}],"definitions":{"s":{"$id":"sub","type":"integer"}}}"#, ["1"], ["null"]),
        (##"{"properties":{"a":{"$ref":"#"}},"additionalProperties":false}"##, [#"{"a":{"a":{}}}"#], [#"{"a":{"b":1}}"#]),
        (#"{"if":{"minimum":5},"then":{"multipleOf":5},"else":{"const":1}}"#, ["10", "1"], ["6", "2"]),
        (#"{"propertyNames":{"maxLength":2},"patternProperties":{"^a":{"enum":[1,"x"]}}}"#, [#"{"a":1,"b":2}"#], [#"{"abc":1}"#, #"{"a":2}"#]),
        (#"{"oneOf":[{"const":null},{"type":"number","exclusiveMinimum":1,"exclusiveMaximum":2}],"not":{"const":1.5}}"#, ["null", "1.25"], ["1", "2", "1.5"]),
        (##"{"$recursiveRef":"#","unevaluatedItems":false,"dependentSchemas":{"a":false},"$dynamicRef":"#no"}"##, ["[1]", #"{"a":1}"#], []),
        (#"{"uniqueItems":true,"minItems":1,"maxItems":2}"#, ["[1,2]"], ["[]", "[1,1.0]", "[1,2,3]"]),
    ].map { KeywordVector(older("http://json-schema.org/draft-07/schema#", $0.0), valid: $0.1, invalid: $0.2) }

    private static func older(_ dialect: String, _ schema: String) -> String { "{\"$schema\":\"\(dialect)\",\(schema.dropFirst())" }

    static let vocabularies = [
        KeywordVector(
            #"{"$schema":"https://a.example/meta","properties":{"a":false},"minimum":5}"#, valid: ["1"], invalid: [#"{"a":1}"#],
            references: ["https://a.example/meta": #"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://a.example/meta","$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/core":true,"https://json-schema.org/draft/2020-12/vocab/applicator":true,"https://a.example/unknown":false}}"#])
    ]

    @Test("Combinations decide as the specification says", arguments: combinations)
    func checkCombinations(_ vector: KeywordVector) throws { try vector.check() }

    @Test("References lead where the specification says", arguments: references)
    func checkReferences(_ vector: KeywordVector) throws { try vector.check() }

    @Test("Older drafts keep their own meaning", arguments: olderDrafts + draft2019 + draft7)
    func checkOlderDrafts(_ vector: KeywordVector) throws { try vector.check() }

    @Test("Keywords of vocabularies that are not in force are ignored", arguments: vocabularies)
    func checkVocabularies(_ vector: KeywordVector) throws { try vector.check() }
}
