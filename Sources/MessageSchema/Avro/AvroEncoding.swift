/// Writes a JSON document as a payload: what ``AvroDecoding`` writes, and what people write instead.
///
/// - The value of a union stands by itself, as the first branch that it fits, or in an object with its branch's name.
/// - A field that is left out has its default, or null where it may be null.
/// - A field that the schema does not know is refused: it is a typing error more often than not.
struct AvroEncoding {
    private let schema: AvroSchema
    private var out: [UInt8] = []
    private var path: [String] = []
    private var valuesLeft = SchemaLimits.transcodedValuesMax

    static func payload(of document: AvroJSON, _ schema: AvroSchema) throws(Violation) -> [UInt8] {
        var encoding = AvroEncoding(schema: schema)
        try encoding.value(document, schema.root)
        return encoding.out
    }

    private init(schema: AvroSchema) { self.schema = schema }

    private func refusal(_ rule: String, _ message: String) -> Violation { .transcoding(rule, message, at: path) }

    private mutating func value(_ json: AvroJSON, _ type: Int) throws(Violation) {
        valuesLeft -= 1
        guard valuesLeft > 0 else { throw refusal("steps", "the document takes more than \(SchemaLimits.transcodedValuesMax) steps to write") }
        guard out.count <= SchemaLimits.transcodedBytesMax else { throw .tooLarge }
        guard path.count <= SchemaLimits.depthMax else { throw refusal("depth", "records, arrays and maps nest at most \(SchemaLimits.depthMax) deep") }
        let logicalType = schema.types[type].logicalType
        switch (schema.types[type].kind, json) {
        case (.null, .null): return
        case (.boolean, .boolean(let value)): out.append(value ? 1 : 0)
        case (.int, .number(let text)):
            guard let value = Int32(text) else { throw refusal("range", "an int is a whole number from \(Int32.min) to \(Int32.max)") }
            long(Int64(value))
        case (.long, .number(let text)):
            guard let value = Int64(text) else { throw refusal("range", "a long is a whole number from \(Int64.min) to \(Int64.max)") }
            long(value)
        case (.float, .number(let text)), (.float, .string(let text)):
            guard let value = Float(number: text, json) else { throw refusal("type", "a number is expected") }
            withUnsafeBytes(of: value.bitPattern.littleEndian) { out += $0 }
        case (.double, .number(let text)), (.double, .string(let text)):
            guard let value = Double(number: text, json) else { throw refusal("type", "a number is expected") }
            withUnsafeBytes(of: value.bitPattern.littleEndian) { out += $0 }
        case (.bytes, .string(let text)), (.bytes, .number(let text)):
            let bytes = try binary(text, json, logicalType)
            long(Int64(bytes.count))
            out += bytes
        case (.fixed(let size), .string(let text)), (.fixed(let size), .number(let text)):
            let bytes = try binary(text, json, logicalType)
            if case .decimal? = logicalType {
                guard bytes.count <= size else { throw refusal("decimal", "the decimal has at most \(size) bytes") }
                out += Array(repeating: bytes[0] >= 0x80 ? 0xFF : 0, count: size - bytes.count) + bytes
            } else {
                guard bytes.count == size else { throw refusal("length", "a string of \(size) characters is expected, one for each byte") }
                out += bytes
            }
        case (.string, .string(let text)):
            long(Int64(text.utf8.count))
            out += text.utf8
        case (.enumeration(let enumeration), .string(let text)):
            guard let symbol = enumeration.index(of: text) else { throw refusal("enum", "one of the symbols is expected") }
            long(Int64(symbol))
        case (.array(let items), .array(let values)):
            if !values.isEmpty { long(Int64(values.count)) }
            for (index, item) in values.enumerated() { try value(item, items, at: String(index)) }
            long(0)
        case (.map(let type), .object(let members)):
            if !members.isEmpty { long(Int64(members.count)) }
            for member in members {
                long(Int64(member.name.utf8.count))
                out += member.name.utf8
                try value(member.value, type, at: member.name)
            }
            long(0)
        case (.record(let fields), .object(let members)): try record(fields, members)
        case (.union(let branches), _): try union(json, branches)
        // Any other two kinds.
        default: throw refusal("type", "\(schema.words(of: type)) is expected")
        }
    }

    private mutating func value(_ json: AvroJSON, _ type: Int, at part: String) throws(Violation) {
        path.append(part)
        try value(json, type)
        path.removeLast()
    }

    private mutating func record(_ fields: [AvroField], _ members: [(name: String, value: AvroJSON)]) throws(Violation) {
        let given = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        var found = 0
        for field in fields {
            if let json = given[field.name] {
                found += 1
                try value(json, field.type, at: field.name)
            } else if let fallback = field.fallback {
                try value(fallback, field.type, at: field.name)
            } else if case .union(let branches) = schema.types[field.type].kind, let null = schema.null(among: branches) {
                long(Int64(null))
            } else {
                throw refusal("required", "the field \(quoted(field.name)) is missing")
            }
        }
        guard found < given.count else { return }
        let known = Set(fields.map(\.name))
        path.append(members.first { !known.contains($0.name) }?.name ?? "")
        throw refusal("unknown-field", "the schema has no field of this name")
    }

    private mutating func union(_ json: AvroJSON, _ branches: [Int]) throws(Violation) {
        if case .null = json, let null = schema.null(among: branches) { return long(Int64(null)) }
        // In an optional the bare value comes first, because that is how it is written; in others the branch's name.
        let isOptional = schema.isOptional(branches)
        var refused: Violation?
        if isOptional {
            let index = schema.null(among: branches) == 0 ? 1 : 0
            if try tries(json, branches[index], index, &refused) { return }
            if try tagged(json, branches, &refused) { return }
            throw refused ?? refusal("type", "\(schema.words(of: branches[index])) or null is expected")
        }
        if try tagged(json, branches, &refused) { return }
        for (index, branch) in branches.enumerated() {
            if try tries(json, branch, index, &refused) { return }
        }
        throw refused ?? refusal("union", "the value fits none of \(branches.prefix(10).map { schema.words(of: $0) }.joined(separator: ", "))")
    }

    /// `{"branch": value}`
    private mutating func tagged(_ json: AvroJSON, _ branches: [Int], _ refused: inout Violation?) throws(Violation) -> Bool {
        guard case .object(let members) = json, members.count == 1,
            let index = branches.firstIndex(where: { schema.branchName($0) == members[0].name })
        else { return false }
        return try tries(members[0].value, branches[index], index, &refused)
    }

    private mutating func tries(_ json: AvroJSON, _ branch: Int, _ index: Int, _ refused: inout Violation?) throws(Violation) -> Bool {
        let before = (out.count, path)
        long(Int64(index))
        do throws(Violation) {
            try value(json, branch)
            return true
        } catch {
            out.removeLast(out.count - before.0)
            path = before.1
            guard valuesLeft > 0 else { throw error }
            // The one that got furthest says most.
            if error.path.utf8.count > (refused?.path.utf8.count ?? 0) || (refused == nil && error.rule != "type") { refused = error }
            return false
        }
    }

    private func binary(_ text: String, _ json: AvroJSON, _ logicalType: AvroLogicalType?) throws(Violation) -> [UInt8] {
        if case .decimal(let precision, let scale)? = logicalType {
            guard let bytes = AvroDecimal.bytes(of: text, precision: precision, scale: scale) else {
                throw refusal("decimal", "a decimal with at most \(precision) digits, at most \(scale) of them behind the point, is expected")
            }
            return bytes
        }
        guard case .string = json, text.unicodeScalars.allSatisfy({ $0.value <= 0xFF }) else {
            throw refusal("type", "bytes are a string of the characters 0 to 255")
        }
        return text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    private mutating func long(_ value: Int64) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(rest))
    }
}

extension BinaryFloatingPoint where Self: LosslessStringConvertible {
    /// A JSON number, or one of the three words for what JSON has no number for.
    fileprivate init?(number text: String, _ json: AvroJSON) {
        if case .string = json {
            switch text {
            case "NaN": self = .nan
            case "Infinity": self = .infinity
            case "-Infinity": self = -.infinity
            default: return nil
            }
        } else {
            guard let value = Self(text), value.isFinite else { return nil }
            self = value
        }
    }
}

extension AvroSchema {
    fileprivate func null(among branches: [Int]) -> Int? {
        branches.firstIndex { if case .null = types[$0].kind { true } else { false } }
    }
}
