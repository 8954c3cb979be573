/// Finds what the names in options mean, checks their values, and puts them into one form: the fields of the options message. The two
/// ways to write a custom option, `(a).b = 1` and `(a) = { b: 1 }`, become the same.
struct ProtoOptionInterpreter {
    let schema: ProtoSchema
    let symbols: ProtoSymbols
    let file: Int
    /// Where names in parentheses are searched from.
    let scope: String

    /// A message under construction.
    private final class Node {
        var entries: [(field: ProtoOptionField, node: Node?)] = []
        /// Where a field that occurs once stands in `entries`.
        var single: [Int32: Int] = [:]

        var fields: [ProtoOptionField] {
            entries.enumerated().sorted { ($0.element.field.number, $0.offset) < ($1.element.field.number, $1.offset) }.map { _, entry in
                var field = entry.field
                if let node = entry.node { field.value = .message(node.fields) }
                return field
            }
        }
    }

    /// - Parameter message: the full name of the options message.
    func interpret(_ options: inout ProtoOptions, as message: String) throws(SchemaError) {
        if !options.serialized.isEmpty {
            options.fields = try ProtoOptionCoding(schema: schema).decode(options.serialized[...], as: message, depth: 1, file: schema.files[file].name)
            if let name = options.fields.first(where: { $0.name == "features" || $0.name == "uninterpreted_option" })?.name {
                throw SchemaError(at: schema.files[file].name, "the option \(name) is not supported")
            }
            return
        }
        guard !options.written.isEmpty else { return }
        let root = Node()
        for option in options.written { try add(option, to: root, message: message) }
        options.fields = root.fields
    }

    private func add(_ option: ProtoOption, to root: Node, message: String) throws(SchemaError) {
        var node = root
        var message = message
        for (index, part) in option.parts.enumerated() {
            let (name, field) = try find(part.name, isExtension: part.isExtension, in: message, at: option.position)
            if index == option.parts.count - 1 {
                try set(name, field, isExtension: part.isExtension, to: option.value, in: node, at: option.valuePosition, inAggregate: false)
                return
            }
            guard let inner = field.messageName, field.label != .repeated else {
                throw error(option.position, "\(part.name) is no single message, so nothing inside it can be set by name")
            }
            if let known = node.single[field.number] {
                guard let next = node.entries[known].node else { throw error(option.position, "the option \(part.name) is set twice") }
                node = next
            } else {
                let next = Node()
                node.single[field.number] = node.entries.count
                node.entries.append((ProtoOptionField(name: name, isExtension: part.isExtension, number: field.number, value: .message([])), next))
                node = next
            }
            message = inner
        }
    }

    private func find(
        _ name: String, isExtension: Bool, in message: String, at position: ProtoPosition
    ) throws(SchemaError) -> (String, ProtoField) {
        if isExtension {
            guard case .found(let full, .extension) = symbols.find(name, in: scope, file: file, typesOnly: false),
                let field = schema.extensions[full]?.element
            else { throw error(position, "there is no option (\(name)) in this file or in one that it imports") }
            guard field.extendee?.text == message else { throw error(position, "(\(name)) extends \(field.extendee?.text ?? "another message"), not \(message)") }
            return (full, field)
        }
        guard let field = schema.messages[message]?.element.fields.first(where: { $0.name == name || $0.groupName == name }),
            name != "uninterpreted_option"
        else { throw error(position, "\(message) has no option or field \(name)\(Self.optionMessageHint(message))") }
        guard name != "features" else { throw error(position, "features are for editions, which are not supported") }
        return (field.name, field)
    }

    private static func optionMessageHint(_ message: String) -> String {
        ProtoChecker.optionMessages.contains(message) ? "; the name of a custom option stands in parentheses" : ""
    }

    private func set(
        _ name: String, _ field: ProtoField, isExtension: Bool, to value: ProtoOptionValue, in node: Node, at position: ProtoPosition,
        inAggregate: Bool
    ) throws(SchemaError) {
        if field.label != .repeated {
            guard node.single.updateValue(node.entries.count, forKey: field.number) == nil else {
                throw error(position, "the option \(name) is set twice")
            }
        }
        var entry = ProtoOptionField(name: name, isExtension: isExtension, number: field.number, value: value)
        guard let message = field.messageName else {
            entry.value = try judge(value, for: field, name: name, at: position, inAggregate: inAggregate)
            node.entries.append((entry, nil))
            return
        }
        guard case .message(let fields) = value else { throw error(position, "the option \(name) is a message; write its fields in braces") }
        let inner = Node()
        for item in fields {
            let (innerName, innerField) = try find(item.name, isExtension: item.isExtension, in: message, at: position)
            try set(innerName, innerField, isExtension: item.isExtension, to: item.value, in: inner, at: position, inAggregate: true)
        }
        entry.value = .message([])
        node.entries.append((entry, inner))
    }

    /// The value as it is kept: numbers of floating-point fields as such.
    private func judge(
        _ value: ProtoOptionValue, for field: ProtoField, name: String, at position: ProtoPosition, inAggregate: Bool
    ) throws(SchemaError) -> ProtoOptionValue {
        switch field.type {
        case .enumeration(let type):
            let values = schema.enums[type]?.element.values ?? []
            if case .identifier(let word) = value, values.contains(where: { $0.name == word }) { return value }
            if inAggregate, let number = value.int32, let known = values.first(where: { $0.number == number }) { return .identifier(known.name) }
            throw error(position, "the option \(name) is a value of enum \(type)")
        case .scalar(let scalar):
            guard let kept = scalar.judge(value, inAggregate: inAggregate) else { throw error(position, "the option \(name) takes a value of type \(scalar.word)") }
            return kept
        case .message, .group, .named:
            throw error(position, "the option \(name) is a message; write its fields in braces")
        }
    }

    private func error(_ position: ProtoPosition, _ message: String) -> SchemaError {
        position.error(in: schema.files[file].name, message)
    }
}

extension ProtoField {
    /// The full name of the message that it holds.
    var messageName: String? {
        switch type {
        case .message(let name), .group(let name): name
        case .scalar, .enumeration, .named: nil
        }
    }

    /// The text format calls a group by the name of its type.
    fileprivate var groupName: String? {
        if case .group(let name) = type { return String(name.split(separator: ".").last ?? "") }
        return nil
    }
}

extension ProtoOptionValue {
    var int32: Int32? {
        switch self {
        case .integer(let value): Int32(exactly: value)
        case .negative(let value): Int64(exactly: value).flatMap { Int32(exactly: -$0) }
        case .identifier, .float, .string, .message, .list: nil
        }
    }
}

extension ProtoScalar {
    fileprivate func judge(_ value: ProtoOptionValue, inAggregate: Bool) -> ProtoOptionValue? {
        switch (self, value) {
        case (.string, .string(let bytes)):
            return String(validating: bytes, as: UTF8.self) == nil ? nil : value
        case (.bytes, .string):
            return value
        case (.bool, .identifier(let word)):
            switch word {
            case "true", "false": return value
            case "t", "True": return inAggregate ? .identifier("true") : nil
            case "f", "False": return inAggregate ? .identifier("false") : nil
            default: return nil
            }
        case (.bool, .integer(let number)) where inAggregate && number < 2:
            return .identifier(number == 1 ? "true" : "false")
        case (.double, .integer(let number)): return .float(Double(number))
        case (.double, .negative(let number)): return .float(-Double(number))
        case (.double, .float): return value
        // What a descriptor keeps of it.
        case (.float, .integer(let number)): return .float(Double(Float(number)))
        case (.float, .negative(let number)): return .float(-Double(Float(number)))
        case (.float, .float(let number)): return .float(Double(Float(number)))
        case (.double, .identifier(let word)), (.float, .identifier(let word)):
            switch word {
            case "inf", "infinity": return .float(.infinity)
            case "nan": return .float(.nan)
            default: return nil
            }
        case (_, .integer(let number)):
            return integerRange.map { number <= $0.high } == true ? value : nil
        case (_, .negative(let number)):
            guard let range = integerRange, number <= range.low.magnitude, range.low < 0 || number == 0 else { return nil }
            return number == 0 ? .integer(0) : value
        default:
            return nil
        }
    }
}
