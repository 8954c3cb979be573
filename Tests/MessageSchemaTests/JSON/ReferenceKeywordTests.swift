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

    static let vocabularies = [
        KeywordVector(
            #"{"$schema":"https://a.example/meta","properties":{"a":false},"minimum":5}"#, valid: ["1"], invalid: [#"{"a":1}"#],
            references: ["https://a.example/meta": #"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://a.example/meta","$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/core":true,"https://json-schema.org/draft/2020-12/vocab/applicator":true,"https://a.example/unknown":false}}"#])
    ]

    @Test("Combinations decide as the specification says", arguments: combinations)
    func checkCombinations(_ vector: KeywordVector) throws { try vector.check() }

    @Test("References lead where the specification says", arguments: references)
    func checkReferences(_ vector: KeywordVector) throws { try vector.check() }

    @Test("Older drafts keep their own meaning", arguments: olderDrafts)
    func checkOlderDrafts(_ vector: KeywordVector) throws { try vector.check() }

    @Test("Keywords of vocabularies that are not in force are ignored", arguments: vocabularies)
    func checkVocabularies(_ vector: KeywordVector) throws { try vector.check() }
}
