/// An Avro schema, compiled.
struct AvroProgram: SchemaProgram {
    let schema: AvroSchema
    let codeLists: Set<CodeListName>
    let taggedFields: [TaggedField]
    private let code: AvroCode

    init(compiling source: SchemaSource, options: SchemaOptions, codeList: (CodeListName) -> CodeList?) throws(SchemaError) {
        let schema = try AvroSchemaParser.parse(source)
        var lists: [CodeListName: CodeList] = [:]
        for (name, place) in schema.codeLists where lists[name] == nil {
            guard let list = codeList(name) else { throw SchemaError(at: place + "/x-codelist", "there is no code list \(name)") }
            lists[name] = list
        }
        self.schema = schema
        self.codeLists = Set(lists.keys)
        self.taggedFields = try schema.taggedFields()
        self.code = AvroCompiler.compile(schema, codeLists: lists)
    }

    func violations(in payload: UnsafeRawBufferPointer, framing: PayloadFraming, violationsMax: Int) -> [Violation] {
        if run(payload, AvroVerdict()).isValid { return [] }
        return run(payload, AvroReport(code: code, violationsMax: violationsMax)).observer.violations
    }

    private func run<Observer: AvroObserver>(_ payload: UnsafeRawBufferPointer, _ observer: Observer) -> (isValid: Bool, observer: Observer) {
        code.instructions.withUnsafeBufferPointer { instructions in
            code.tables.withUnsafeBufferPointer { tables in
                payload.withMemoryRebound(to: UInt8.self) { payload in
                    var machine = AvroMachine(code, instructions: instructions, tables: tables, payload: payload, observer: observer)
                    return (machine.run(), machine.observer)
                }
            }
        }
    }

    var normalizedText: String { AvroSchemaText.normalized(schema) }

    var canonicalText: String? { AvroSchemaText.canonical(schema) }

    /// Avro 1.12, "Parsing Canonical Form": equal for two schemas under which the same bytes say the same.
    var parsingCanonicalForm: String { AvroSchemaText.parsingCanonicalForm(schema) }

    func obstacles(reading writer: any SchemaProgram) -> [Incompatibility] {
        guard let writer = writer as? AvroProgram else { return [] }
        return AvroResolution.obstacles(reader: schema, writer: writer.schema)
    }
}
