/// A JSON Schema, compiled: 2020-12, 2019-09 or draft 7 by `$schema`, 2020-12 without one.
///
///   Text/         RFC 8259 over raw bytes: cursor, parser, exact numbers, equality
///   Source/       texts, URIs, dialects: what a schema can refer to
///   Program/      keywords → checks, nodes and tables
///   Fast/         one pass over the bytes, for nearly every valid document
///   Evaluation/   a document against a program, with every violation
///   Compatibility/ a schema against its earlier version
struct JSONSchemaProgram: SchemaProgram {
    let code: SchemaCode
    /// What the schema was read from, for comparing it with another version.
    let library: SchemaLibrary
    /// Where in it each node of the code stands.
    let locations: [SchemaLibrary.Location]
    private let codesByName: [CodeListName: Set<String>]
    /// nil where the schema needs more than one pass.
    private let fast: FastProgram?
    let taggedFields: [TaggedField]
    let codeLists: Set<CodeListName>
    let normalizedText: String

    init(compiling source: SchemaSource, options: SchemaOptions, codeList: (CodeListName) -> CodeList?) throws(SchemaError) {
        var compiler = try SchemaCompiler(source, options)
        code = try compiler.compile(codeList)
        fast = FastProgramBuilder.build(code)
        codeLists = compiler.tables.codeListNames
        taggedFields = try compiler.taggedFields()
        library = compiler.library
        locations = compiler.locations
        codesByName = Dictionary(compiler.tables.codeListNames.map { ($0, codeList($0)?.codes ?? []) }) { first, _ in first }
        let text = compiler.library.texts[0].document
        normalizedText = text.withView { String(decoding: JSONWriter.sortedText($0, 0), as: UTF8.self) }
    }

    func violations(in payload: UnsafeRawBufferPointer, framing: PayloadFraming, violationsMax: Int) -> [Violation] {
        acceptsFast(payload) ? [] : violationsByEvaluation(in: payload, violationsMax: violationsMax)
    }

    /// One pass says valid, or nothing.
    func acceptsFast(_ payload: UnsafeRawBufferPointer) -> Bool { fast?.accepts(payload) ?? false }

    /// The whole of JSON Schema, keyword by keyword, over the parsed document.
    func violationsByEvaluation(in payload: UnsafeRawBufferPointer, violationsMax: Int) -> [Violation] {
        var parser = JSONParser(payload)
        if let error = parser.parse() { return [Violation(path: error.path, rule: error.fault.rule, message: error.sentence)] }
        return parser.unescaped.withUnsafeBytes { unescaped in
            parser.items.withUnsafeBufferPointer { items in
                code.constants.withView { constants in
                    let view = JSONView(text: payload, unescaped: unescaped, items: items)
                    var evaluation = Evaluation(code, view, constants: constants, violationsMax: violationsMax)
                    return evaluation.run()
                }
            }
        }
    }

    func types(ofMember name: String) -> JSONTypeSet { code.types(ofMember: name) }

    func obstacles(reading writer: any SchemaProgram) -> [Incompatibility] {
        guard let writer = writer as? JSONSchemaProgram else { preconditionFailure("programs of one format are compared") }
        let codes = [writer.codesByName, codesByName]
        var comparison = CompatibilityComparison(old: writer.library, new: library) { codes[$0.version][$1] }
        return comparison.run()
    }

    /// Whatever it says, as it is, on one line.
    func json(of payload: UnsafeRawBufferPointer, framing: PayloadFraming) throws(Violation) -> [UInt8] {
        var parser = JSONParser(payload)
        if let error = parser.parse() { throw Violation(path: error.path, rule: error.fault.rule, message: error.sentence) }
        guard payload.contains(0x0A) || payload.contains(0x0D) else { return Array(payload) }
        return parser.unescaped.withUnsafeBytes { unescaped in
            parser.items.withUnsafeBufferPointer { JSONWriter.text(JSONView(text: payload, unescaped: unescaped, items: $0), 0) }
        }
    }

    func payload(ofJSON document: [UInt8], framing: PayloadFraming) throws(Violation) -> [UInt8] { document }

    var columns: [String: JSONTypeSet]? {
        let names = JSONColumns.names(in: library)
        return names.isEmpty ? nil : code.types(ofMembers: names)
    }
}
