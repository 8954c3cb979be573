/// The `.proto` text of the records that a plan lets be seen: without the fields that are nowhere shown, their numbers and names reserved.
///
/// Only the file itself is written anew; what it imports stays as it is, fields that are gone being absent there, which Protobuf allows. A
/// required field that is gone in some places is made optional.
struct ProtobufDerivedSchema {
    private struct Use {
        var isShown = false
        var isGone = false
        var isMasked = false
    }

    private let program: ProtobufProgram
    /// By full name of the message and number of the field.
    private var uses: [String: [Int32: Use]] = [:]
    private var isChanged = false

    /// - Returns: nil where nothing differs.
    static func text(_ plan: ProtobufPlan, _ program: ProtobufProgram) throws(ProjectionError) -> String? {
        var writer = ProtobufDerivedSchema(program: program)
        writer.collect(plan)
        try writer.judgeImports()
        var schema = program.schema
        let root = schema.root
        schema.files[0].messages = root.messages.map { writer.rewritten($0, in: root.package) }
        guard writer.isChanged else { return nil }
        schema.index()
        return ProtoPrinter.text(of: schema, form: .canonical)
    }

    private init(program: ProtobufProgram) { self.program = program }

    private mutating func collect(_ plan: ProtobufPlan) {
        for message in plan.messages where !message.isHidden {
            let name = program.wire.messageNames[Int(message.message)]
            for (position, wire) in program.wire.messages[Int(message.message)].fields.enumerated() {
                let field = plan.fields[Int(message.firstField) + position]
                var use = uses[name]?[program.wire.fields[wire].number] ?? Use()
                switch field.treatment {
                case .drop: use.isGone = true
                case .copy, .message: use.isShown = true
                case .mask:
                    use.isShown = true
                    use.isMasked = true
                }
                uses[name, default: [:]][program.wire.fields[wire].number] = use
            }
        }
    }

    /// What cannot be said without changing a file that others import too.
    private func judgeImports() throws(ProjectionError) {
        for (name, fields) in uses.sorted(by: { $0.key < $1.key }) {
            guard let definition = program.schema.messages[name], definition.file != 0 else { continue }
            for field in definition.element.fields {
                guard let use = fields[field.number] else { continue }
                if use.isGone, field.label == .required {
                    throw ProjectionError("\(name).\(field.name) is required in an imported file and cannot be dropped; mask it, or drop the field that holds it")
                }
                if use.isMasked, field.hasCodeList {
                    throw ProjectionError("\(name).\(field.name) has a code list in an imported file, and a masked value is none of its codes; drop it")
                }
            }
        }
    }

    private mutating func rewritten(_ message: ProtoMessage, in scope: String) -> ProtoMessage {
        let name = ProtoSchema.join(scope, message.name)
        var result = message
        var gone: [ProtoField] = []
        result.fields = []
        for field in message.fields {
            var field = field
            let use = uses[name]?[field.number] ?? Use(isShown: true)
            if use.isGone, !use.isShown {
                gone.append(field)
                continue
            }
            if use.isGone, field.label == .required {
                field.label = .optional
                isChanged = true
            }
            if use.isMasked, field.hasCodeList {
                field.removeCodeList()
                isChanged = true
            }
            result.fields.append(field)
        }
        result.messages = message.messages.map { inner in
            // An entry whose map is gone keeps its place among the messages, which message indexes count.
            if inner.isMapEntry, gone.contains(where: { $0.messageName == ProtoSchema.join(name, inner.name) }) { return ProtoMessage(name: inner.name) }
            return rewritten(inner, in: name)
        }
        guard !gone.isEmpty else { return result }
        isChanged = true
        result.reservedRanges += gone.map { ProtoRange(first: $0.number, last: $0.number) }
        result.reservedNames += gone.map { ProtoName(text: $0.name) }
        let kept = message.oneofs.indices.filter { oneof in result.fields.contains { $0.oneof == oneof } }
        result.oneofs = kept.map { message.oneofs[$0] }
        for index in result.fields.indices { result.fields[index].oneof = result.fields[index].oneof.flatMap { kept.firstIndex(of: $0) } }
        return result
    }
}

extension ProtoField {
    fileprivate var hasCodeList: Bool { (try? codeListName(in: "")) ?? nil != nil }

    fileprivate mutating func removeCodeList() {
        options.fields.removeAll { $0.isExtension && $0.name == "hanbridge.codelist" }
        for index in options.fields.indices where options.fields[index].name == "confluent.field_meta" {
            guard case .message(var meta) = options.fields[index].value else { continue }
            meta.removeAll { field in
                guard field.name == "params", case .message(let entry) = field.value else { return false }
                return entry.first { $0.name == "key" }?.value.text == "x-codelist"
            }
            options.fields[index].value = .message(meta)
        }
    }
}
