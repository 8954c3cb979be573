import Testing

@testable import MessageSchema

/// Ways in which a record could show more than the rules let it: by a branch that says nothing of a field, by content that nobody describes, by two
/// rules for one value, by two members of one name.
@Suite("What must not be seen through")
struct ProjectionLeakTests {
    private func expect(
        _ document: String, allow: [String]? = nil, mask: [String: FieldRules.Mask] = [:], where conditions: [String: [String]] = [:],
        under schema: String, is shown: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let result = try Shown.json(document, FieldRules(allow: allow, masks: mask, conditions: conditions), under: schema)
        #expect(result == shown, sourceLocation: location)
    }

    @Test("What an older version lacks is not shown where its records have it unnamed")
    func olderVersions() throws {
        func expect(_ rules: FieldRules, _ schema: String, is shown: String, _ location: SourceLocation = #_sourceLocation) throws {
            var rules = rules
            rules.mayLack = Set(rules.masks.keys).union(rules.allow ?? [])
            let document = #"{"ward":"w","citizenId":"0482","address":{"ward":"w","citizenId":"0482"}}"#
            let result = try Shown.json(document, rules, under: schema)
            #expect(result == shown, "\(schema): \(result)", sourceLocation: location)
        }
        func object(_ properties: String) -> String { #"{"type":"object","properties":{\#(properties)}}"# }
        let ward = #""ward":{"type":"string"}"#
        for mask in FieldRules.Mask.allCases {
            try expect(FieldRules(masks: ["citizenId": mask]), object(ward), is: #"{"ward":"w"}"#)
            let inside = FieldRules(allow: ["address"], masks: ["address.citizenId": mask])
            try expect(inside, object(#""address":\#(object(ward))"#), is: #"{"address":{"ward":"w"}}"#)
            for undescribed in [#"{"type":"object"}"#, "{}", "true"] { try expect(inside, object(#""address":\#(undescribed)"#), is: "{}") }
            try expect(inside, object(ward), is: "{}")
        }
    }

    private static let secret = #"{"citizenId":"048201012345"}"#

    /// Two branches of which only the first says what `a` is.
    private static func branches(_ a: String) -> String {
        #"{"oneOf":[{"required":["a"],"properties":{"kind":{"const":"x"},"a":\#(a)}},{"required":["b"],"properties":{"kind":{"const":"y"},"b":{"type":"string"}}}]}"#
    }

    @Test("A field that one branch describes is not copied where another branch lets it be anything")
    func branchesThatSayNothing() throws {
        let text = Self.branches(#"{"type":"string"}"#)
        try expect(#"{"kind":"y","b":"s","a":\#(Self.secret)}"#, mask: ["b": .redact], under: text, is: "withheld: malformed")
        try expect(#"{"kind":"y","b":"s","a":[\#(Self.secret)]}"#, mask: ["b": .redact], under: text, is: "withheld: malformed")
        try expect(#"{"kind":"x","a":"t","b":"s"}"#, mask: ["b": .redact], under: text, is: #"{"kind":"x","a":"t","b":"***"}"#)
        // The elements are as little described as what holds them.
        let list = Self.branches(#"{"type":"array","items":{"type":"string"}}"#)
        try expect(#"{"kind":"y","b":"s","a":[\#(Self.secret)]}"#, mask: ["b": .redact], under: list, is: "withheld: malformed")
        try expect(#"{"kind":"x","a":["t"]}"#, mask: ["b": .redact], under: list, is: #"{"kind":"x","a":["t"]}"#)
        // One branch alone refuses further members.
        let closed = Self.branches(#"{"type":"object","properties":{"ok":{"type":"string"}},"additionalProperties":false}"#)
        try expect(#"{"kind":"y","b":"s","a":\#(Self.secret)}"#, mask: ["b": .redact], under: closed, is: #"{"kind":"y","b":"***","a":{}}"#)
        try expect(#"{"kind":"x","a":{"ok":"t"}}"#, mask: ["b": .redact], under: closed, is: #"{"kind":"x","a":{"ok":"t"}}"#)
    }

    @Test("Nor where only a `then` describes it, which the schema of what is shown cannot ask for")
    func conditions() throws {
        let schema = #"{"properties":{"b":{"type":"string"}},"if":{"required":["c"]},"then":{"properties":{"a":{"type":"string"}}}}"#
        try expect(#"{"b":"s","a":\#(Self.secret)}"#, mask: ["b": .redact], under: schema, is: "withheld: malformed")
        let closed = #"{"properties":{"b":{"type":"string"}},"if":{"required":["c"]},"then":{"properties":{"a":{"type":"object","properties":{"ok":{"type":"string"}},"additionalProperties":false}}}}"#
        try expect(#"{"b":"s","a":\#(Self.secret)}"#, mask: ["b": .redact], under: closed, is: #"{"b":"***","a":{}}"#)
    }

    @Test("Nor under a name that no pattern finds")
    func patterns() throws {
        let schema = #"{"properties":{"b":{"type":"string"}},"patternProperties":{"^note_":{"type":"string"}},"required":["citizenId"]}"#
        let document = #"{"b":"s","note_a":"t","citizenId":"048201012345","\u006eote_b":"u","citizen\u0049d2":"048201012345"}"#
        try expect(document, mask: ["b": .redact], under: schema, is: #"{"b":"***","note_a":"t","\u006eote_b":"u"}"#)
        try expect(document, mask: ["b": .redact], under: schema.replacing("\"required\"", with: "\"additionalProperties\":{\"type\":\"string\"},\"required\""), is: document.replacing("\"s\"", with: "\"***\""))
    }

    @Test("Nor behind the places that a tuple names")
    func tuples() throws {
        // The schema of what is shown leaves `items` out, since the second place may be told apart.
        let schema = #"{"properties":{"b":{"type":"string"},"l":{"type":"array","prefixItems":[{"type":"object","properties":{"ok":{"type":"string"}}}],"anyOf":[{"prefixItems":[{},{}]}],"items":{"type":"object","properties":{"ok":{"type":"string"}},"additionalProperties":false}}}}"#
        try expect(#"{"b":"s","l":[{"ok":"t"},{"ok":"u"},\#(Self.secret)]}"#, mask: ["b": .redact], under: schema, is: #"{"b":"***","l":[{"ok":"t"},{"ok":"u"},{}]}"#)
    }

    @Test("A mask inside a field that `allow` names holds for all that the field may be")
    func namedContent() throws {
        for (mask, first) in [(FieldRules.Mask.redact, #"{"secret":"***"}"#), (.drop, "{}")] {
            let tuple = #"{"properties":{"a":{"type":"array","prefixItems":[{"type":"object","properties":{"secret":{"type":"string"}}}],"items":{"type":"object"}}}}"#
            try expect(#"{"a":[{"secret":"s"},{"secret":"t"}]}"#, allow: ["a"], mask: ["a.secret": mask], under: tuple, is: #"{"a":[\#(first),{}]}"#)
            let lists = #"{"properties":{"a":{"type":"array","prefixItems":[{"type":"object","properties":{"secret":{"type":"string"}}}],"items":{"type":"array"}}}}"#
            try expect(#"{"a":[{"secret":"s"},[{"secret":"t"}]]}"#, allow: ["a"], mask: ["a.secret": mask], under: lists, is: "withheld: unmaskable")
            let either = #"{"properties":{"a":{"oneOf":[{"type":"object","properties":{"secret":{"type":"string"}}},{"type":"array","items":{"type":"object"}}]}}}"#
            try expect(#"{"a":{"secret":"s"}}"#, allow: ["a"], mask: ["a.secret": mask], under: either, is: #"{"a":\#(first)}"#)
            try expect(#"{"a":[{"secret":"t"}]}"#, allow: ["a"], mask: ["a.secret": mask], under: either, is: #"{"a":[{}]}"#)
            let untyped = #"{"properties":{"a":{"oneOf":[{"type":"object","properties":{"secret":{"type":"string"}}},{"type":"array"}]}}}"#
            try expect(#"{"a":[{"secret":"t"}]}"#, allow: ["a"], mask: ["a.secret": mask], under: untyped, is: "withheld: unmaskable")
        }
    }

    @Test("One value has one mask, however its path is written")
    func twoMasks() throws {
        let message = "another mask is on the same value; keep one of them"
        let json = try CompiledSchema(json: #"{"properties":{"id":{"type":"string"},"l":{"type":"array","items":{"type":"string"}},"o":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string"}}}}}}"#)
        let avro = try MessageSchemaTests.avro(#"{"type":"record","name":"R","fields":[{"name":"id","type":["null","string"]},{"name":"l","type":{"type":"array","items":"string"}},{"name":"o","type":{"type":"array","items":{"type":"record","name":"I","fields":[{"name":"x","type":"string"},{"name":"y","type":"string"}]}}}]}"#)
        let proto = try Protobuf.compile(#"syntax = "proto3"; message M { string id = 1; repeated string l = 2; repeated I o = 3; } message I { string x = 1; }"#)
        for schema in [json, avro, proto] {
            #expect(Shown.problems(FieldRules(masks: ["/id": .drop, "id": .last4]), under: schema) == ["/id: \(message)", "id: \(message)"])
            #expect(Shown.problems(FieldRules(masks: ["l": .redact, "l.*": .last4]), under: schema) == ["l.*: \(message)"])
            #expect(Shown.problems(FieldRules(masks: ["o.x": .redact, "o.*.x": .last4]), under: schema) == ["o.*.x: \(message)", "o.x: \(message)"])
            #expect(Shown.problems(FieldRules(masks: ["id": .redact, "l.*": .last4, "o.x": .hash]), under: schema) == [])
        }
    }

    @Test("A condition does not choose between two members of one name, wherever on its path they stand")
    func duplicateParents() throws {
        let schema = #"{"properties":{"a":{"type":["object","null"],"properties":{"ward":{"type":"string"},"b":{"type":"object","properties":{"c":{"type":"string"}}}}},"n":{"type":"string"}}}"#
        for document in [
            #"{"a":{"ward":"hai-chau"},"a":{}}"#, #"{"a":{},"a":{"ward":"hai-chau"}}"#, #"{"a":{"ward":"hai-chau"},"\u0061":null}"#, #"{"a":null,"a":{"ward":"hai-chau"}}"#,
        ] {
            try expect(document, where: ["a.ward": ["hai-chau"]], under: schema, is: "withheld: malformed")
            try expect(document, allow: ["n"], where: ["a.ward": ["hai-chau"]], under: schema, is: "withheld: malformed")
            try expect(document, mask: ["n": .redact], where: ["a.ward": ["hai-chau"]], under: schema, is: "withheld: malformed")
        }
        try expect(#"{"a":{"b":{"c":"x"},"b":{},"ward":"w"}}"#, where: ["a.b.c": ["x"], "a.ward": ["w"]], under: schema, is: "withheld: malformed")
        try expect(#"{"a":{"b":{"c":"x"},"ward":"w"}}"#, where: ["a.b.c": ["x"], "a.ward": ["w"]], under: schema, is: #"{"a":{"b":{"c":"x"},"ward":"w"}}"#)
    }

    @Test("Items of an Avro array that would have no bytes left do not compile")
    func emptyItems() throws {
        let schema = try avro(
            #"{"type":"record","name":"R","fields":[{"name":"k","type":"string"},{"name":"l","type":{"type":"array","items":{"type":"record","name":"I","fields":[{"name":"x","type":"string"},{"name":"z","type":{"type":"record","name":"Z","fields":[{"name":"y","type":"string"}]}},{"name":"n","type":"null"}]}}}]}"#)
        let message = "nothing would be left of the items of l; show some field of them, or drop the field that holds them"
        #expect(Shown.problems(FieldRules(masks: ["l.x": .drop, "l.z": .drop]), under: schema) == [message])
        #expect(Shown.problems(FieldRules(masks: ["l.x": .drop, "l.z.y": .drop]), under: schema) == [message])
        #expect(Shown.problems(FieldRules(allow: ["l.n"]), under: schema) == [message])
        #expect(Shown.problems(FieldRules(masks: ["l.x": .drop, "l.z.y": .redact]), under: schema) == [])
        #expect(Shown.problems(FieldRules(masks: ["l": .drop]), under: schema) == [])
        #expect(Shown.problems(FieldRules(allow: ["k"]), under: schema) == [])
        // They had none before.
        let empty = try avro(#"{"type":"record","name":"R","fields":[{"name":"k","type":"string"},{"name":"l","type":{"type":"array","items":"null"}}]}"#)
        #expect(Shown.problems(FieldRules(masks: ["k": .redact]), under: empty) == [])
    }
}
