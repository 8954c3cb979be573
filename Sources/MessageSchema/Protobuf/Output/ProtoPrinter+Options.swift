extension ProtoPrinter {
    mutating func print(_ options: ProtoOptions) {
        for text in texts(of: options) { line("option \(text);") }
    }

    func bracketed(_ texts: [String]) -> String {
        texts.isEmpty ? "" : " [\(texts.joined(separator: ", "))]"
    }

    /// `name = value`, in the order of the options' numbers.
    func texts(of options: ProtoOptions) -> [String] {
        options.fields.filter { $0.isExtension || $0.name != "map_entry" }.map { field in
            "\(field.isExtension ? "(.\(field.name))" : field.name) = \(text(of: field.value))"
        }
    }

    func optionTexts(of field: ProtoField) -> [String] {
        var result: [String] = []
        if let value = field.defaultValue {
            switch field.type {
            case .scalar(.string): result.append("default = \(ProtoEscapes.literal(Array(value.utf8)))")
            case .scalar(.bytes): result.append("default = \"\(value)\"")
            case .scalar, .enumeration, .named, .message, .group: result.append("default = \(value)")
            }
        }
        if let name = field.jsonName { result.append("json_name = \(ProtoEscapes.literal(Array(name.utf8)))") }
        return result + texts(of: field.options)
    }

    private func text(of value: ProtoOptionValue) -> String {
        switch value {
        case .identifier(let word): return word
        case .integer(let number): return "\(number)"
        case .negative(let number): return "-\(number)"
        case .float(let number): return ProtoParser.text(of: number)
        case .string(let bytes): return ProtoEscapes.literal(bytes)
        case .list(let values): return "[\(values.map { text(of: $0) }.joined(separator: ", "))]"
        case .message(let fields):
            let inner = fields.map { "\($0.isExtension ? "[\($0.name)]" : $0.name): \(text(of: $0.value))" }
            return inner.isEmpty ? "{ }" : "{ \(inner.joined(separator: ", ")) }"
        }
    }
}
