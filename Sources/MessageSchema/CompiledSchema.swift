/// A schema that has been read, checked and turned into a program. Immutable: any thread may validate with it at any time.
public struct CompiledSchema: Sendable {
    public let source: SchemaSource
    let program: any SchemaProgram
    /// Codes of all lists that the schema names: it keeps a table of each.
    public let codeCount: Int
    /// What a schema that is derived from this one is compiled with.
    let options: SchemaOptions
    let listsByName: [CodeListName: CodeList]

    /// Reads a schema.
    /// - Parameter codeList: finds a list that the text names in `x-codelist`; nil where there is none.
    /// - Throws: with the place in the text and what is wrong there. Time and memory are bounded by `SchemaLimits`.
    public init(
        compiling source: SchemaSource, options: SchemaOptions = SchemaOptions(), codeList: (CodeListName) -> CodeList? = { _ in nil }
    ) throws(SchemaError) {
        try source.judgeSize()
        self.source = source
        var counts: [CodeListName: Int] = [:]
        var lists: [CodeListName: CodeList] = [:]
        let find = { (name: CodeListName) -> CodeList? in
            guard let list = codeList(name) else { return nil }
            counts[name] = list.codes.count
            lists[name] = list
            // Past the bound no more tables are made; the schema is refused below.
            return counts.values.reduce(0, +) <= SchemaLimits.codesPerSchemaMax ? list : CodeList(codes: [])
        }
        program =
            switch source.format {
            case .json: try JSONSchemaProgram(compiling: source, options: options, codeList: find)
            case .avro: try AvroProgram(compiling: source, options: options, codeList: find)
            case .protobuf: try ProtobufProgram(compiling: source, options: options, codeList: find)
            }
        codeCount = counts.values.reduce(0, +)
        self.options = options
        listsByName = lists
        guard codeCount <= SchemaLimits.codesPerSchemaMax else {
            throw SchemaError(at: "", "the code lists that a schema names have at most \(SchemaLimits.codesPerSchemaMax) codes together")
        }
    }

    /// Checks one payload, to its last byte.
    /// - Parameters:
    ///   - payload: the document without registry framing. For Protobuf under `.confluent` framing it begins with the message indexes.
    ///   - violationsMax: from 1; looking stops there. 1 is the cheapest way to a verdict.
    /// - Returns: nothing where the payload is valid.
    public func violations(
        in payload: UnsafeRawBufferPointer, framing: PayloadFraming = .plain, violationsMax: Int = SchemaLimits.violationsMax
    ) -> [Violation] {
        program.violations(in: payload, framing: framing, violationsMax: violationsMax)
    }

    /// Fields with `x-personal` or `x-sensitivity`, in the order of the text.
    public var taggedFields: [TaggedField] { program.taggedFields }

    /// The code lists that the schema names.
    public var codeLists: Set<CodeListName> { program.codeLists }

    /// What JSON Schema lets a member of the document be, as far as the schema says it in so many words; `.all` where it does not, and
    /// for other formats. A help for reading tables, no verdict.
    public func types(ofMember name: String) -> JSONTypeSet { program.types(ofMember: name) }

    /// The text with everything that has no meaning taken out: what two schemas are compared by under `normalize=true`
    /// (Confluent's Schema Registry API).
    public var normalizedText: String { program.normalizedText }

    /// The text in the form by which two schemas are compared without `normalize=true`: how it was spaced does not count, what
    /// it says does.
    public var canonicalText: String { program.canonicalText ?? source.text }

    /// For Protobuf the file's descriptor, a `FileDescriptorProto` in base64 (`format=serialized` in Confluent's Schema Registry API);
    /// nil for other formats. A Protobuf schema that was registered in this form has its text in `canonicalText`.
    public var serializedText: String? { program.serializedText }

    /// What keeps payloads written under `writer` from being read under this schema; both are of the same format.
    func obstacles(reading writer: CompiledSchema) -> [Incompatibility] {
        program.obstacles(reading: writer.program)
    }
}

/// How a payload stands in a record (INTERFACES.md, `hanbridge.schema.framing`).
public enum PayloadFraming: String, Hashable, Sendable, CaseIterable {
    /// Confluent's wire format: a magic byte of 0 and a schema id of four bytes, both taken off by the caller; for Protobuf message
    /// indexes follow.
    case confluent
    /// The bare document. For Protobuf it is the first message of the file.
    case plain
}

/// One format's compiled form.
protocol SchemaProgram: Sendable {
    init(
        compiling source: SchemaSource, options: SchemaOptions, codeList: (CodeListName) -> CodeList?
    ) throws(SchemaError)

    func violations(in payload: UnsafeRawBufferPointer, framing: PayloadFraming, violationsMax: Int) -> [Violation]
    var taggedFields: [TaggedField] { get }
    var codeLists: Set<CodeListName> { get }
    var normalizedText: String { get }
    /// nil: the text as it is.
    var canonicalText: String? { get }
    /// nil: the format has no form but its text.
    var serializedText: String? { get }
    func types(ofMember name: String) -> JSONTypeSet
    /// - Parameter writer: a program of the same type.
    func obstacles(reading writer: any SchemaProgram) -> [Incompatibility]
    func json(of payload: UnsafeRawBufferPointer, framing: PayloadFraming) throws(Violation) -> [UInt8]
    func payload(ofJSON document: [UInt8], framing: PayloadFraming) throws(Violation) -> [UInt8]
    var columns: [String: JSONTypeSet]? { get }
}

extension SchemaProgram {
    var canonicalText: String? { nil }
    var serializedText: String? { nil }
    func types(ofMember name: String) -> JSONTypeSet { .all }
}

extension SchemaSource {
    fileprivate func judgeSize() throws(SchemaError) {
        guard text.utf8.count <= SchemaLimits.textBytesMax else {
            throw SchemaError(at: "", "a schema has at most \(SchemaLimits.textBytesMax) bytes")
        }
        guard references.count <= SchemaLimits.referencesMax else {
            throw SchemaError(at: "", "a schema refers to at most \(SchemaLimits.referencesMax) others, directly or not")
        }
        guard references.reduce(text.utf8.count, { $0 + $1.text.utf8.count }) <= SchemaLimits.closureBytesMax else {
            throw SchemaError(at: "", "a schema and all that it refers to have at most \(SchemaLimits.closureBytesMax) bytes")
        }
    }
}
