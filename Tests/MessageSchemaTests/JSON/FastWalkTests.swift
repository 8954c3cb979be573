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

    @Test("A word twice in an enumeration lets no other word in")
    func wordTwice() throws {
        for schema in [#"{"enum":[true,true]}"#, #"{"enum":[false,false,null]}"#] {
            for document in ["true", "false", "null"] {
                let verdict = try isFastAndValid(schema, document)
                #expect(!verdict.fast || verdict.valid, "\(schema) \(document)")
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
