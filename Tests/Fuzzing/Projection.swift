@testable import MessageSchema

/// libFuzzer's entry for projections: the first byte chooses a schema with its rules, the rest is a payload. It may not crash the walk, what is
/// shown is valid, a second pass over it hides nothing more, and nothing of a marker is in it where every text is masked.
private struct Case {
    let projection: Projection
    /// No text is shown as it was published, so that the marker, which the corpus has in every text, is in none.
    let hidesTexts: Bool
    let shown: CompiledSchema
    /// The same rules over what is shown; nil where fields are gone that these name.
    let again: Projection?
}

/// Longer than what `last4` leaves. None of the schemas that hide every text can spell it in numbers: between two of these stands a masked text.
private let marker = Array("MARKER-0482-0101".utf8)

private let cases: [Case] = {
    let json = ##"{"type":"object","properties":{"s":{"type":"string"},"d":{"type":"string"},"n":{"type":["integer","null"]},"o":{"$ref":"#"},"l":{"type":"array","items":{"$ref":"#"}},"m":{"type":"object","additionalProperties":{"type":"string"}},"b":{"type":"boolean"}},"oneOf":[{"required":["s"]},{"required":["n"]}]}"##
    let avro = #"{"type":"record","name":"R","fields":[{"name":"s","type":"string"},{"name":"d","type":["null","string"]},{"name":"n","type":"long"},{"name":"o","type":["null","R"]},{"name":"l","type":{"type":"array","items":"R"}},{"name":"m","type":{"type":"map","values":"string"}},{"name":"b","type":"boolean"}]}"#
    let proto = #"syntax = "proto3"; message R { string s = 1; string d = 2; int64 n = 3; R o = 4; repeated R l = 5; map<string, string> m = 6; bool b = 7; repeated fixed64 f = 8; oneof c { string x = 9; R y = 10; } }"#
    // A branch that says nothing of `s`, a tuple, an array in the place of an object: whatever a document makes of them, no text of it is shown.
    let closedJSON = ##"{"type":"object","properties":{"s":{"type":"string"},"n":{"type":"integer"},"t":{"type":"array","prefixItems":[{"$ref":"#/$defs/i"}],"items":{"type":"object"}},"e":{"oneOf":[{"$ref":"#/$defs/i"},{"type":"array","items":{"type":"object"}}]}},"anyOf":[{"required":["a"],"properties":{"a":{"type":"integer"},"o":{"$ref":"#/$defs/i"},"l":{"type":"array","items":{"type":"integer"}}}},{}],"$defs":{"i":{"type":"object","properties":{"s":{"type":"string"},"b":{"type":"boolean"}}}}}"##
    let closedAvro = #"{"type":"record","name":"R","fields":[{"name":"s","type":"string"},{"name":"n","type":"long"},{"name":"o","type":["null",{"type":"record","name":"I","fields":[{"name":"s","type":["null","string"]},{"name":"t","type":"string"},{"name":"b","type":"boolean"}]}]},{"name":"l","type":{"type":"array","items":"I"}}]}"#
    let closedProto = #"syntax = "proto3"; message R { string s = 1; int64 n = 2; I o = 3; repeated I l = 4; oneof c { string x = 5; bool y = 6; } } message I { string s = 1; bool b = 2; }"#
    let closed: [(SchemaFormat, String, [String])] = [
        (.json, closedJSON, ["s", "t.s", "e.s", "o.s"]), (.avro, closedAvro, ["s", "o.s", "o.t", "l.s", "l.t"]), (.protobuf, closedProto, ["s", "o.s", "l.s", "x"]),
    ]
    let masks: [FieldRules.Mask] = [.redact, .hash, .last4, .year, .drop]
    let formats: [(SchemaFormat, String)] = [(.json, json), (.avro, avro), (.protobuf, proto)]
    guard let key = HashKey(Array("sixteen bytes, or more".utf8)) else { return [] }
    func cases(_ format: SchemaFormat, _ text: String, _ rules: [FieldRules], hidesTexts: Bool) -> [Case] {
        var options = SchemaOptions()
        options.unknownFields = .allowed
        guard let schema = try? CompiledSchema(compiling: SchemaSource(format: format, text: text), options: options) else { preconditionFailure("\(text) compiles") }
        return rules.compactMap { rules in
            guard let projection = try? Projection(rules, of: schema, hashKey: key) else {
                precondition(!hidesTexts, "\(rules) compile")
                return nil
            }
            guard let source = projection.derivedSchema else { return Case(projection: projection, hidesTexts: hidesTexts, shown: schema, again: projection) }
            guard let shown = try? CompiledSchema(compiling: source, options: options) else { preconditionFailure("a derived schema compiles") }
            return Case(projection: projection, hidesTexts: hidesTexts, shown: shown, again: nil)
        }
    }
    let closedCases = closed.flatMap { format, text, paths in
        [FieldRules.Mask.redact, .hash, .last4].flatMap { mask in
            let masked = Dictionary(uniqueKeysWithValues: paths.map { ($0, mask) })
            let names = Set(paths.map { String($0.prefix { $0 != "." }) })
            return cases(format, text, [FieldRules(masks: masked), FieldRules(allow: names.sorted() + ["n"], masks: masked)], hidesTexts: true)
        }
    }
    return closedCases + formats.flatMap { format, text in
        masks.flatMap { mask in
            let rules = [
                FieldRules(masks: ["s": mask, "o.d": mask, "l.s": mask]), FieldRules(allow: ["n", "o.s", "l.o.n", "m"]),
                FieldRules(allow: ["s"], masks: ["s": mask == .drop ? .redact : mask], conditions: ["n": ["1", "2"], "b": ["true"]]),
            ]
            return cases(format, text, rules, hidesTexts: false)
        }
    }
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProjection(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let input = UnsafeRawBufferPointer(start: start, count: count)
    let chosen = cases[Int(input[0]) % cases.count]
    let payload = UnsafeRawBufferPointer(rebasing: input[1...])
    for framing in PayloadFraming.allCases {
        var buffer = ProjectionBuffer()
        let verdict = chosen.projection.apply(payload, framing: framing, into: &buffer)
        precondition(verdict == .visible || buffer.count == 0)
        guard verdict == .visible else { continue }
        let output = buffer.withUnsafeBytes { Array($0) }
        precondition(output.withUnsafeBytes { chosen.shown.violations(in: $0, framing: framing) }.isEmpty)
        precondition(!chosen.hidesTexts || output.firstRange(of: marker) == nil, "a masked text is shown")
        var second = ProjectionBuffer()
        if let again = chosen.again {
            // What is masked twice is masked; and a hash or a year is still a text, or the date that it was.
            precondition(output.withUnsafeBytes { again.apply($0, framing: framing, into: &second) } != .withheld(.malformed))
        }
    }
    return 0
}
