@testable import MessageSchema

/// libFuzzer's entry for JSON Schema: the bytes up to the first zero are a schema, the rest is a document. Neither may crash the reader or
/// take long; the one pass may accept nothing that the evaluation refuses; a normalised schema must mean the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: start, count: count)
    let end = input.firstIndex(of: 0) ?? count
    let text = String(decoding: UnsafeRawBufferPointer(rebasing: input[..<end]), as: UTF8.self)
    let document = UnsafeRawBufferPointer(rebasing: input[min(end + 1, count)...])
    guard let schema = program(text) else { return 0 }
    let violations = schema.violationsByEvaluation(in: document, violationsMax: SchemaLimits.violationsMax)
    precondition(!schema.acceptsFast(document) || violations.isEmpty)
    precondition(violations.isEmpty == schema.violations(in: document, framing: .plain, violationsMax: 1).isEmpty)
    guard let same = program(schema.normalizedText) else { preconditionFailure("\(schema.normalizedText) does not compile") }
    precondition(same.normalizedText == schema.normalizedText)
    precondition(same.violations(in: document, framing: .plain, violationsMax: 1).isEmpty == violations.isEmpty)
    _ = schema.obstacles(reading: same)
    return 0
}

private func program(_ text: String) -> JSONSchemaProgram? {
    try? JSONSchemaProgram(compiling: SchemaSource(format: .json, text: text), options: SchemaOptions()) { _ in CodeList(codes: ["hai-chau", "son-tra"]) }
}
