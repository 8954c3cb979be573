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

    func json(of payload: UnsafeRawBufferPointer, framing: PayloadFraming) throws(Violation) -> [UInt8] {
        if !run(payload, AvroVerdict()).isValid {
            let report = run(payload, AvroReport(code: code, violationsMax: 1, onlyUnreadable: true)).observer
            if let violation = report.violations.first { throw violation }
        }
        return try AvroDecoding.json(of: payload, schema)
    }

    func payload(ofJSON document: [UInt8], framing: PayloadFraming) throws(Violation) -> [UInt8] {
        try AvroEncoding.payload(of: try AvroJSON(parsing: document), schema)
    }

    var columns: [String: JSONTypeSet]? {
        guard case .record(let fields) = schema.types[schema.root].kind else { return nil }
        return Dictionary(fields.map { ($0.name, schema.column($0.type)) }, uniquingKeysWith: { first, _ in first })
    }
}

extension AvroSchema {
    /// What a value of the type is as JSON, written as people write it.
    fileprivate func column(_ type: Int) -> JSONTypeSet {
        switch types[type].kind {
        case .null: .null
        case .boolean: .boolean
        case .int, .long: .integer
        case .float, .double: .number
        case .bytes, .string, .enumeration, .fixed: .string
        case .record, .map: .object
        case .array: .array
        case .union(let branches): branches.reduce([]) { $0.union(column($1)) }
        }
    }
}
