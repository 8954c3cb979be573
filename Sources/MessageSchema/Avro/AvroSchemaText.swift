/// The texts by which schemas are compared. All have the shortest form of JSON, and define a named type where it is first used.
struct AvroSchemaText {
    /// What a text keeps of a schema.
    private enum Form {
        /// Parsing Canonical Form (Avro 1.12): only what a reader of payloads needs.
        case parsing
        /// What Confluent's registry compares: everything, attributes in the order of the specification, properties in that of the text.
        case canonical
        /// What it compares under `normalize=true`: full names, properties and aliases sorted.
        case normalized
    }

    private let schema: AvroSchema
    private let form: Form
    private var text = ""
    private var written: Set<String>

    static func parsingCanonicalForm(_ schema: AvroSchema) -> String { text(of: schema, .parsing) }
    static func canonical(_ schema: AvroSchema) -> String { text(of: schema, .canonical) }
    static func normalized(_ schema: AvroSchema) -> String { text(of: schema, .normalized) }

    private static func text(of schema: AvroSchema, _ form: Form) -> String {
        var writer = AvroSchemaText(schema: schema, form: form)
        writer.write(schema.root, in: "")
        return writer.text
    }

    private init(schema: AvroSchema, form: Form) {
        self.schema = schema
        self.form = form
        // What a reference defines stays there.
        self.written = Set(schema.named.filter { schema.types[$0.value].isReferenced }.keys)
    }

    private mutating func write(_ index: Int, in namespace: String) {
        let type = schema.types[index]
        switch type.kind {
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string: writePrimitive(type)
        case .array(let items): writeContainer(type, "items", items, in: namespace)
        case .map(let values): writeContainer(type, "values", values, in: namespace)
        case .union(let branches):
            text += "["
            for (number, branch) in branches.enumerated() {
                if number > 0 { text += "," }
                write(branch, in: namespace)
            }
            text += "]"
        case .record, .enumeration, .fixed: writeNamed(type, in: namespace)
        }
    }

    private mutating func writePrimitive(_ type: AvroType) {
        guard form != .parsing, !type.properties.isEmpty else {
            text += "\"\(type.kind.word)\""
            return
        }
        text += "{\"type\":\"\(type.kind.word)\""
        writeProperties(type.properties)
        text += "}"
    }

    private mutating func writeContainer(_ type: AvroType, _ member: String, _ inner: Int, in namespace: String) {
        text += "{\"type\":\"\(type.kind.word)\",\"\(member)\":"
        write(inner, in: namespace)
        writeProperties(type.properties)
        text += "}"
    }

    private mutating func writeNamed(_ type: AvroType, in namespace: String) {
        guard let name = type.name else { return }
        guard written.insert(name.full).inserted else {
            // A name without a dot would be looked up in the namespace around it; Apache's parser finds it in the null namespace too.
            text += AvroSchemaText.quoted(form == .canonical && name.namespace == namespace ? name.simple : name.full)
            return
        }
        if form == .canonical {
            text += "{\"type\":\"\(type.kind.word)\",\"name\":\"\(name.simple)\""
            if name.namespace != namespace { text += ",\"namespace\":\"\(name.namespace)\"" }
            if let documentation = type.documentation { text += ",\"doc\":" + AvroSchemaText.quoted(documentation) }
        } else {
            text += "{\"name\":\"\(name.full)\",\"type\":\"\(type.kind.word)\""
            // Without a dot it would be taken for a name of the namespace around it. The specification's form lets that happen.
            if form == .normalized, name.namespace.isEmpty, !namespace.isEmpty { text += ",\"namespace\":\"\"" }
        }
        switch type.kind {
        case .record(let fields):
            text += ",\"fields\":["
            for (number, field) in fields.enumerated() {
                if number > 0 { text += "," }
                write(field, in: name.namespace)
            }
            text += "]"
        case .enumeration(let enumeration):
            text += ",\"symbols\":[" + enumeration.symbols.map { "\"\($0)\"" }.joined(separator: ",") + "]"
            if form != .parsing, let fallback = enumeration.fallback { text += ",\"default\":\"\(fallback)\"" }
        case .fixed(let size): text += ",\"size\":\(size)"
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .array, .map, .union: break
        }
        if form == .normalized, let documentation = type.documentation, !documentation.isEmpty {
            text += ",\"doc\":" + AvroSchemaText.quoted(documentation)
        }
        writeProperties(type.properties)
        writeAliases(type.aliases)
        text += "}"
    }

    private mutating func write(_ field: AvroField, in namespace: String) {
        text += "{\"name\":\"\(field.name)\",\"type\":"
        write(field.type, in: namespace)
        if form != .parsing {
            if let documentation = field.documentation { text += ",\"doc\":" + AvroSchemaText.quoted(documentation) }
            if let fallback = field.fallback { text += ",\"default\":" + fallback.text(sorted: false) }
            if let order = field.order { text += ",\"order\":\"\(order)\"" }
        }
        writeAliases(field.aliases)
        writeProperties(field.properties)
        text += "}"
    }

    private mutating func writeAliases(_ aliases: [String]) {
        guard form != .parsing, !aliases.isEmpty else { return }
        let ordered = form == .normalized ? Set(aliases).sorted() : aliases
        text += ",\"aliases\":[" + ordered.map(AvroSchemaText.quoted).joined(separator: ",") + "]"
    }

    private mutating func writeProperties(_ properties: [(name: String, value: AvroJSON)]) {
        guard form != .parsing else { return }
        let ordered = form == .normalized ? properties.sorted { $0.name < $1.name } : properties
        for (name, value) in ordered { text += "," + AvroSchemaText.quoted(name) + ":" + value.text(sorted: form == .normalized) }
    }

    /// A string of JSON with no more escapes than it needs.
    fileprivate static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                text += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

extension AvroJSON {
    /// - Parameter sorted: members by name.
    fileprivate func text(sorted: Bool) -> String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let text): Self.number(text)
        case .string(let text): AvroSchemaText.quoted(text)
        case .array(let items): "[" + items.map { $0.text(sorted: sorted) }.joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + (sorted ? members.sorted { $0.name < $1.name } : members)
                .map { AvroSchemaText.quoted($0.name) + ":" + $0.value.text(sorted: sorted) }.joined(separator: ",") + "}"
        }
    }

    /// 1e3 and 1000.0 are one number, as they are for the registry, which reads them into doubles.
    private static func number(_ text: String) -> String {
        guard text.utf8.contains(where: { ".eE".utf8.contains($0) }), let value = Double(text), value.isFinite else { return text }
        return "\(value)"
    }
}
