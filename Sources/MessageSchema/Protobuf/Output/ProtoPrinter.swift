/// Writes a linked file as `.proto` text in one form: full type names, interpreted options, no comments. Whatever it writes means the same
/// when it is read again; message indexes too.
struct ProtoPrinter {
    enum Form {
        /// Elements in the order in which they stand.
        case canonical
        /// Imports, fields, ranges and reserved names sorted as well: their order has no meaning.
        case normalized
    }

    let schema: ProtoSchema
    let form: Form
    var lines: [String] = []
    var indent = ""

    static func text(of schema: ProtoSchema, form: Form) -> String {
        var printer = ProtoPrinter(schema: schema, form: form)
        printer.print(schema.root)
        return printer.lines.joined(separator: "\n") + "\n"
    }

    mutating func line(_ text: String) { lines.append(indent + text) }

    mutating func block(_ head: String, _ body: (inout ProtoPrinter) -> Void) {
        line(head + " {")
        let outer = indent
        indent += "  "
        body(&self)
        indent = outer
        line("}")
    }

    private mutating func print(_ file: ProtoFile) {
        line("syntax = \"\(file.syntax == .proto3 ? "proto3" : "proto2")\";")
        if !file.package.isEmpty { line("package \(file.package);") }
        let imports = form == .normalized ? file.imports.sorted { $0.path < $1.path } : file.imports
        for item in imports {
            let kind = item.kind == .isPublic ? "public " : item.kind == .weak ? "weak " : ""
            line("import \(kind)\(ProtoEscapes.literal(Array(item.path.utf8)));")
        }
        print(file.options)
        let carried = groupTypes(of: file.extensions)
        interleave(extensionItems(file.extensions, types: Self.byName(file.messages), carried), with: file.messages, carried)
        for item in file.enums { print(item) }
        for service in file.services { print(service) }
    }

    // MARK: - Messages

    mutating func print(_ message: ProtoMessage) {
        block("message \(message.name)") { $0.printBody(of: message) }
    }

    mutating func printBody(of message: ProtoMessage) {
        print(message.options)
        let carried = Set(message.messages.filter(\.isMapEntry).map(\.name)).union(groupTypes(of: message.fields + message.extensions))
        let types = Self.byName(message.messages)
        let items = fieldItems(of: message, types: types, carried) + extensionItems(message.extensions, types: types, carried)
        interleave(items, with: message.messages, carried)
        for item in message.enums { print(item) }
        printRanges(of: message)
    }

    /// Something that brings map entries and group types with it.
    private struct Item {
        var carriedCount: Int
        var print: (inout ProtoPrinter) -> Void
    }

    /// Message indexes count map entries and group types among the messages; so each other message is written behind as many of
    /// them as it stands behind.
    /// - Parameter carried: the names of map entries and group types.
    private mutating func interleave(_ items: [Item], with messages: [ProtoMessage], _ carried: Set<String>) {
        var waiting: [(carriedBefore: Int, message: ProtoMessage)] = []
        var count = 0
        for message in messages {
            if carried.contains(message.name) { count += 1 } else { waiting.append((count, message)) }
        }
        var rest = waiting[...]
        var written = 0
        for item in items {
            // Messages that come before all of them are written after the fields, where one looks for them.
            while item.carriedCount > 0, let first = rest.first, first.carriedBefore <= written {
                print(first.message)
                rest.removeFirst()
            }
            item.print(&self)
            written += item.carriedCount
        }
        for (_, message) in rest { print(message) }
    }

    private func carriedCount(_ fields: [ProtoField], _ carried: Set<String>) -> Int {
        fields.count { typeName(of: $0).map(carried.contains) ?? false }
    }

    private static func byName(_ messages: [ProtoMessage]) -> [String: ProtoMessage] {
        Dictionary(messages.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter types: the messages inside, by name.
    private func fieldItems(of message: ProtoMessage, types: [String: ProtoMessage], _ carried: Set<String>) -> [Item] {
        groupedByOneof(message).map { fields in
            Item(carriedCount: carriedCount(fields, carried)) { printer in
                guard let oneof = fields[0].oneof, !message.oneofs[oneof].isSynthetic else {
                    printer.print(fields[0], types: types, isInOneof: false)
                    return
                }
                printer.block("oneof \(message.oneofs[oneof].name)") { printer in
                    printer.print(message.oneofs[oneof].options)
                    for field in fields { printer.print(field, types: types, isInOneof: true) }
                }
            }
        }
    }

    private func extensionItems(_ fields: [ProtoField], types: [String: ProtoMessage], _ carried: Set<String>) -> [Item] {
        var items: [Item] = []
        var rest = fields[...]
        while let extendee = rest.first?.extendee?.text {
            // A block of its own for what carries a type, so that messages can stand between.
            let together = carriedCount([fields[rest.startIndex]], carried) > 0
                ? rest.prefix(1) : rest.prefix { $0.extendee?.text == extendee && carriedCount([$0], carried) == 0 }
            rest = rest.dropFirst(together.count)
            items.append(
                Item(carriedCount: carriedCount(Array(together), carried)) { printer in
                    printer.block("extend .\(extendee)") { printer in
                        for field in together { printer.print(field, types: types, isInOneof: false) }
                    }
                })
        }
        return items
    }

    /// The last part of the name of a field's message.
    private func typeName(of field: ProtoField) -> String? {
        field.messageName.map { String($0.split(separator: ".").last ?? "") }
    }

    private func groupTypes(of fields: [ProtoField]) -> Set<String> {
        Set(fields.compactMap { field in
            if case .group = field.type { return typeName(of: field) }
            return nil
        })
    }

    /// Fields of a oneof together where its first one stands.
    private func groupedByOneof(_ message: ProtoMessage) -> [[ProtoField]] {
        let fields = form == .normalized ? message.fields.sorted { $0.number < $1.number } : message.fields
        var places: [Int: Int] = [:]
        var result: [[ProtoField]] = []
        for field in fields {
            if let oneof = field.oneof, let place = places[oneof] {
                result[place].append(field)
            } else {
                if let oneof = field.oneof { places[oneof] = result.count }
                result.append([field])
            }
        }
        return result
    }

    mutating func print(_ field: ProtoField, types: [String: ProtoMessage], isInOneof: Bool) {
        let isProto3 = schema.root.syntax == .proto3
        var words: [String] = []
        let entry = field.label == .repeated ? typeName(of: field).flatMap { types[$0] }.flatMap { $0.isMapEntry ? $0 : nil } : nil
        if entry == nil, !isInOneof {
            switch field.label {
            case .required: words.append("required")
            case .repeated: words.append("repeated")
            case .optional: if !isProto3 || field.isProto3Optional { words.append("optional") }
            }
        }
        if let entry {
            words.append("map<\(word(for: entry.fields[0].type)), \(word(for: entry.fields[1].type))>")
        } else {
            words.append(word(for: field.type))
        }
        let body = groupBody(of: field, types: types)
        words.append("\(body?.name ?? field.name) = \(field.number)\(bracketed(optionTexts(of: field)))")
        if let body {
            block(words.joined(separator: " ")) { $0.printBody(of: body) }
        } else {
            line(words.joined(separator: " ") + ";")
        }
    }

    private func groupBody(of field: ProtoField, types: [String: ProtoMessage]) -> ProtoMessage? {
        guard case .group = field.type else { return nil }
        return typeName(of: field).flatMap { types[$0] }
    }

    private func word(for type: ProtoFieldType) -> String {
        switch type {
        case .scalar(let scalar): scalar.word
        case .message(let name), .enumeration(let name): "." + name
        case .named(let name): name
        case .group: "group"
        }
    }

    private mutating func printRanges(of message: ProtoMessage) {
        func sorted(_ ranges: [ProtoRange]) -> [ProtoRange] {
            form == .normalized ? ranges.sorted { $0.first < $1.first } : ranges
        }
        for range in sorted(message.extensionRanges) {
            line("extensions \(text(of: range, max: ProtoLimits.fieldNumberMax))\(bracketed(texts(of: range.options)));")
        }
        printReserved(sorted(message.reservedRanges), message.reservedNames, max: ProtoLimits.fieldNumberMax)
    }

    private mutating func printReserved(_ ranges: [ProtoRange], _ names: [ProtoName], max: Int32) {
        if !ranges.isEmpty { line("reserved \(ranges.map { text(of: $0, max: max) }.joined(separator: ", "));") }
        let words = form == .normalized ? names.map(\.text).sorted() : names.map(\.text)
        if !words.isEmpty { line("reserved \(words.map { ProtoEscapes.literal(Array($0.utf8)) }.joined(separator: ", "));") }
    }

    private func text(of range: ProtoRange, max: Int32) -> String {
        if range.first == range.last { return "\(range.first)" }
        return range.last >= max ? "\(range.first) to max" : "\(range.first) to \(range.last)"
    }

    // MARK: - Enums and services

    private mutating func print(_ item: ProtoEnum) {
        block("enum \(item.name)") { printer in
            printer.print(item.options)
            for value in item.values {
                printer.line("\(value.name) = \(value.number)\(printer.bracketed(printer.texts(of: value.options)));")
            }
            let ranges = printer.form == .normalized ? item.reservedRanges.sorted { $0.first < $1.first } : item.reservedRanges
            printer.printReserved(ranges, item.reservedNames, max: Int32.max)
        }
    }

    private mutating func print(_ service: ProtoService) {
        block("service \(service.name)") { printer in
            printer.print(service.options)
            for method in service.methods {
                let head = "rpc \(method.name) (\(method.streamsInput ? "stream " : "").\(method.input.text)) returns (\(method.streamsOutput ? "stream " : "").\(method.output.text))"
                if method.options.fields.isEmpty {
                    printer.line(head + ";")
                } else {
                    printer.block(head) { $0.print(method.options) }
                }
            }
        }
    }
}
