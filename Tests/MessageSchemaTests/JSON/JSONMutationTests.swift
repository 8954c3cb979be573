import Testing

@testable import MessageSchema

/// Documents and schemas with random damage: nothing crashes, nothing takes long, and the fast walk never accepts what the evaluation
/// refuses. The seed is in the test's name; `Tests/Fuzzing` goes on from here without an end.
@Suite struct JSONMutationTests {
    static let schemas = [
        #"{"type":"object","properties":{"id":{"type":"string","pattern":"^[A-Z]{2}-[0-9]+$"},"n":{"type":"integer","minimum":-5,"maximum":1e3},"tags":{"type":"array","items":{"enum":["a","b","đ"]},"uniqueItems":true,"maxItems":4},"o":{"properties":{"x":{"type":["null","number"]}},"required":["x"]}},"required":["id"],"additionalProperties":false}"#,
        #"{"type":"object","additionalProperties":{"anyOf":[{"type":"string","maxLength":3},{"type":"array","contains":{"const":1}},{"not":{"type":"number"}}]}}"#,
        ##"{"properties":{"k":{"$ref":"#"},"v":{"oneOf":[{"multipleOf":3},{"multipleOf":2}]}},"patternProperties":{"^x":{"type":"boolean"}},"propertyNames":{"maxLength":4},"dependentRequired":{"v":["k"]}}"##,
        #"{"if":{"properties":{"s":{"const":"on"}}},"then":{"required":["why"]},"properties":{"why":{"minLength":1}},"unevaluatedProperties":{"type":"null"}}"#,
        #"{"prefixItems":[{"type":"string","format":"date-time"},{"minimum":0.5}],"items":{"type":"object","minProperties":1}}"#,
        "{}",
    ]

    static let documents = [
        #"{"id":"AB-12","n":-5,"tags":["a","đ"],"o":{"x":1.50}}"#, #"{ "id" : "AB-1", "n": 1.0e3, "tags": [], "o": {"x": null} }"#,
        #"{"p":"abc","q":[2,1],"r":true,"\u0073":"\ud83d\ude00"}"#, #"{"k":{"k":{}},"v":4,"x1":true}"#, #"{"s":"on","why":"vì mưa lớn","z":null}"#,
        #"["2026-11-20T08:15:00+07:00",0.5,{"a":1},{"b":[[]]}]"#, "-0.00e-12", #""Nguyễn Thị Ánh Tuyết, \n \"x\"""#,
    ]

    private static let pieces: [[UInt8]] = ["\"", "\\", "{", "}", "[", "]", ",", ":", "1", "0", "-", ".", "e", "null", "true", "\\u00e9", "\\ud800", " ", "\n", "\u{0}", "é", "\"id\":", "\"a\""].map { Array($0.utf8) } + [[0x80], [0xFF], [0xC3]]

    @Test("Damaged documents are refused or read, the same way by both", arguments: [UInt64(1), 2, 3, 4])
    func damagedDocuments(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let programs = try Self.schemas.map { try JSONSchemaProgram(compiling: SchemaSource(format: .json, text: $0), options: SchemaOptions()) { _ in nil } }
        var accepted = 0
        for _ in 0..<4000 {
            var document = Array((Self.documents.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) { Self.mutate(&document, &random) }
            for (program, schema) in zip(programs, Self.schemas) {
                document.withUnsafeBytes { bytes in
                    let violations = program.violationsByEvaluation(in: bytes, violationsMax: 5)
                    guard program.acceptsFast(bytes) else { return }
                    accepted += 1
                    #expect(violations == [], "seed \(seed): \(String(decoding: document, as: UTF8.self)) under \(schema)")
                }
            }
        }
        #expect(accepted > 1000)
    }

    @Test("Damaged schemas are refused or compiled", arguments: [UInt64(1), 2])
    func damagedSchemas(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<1500 {
            var schema = Array((Self.schemas.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&schema, &random) }
            guard let compiled = try? CompiledSchema(json: String(decoding: schema, as: UTF8.self)) else { continue }
            for document in Self.documents { _ = compiled.violations(in: document) }
            _ = compiled.incompatibilities(with: [compiled], at: .full)
        }
    }

    static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
        case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0..<8, using: &random)))
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + Int.random(in: 0..<12, using: &random))], at: place)
        }
    }
}
