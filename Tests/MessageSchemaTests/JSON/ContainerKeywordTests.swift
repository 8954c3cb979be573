import Testing

@testable import MessageSchema

/// Keywords of arrays and objects.
@Suite struct ContainerKeywordTests {
    static let arrays = [
        KeywordVector(#"{"items":{"type":"integer"}}"#, valid: ["[]", "[1,2]", "{}", "\"x\""], invalid: ["[1,\"2\"]"]),
        KeywordVector(#"{"prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}"#, valid: ["[]", "[\"a\"]", "[\"a\",1]"], invalid: ["[1]", "[\"a\",1,null]"]),
        KeywordVector(#"{"prefixItems":[{"type":"string"}],"items":{"type":"null"}}"#, valid: ["[\"a\",null,null]"], invalid: ["[\"a\",1]"]),
        KeywordVector(#"{"minItems":1,"maxItems":2}"#, valid: ["[1]", "[1,2]", "{}"], invalid: ["[]", "[1,2,3]"]),
        KeywordVector(#"{"uniqueItems":true}"#, valid: ["[1,2,true]", "[[1],[2]]", "[]", "[\"a\",\"A\"]", "[0,false]", "[{\"a\":1},{\"a\":2}]"], invalid: ["[1,1.0]", "[\"a\",\"\\u0061\"]", "[{\"a\":1,\"b\":2},{\"b\":2.0,\"a\":1}]", "[null,null]", "[[\"x\"],[\"x\"]]"]),
        KeywordVector(#"{"contains":{"const":7}}"#, valid: ["[7]", "[1,7.0]", "\"no array\""], invalid: ["[]", "[1]"]),
        KeywordVector(#"{"contains":{"const":7},"minContains":2,"maxContains":3}"#, valid: ["[7,1,7]", "[7,7,7]"], invalid: ["[7]", "[7,7,7,7]"]),
        KeywordVector(#"{"contains":{"const":7},"minContains":0}"#, valid: ["[]", "[1]"]),
        KeywordVector(#"{"minContains":2}"#, valid: ["[]"]),
        KeywordVector(#"{"prefixItems":[true],"unevaluatedItems":false}"#, valid: ["[1]", "[]"], invalid: ["[1,2]"]),
        KeywordVector(#"{"contains":{"type":"string"},"unevaluatedItems":{"type":"integer"}}"#, valid: ["[\"a\",1]"], invalid: ["[\"a\",null]"]),
        KeywordVector(#"{"anyOf":[{"prefixItems":[true,{"const":"b"}]},{"prefixItems":[true,true,{"const":"c"}]}],"unevaluatedItems":false}"#, valid: ["[1,\"b\"]", "[1,2,\"c\"]", "[1]"], invalid: ["[1,\"b\",3]"]),
    ]

    static let objects = [
        KeywordVector(#"{"properties":{"a":{"type":"string"},"b":false}}"#, valid: ["{}", #"{"a":"x","c":1}"#, "[]"], invalid: [#"{"a":1}"#, #"{"b":1}"#]),
        KeywordVector(#"{"properties":{"a":{}},"additionalProperties":false}"#, valid: [#"{"a":1}"#, #"{"\u0061":1}"#], invalid: [#"{"b":1}"#, #"{"a":1,"A":1}"#]),
        KeywordVector(#"{"additionalProperties":{"type":"integer"}}"#, valid: [#"{"x":1,"y":2}"#], invalid: [#"{"x":"1"}"#]),
        KeywordVector(#"{"patternProperties":{"^x-":{"type":"string"},"d$":{"maxLength":1}},"additionalProperties":false}"#, valid: [#"{"x-a":"long","x-d":"1","d":"1"}"#], invalid: [#"{"x-d":"12"}"#, #"{"x-a":1}"#, #"{"y":1}"#]),
        KeywordVector(#"{"required":["a","b"]}"#, valid: [#"{"b":1,"a":2}"#, "[]"], invalid: [#"{"a":1}"#, "{}"]),
        KeywordVector(#"{"required":["__proto__","a\"b"]}"#, valid: [#"{"__proto__":1,"a\"b":2}"#], invalid: [#"{"__proto__":1}"#]),
        KeywordVector(#"{"minProperties":1,"maxProperties":2}"#, valid: [#"{"a":1}"#], invalid: ["{}", #"{"a":1,"b":2,"c":3}"#]),
        KeywordVector(#"{"propertyNames":{"maxLength":2,"pattern":"^[a-z]"}}"#, valid: [#"{"ab":1}"#, "{}"], invalid: [#"{"abc":1}"#, #"{"1":1}"#]),
        KeywordVector(#"{"dependentRequired":{"card":["address","name"]}}"#, valid: ["{}", #"{"card":1,"name":2,"address":3}"#], invalid: [#"{"card":1,"name":2}"#]),
        KeywordVector(#"{"dependentSchemas":{"a":{"required":["b"],"properties":{"b":{"type":"integer"}}}}}"#, valid: [#"{"b":"x"}"#, #"{"a":1,"b":2}"#], invalid: [#"{"a":1}"#, #"{"a":1,"b":"x"}"#]),
        KeywordVector(#"{"allOf":[{"properties":{"a":true}}],"properties":{"b":true},"unevaluatedProperties":false}"#, valid: [#"{"a":1,"b":2}"#], invalid: [#"{"c":1}"#]),
        KeywordVector(#"{"if":{"required":["a"],"properties":{"a":true}},"then":{"properties":{"b":true}},"else":{"properties":{"c":true}},"unevaluatedProperties":false}"#, valid: [#"{"a":1,"b":2}"#, #"{"c":1}"#], invalid: [#"{"a":1,"c":2}"#, #"{"b":1}"#]),
        KeywordVector(#"{"not":{"not":{"properties":{"a":true}}},"unevaluatedProperties":false}"#, valid: ["{}"], invalid: [#"{"a":1}"#]),
        KeywordVector(#"{"unevaluatedProperties":{"type":"string"},"properties":{"n":true}}"#, valid: [#"{"n":1,"x":"y"}"#], invalid: [#"{"x":1}"#]),
    ]

    @Test("Each keyword of arrays decides as the specification says", arguments: arrays)
    func checkArrays(_ vector: KeywordVector) throws { try vector.check() }

    @Test("Each keyword of objects decides as the specification says", arguments: objects)
    func checkObjects(_ vector: KeywordVector) throws { try vector.check() }
}
