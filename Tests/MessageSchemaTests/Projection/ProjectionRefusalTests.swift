import Testing

@testable import MessageSchema

/// Rules that do not compile, with what the steward is told.
@Suite("Rules that cannot be held")
struct ProjectionRefusalTests {
    private static let json = #"{"type":"object","properties":{"s":{"type":"string"},"n":{"type":"number"},"i":{"type":"integer"},"b":{"type":"boolean"},"o":{"type":"object","properties":{"x":{"type":"string"}}},"l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string"}}}},"m":{"type":"object","additionalProperties":{"type":"object","properties":{"x":{"type":"string"}}}},"u":{"title":"untyped"}}}"#
    private static let avroText = #"{"type":"record","name":"R","fields":[{"name":"s","type":"string"},{"name":"i","type":"int"},{"name":"d","type":"double"},{"name":"e","type":{"type":"enum","name":"E","symbols":["a"]}},{"name":"f","type":{"type":"fixed","name":"F","size":4}},{"name":"r","type":["null",{"type":"record","name":"I","fields":[{"name":"x","type":"string"}]}]},{"name":"m","type":{"type":"map","values":"I"}},{"name":"t","type":{"type":"long","logicalType":"timestamp-millis"}}]}"#
    private static let proto = #"syntax = "proto3"; import "google/protobuf/timestamp.proto"; message M { string s = 1; int32 i = 2; double d = 3; I o = 4; map<string, I> m = 5; repeated string l = 6; google.protobuf.Timestamp t = 7; } message I { string x = 1; }"#

    private func expect(_ rules: FieldRules, json: [String]? = nil, avro: [String]? = nil, proto: [String]? = nil, _ location: SourceLocation = #_sourceLocation) throws {
        if let json { #expect(Shown.problems(rules, under: try CompiledSchema(json: Self.json)) == json, sourceLocation: location) }
        if let avro { #expect(Shown.problems(rules, under: try MessageSchemaTests.avro(Self.avroText)) == avro, sourceLocation: location) }
        if let proto { #expect(Shown.problems(rules, under: try Protobuf.compile(Self.proto)) == proto, sourceLocation: location) }
    }

    @Test("A field that the schema does not have")
    func unknownFields() throws {
        let message = "the schema has no such field"
        try expect(FieldRules(allow: ["s", "x"], masks: ["o.y": .drop]), json: ["x: \(message)", "o.y: \(message)"])
        try expect(FieldRules(allow: ["s.y"]), json: ["s.y: \(message)"], avro: ["s.y: \(message)"], proto: ["s.y: \(message)"])
        try expect(FieldRules(conditions: ["ward": ["x"]]), json: ["ward: \(message)"], avro: ["ward: \(message)"], proto: ["ward: \(message)"])
        let hint = "m is a map; write * for its values"
        try expect(FieldRules(allow: ["m.x"]), json: ["m.x: \(hint)"], avro: ["m.x: \(hint)"], proto: ["m.x: \(hint)"])
    }

    @Test("A mask that the type cannot carry")
    func masks() throws {
        try expect(FieldRules(masks: ["n": .hash]), json: ["n: `hash` is for texts and integers, and the field may be a number"])
        try expect(FieldRules(masks: ["i": .last4]), json: ["i: `last4` is for texts, and the field may be an integer"])
        try expect(FieldRules(masks: ["b": .year]), json: ["b: `year` is for texts that hold dates, and the field may be a boolean"])
        try expect(FieldRules(masks: ["o": .redact]), json: ["o: the field is an object; mask the fields in it, or drop it"])
        try expect(FieldRules(masks: ["u": .redact]), json: ["u: `redact` needs to know the field's type; give it one in the schema, or drop the field"])
        let hash = "`hash` is for strings, bytes, fixed of 8 to 32 bytes and longs without a logical type, and UUIDs, and the field is"
        try expect(FieldRules(masks: ["i": .hash, "f": .hash, "t": .hash]), avro: ["f: \(hash) a fixed", "i: \(hash) an int", "t: \(hash) a long (timestamp-millis)"])
        try expect(FieldRules(masks: ["e": .redact]), avro: ["e: `redact` is for values that have a constant of their type, an enum's being its default, and the field is an enum"])
        try expect(FieldRules(masks: ["r": .redact]), avro: ["r: the field is a record; mask the fields in it, or drop it"])
        try expect(FieldRules(masks: ["m": .redact]), avro: ["m: the field is a map; mask the fields in it, or drop it"], proto: ["m: the field is a map; mask the fields in it, or drop it"])
        try expect(FieldRules(masks: ["i": .hash]), proto: ["i: `hash` is for strings, bytes and integers of 64 bits, which the field is not"])
        try expect(FieldRules(masks: ["t": .redact]), proto: ["t: the field is a message; mask the fields in it, or drop it"])
    }

    @Test("A mask that has no effect, and a drop that would leave a hole")
    func holes() throws {
        let outside = "the mask is on a field that `allow` does not show; take the mask out, or add the field to `allow`"
        try expect(FieldRules(allow: ["s"], masks: ["i": .redact]), json: ["i: \(outside)"], avro: ["i: \(outside)"], proto: ["i: \(outside)"])
        let hole = "an element or a map's value cannot be dropped by itself; drop the field that holds them"
        try expect(FieldRules(masks: ["m.*": .drop]), json: ["m.*: \(hole)"], avro: ["m.*: \(hole)"], proto: ["m.*: \(hole)"])
        try expect(FieldRules(masks: ["l.*": .drop]), json: ["l.*: \(hole)"], proto: ["l.*: \(hole)"])
    }

    @Test("A condition on what a record has many times, or cannot be compared")
    func conditions() throws {
        let many = "`where` needs a field that a record has once; this one is in an array or a map"
        try expect(FieldRules(conditions: ["l.x": ["a"]]), json: ["l.x: \(many)"])
        try expect(FieldRules(conditions: ["m.*.x": ["a"]]), json: ["m.*.x: \(many)"], avro: ["m.*.x: \(many)"], proto: ["m.*.x: \(many)"])
        try expect(FieldRules(conditions: ["l": ["a"]]), proto: ["l: `where` needs a field that a record has once; this one is repeated"])
        try expect(FieldRules(conditions: ["o": ["a"]]), json: ["o: `where` compares a text, a number or a boolean; the schema lets this field be an object"])
        try expect(FieldRules(conditions: ["d": ["1"]]), avro: ["d: `where` compares texts, enums, booleans and integers, which a double is not"], proto: ["d: `where` compares texts, enums, booleans and integers, which the field is not"])
        try expect(FieldRules(conditions: ["s": []]), json: ["s: `where` names at least one value; without one no record is shown"])
    }

    @Test("hash without a key")
    func keys() throws {
        #expect(throws: ProjectionError(at: "s", "`hash` needs a secret key, and there is none")) {
            try Projection(FieldRules(masks: ["s": .hash]), of: CompiledSchema(json: Self.json))
        }
    }

    @Test("Schemas that lead somewhere else for each document cannot be projected")
    func dynamic() throws {
        let schema = try CompiledSchema(
            json: ##"{"$id":"https://a.example/r","$dynamicAnchor":"n","properties":{"s":{"type":"string"},"t":{"$ref":"l"}},"$defs":{"l":{"$id":"l","$dynamicAnchor":"n","properties":{"x":{"$dynamicRef":"#n"}}}}}"##)
        #expect(Shown.problems(FieldRules(masks: ["s": .drop]), under: schema) == [])
        #expect(Shown.problems(FieldRules(allow: ["t"]), under: schema) == ["a schema with $dynamicRef or $recursiveRef that leads to several schemas cannot be projected; refer by $ref"])
    }

    @Test("A required field in a file that others import cannot be dropped")
    func imports() throws {
        let schema = try Protobuf.compile(
            #"syntax = "proto2"; import "p.proto"; message M { optional P p = 1; }"#, references: [("p.proto", #"syntax = "proto2"; message P { required string id = 1; optional string x = 2; }"#)])
        #expect(Shown.problems(FieldRules(masks: ["p.id": .drop]), under: schema) == ["P.id is required in an imported file and cannot be dropped; mask it, or drop the field that holds it"])
        #expect(Shown.problems(FieldRules(masks: ["p.x": .drop]), under: schema) == [])
    }

    @Test("Limits, at each and one past it")
    func limits() throws {
        let names = (0..<FieldRules.Limits.pathsMax + 1).map { "f\($0)" }
        let properties = names.map { #""\#($0)":{"type":"string"}"# }.joined(separator: ",")
        let schema = try CompiledSchema(json: "{\"properties\":{\(properties)}}")
        #expect(Shown.problems(FieldRules(allow: Array(names.dropLast())), under: schema) == [])
        #expect(Shown.problems(FieldRules(allow: names), under: schema) == ["rules have at most 1000 paths"])
        let conditions = Dictionary(uniqueKeysWithValues: names.prefix(33).map { ($0, ["x"]) })
        #expect(Shown.problems(FieldRules(conditions: conditions.filter { $0.key != "f0" }), under: schema) == [])
        #expect(Shown.problems(FieldRules(conditions: conditions), under: schema) == ["`where` has at most 32 fields"])
        let values = (0...FieldRules.Limits.valuesMax).map { "\($0)" }
        #expect(Shown.problems(FieldRules(conditions: ["f1": Array(values.dropLast())]), under: schema) == [])
        #expect(Shown.problems(FieldRules(conditions: ["f1": values]), under: schema) == ["f1: a field in `where` has at most 1000 values"])
        let long = String(repeating: "x", count: FieldRules.Limits.valueBytesMax)
        #expect(Shown.problems(FieldRules(conditions: ["f1": [long]]), under: schema) == [])
        #expect(Shown.problems(FieldRules(conditions: ["f1": [long + "x"]]), under: schema) == ["f1: a value in `where` has at most 1024 bytes"])
        let name = String(repeating: "n", count: FieldRules.Limits.pathBytesMax)
        #expect(Shown.problems(FieldRules(allow: [name]), under: schema) == ["\(name): the schema has no such field"])
        #expect(Shown.problems(FieldRules(allow: [name + "n"]), under: schema) == ["\(name)n: a path has at most 512 bytes"])
        let deep = Array(repeating: "a", count: FieldRules.Limits.pathNamesMax).joined(separator: ".")
        #expect(Shown.problems(FieldRules(allow: [deep]), under: schema) == ["\(deep): the schema has no such field"])
        #expect(Shown.problems(FieldRules(allow: [deep + ".a"]), under: schema) == ["\(deep).a: a path has at most 32 names"])
        for path in ["", ".", "a.", ".a", "a..b"] {
            #expect(Shown.problems(FieldRules(allow: [path]), under: schema) == [ProjectionError.Problem(path: path, message: "a path is made of names joined by dots, such as address.ward; none of them is empty").description])
        }
    }

    @Test("Rules that tell too many places apart are refused before they are all made")
    func places() throws {
        let schema = try CompiledSchema(json: ##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"a":{"$ref":"#/$defs/n"},"b":{"$ref":"#/$defs/n"}}}}}"##)
        // No two of them share more than their first names.
        let paths = (0..<1000).map { number in (0..<32).map { number >> ($0 % 10) & 1 == 0 ? "a" : "b" }.joined(separator: ".") }
        #expect(Shown.problems(FieldRules(allow: paths), under: schema) == ["the rules tell more places of a record apart than can be kept; name fewer fields, nearer to the root"])
        #expect(Shown.problems(FieldRules(allow: Array(paths.prefix(20))), under: schema) == [])
    }

    @Test("Tagged fields that a subscriber sees as they were published are told")
    func tags() throws {
        let schema = try CompiledSchema(
            json: #"{"properties":{"id":{"type":"string","x-personal":true},"name":{"type":"string","x-personal":true},"l":{"type":"array","items":{"type":"object","properties":{"p":{"type":"string","x-sensitivity":"high"}}}},"a":{"type":"string"}}}"#)
        func exposed(_ rules: FieldRules) throws -> [String] { try Shown.projection(rules, of: schema).exposedTaggedFields.map(\.path) }
        #expect(try exposed(FieldRules(masks: ["a": .drop])) == ["/id", "/name", "/l/*/p"])
        #expect(try exposed(FieldRules(masks: ["id": .hash, "name": .drop, "l.p": .redact])) == [])
        #expect(try exposed(FieldRules(allow: ["a", "name"], masks: ["name": .last4])) == [])
        #expect(try exposed(FieldRules(allow: ["l", "name"])) == ["/name", "/l/*/p"])
        #expect(try exposed(FieldRules(masks: ["l": .drop])) == ["/id", "/name"])
        #expect(try exposed(FieldRules(conditions: ["a": ["x"]])) == ["/id", "/name", "/l/*/p"])
    }
}
