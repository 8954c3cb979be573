import Testing

@testable import MessageSchema

/// What a subscriber sees of a JSON document, case by case.
@Suite("Projections of JSON")
struct JSONProjectionTests {
    private static let vaccination = #"""
        {"type":"object","required":["citizenId","vaccine"],"additionalProperties":false,"properties":{
          "citizenId":{"type":"string","pattern":"^[0-9]{12}$","x-personal":true},
          "vaccine":{"type":"string"},"date":{"type":"string","format":"date"},"doses":{"type":"integer","minimum":1},
          "lot":{"type":["string","null"]},"confirmed":{"type":"boolean"},
          "address":{"type":"object","properties":{"ward":{"type":"string"},"street":{"type":"string","x-personal":true}},"additionalProperties":false},
          "items":{"type":"array","items":{"type":"object","properties":{"code":{"type":"string"},"price":{"type":"number"}},"additionalProperties":false}},
          "tags":{"type":"array","items":{"type":"string"}},
          "scores":{"type":"object","additionalProperties":{"type":"integer"}}}}
        """#

    private func expect(
        _ document: String, allow: [String]? = nil, mask: [String: FieldRules.Mask] = [:], where conditions: [String: [String]] = [:],
        under schema: String = Self.vaccination, is shown: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let result = try Shown.json(document, FieldRules(allow: allow, masks: mask, conditions: conditions), under: schema)
        #expect(result == shown, sourceLocation: location)
    }

    private static let record = #"{"citizenId":"048201012345","vaccine":"BCG","date":"2026-03-14"}"#

    @Test("Fields outside of the allow list are gone, wherever they stand in the document")
    func allowing() throws {
        try expect(Self.record, allow: ["vaccine"], is: #"{"vaccine":"BCG"}"#)
        try expect(Self.record, allow: ["citizenId"], is: #"{"citizenId":"048201012345"}"#)
        try expect(Self.record, allow: ["date"], is: #"{"date":"2026-03-14"}"#)
        try expect(Self.record, allow: ["citizenId", "date"], is: #"{"citizenId":"048201012345","date":"2026-03-14"}"#)
        try expect(Self.record, allow: [], is: "{}")
        try expect(" { \"date\" : \"2026-03-14\" , \"vaccine\":\"BCG\",\n\"citizenId\":\"048201012345\" } ", allow: ["vaccine"], is: "{ \"vaccine\":\"BCG\" }".replacing(" }", with: "}"))
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG","address":{"ward":"hai-chau","street":"12 Lê Lợi"}}"#, allow: ["address.ward"], is: #"{"address":{"ward":"hai-chau"}}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG","items":[{"code":"a","price":1},{"price":2.5},{}]}"#, allow: ["items.price"], is: #"{"items":[{"price":1},{"price":2.5},{}]}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG","scores":{"a":1,"b":2}}"#, allow: ["scores"], is: #"{"scores":{"a":1,"b":2}}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG","scores":{"a":1,"b":2}}"#, allow: ["/scores/*"], is: #"{"scores":{"a":1,"b":2}}"#)
    }

    @Test("drop takes a field out and leaves the rest as it was written")
    func dropping() throws {
        try expect(Self.record, mask: ["citizenId": .drop], is: #"{"vaccine":"BCG","date":"2026-03-14"}"#)
        try expect(Self.record, mask: ["vaccine": .drop], is: #"{"citizenId":"048201012345","date":"2026-03-14"}"#)
        try expect(Self.record, mask: ["date": .drop], is: #"{"citizenId":"048201012345","vaccine":"BCG"}"#)
        try expect(#"{"citizenId":"048201012345", "vaccine" : "BCG" , "doses" : 2 }"#, mask: ["vaccine": .drop], is: #"{"citizenId":"048201012345", "doses" : 2 }"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG","address":{"street":"x","ward":"y"}}"#, mask: ["address.street": .drop], is: #"{"citizenId":"048201012345","vaccine":"BCG","address":{"ward":"y"}}"#)
    }

    @Test("redact writes a constant of the type; null stays null")
    func redacting() throws {
        try expect(Self.record, mask: ["citizenId": .redact], is: #"{"citizenId":"***","vaccine":"BCG","date":"2026-03-14"}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG","doses":3,"confirmed":true}"#, mask: ["doses": .redact, "confirmed": .redact], is: #"{"citizenId":"048201012345","vaccine":"BCG","doses":0,"confirmed":false}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG","lot":null}"#, mask: ["lot": .redact], is: #"{"citizenId":"048201012345","vaccine":"BCG","lot":null}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG","tags":["x","y"]}"#, mask: ["tags": .redact], is: #"{"citizenId":"048201012345","vaccine":"BCG","tags":["***","***"]}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG","scores":{"a":5}}"#, mask: ["scores.*": .redact], is: #"{"citizenId":"048201012345","vaccine":"BCG","scores":{"a":0}}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG","items":[{"price":1e3}]}"#, mask: ["items.*.price": .redact], is: #"{"citizenId":"048201012345","vaccine":"BCG","items":[{"price":0}]}"#)
    }

    @Test("hash writes 32 hexadecimal digits, the same for the same text however it is escaped")
    func hashing() throws {
        let plain = try Shown.json(#"{"citizenId":"048201012345","vaccine":"BCG"}"#, FieldRules(allow: ["citizenId"], masks: ["citizenId": .hash]), under: Self.vaccination)
        let escaped = try Shown.json(#"{"citizenId":"\u0030482010\u003123\u00345","vaccine":"BCG"}"#, FieldRules(allow: ["citizenId"], masks: ["citizenId": .hash]), under: Self.vaccination)
        #expect(plain == escaped)
        let expected = try #require(Shown.key).code(of: Int64(48_201_012_345))
        #expect(plain.count == #"{"citizenId":""}"#.count + 32)
        let number = try Shown.json(#"{"citizenId":"048201012345","vaccine":"BCG","doses":48201012345}"#, FieldRules(allow: ["doses"], masks: ["doses": .hash]), under: Self.vaccination)
        #expect(number == #"{"doses":\#(expected.integer53)}"#)
        let uuid = try Shown.json(#"{"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8"}"#, FieldRules(masks: ["id": .hash]), under: #"{"properties":{"id":{"type":"string","format":"uuid"}}}"#)
        #expect(uuid.count == #"{"id":""}"#.count + 36 && uuid.dropFirst(7 + 14).first == "8")
    }

    @Test("last4 shows the last four characters of a text that has eight, escapes being characters")
    func lastFour() throws {
        try expect(Self.record, allow: ["citizenId"], mask: ["citizenId": .last4], is: #"{"citizenId":"****2345"}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"1234567"}"#, allow: ["vaccine"], mask: ["vaccine": .last4], is: #"{"vaccine":"****"}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"abcd\u0065\n\ud83d\ude00\""}"#, allow: ["vaccine"], mask: ["vaccine": .last4], is: #"{"vaccine":"****\u0065\n\ud83d\ude00\""}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"\u0061\u0062\u0063\u0064\u0065\u0066\u0067"}"#, allow: ["vaccine"], mask: ["vaccine": .last4], is: #"{"vaccine":"****"}"#)
    }

    @Test("year cuts dates; a text that is none is withheld")
    func years() throws {
        try expect(Self.record, allow: ["date"], mask: ["date": .year], is: #"{"date":"2026-01-01"}"#)
        try expect(#"{"citizenId":"1","vaccine":"BCG","date":"\u00320\u00326-03\u002d14"}"#, allow: ["date"], mask: ["date": .year], is: #"{"date":"2026-01-01"}"#)
        try expect(#"{"at":"2026-11-23T16:00:00+07:00"}"#, mask: ["at": .year], under: #"{"properties":{"at":{"type":"string","format":"date-time"}}}"#, is: #"{"at":"2026-01-01T00:00:00Z"}"#)
        try expect(#"{"citizenId":"048201012345","vaccine":"BCG"}"#, allow: ["vaccine"], mask: ["vaccine": .year], is: "withheld: unmaskable")
    }

    @Test("A record is shown where every field of `where` has one of its values")
    func rows() throws {
        let schema = #"{"properties":{"ward":{"type":"string"},"n":{"type":"number"},"on":{"type":["boolean","null"]},"a":{"type":"object","properties":{"b":{"type":"string"}}}}}"#
        func row(_ document: String, _ conditions: [String: [String]]) throws -> String {
            try Shown.json(document, FieldRules(conditions: conditions), under: schema)
        }
        #expect(try row(#"{"ward":"hai-chau","x":1}"#, ["ward": ["hai-chau", "son-tra"]]) == #"{"ward":"hai-chau","x":1}"#)
        #expect(try row(#"{"ward":"son-tr\u0061"}"#, ["ward": ["hai-chau", "son-tra"]]) == #"{"ward":"son-tr\u0061"}"#)
        #expect(try row(#"{"ward":"lien-chieu"}"#, ["ward": ["hai-chau", "son-tra"]]) == "hidden")
        #expect(try row(#"{}"#, ["ward": ["hai-chau"]]) == "hidden")
        #expect(try row(#"{"on":null}"#, ["on": ["null"]]) == "hidden")
        #expect(try row(#"{"on":true}"#, ["on": ["true"]]) == #"{"on":true}"#)
        #expect(try row(#"{"n":10.0}"#, ["n": ["10"]]) == #"{"n":10.0}"#)
        #expect(try row(#"{"n":1e1}"#, ["n": ["10"]]) == #"{"n":1e1}"#)
        #expect(try row(#"{"n":11}"#, ["n": ["10"]]) == "hidden")
        #expect(try row(#"{"a":{"b":"x"}}"#, ["a.b": ["x"]]) == #"{"a":{"b":"x"}}"#)
        #expect(try row(#"{"a":{"b":"y"}}"#, ["a.b": ["x"]]) == "hidden")
        #expect(try row(#"{"ward":"a","n":1}"#, ["ward": ["a"], "n": ["1"]]) == #"{"ward":"a","n":1}"#)
        #expect(try row(#"{"ward":"a","n":2}"#, ["ward": ["a"], "n": ["1"]]) == "hidden")
        // Two values for one field: nobody may choose.
        #expect(try row(#"{"ward":"a","w\u0061rd":"a"}"#, ["ward": ["a"]]) == "withheld: malformed")
        #expect(try row(#"{"ward":"a""#, ["ward": ["a"]]) == "withheld: malformed")
    }

    @Test("A condition may be on a field that is not shown")
    func hiddenConditions() throws {
        let document = #"{"citizenId":"048201012345","vaccine":"BCG","address":{"ward":"hai-chau","street":"x"}}"#
        try expect(document, allow: ["vaccine"], where: ["address.ward": ["hai-chau"]], is: #"{"vaccine":"BCG"}"#)
        try expect(document, allow: ["vaccine"], where: ["address.ward": ["son-tra"]], is: "hidden")
        try expect(document, mask: ["address": .drop], where: ["address.ward": ["hai-chau"]], is: #"{"citizenId":"048201012345","vaccine":"BCG"}"#)
        try expect(document, allow: ["citizenId"], mask: ["citizenId": .redact], where: ["citizenId": ["048201012345"]], is: #"{"citizenId":"***"}"#)
    }

    @Test("What the schema does not name is dropped under any restriction of fields, however its name is written")
    func unknownMembers() throws {
        let open = #"{"properties":{"name":{"type":"string"},"secret":{"type":"string"},"inner":{"type":"object","properties":{"a":{"type":"integer"}}}}}"#
        let document = #"{"x":"s1","name":"n","secret":"s2","s\u0065cret2":"s3","inner":{"a":1,"b":"s4"}}"#
        try expect(document, mask: ["secret": .drop], under: open, is: #"{"name":"n","inner":{"a":1}}"#)
        try expect(document, allow: ["name", "inner"], under: open, is: #"{"name":"n","inner":{"a":1}}"#)
        try expect(#"{"n\u0061me":"n","\u0073ecret":"s"}"#, mask: ["secret": .redact], under: open, is: #"{"n\u0061me":"n","\u0073ecret":"***"}"#)
        try expect(#"{"secret":"a","\u0073ecret":"b"}"#, mask: ["secret": .redact], under: open, is: "withheld: invalid")
    }

    @Test("Content that the schema does not describe is shown only where the allow list names it, or what holds it")
    func undescribed() throws {
        let schema = #"{"properties":{"name":{"type":"string"},"free":{"type":"object"},"any":{},"list":{"type":"array"},"secret":{"type":"string"}}}"#
        let document = #"{"name":"n","free":{"secret":"1"},"any":[{"secret":"2"}],"list":[3],"secret":"4"}"#
        try expect(document, mask: ["secret": .redact], under: schema, is: #"{"name":"n","secret":"***"}"#)
        try expect(document, allow: ["name", "free", "any", "list"], under: schema, is: #"{"name":"n","free":{"secret":"1"},"any":[{"secret":"2"}],"list":[3]}"#)
        let projection = try Shown.projection(FieldRules(masks: ["secret": .redact]), of: CompiledSchema(json: schema))
        #expect(projection.droppedFields == ["any", "free", "list"])
        #expect(projection.maskedFields == ["secret"])
    }

    @Test("A value that is not what the schema says is not shown, even where it is not masked")
    func otherTypes() throws {
        try expect(#"{"citizenId":{"a":"048201012345"},"vaccine":"BCG"}"#, mask: ["citizenId": .redact], is: "withheld: malformed")
        try expect(#"{"citizenId":["048201012345"],"vaccine":"BCG"}"#, mask: ["citizenId": .redact], is: "withheld: malformed")
        try expect(#"{"citizenId":"048201012345","vaccine":{"citizenId":"048201012345"}}"#, mask: ["citizenId": .redact], is: "withheld: malformed")
        try expect(#"{"citizenId":"048201012345"}"#, mask: ["citizenId": .redact], is: "withheld: invalid")
        try expect(#"{"citizenId":48201012345,"vaccine":"BCG"}"#, mask: ["citizenId": .hash], is: "withheld: malformed")
    }

    @Test("A path masks its field in every branch, through references, and in a schema that holds itself")
    func branches() throws {
        let branches = #"{"oneOf":[{"required":["a"],"properties":{"kind":{"const":"x"},"a":{"type":"string"}}},{"required":["b"],"properties":{"kind":{"const":"y"},"b":{"type":"string"}}}]}"#
        try expect(#"{"kind":"x","a":"s"}"#, mask: ["a": .redact], under: branches, is: #"{"kind":"x","a":"***"}"#)
        try expect(#"{"kind":"y","b":"s"}"#, mask: ["a": .redact], under: branches, is: #"{"kind":"y","b":"s"}"#)
        let people = ##"{"$ref":"#/$defs/person","$defs":{"person":{"type":"object","properties":{"name":{"type":"string"},"id":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/person"}}},"required":["id"],"additionalProperties":false}}}"##
        try expect(#"{"name":"A","id":"1","children":[{"name":"B","id":"2"}]}"#, mask: ["id": .drop, "children.id": .redact], under: people, is: #"{"name":"A","children":[{"name":"B","id":"***"}]}"#)
        let all = ##"{"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":{"type":"string"}}}],"if":{"properties":{"a":{"const":"x"}}},"then":{"properties":{"c":{"type":"string"}}},"unevaluatedProperties":false}"##
        try expect(#"{"a":"x","b":"s","c":"t"}"#, mask: ["b": .drop, "c": .redact], under: all, is: #"{"a":"x","c":"***"}"#)
    }

    @Test("Names that a document must write with escapes are found by their meaning")
    func escapedNames() throws {
        let schema = #"{"properties":{"a\"b":{"type":"string"},"c\nd":{"type":"string"},"e.f":{"type":"string"}}}"#
        try expect(#"{"a\"b":"s","c\u000ad":"t","e.f":"u"}"#, allow: ["c\nd"], under: schema, is: #"{"c\u000ad":"t"}"#)
        try expect(#"{"a\"b":"s","c\nd":"t","e.f":"u"}"#, mask: ["a\"b": .redact, "/e.f": .drop], under: schema, is: #"{"a\"b":"***","c\nd":"t"}"#)
    }

    @Test("Depth: a document at the limit is shown, one past it withheld")
    func depth() throws {
        let schema = try CompiledSchema(json: ##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"n":{"$ref":"#/$defs/n"},"s":{"type":"string"}}}}}"##)
        let projection = try Shown.projection(FieldRules(masks: ["s": .redact]), of: schema)
        func nested(_ levels: Int) -> [UInt8] { Array((String(repeating: #"{"n":"#, count: levels - 1) + "{}" + String(repeating: "}", count: levels - 1)).utf8) }
        #expect(projection.apply(nested(SchemaLimits.depthMax)).0 == .visible)
        #expect(projection.apply(nested(SchemaLimits.depthMax + 1)).0 == .withheld(.tooDeep))
        #expect(projection.apply(nested(100_000)).0 == .withheld(.tooDeep))
        let hidden = try Shown.projection(FieldRules(allow: ["s"]), of: schema)
        #expect(hidden.apply(nested(100_000)).0 == .withheld(.tooDeep))
    }
}
