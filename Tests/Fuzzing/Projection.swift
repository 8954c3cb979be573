@testable import MessageSchema

/// libFuzzer's entry for projections: the first byte chooses a schema with its rules, the rest is a payload. It may not crash the walk, what is
/// shown is valid, a second pass over it hides nothing more, and no masked text is in it: the schemas mask every text with a constant.
private struct Case {
    let projection: Projection
    let shown: CompiledSchema
    /// The same rules over what is shown; nil where fields are gone that these name.
    let again: Projection?
}

private let cases: [Case] = {
    let json = ##"{"type":"object","properties":{"s":{"type":"string"},"d":{"type":"string"},"n":{"type":["integer","null"]},"o":{"$ref":"#"},"l":{"type":"array","items":{"$ref":"#"}},"m":{"type":"object","additionalProperties":{"type":"string"}},"b":{"type":"boolean"}},"oneOf":[{"required":["s"]},{"required":["n"]}]}"##
    let avro = #"{"type":"record","name":"R","fields":[{"name":"s","type":"string"},{"name":"d","type":["null","string"]},{"name":"n","type":"long"},{"name":"o","type":["null","R"]},{"name":"l","type":{"type":"array","items":"R"}},{"name":"m","type":{"type":"map","values":"string"}},{"name":"b","type":"boolean"}]}"#
    let proto = #"syntax = "proto3"; message R { string s = 1; string d = 2; int64 n = 3; R o = 4; repeated R l = 5; map<string, string> m = 6; bool b = 7; repeated fixed64 f = 8; oneof c { string x = 9; R y = 10; } }"#
    let masks: [FieldRules.Mask] = [.redact, .hash, .last4, .year, .drop]
    let formats: [(SchemaFormat, String)] = [(.json, json), (.avro, avro), (.protobuf, proto)]
    guard let key = HashKey(Array("sixteen bytes, or more".utf8)) else { return [] }
    return formats.flatMap { format, text in
        masks.flatMap { mask -> [Case] in
            var options = SchemaOptions()
            options.unknownFields = .allowed
            guard let schema = try? CompiledSchema(compiling: SchemaSource(format: format, text: text), options: options) else { return [] }
            let rules = [
                FieldRules(masks: ["s": mask, "o.d": mask, "l.s": mask]), FieldRules(allow: ["n", "o.s", "l.o.n", "m"]),
                FieldRules(allow: ["s"], masks: ["s": mask == .drop ? .redact : mask], conditions: ["n": ["1", "2"], "b": ["true"]]),
            ]
            return rules.compactMap { rules in
                guard let projection = try? Projection(rules, of: schema, hashKey: key) else { return nil }
                guard let source = projection.derivedSchema else { return Case(projection: projection, shown: schema, again: projection) }
                guard let shown = try? CompiledSchema(compiling: source, options: options) else { preconditionFailure("a derived schema compiles") }
                return Case(projection: projection, shown: shown, again: nil)
            }
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
        var second = ProjectionBuffer()
        if let again = chosen.again {
            // What is masked twice is masked; and a hash or a year is still a text, or the date that it was.
            precondition(output.withUnsafeBytes { again.apply($0, framing: framing, into: &second) } != .withheld(.malformed))
        }
    }
    return 0
}
