/// Refuses every schema until the format is built.
struct JSONSchemaProgram: SchemaProgram {
    init(compiling source: SchemaSource, options: SchemaOptions, codeList: (CodeListName) -> CodeList?) throws(SchemaError) {
        throw SchemaError(at: "", "schemas of this format are not checked yet")
    }

    var taggedFields: [TaggedField] { [] }
    var codeLists: Set<CodeListName> { [] }
    var normalizedText: String { "" }
    func violations(in payload: UnsafeRawBufferPointer, framing: PayloadFraming, violationsMax: Int) -> [Violation] { [] }
    func obstacles(reading writer: any SchemaProgram) -> [Incompatibility] { [] }
}
