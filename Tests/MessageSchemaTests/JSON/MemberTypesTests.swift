import MessageSchema
import Testing

@Suite("What a schema says a member may be")
struct MemberTypesTests {
    private func types(_ properties: String, rest: String = "") throws -> (String) -> JSONTypeSet {
        let text = #"{"properties":{\#(properties)}\#(rest)}"#
        let schema = try CompiledSchema(compiling: SchemaSource(format: .json, text: text))
        return { schema.types(ofMember: $0) }
    }

    @Test("A type, a constant and an enumeration say it; what says nothing lets everything be")
    func words() throws {
        let types = try types(
            #""a":{"type":"integer"},"b":{"type":["string","null"]},"c":{"enum":["x","y"]},"d":{"const":true},"e":{"minimum":1},"f":false"#)
        #expect(types("a") == .integer)
        #expect(types("b") == [.string, .null])
        #expect(types("c") == .string)
        #expect(types("d") == .boolean)
        #expect(types("e") == .all)
        #expect(types("f") == [])
        #expect(types("unknown") == .all)
    }

    @Test("References and combinations are followed, circles too")
    func combinations() throws {
        let types = try types(
            ##""a":{"$ref":"#/$defs/dose"},"b":{"anyOf":[{"type":"string"},{"type":"integer"}]},"c":{"allOf":[{"type":["string","null"]},{"type":["string","array"]}]},"d":{"$ref":"#/$defs/loop"}"##,
            rest: ##","$defs":{"dose":{"type":"integer"},"loop":{"anyOf":[{"$ref":"#/$defs/loop2"}]},"loop2":{"properties":{"x":{"$ref":"#/$defs/loop"}}}},"allOf":[{"properties":{"g":{"type":"number"}}}]"##)
        #expect(types("a") == .integer)
        #expect(types("b") == [.string, .integer])
        #expect(types("c") == .string)
        #expect(types("d") == .all)
        #expect(types("g") == .number)
    }

    @Test("Alternatives that multiply are given up, and a table's columns are still told", .timeLimit(.minutes(1)))
    func bounded() throws {
        let depth = 8
        let definitions = (0..<depth).map { level in
            let references = Array(repeating: ##"{"$ref":"#/$defs/d\##(level + 1)"}"##, count: 40).joined(separator: ",")
            return #""d\#(level)":{"anyOf":[\#(references)]}"#
        }
        let text = ##"""
            {"properties":{"a":{"$ref":"#/$defs/d0"},"b":{"type":"integer"},"c":{"enum":["x","y"]}},
             "$defs":{\##(definitions.joined(separator: ",")),"d\##(depth)":{"type":"string"}}}
            """##
        let schema = try CompiledSchema(compiling: SchemaSource(format: .json, text: text))
        #expect(schema.types(ofMember: "a").isSuperset(of: .string))
        let columns = schema.columns
        #expect(columns?["a"]?.isSuperset(of: .string) == true)
        #expect(columns?["b"] == .integer && columns?["c"] == .string)
    }
}
