import MessageSchema

/// libFuzzer's entry for Protobuf: the first bytes up to a zero are a `.proto` text, or a descriptor in base64, the rest is a payload of
/// its first message, or with message indexes in front. Neither may crash the reader, take long, or have a verdict that depends on how
/// many violations are asked for; a schema's texts and its descriptor must mean the same again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProtobuf(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: start, count: count)
    let end = input.firstIndex(of: 0) ?? count
    let text = String(decoding: UnsafeRawBufferPointer(rebasing: input[..<end]), as: UTF8.self)
    let payload = UnsafeRawBufferPointer(rebasing: input[min(end + 1, count)...])
    for unknownFields in SchemaOptions.UnknownFields.allCases {
        var options = SchemaOptions()
        options.unknownFields = unknownFields
        guard let schema = try? CompiledSchema(compiling: SchemaSource(format: .protobuf, text: text), options: options, codeList: codeList) else { return 0 }
        for framing in PayloadFraming.allCases {
            let violations = schema.violations(in: payload, framing: framing)
            precondition(violations.isEmpty == schema.violations(in: payload, framing: framing, violationsMax: 1).isEmpty)
            for text in [schema.canonicalText, schema.serializedText ?? ""] {
                guard let same = try? CompiledSchema(compiling: SchemaSource(format: .protobuf, text: text), options: options, codeList: codeList) else {
                    preconditionFailure("\(text) does not compile")
                }
                precondition(same.canonicalText == schema.canonicalText)
                precondition(same.violations(in: payload, framing: framing) == violations)
            }
        }
        _ = schema.incompatibilities(with: [schema], at: .full)
        _ = schema.taggedFields
    }
    return 0
}

private func codeList(_ name: CodeListName) -> CodeList? { CodeList(codes: ["hai-chau", "son-tra"]) }
