/// A `.proto` file compiled: its descriptors, and the flat program that checks payloads.
struct ProtobufProgram: SchemaProgram {
    let schema: ProtoSchema
    let wire: WireProgram
    let tables: ProtoJSONTables
    let taggedFields: [TaggedField]
    let codeLists: Set<CodeListName>

    init(compiling source: SchemaSource, options: SchemaOptions, codeList: (CodeListName) -> CodeList?) throws(SchemaError) {
        schema = try ProtoLinker.link(source)
        wire = try WireProgram(schema, options: options, codeList: codeList)
        tables = ProtoJSONTables(schema, messages: wire.messageNames)
        taggedFields = try schema.taggedFields()
        codeLists = Set(wire.codeTables.map(\.name))
    }

    var normalizedText: String { ProtoPrinter.text(of: schema, form: .normalized) }

    var canonicalText: String? { ProtoPrinter.text(of: schema, form: .canonical) }

    /// Readers give the file the name by which they asked for it.
    var serializedText: String? { ProtoBase64.encode(ProtoFileEncoder.encode(schema, name: "default")) }

    func violations(in payload: UnsafeRawBufferPointer, framing: PayloadFraming, violationsMax: Int) -> [Violation] {
        violations(in: payload, framing: framing, violationsMax: violationsMax, onlyUnreadable: false)
    }

    /// What keeps a payload from being read.
    func obstacle(in payload: UnsafeRawBufferPointer, framing: PayloadFraming) -> Violation? {
        violations(in: payload, framing: framing, violationsMax: 1, onlyUnreadable: true).first
    }

    private func violations(
        in payload: UnsafeRawBufferPointer, framing: PayloadFraming, violationsMax: Int, onlyUnreadable: Bool
    ) -> [Violation] {
        // An empty payload is a message with no field set, and has no address.
        guard let base = payload.baseAddress else {
            return withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { none in
                violations(
                    in: UnsafeRawBufferPointer(start: none.baseAddress, count: 0), framing: framing, violationsMax: violationsMax,
                    onlyUnreadable: onlyUnreadable)
            }
        }
        guard payload.count <= Int(UInt32.max) else {
            return [Violation(path: "", rule: "syntax", message: "a payload has at most \(UInt32.max) bytes")]
        }
        switch framing {
        case .plain:
            guard let first = wire.roots.first else { return [Self.noMessage] }
            return walk(Int(first.message), base, base + payload.count, violationsMax, onlyUnreadable)
        case .confluent:
            switch MessageIndexes.read(payload, roots: wire.roots) {
            case .message(let message, let start): return walk(Int(message), start, base + payload.count, violationsMax, onlyUnreadable)
            case .unreadable:
                return [Violation(path: "", rule: "message-index", message: "the payload does not begin with message indexes: a count and as many zigzag varints")]
            case .unknown:
                return [wire.roots.isEmpty ? Self.noMessage : Violation(path: "", rule: "message-index", message: "the message indexes name no message of the schema")]
            }
        }
    }

    static let noMessage = Violation(path: "", rule: "message-index", message: "the schema declares no message, only what others import")

    private func walk(
        _ message: Int, _ start: UnsafeRawPointer, _ end: UnsafeRawPointer, _ violationsMax: Int, _ onlyUnreadable: Bool
    ) -> [Violation] {
        wire.messages.withUnsafeBufferPointer { messages in
            wire.fields.withUnsafeBufferPointer { fields in
                wire.lookup.withUnsafeBufferPointer { lookup in
                    withUnsafeTemporaryAllocation(of: WireWalker.Frame.self, capacity: ProtoLimits.payloadDepthMax + 1) { frames in
                        // No table is empty where there is a message; the compiler cannot know it.
                        guard let messages = messages.baseAddress, let frames = frames.baseAddress else { return [] }
                        let empty = UnsafeRawPointer(messages)
                        var walker = WireWalker(
                            program: wire, messages: messages, fields: fields.baseAddress ?? empty.assumingMemoryBound(to: WireField.self),
                            lookup: lookup.baseAddress ?? empty.assumingMemoryBound(to: Int32.self), base: start, root: message,
                            frames: frames, violationsMax: max(1, violationsMax), onlyUnreadable: onlyUnreadable)
                        guard walker.walk(message, start, end, group: 0, depth: 0) != nil, walker.lacksRequired, !onlyUnreadable,
                            walker.violations.count < walker.violationsMax
                        else { return walker.violations }
                        var required = WireRequired(walker: walker, violationsMax: walker.violationsMax - walker.violations.count)
                        required.check(message, parts: [(start, end)], path: "")
                        return walker.violations + required.violations
                    }
                }
            }
        }
    }
}
