import MessageSchema

/// libFuzzer's entry for Avro: the first bytes up to a zero are a schema, the rest is a payload of it. Neither may crash the reader,
/// take long, or have a verdict that depends on how many violations are asked for; a schema's texts must mean the same again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAvro(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: start, count: count)
    let end = input.firstIndex(of: 0) ?? count
    let text = String(decoding: UnsafeRawBufferPointer(rebasing: input[..<end]), as: UTF8.self)
    let payload = UnsafeRawBufferPointer(rebasing: input[min(end + 1, count)...])
    guard let schema = try? CompiledSchema(compiling: SchemaSource(format: .avro, text: text), codeList: codeList) else { return 0 }
    let violations = schema.violations(in: payload)
    precondition(violations.isEmpty == schema.violations(in: payload, violationsMax: 1).isEmpty)
    for text in [schema.canonicalText, schema.normalizedText] {
        guard let same = try? CompiledSchema(compiling: SchemaSource(format: .avro, text: text), codeList: codeList) else { preconditionFailure("\(text) does not compile") }
        precondition(same.normalizedText == schema.normalizedText)
        precondition(same.violations(in: payload) == violations)
    }
    _ = schema.incompatibilities(with: [schema], at: .full)
    return 0
}

private func codeList(_ name: CodeListName) -> CodeList? { CodeList(codes: ["hai-chau", "son-tra"]) }
