// What depends on options, so that they must have been interpreted.
extension ProtoChecker {
    func checkOptions() throws(SchemaError) {
        for (index, file) in schema.files.enumerated() {
            for message in file.messages { try checkOptions(of: message, file: index) }
            for item in file.enums { try check(item, file: index) }
            for field in file.extensions { try checkOptions(of: field, file: index) }
        }
    }

    private func checkOptions(of message: ProtoMessage, file: Int) throws(SchemaError) {
        if message.options.isTrue("message_set_wire_format") {
            throw error(file, message.position, "message_set_wire_format is not supported; use a message with extensions")
        }
        if message.options["map_entry"] != nil, !message.options.written.isEmpty {
            throw error(file, message.position, "map_entry is not set by hand; write map<key, value>")
        }
        for field in message.fields + message.extensions { try checkOptions(of: field, file: file) }
        for item in message.enums { try check(item, file: file) }
        for nested in message.messages { try checkOptions(of: nested, file: file) }
    }

    private func checkOptions(of field: ProtoField, file: Int) throws(SchemaError) {
        if field.options.isTrue("packed") {
            var canBePacked = false
            switch field.type {
            case .scalar(let scalar): canBePacked = scalar.isPackable
            case .enumeration: canBePacked = true
            case .message, .group, .named: break
            }
            guard canBePacked, field.label == .repeated else {
                throw error(file, field.position, "packed is for repeated fields of numbers, bools and enums")
            }
        }
        if field.options.isTrue("lazy") || field.options.isTrue("unverified_lazy") {
            guard case .message = field.type else { throw error(file, field.position, "lazy is for fields of messages") }
        }
        if let jstype = field.options["jstype"], jstype != .identifier("JS_NORMAL") {
            guard case .scalar(let scalar) = field.type, [.int64, .uint64, .sint64, .fixed64, .sfixed64].contains(scalar) else {
                throw error(file, field.position, "jstype is for integers of 64 bits")
            }
        }
    }

    // MARK: - Enums

    private func check(_ item: ProtoEnum, file: Int) throws(SchemaError) {
        guard let first = item.values.first else { throw error(file, item.position, "enum \(item.name) has no value; give it one") }
        if schema.files[file].syntax == .proto3, first.number != 0 {
            throw error(file, first.position, "the first value of an enum of proto3 is 0")
        }
        try checkAliases(of: item, file: file)
        let reserved = ProtoRangeSet(item.reservedRanges)
        let names = Set(item.reservedNames.map(\.text))
        for range in item.reservedRanges where range.last < range.first {
            throw error(file, range.position, "a range ends at its first number or after it")
        }
        if let range = ProtoRangeSet.firstOverlap(in: item.reservedRanges) {
            throw error(file, range.position, "this range overlaps another reserved range of \(item.name)")
        }
        if let name = firstDuplicate(item.reservedNames) { throw error(file, name.position, "the name \(name.text) is reserved twice") }
        for value in item.values {
            if reserved.contains(value.number) { throw error(file, value.position, "number \(value.number) of \(value.name) is reserved in \(item.name)") }
            if names.contains(value.name) { throw error(file, value.position, "the name \(value.name) is reserved in \(item.name)") }
        }
    }

    private func checkAliases(of item: ProtoEnum, file: Int) throws(SchemaError) {
        let allowsAlias = item.options.isTrue("allow_alias")
        var taken: [Int32: String] = [:]
        var hasAlias = false
        for value in item.values {
            guard let other = taken.updateValue(value.name, forKey: value.number) else { continue }
            guard allowsAlias else {
                throw error(file, value.position, "\(other) and \(value.name) have the same number; set allow_alias where both names are meant")
            }
            hasAlias = true
        }
        if item.options["allow_alias"] == .identifier("true"), !hasAlias {
            throw error(file, item.position, "enum \(item.name) says allow_alias but no two of its values have the same number")
        }
        try checkShortNames(of: item, file: file)
    }

    /// Code generators leave out the enum's name at the start of its values' names; what is left must differ too.
    private func checkShortNames(of item: ProtoEnum, file: Int) throws(SchemaError) {
        var taken: [String: ProtoEnumValue] = [:]
        let prefix = item.name.filter { $0 != "_" }.lowercased()
        for value in item.values {
            let short = Self.pascalCase(Self.drop(prefix, from: value.name))
            if let other = taken[short] {
                if other.number != value.number, schema.files[file].syntax == .proto3 {
                    throw error(file, value.position, "\(other.name) and \(value.name) are the same name once case and the enum's name are left out")
                }
            } else {
                taken[short] = value
            }
        }
    }

    private static func drop(_ prefix: String, from name: String) -> Substring {
        var rest = name[...]
        for letter in prefix {
            while rest.first == "_" { rest.removeFirst() }
            guard let first = rest.first, first.lowercased() == String(letter) else { return name[...] }
            rest.removeFirst()
        }
        while rest.first == "_" { rest.removeFirst() }
        return rest.isEmpty ? name[...] : rest
    }

    private static func pascalCase(_ name: Substring) -> String {
        var result = ""
        var isCapitalNext = true
        for character in name {
            if character == "_" {
                isCapitalNext = true
            } else {
                result += isCapitalNext ? character.uppercased() : character.lowercased()
                isCapitalNext = false
            }
        }
        return result
    }
}
