import Testing

@testable import MessageSchema

/// A schema with documents that it accepts and refuses.
struct KeywordVector: CustomTestStringConvertible, Sendable {
    let schema: String
    let valid: [String]
    let invalid: [String]
    var references: [String: String] = [:]

    init(_ schema: String, valid: [String] = [], invalid: [String] = [], references: [String: String] = [:]) {
        self.schema = schema
        self.valid = valid
        self.invalid = invalid
        self.references = references
    }

    var testDescription: String { String(schema.prefix(80)) }

    /// Both ways of checking must say so: the fast walk may only leave a document undecided.
    func check() throws {
        let source = SchemaSource(format: .json, text: schema, references: references.map { SchemaSource.Reference(name: $0.key, text: $0.value) })
        let program = try JSONSchemaProgram(compiling: source, options: SchemaOptions()) { _ in nil }
        for (documents, isValid) in [(valid, true), (invalid, false)] {
            for document in documents {
                let bytes = Array(document.utf8)
                let violations = bytes.withUnsafeBytes { program.violationsByEvaluation(in: $0, violationsMax: 20) }
                #expect(violations.isEmpty == isValid, "\(document): \(violations)")
                #expect(bytes.withUnsafeBytes { program.violations(in: $0, framing: .plain, violationsMax: 20) } == violations, "\(document)")
                #expect(!violations.contains { $0.message.isEmpty || $0.rule.isEmpty })
            }
        }
    }
}
