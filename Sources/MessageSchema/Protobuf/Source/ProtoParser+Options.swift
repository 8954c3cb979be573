extension ProtoParser {
    /// `option name = value;`
    mutating func parseOptionStatement() throws(SchemaError) -> ProtoOption {
        try advance()
        let option = try parseOption()
        try take(";")
        return option
    }

    mutating func parseOption() throws(SchemaError) -> ProtoOption {
        let position = token.position
        var parts: [ProtoOption.Part] = []
        repeat {
            if try skip("(") {
                parts.append(ProtoOption.Part(name: try takeTypeName().text, isExtension: true))
                try take(")")
            } else {
                parts.append(ProtoOption.Part(name: try takeIdentifier("the name of an option"), isExtension: false))
            }
        } while try skip(".")
        try take("=")
        let valuePosition = token.position
        return ProtoOption(parts: parts, value: try parseOptionValue(), position: position, valuePosition: valuePosition)
    }

    private mutating func parseOptionValue() throws(SchemaError) -> ProtoOptionValue {
        if at("{") { return .message(try parseAggregate(closedBy: "}", depth: 1)) }
        return try parseScalarValue()
    }

    private mutating func parseScalarValue() throws(SchemaError) -> ProtoOptionValue {
        let isNegative = try skip("-")
        switch token.kind {
        case .identifier:
            let word = try takeIdentifier("a value")
            guard isNegative else { return .identifier(word) }
            switch word {
            case "inf", "infinity": return .float(-.infinity)
            case "nan": return .float(.nan)
            default: throw error("only a number, inf and nan can be negative")
            }
        case .integer:
            let value = integerValue(of: token)
            let digits = text(of: token)
            try advance()
            guard let value else {  // beyond 64 bits: a floating-point number, where one is wanted
                let float = Double(digits) ?? .infinity
                return .float(isNegative ? -float : float)
            }
            return isNegative ? .negative(value) : .integer(value)
        case .float:
            guard let value = Double(text(of: token)) else { throw error("this is no number") }
            try advance()
            return .float(isNegative ? -value : value)
        case .string where !isNegative:
            return .string(try takeString("a string"))
        case .string, .symbol, .end:
            throw error("expected the value of an option here")
        }
    }

    /// The fields of a message in Protobuf's text format, up to the closing bracket.
    private mutating func parseAggregate(closedBy end: String, depth: Int) throws(SchemaError) -> [ProtoOptionField] {
        try judge(depth: depth)
        try advance()
        var fields: [ProtoOptionField] = []
        while try !skip(end) {
            guard token.kind != .end else { throw error("the text ends inside the value of an option; close it with \(end)") }
            var field = try parseAggregateName()
            if try skip(":") {
                field.value = try parseAggregateValue(depth: depth)
            } else if at("{") || at("<") {
                field.value = try parseAggregateMessage(depth: depth)
            } else {
                throw error("expected : and a value, or a message in braces, here")
            }
            if case .list(let values) = field.value {
                fields += values.map { ProtoOptionField(name: field.name, isExtension: field.isExtension, value: $0) }
            } else {
                fields.append(field)
            }
            if try !skip(",") { _ = try skip(";") }
        }
        return fields
    }

    private mutating func parseAggregateName() throws(SchemaError) -> ProtoOptionField {
        guard try skip("[") else {
            return ProtoOptionField(name: try takeIdentifier("the name of a field"), isExtension: false, value: .list([]))
        }
        let name = try takeTypeName().text
        if at("/") { throw error("an Any by its type URL is not supported in options") }
        try take("]")
        return ProtoOptionField(name: name, isExtension: true, value: .list([]))
    }

    private mutating func parseAggregateMessage(depth: Int) throws(SchemaError) -> ProtoOptionValue {
        .message(try parseAggregate(closedBy: at("{") ? "}" : ">", depth: depth + 1))
    }

    private mutating func parseAggregateValue(depth: Int) throws(SchemaError) -> ProtoOptionValue {
        if at("{") || at("<") { return try parseAggregateMessage(depth: depth) }
        guard try skip("[") else { return try parseScalarValue() }
        var values: [ProtoOptionValue] = []
        if try skip("]") { return .list([]) }
        repeat {
            values.append(at("{") || at("<") ? try parseAggregateMessage(depth: depth) : try parseScalarValue())
        } while try skip(",")
        try take("]")
        return .list(values)
    }

    // MARK: - Options of a field

    /// `[default = 1, json_name = "x", deprecated = true]`
    mutating func parseFieldOptions(of field: inout ProtoField) throws(SchemaError) {
        guard try skip("[") else { return }
        repeat {
            switch word {
            case "default": try parseDefault(of: &field)
            case "json_name": try parseJSONName(of: &field)
            default: field.options.written.append(try parseOption())
            }
        } while try skip(",")
        try take("]")
    }

    private mutating func parseJSONName(of field: inout ProtoField) throws(SchemaError) {
        guard field.jsonName == nil else { throw error("json_name is given twice") }
        field.jsonNamePosition = token.position
        try advance()
        try take("=")
        field.jsonName = try takeText("a name in quotes")
    }

    private mutating func parseDefault(of field: inout ProtoField) throws(SchemaError) {
        guard field.defaultValue == nil else { throw error("default is given twice") }
        guard result.syntax == .proto2 else { throw error("proto3 has no default values") }
        field.defaultPosition = token.position
        try advance()
        try take("=")
        let position = token.position
        switch field.type {
        case .scalar(let scalar): field.defaultValue = try parseDefault(of: scalar)
        case .named: field.defaultValue = try takeIdentifier("the name of an enum value")
        case .message, .group, .enumeration: throw lexer.error(at: position, "messages have no default values")
        }
    }

    private mutating func parseDefault(of scalar: ProtoScalar) throws(SchemaError) -> String {
        if let range = scalar.integerRange {
            if try skip("-") {
                guard range.low < 0 else { throw error("a field of type \(scalar.word) has no negative default value") }
                let value = try takeInteger("the default value", max: range.low.magnitude)
                return value == 0 ? "0" : "-\(value)"
            }
            return String(try takeInteger("the default value", max: range.high))
        }
        switch scalar {
        case .string:
            return try takeText("a string")
        case .bytes:
            return ProtoEscapes.cEscape(try takeString("a string"))
        case .bool:
            guard at("true") || at("false") else { throw error("the default value of a bool is true or false") }
            return try takeIdentifier("true or false")
        default:
            switch try parseScalarValue() {
            case .integer(let value): return String(value)
            case .negative(let value): return "-\(value)"
            case .float(let value): return Self.text(of: value)
            case .identifier("inf"): return "inf"
            case .identifier("nan"): return "nan"
            case .identifier, .string, .message, .list: throw error("the default value of a \(scalar.word) is a number, inf or nan")
            }
        }
    }

    static func text(of value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        if value == value.rounded(), value.magnitude < 1e15 { return String(Int64(value)) }
        return value.description
    }
}
