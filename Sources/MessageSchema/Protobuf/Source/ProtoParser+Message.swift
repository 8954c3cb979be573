extension ProtoParser {
    /// Where a field stands: each place allows other labels and types.
    enum FieldPlace {
        case message, oneof(Int), `extension`
    }

    mutating func parseMessage(depth: Int) throws(SchemaError) -> ProtoMessage {
        try advance()
        let position = token.position
        var message = ProtoMessage(name: try takeIdentifier("the name of a message"), position: position)
        try parseBody(of: &message, depth: depth)
        return message
    }

    private mutating func parseBody(of message: inout ProtoMessage, depth: Int) throws(SchemaError) {
        try judge(depth: depth)
        try take("{")
        while try !skip("}") {
            guard token.kind != .end else { throw error("the text ends inside message \(message.name); close it with }") }
            try parseStatement(of: &message, depth: depth)
        }
        nameSyntheticOneofs(of: &message)
    }

    private mutating func parseStatement(of message: inout ProtoMessage, depth: Int) throws(SchemaError) {
        if try skip(";") { return }
        switch word {
        case "message": message.messages.append(try parseMessage(depth: depth + 1))
        case "enum": message.enums.append(try parseEnum())
        case "extend": message.extensions += try parseExtend(nested: &message.messages, depth: depth)
        case "extensions": try parseExtensionRanges(of: &message)
        case "reserved": try parseReserved(&message.reservedRanges, &message.reservedNames, signed: false)
        case "option": message.options.written.append(try parseOptionStatement())
        case "oneof": try parseOneof(of: &message, depth: depth)
        default: message.fields.append(try parseField(of: .message, nested: &message.messages, depth: depth))
        }
    }

    private mutating func parseOneof(of message: inout ProtoMessage, depth: Int) throws(SchemaError) {
        try advance()
        let position = token.position
        var oneof = ProtoOneof(name: try takeIdentifier("the name of a oneof"), position: position)
        let index = message.oneofs.count
        try take("{")
        while try !skip("}") {
            guard token.kind != .end else { throw error("the text ends inside oneof \(oneof.name); close it with }") }
            if at("option") {
                oneof.options.written.append(try parseOptionStatement())
            } else {
                message.fields.append(try parseField(of: .oneof(index), nested: &message.messages, depth: depth))
            }
        }
        message.oneofs.append(oneof)
    }

    /// Descriptors put an `optional` field of proto3 in a oneof of its own.
    private func nameSyntheticOneofs(of message: inout ProtoMessage) {
        guard message.fields.contains(where: \.isProto3Optional) else { return }
        var taken = Set(message.fields.map(\.name) + message.oneofs.map(\.name) + message.messages.map(\.name))
        for index in message.fields.indices where message.fields[index].isProto3Optional {
            var name = message.fields[index].name
            if !name.hasPrefix("_") { name = "_" + name }
            while !taken.insert(name).inserted { name = "X" + name }
            message.fields[index].oneof = message.oneofs.count
            message.oneofs.append(ProtoOneof(name: name, position: message.fields[index].position, isSynthetic: true))
        }
    }

    mutating func parseField(of place: FieldPlace, nested: inout [ProtoMessage], depth: Int) throws(SchemaError) -> ProtoField {
        let position = token.position
        let label = try parseLabel(of: place)
        if at("map") {
            try advance()
            if at("<") { return try parseMap(of: place, label: label, at: position, nested: &nested) }
            return try parseRest(of: place, label: label, type: ProtoName(text: try continueTypeName("map"), position: position), nested: &nested, depth: depth)
        }
        if at("group") { return try parseGroup(of: place, label: label, nested: &nested, depth: depth) }
        return try parseRest(of: place, label: label, type: try takeTypeName(), nested: &nested, depth: depth)
    }

    private mutating func parseLabel(of place: FieldPlace) throws(SchemaError) -> ProtoField.Label? {
        let label: ProtoField.Label
        switch word {
        case "optional": label = .optional
        case "required": label = .required
        case "repeated": label = .repeated
        default: return nil
        }
        if case .oneof = place { throw error("a field of a oneof has no label") }
        if label == .required, result.syntax == .proto3 { throw error("proto3 has no required fields") }
        try advance()
        return label
    }

    private mutating func continueTypeName(_ start: String) throws(SchemaError) -> String {
        var name = start
        while try skip(".") { name += "." + (try takeIdentifier("the rest of a name")) }
        return name
    }

    private mutating func parseRest(
        of place: FieldPlace, label: ProtoField.Label?, type: ProtoName, nested: inout [ProtoMessage], depth: Int
    ) throws(SchemaError) -> ProtoField {
        if label == nil, result.syntax == .proto2 {
            guard case .oneof = place else {
                throw lexer.error(at: type.position, "in proto2 a field begins with optional, required or repeated")
            }
        }
        var field = try parseNameAndNumber(label: label ?? .optional, type: ProtoScalar.byWord[type.text].map { .scalar($0) } ?? .named(type.text))
        field.typePosition = type.position
        field.isProto3Optional = label == .optional && result.syntax == .proto3
        if case .oneof(let index) = place { field.oneof = index }
        if case .extension = place { field.isProto3Optional = false }
        try parseFieldOptions(of: &field)
        try take(";")
        return field
    }

    private mutating func parseNameAndNumber(label: ProtoField.Label, type: ProtoFieldType) throws(SchemaError) -> ProtoField {
        let position = token.position
        let name = try takeIdentifier("the name of a field")
        try take("=")
        let numberPosition = token.position
        let number = try takeInt32("a field number")
        return ProtoField(name: name, position: position, number: number, numberPosition: numberPosition, label: label, type: type)
    }

    private mutating func parseGroup(
        of place: FieldPlace, label: ProtoField.Label?, nested: inout [ProtoMessage], depth: Int
    ) throws(SchemaError) -> ProtoField {
        let position = token.position
        guard result.syntax == .proto2 else { throw error("proto3 has no groups; use a message") }
        if label == nil {
            guard case .oneof = place else { throw error("in proto2 a field begins with optional, required or repeated") }
        }
        try advance()
        var field = try parseNameAndNumber(label: label ?? .optional, type: .named(""))
        guard let first = field.name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else {
            throw lexer.error(at: field.position, "the name of a group begins with a capital letter")
        }
        field.typePosition = position
        if case .oneof(let index) = place { field.oneof = index }
        try parseFieldOptions(of: &field)
        guard at("{") else { throw error("a group has a body in braces") }
        var message = ProtoMessage(name: field.name, position: field.position)
        try parseBody(of: &message, depth: depth + 1)
        nested.append(message)
        field.type = .group(field.name)
        field.name = field.name.lowercased()
        return field
    }
}

// MARK: - Maps and ranges

extension ProtoParser {
    private mutating func parseMap(
        of place: FieldPlace, label: ProtoField.Label?, at position: ProtoPosition, nested: inout [ProtoMessage]
    ) throws(SchemaError) -> ProtoField {
        switch place {
        case .message: break
        case .oneof: throw error("a oneof holds no map")
        case .extension: throw error("an extension is no map")
        }
        guard label == nil else { throw lexer.error(at: position, "a map has no label") }
        try take("<")
        let key = try takeTypeName()
        try take(",")
        let value = try takeTypeName()
        try take(">")
        var field = try parseNameAndNumber(label: .repeated, type: .named(""))
        field.typePosition = position
        try parseFieldOptions(of: &field)
        try take(";")

        var entry = ProtoMessage(name: Self.entryName(of: field.name), position: field.position, isMapEntry: true)
        for (name, number, type) in [("key", Int32(1), key), ("value", 2, value)] {
            entry.fields.append(
                ProtoField(
                    name: name, position: type.position, number: number, numberPosition: type.position, label: .optional,
                    type: ProtoScalar.byWord[type.text].map { .scalar($0) } ?? .named(type.text), typePosition: type.position))
        }
        nested.append(entry)
        field.type = .named(entry.name)
        return field
    }

    /// The name that protoc gives the entry type of a map field.
    static func entryName(of field: String) -> String {
        var name = ""
        var isCapitalNext = true
        for character in field {
            if character == "_" {
                isCapitalNext = true
            } else {
                name += isCapitalNext ? character.uppercased() : String(character)
                isCapitalNext = false
            }
        }
        return name + "Entry"
    }

    private mutating func parseExtensionRanges(of message: inout ProtoMessage) throws(SchemaError) {
        try advance()
        var ranges: [ProtoRange] = []
        repeat {
            let position = token.position
            let first = try takeRangeNumber("a field number")
            let last = try skip("to") ? try takeEnd(max: ProtoLimits.fieldNumberMax) : first
            ranges.append(ProtoRange(first: first, last: last, position: position))
        } while try skip(",")
        if try skip("[") {
            var options = ProtoOptions()
            repeat { options.written.append(try parseOption()) } while try skip(",")
            try take("]")
            for index in ranges.indices { ranges[index].options = options }
        }
        try take(";")
        message.extensionRanges += ranges
    }

    private mutating func takeEnd(max: Int32) throws(SchemaError) -> Int32 {
        try skip("max") ? max : try takeRangeNumber("the end of a range")
    }

    /// The largest 32-bit integer is one too many: descriptors keep the number behind a range.
    private mutating func takeRangeNumber(_ what: String) throws(SchemaError) -> Int32 {
        Int32(try takeInteger(what, max: UInt64(Int32.max) - 1))
    }

    /// `reserved 1, 5 to 9;` or `reserved "a", "b";`
    /// - Parameter signed: of an enum, where numbers may be negative.
    mutating func parseReserved(_ ranges: inout [ProtoRange], _ names: inout [ProtoName], signed: Bool) throws(SchemaError) {
        try advance()
        if token.kind == .identifier { throw error("reserved names are written in quotes") }
        let isNames = token.kind == .string
        repeat {
            let position = token.position
            if isNames {
                names.append(ProtoName(text: try takeText("a name in quotes"), position: position))
            } else {
                let first = signed ? try takeSignedInt32("a number") : try takeRangeNumber("a field number")
                var last = first
                if try skip("to") {
                    if signed {
                        last = try skip("max") ? Int32.max : try takeSignedInt32("the end of a range")
                    } else {
                        last = try takeEnd(max: ProtoLimits.fieldNumberMax)
                    }
                }
                ranges.append(ProtoRange(first: first, last: last, position: position))
            }
        } while try skip(",")
        try take(";")
    }
}

/// Numbers that the format itself sets (https://protobuf.dev/programming-guides/proto3/#assigning).
enum ProtoLimits {
    static let fieldNumberMax: Int32 = 536_870_911
    /// Kept by Protobuf for itself.
    static let fieldNumbersReserved: ClosedRange<Int32> = 19_000...19_999
    /// Messages and groups inside each other in a payload: the default of Protobuf's own parsers.
    static let payloadDepthMax = 100
}
