import Testing

@testable import MessageSchema

/// The walk in one pass may leave a document to the evaluation; it may never accept what that refuses.
@Suite struct FastWalkTests {
    private func isFastAndValid(_ schema: String, _ document: String) throws -> (fast: Bool, valid: Bool) {
        let program = try JSONSchemaProgram(compiling: SchemaSource(format: .json, text: schema), options: SchemaOptions()) { _ in nil }
        return Self.ask(program, document)
    }

    private static func ask(_ program: JSONSchemaProgram, _ document: String) -> (fast: Bool, valid: Bool) {
        Array(document.utf8).withUnsafeBytes { bytes in
            (program.acceptsFast(bytes), program.violationsByEvaluation(in: bytes, violationsMax: 1).isEmpty)
        }
    }

    @Test(
        "Random documents under random schemas, many of them with a byte changed, are accepted in one pass only where the evaluation accepts them",
        arguments: [1, 2, 3, UInt64.random(in: 0 ... .max)])
    func neverMore(_ seed: UInt64) throws {
        var generator = JSONCaseGenerator(seed: seed)
        var accepted = 0
        var valid = 0
        for _ in 0..<400 {
            let schema = generator.rootSchema()
            let program = try JSONSchemaProgram(compiling: SchemaSource(format: .json, text: schema), options: SchemaOptions()) { _ in nil }
            for _ in 0..<40 {
                let document = generator.document()
                let verdict = Self.ask(program, document)
                if verdict.fast { accepted += 1 }
                if verdict.valid { valid += 1 }
                if verdict.fast, !verdict.valid { Issue.record("seed \(seed): \(schema) accepts \(document)") }
            }
        }
        // Most of what is valid takes the fast way, or the test would say nothing.
        #expect(accepted > valid / 2 && accepted > 1000, "\(accepted) of \(valid)")
    }

    @Test("A word twice in an enumeration lets no other word in")
    func wordTwice() throws {
        for schema in [#"{"enum":[true,true]}"#, #"{"enum":[false,false,null]}"#] {
            for document in ["true", "false", "null"] {
                let verdict = try isFastAndValid(schema, document)
                #expect(!verdict.fast || verdict.valid, "\(schema) \(document)")
            }
        }
    }

    @Test("The short way to a date's verdict is never another than the long one", arguments: [StringFormat.date, .dateTime])
    func dates(_ format: StringFormat) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<20_000 {
            var parts = [Int.random(in: 0...9999, using: &random)]
            parts += [13, 33, 25, 61, 62, 25, 61].map { Int.random(in: 0..<$0, using: &random) }
            let digits = parts.enumerated().map { "\($0.offset == 0 ? 10_000 + $0.element : 100 + $0.element)".dropFirst() }
            var text = digits[0] + "-" + digits[1] + "-" + digits[2]
            if format == .dateTime {
                text += "T" + digits[3] + ":" + digits[4] + ":" + digits[5]
                text += Bool.random(using: &random) ? "Z" : (Bool.random(using: &random) ? "+" : "-") + digits[6] + ":" + digits[7]
            }
            var bytes = Array(text.utf8)
            if Int.random(in: 0..<3, using: &random) == 0 {
                bytes[Int.random(in: bytes.indices, using: &random)] = Array("0:9-/Tt+Z.\u{80}".utf8).randomElement(using: &random) ?? 0
            }
            bytes.withUnsafeBytes { #expect(FastFormat.matches(format, $0) == format.matches($0), "seed \(seed): \(text)") }
        }
    }

    @Test("A code list of many texts holds those, and none beside them")
    func textSets() {
        var names = NameTable()
        let texts = (0..<5000).map { String(repeating: "x", count: $0 % 20) + "\($0)" } + [""]
        let set = FastTextSet(NameMap(texts.map { NameMap.Entry(name: names.index(of: Array($0.utf8)), value: 0) }, names), names)
        defer { set.deallocate() }
        for text in texts where !text.isEmpty {
            for (text, isIn) in [(text, true), (text + "y", false), ("y" + text, false)] {
                #expect(Array(text.utf8).withUnsafeBytes { set.contains($0) } == isIn, "\(text)")
            }
        }
    }

    @Test("At the deepest nesting `not`, `oneOf` and `if` judge as elsewhere")
    func deepest() throws {
        let schemas = [
            ##"{"properties":{"a":{"$ref":"#"},"b":{"not":{"type":"object"}}}}"##,
            ##"{"properties":{"a":{"$ref":"#"},"b":{"oneOf":[true,{"type":"object"}]}}}"##,
            ##"{"properties":{"a":{"$ref":"#"},"b":{"if":{"type":"object"},"then":false}}}"##,
            ##"{"properties":{"a":{"$ref":"#"},"b":{"allOf":[{"allOf":[{"not":{"minProperties":0,"type":"object"}}]}]}}}"##,
        ]
        for schema in schemas {
            for depth in SchemaLimits.depthMax - 4...SchemaLimits.depthMax {
                let document = String(repeating: "{\"a\":", count: depth - 1) + #"{"b":{}}"# + String(repeating: "}", count: depth - 1)
                #expect(try isFastAndValid(schema, document).fast == false, "\(schema) at \(depth)")
            }
        }
    }

    @Test("A chain of references as long as its bound allows is left to the evaluation")
    func longChain() throws {
        let length = SchemaLimits.sameValueDepthMax - 20
        let links = (0..<length).map { ##""d\##($0)":{"$ref":"#/$defs/d\##($0 + 1)"}"## }.joined(separator: ",")
        let schema = ##"{"$ref":"#/$defs/d0","$defs":{\##(links),"d\##(length)":{"type":"string"}}}"##
        let text = try isFastAndValid(schema, #""x""#)
        #expect(!text.fast && text.valid)
        let number = try isFastAndValid(schema, "1")
        #expect(!number.fast && !number.valid)
    }
}

/// Schemas and documents of few names and values, so that they meet often.
private struct JSONCaseGenerator {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    private mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
    private mutating func one(_ texts: [String]) -> String { texts[below(texts.count)] }
    private mutating func many(_ count: Int, _ make: (inout Self) -> String) -> String {
        (0..<count).map { _ in make(&self) }.joined(separator: ",")
    }

    private static let names = ["a", "b", "id", "name", "identifier", "xã", "a b", ""]
    private static let words = ["x", "xy", "Phường 1", "longer than eight", "2026-01-31", "a", "", "đ"]
    private static let numbers = ["0", "1", "-1", "2", "1.0", "1.5", "0.1", "1e1", "10", "-0", "123456789012345678901", "0.30"]
    private static let types = ["null", "boolean", "integer", "number", "string", "array", "object"]

    // MARK: schemas

    mutating func rootSchema() -> String {
        let definitions = (0..<3).map { "\"d\($0)\":\(schema(2, refers: false))" }.joined(separator: ",")
        let body = schema(3, refers: true)
        guard body.hasPrefix("{"), body != "{}" else { return body }
        return "{\"$defs\":{\(definitions)}," + body.dropFirst()
    }

    private mutating func schema(_ depth: Int, refers: Bool) -> String {
        if depth == 0 || below(8) == 0 { return one(["true", "{}", "false", #"{"type":"string"}"#, #"{"type":"integer"}"#, #"{"minimum":1}"#]) }
        var members: [String: String] = [:]
        for _ in 0..<1 + below(3) {
            let (keyword, value) = self.keyword(depth, refers)
            members[keyword] = value
        }
        return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    private mutating func keyword(_ depth: Int, _ refers: Bool) -> (String, String) {
        switch below(refers ? 34 : 33) {
        case 0...2: return ("type", "[" + Set([one(Self.types), one(Self.types), one(Self.types)]).sorted().map { "\"\($0)\"" }.joined(separator: ",") + "]")
        case 3: return ("const", scalar())
        case 4: return ("enum", "[" + many(1 + below(4)) { $0.scalar() } + "]")
        case 5: return ("minimum", one(Self.numbers))
        case 6: return ("exclusiveMaximum", one(Self.numbers))
        case 7: return ("multipleOf", one(["1", "0.5", "0.1", "3"]))
        case 8: return ("minLength", "\(below(3))")
        case 9: return ("maxLength", "\(below(9))")
        case 10: return ("pattern", one([#""^x""#, #""[0-9]""#, #""^.{1,2}$""#]))
        case 11: return ("format", #""date""#)
        case 12: return ("minItems", "\(below(2))")
        case 13: return ("maxItems", "\(below(4))")
        case 14: return ("uniqueItems", "true")
        case 15: return ("prefixItems", "[" + many(1 + below(2)) { $0.schema(depth - 1, refers: refers) } + "]")
        case 16: return ("items", schema(depth - 1, refers: refers))
        case 17: return ("contains", schema(depth - 1, refers: refers))
        case 18: return ("minProperties", "\(below(2))")
        case 19: return ("maxProperties", "\(below(5))")
        case 20: return ("required", "[\(name())]")
        case 21: return ("dependentRequired", "{\(name()):[\(name())]}")
        case 22...24:
            let named = Set((0..<1 + below(4)).map { _ in name() }).sorted()
            return ("properties", "{" + named.map { "\($0):\(schema(depth - 1, refers: refers))" }.joined(separator: ",") + "}")
        case 25: return ("patternProperties", "{" + one([#""^i""#, #""a""#, #""^.$""#]) + ":\(schema(depth - 1, refers: refers))}")
        case 26: return (one(["additionalProperties", "unevaluatedProperties"]), one(["false", schema(depth - 1, refers: refers)]))
        case 27: return ("propertyNames", schema(depth - 1, refers: refers))
        case 28: return (one(["allOf", "anyOf", "oneOf"]), "[" + many(1 + below(3)) { $0.schema(depth - 1, refers: refers) } + "]")
        case 29: return ("oneOf", "[" + many(2) { $0.schema(depth - 1, refers: refers) } + "]")
        case 30: return ("not", schema(depth - 1, refers: refers))
        case 31: return (one(["if", "then", "else"]), schema(depth - 1, refers: refers))
        case 32: return ("dependentSchemas", "{\(name()):\(schema(depth - 1, refers: refers))}")
        default: return ("$ref", "\"#/$defs/d\(below(3))\"")
        }
    }

    // MARK: documents

    mutating func document() -> String {
        let text = value(3)
        guard below(4) == 0 else { return text }
        // A byte more, less or another; the text stays UTF-8 where it was ASCII.
        var bytes = Array(text.utf8)
        let place = below(bytes.count)
        let other = Array(#""\{}[],:0e.-u x"#.utf8)[below(15)]
        switch below(3) {
        case 0: bytes[place] = other
        case 1: bytes.insert(other, at: place)
        default: bytes.remove(at: place)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func value(_ depth: Int) -> String {
        guard depth > 0, below(4) > 0 else { return scalar() }
        let space = below(5) == 0 ? " " : ""
        if below(3) == 0 { return "[" + space + many(below(4)) { $0.value(depth - 1) } + space + "]" }
        return "{" + many(below(4)) { $0.key() + space + ":" + space + $0.value(depth - 1) } + space + "}"
    }

    private mutating func scalar() -> String {
        switch below(8) {
        case 0: one(["null", "true", "false"])
        case 1...3: one(Self.numbers)
        case 4: #""\u0078""#
        default: "\"\(one(Self.words))\""
        }
    }

    private mutating func name() -> String { "\"\(one(Self.names))\"" }
    private mutating func key() -> String { below(40) == 0 ? #""\u0061""# : name() }
}
