import Testing

@testable import MessageSchema

/// Each bound at it and one past it, and what wants to take for ever.
@Suite struct JSONLimitTests {
    private static func nested(_ depth: Int, _ open: String, _ close: String, inside: String = "") -> String {
        String(repeating: open, count: depth) + inside + String(repeating: close, count: depth)
    }

    @Test("A document nests as deep as the limit, and no deeper")
    func documentDepth() throws {
        let any = try CompiledSchema(json: "{}")
        let recursive = try CompiledSchema(json: ##"{"items":{"$ref":"#"},"additionalProperties":{"$ref":"#"},"unevaluatedItems":false}"##)
        for schema in [any, recursive] {
            #expect(schema.violations(in: Self.nested(SchemaLimits.depthMax, "[", "]")) == [])
            #expect(schema.violations(in: Self.nested(SchemaLimits.depthMax + 1, "[", "]")).map(\.rule) == ["depth"])
            #expect(schema.violations(in: Self.nested(100_000, "[", "]")).map(\.rule) == ["depth"])
            #expect(schema.violations(in: Self.nested(SchemaLimits.depthMax + 1, "{\"a\":", "}", inside: "1")).map(\.rule) == ["depth"])
        }
    }

    @Test("A schema nests as deep as the limit, and no deeper")
    func schemaDepth() throws {
        let levels = SchemaLimits.depthMax - 1
        let schema = try CompiledSchema(json: Self.nested(levels, "{\"items\":", "}", inside: "{\"type\":\"null\"}"))
        #expect(schema.violations(in: Self.nested(levels, "[", "]", inside: "null")) == [])
        #expect(schema.violations(in: Self.nested(levels, "[", "]", inside: "1")).map(\.rule) == ["type"])
        let error = #expect(throws: SchemaError.self) { try CompiledSchema(json: Self.nested(levels + 1, "{\"items\":", "}", inside: "{}")) }
        #expect(error?.message.contains("\(SchemaLimits.depthMax)") == true)
    }

    @Test("A chain of references over one value has as many links as the limit, and no more")
    func chain() throws {
        func chain(_ links: Int) -> String {
            let definitions = (0..<links - 1).map { "\"\($0)\":{\"$ref\":\"#/$defs/\($0 + 1)\"}" } + ["\"\(links - 1)\":{\"type\":\"null\"}"]
            return "{\"$ref\":\"#/$defs/0\",\"$defs\":{\(definitions.joined(separator: ","))}}"
        }
        let schema = try CompiledSchema(json: chain(SchemaLimits.sameValueDepthMax - 1))
        #expect(schema.violations(in: "null") == [])
        #expect(schema.violations(in: "1").map(\.rule) == ["type"])
        #expect(throws: SchemaError.self) { try CompiledSchema(json: chain(SchemaLimits.sameValueDepthMax)) }
        #expect(throws: SchemaError.self) { try CompiledSchema(json: chain(10_000)) }
    }

    @Test("Ten thousand references and a megabyte of values are taken in bounded time")
    func large() throws {
        let definitions = (0..<10_000).map { "\"d\($0)\":{\"maximum\":\($0)}" }
        let properties = (0..<10_000).map { "\"p\($0)\":{\"$ref\":\"#/$defs/d\($0)\"}" }
        let schema = try CompiledSchema(json: "{\"properties\":{\(properties.joined(separator: ","))},\"$defs\":{\(definitions.joined(separator: ","))}}")
        #expect(schema.violations(in: #"{"p9999":10000,"p1":1}"#).map(\.path) == ["/p9999"])

        let values = (0..<90_000).map { "\"v-\($0)\"" }
        let enumeration = try CompiledSchema(json: "{\"enum\":[\(values.joined(separator: ","))]}")
        #expect(enumeration.violations(in: "\"v-89999\"") == [])
        let violation = try #require(enumeration.violations(in: "\"v-90000\"").first)
        #expect(violation.rule == "enum" && violation.message.utf8.count < 300)
    }

    @Test("Alternatives within alternatives end at the bound of steps")
    func steps() throws {
        // Each level doubles the work: 2^40 ways.
        let definitions = (0..<40).map { "\"\($0)\":{\"oneOf\":[{\"$ref\":\"#/$defs/\($0 + 1)\"},{\"$ref\":\"#/$defs/\($0 + 1)\"}]}" }
        let schema = try CompiledSchema(json: "{\"$ref\":\"#/$defs/0\",\"$defs\":{\(definitions.joined(separator: ",")),\"40\":{\"type\":\"null\"}}}")
        #expect(schema.violations(in: "1").map(\.rule) == ["steps"])
        let inside = try CompiledSchema(json: "{\"not\":{\"anyOf\":[{\"$ref\":\"#/$defs/0\"}]},\"$defs\":{\(definitions.joined(separator: ",")),\"40\":{\"type\":\"null\"}}}")
        #expect(inside.violations(in: "1").map(\.rule) == ["steps"])
    }

    @Test("A schema may stand over itself as deep as the limit")
    func evaluationDepth() throws {
        // Five schemas for each level of the document.
        let schema = try CompiledSchema(json: ##"{"allOf":[{"allOf":[{"allOf":[{"items":{"$ref":"#"}}]}]}],"unevaluatedItems":{}}"##)
        #expect(schema.violations(in: Self.nested(150, "[", "]")) == [])
        #expect(schema.violations(in: Self.nested(SchemaLimits.depthMax, "[", "]")).map(\.rule) == ["steps"])
    }

    @Test("As many violations are named as were asked for, and each path has an end")
    func violations() throws {
        let schema = try CompiledSchema(json: #"{"items":{"type":"null"},"additionalProperties":{"type":"null"}}"#)
        let document = Array("[\((0..<100).map(String.init).joined(separator: ","))]".utf8)
        for most in [1, 7, SchemaLimits.violationsMax] {
            let paths = document.withUnsafeBytes { schema.violations(in: $0, violationsMax: most) }.map(\.path)
            #expect(paths == (0..<most).map { "/\($0)" })
        }
        let key = String(repeating: "ễ", count: 10_000)
        let path = try #require(schema.violations(in: "{\"\(key)\":1}").first?.path)
        #expect(path.hasSuffix("ễ…") && path.utf8.count <= SchemaLimits.pathBytesMax + 3)
    }

    @Test("Exponents and divisors have their bounds")
    func numbers() throws {
        let digits = String(repeating: "9", count: SchemaLimits.exponentDigitsMax)
        let any = try CompiledSchema(json: "{}")
        #expect(any.violations(in: "1e\(digits)") == [])
        #expect(any.violations(in: "1e9\(digits)").map(\.rule) == ["exponent"])
        let divisor = String(repeating: "7", count: SchemaLimits.divisorDigitsMax)
        #expect(try CompiledSchema(json: "{\"multipleOf\":\(divisor)}").violations(in: "\(divisor)0") == [])
        #expect(throws: SchemaError.self) { try CompiledSchema(json: "{\"multipleOf\":\(divisor)7}") }
    }

    @Test("A code list has as many codes as the limit, and no more")
    func codes() throws {
        func list(_ count: Int) -> String { "{\"enum\":[\((0..<count).map { "\"\(String($0, radix: 36))\"" }.joined(separator: ","))]}" }
        #expect(try CodeList(parsing: list(SchemaLimits.codesMax)).codes.count == SchemaLimits.codesMax)
        #expect(throws: SchemaError.self) { try CodeList(parsing: list(SchemaLimits.codesMax + 1)) }
    }

    @Test("Tags reached on countless paths are refused")
    func tags() {
        let definitions = (0..<40).map { "\"\($0)\":{\"properties\":{\"a\":{\"$ref\":\"#/$defs/\($0 + 1)\"},\"b\":{\"$ref\":\"#/$defs/\($0 + 1)\"}}}" }
        let error = #expect(throws: SchemaError.self) {
            try CompiledSchema(json: "{\"$ref\":\"#/$defs/0\",\"$defs\":{\(definitions.joined(separator: ",")),\"40\":{\"x-personal\":true}}}")
        }
        #expect(error?.message.contains("\(SchemaLimits.tagStepsMax)") == true)
    }
}
