/// Options as serialized descriptors hold them: a message whose fields are the options.
struct ProtoOptionCoding {
    let schema: ProtoSchema

    /// - Returns: the fields in the order of their numbers. Options that nothing declares have no meaning here and are left out.
    func decode(_ bytes: ArraySlice<UInt8>, as message: String, depth: Int, file: String) throws(SchemaError) -> [ProtoOptionField] {
        guard depth <= ProtoParser.nestingMax else { throw SchemaError(at: file, "messages in options nest at most \(ProtoParser.nestingMax) deep") }
        var known: [Int32: ProtoField] = [:]
        for field in schema.messages[message]?.element.fields ?? [] { known[field.number] = field }
        var fields: [ProtoOptionField] = []
        /// Where a field that occurs once stands in `fields`.
        var single: [Int32: Int] = [:]
        var reader = ProtoWireReader(bytes, file: file)
        while let (number, value) = try reader.next() {
            let custom = known[number] == nil ? schema.extension(of: message, number: number) : nil
            guard let field = known[number] ?? custom?.field else { continue }
            for value in try decode(value, for: field, depth: depth, file: file) {
                let entry = ProtoOptionField(name: custom?.name ?? field.name, isExtension: custom != nil, number: number, value: value)
                if field.label != .repeated, let earlier = single[number] {
                    fields[earlier] = merge(entry, into: fields[earlier])
                } else {
                    single[number] = fields.count
                    fields.append(entry)
                }
            }
        }
        return fields.enumerated().sorted { ($0.element.number, $0.offset) < ($1.element.number, $1.offset) }.map(\.element)
    }

    /// The last value counts; messages grow together.
    private func merge(_ later: ProtoOptionField, into earlier: ProtoOptionField) -> ProtoOptionField {
        guard case .message(let old) = earlier.value, case .message(let new) = later.value else { return later }
        var merged = later
        merged.value = .message((old + new).sorted { $0.number < $1.number })
        return merged
    }

    private func decode(_ value: ProtoWireReader.Value, for field: ProtoField, depth: Int, file: String) throws(SchemaError) -> [ProtoOptionValue] {
        if let message = field.messageName {
            guard let bytes = value.bytes else { return [] }
            return [.message(try decode(bytes, as: message, depth: depth + 1, file: file))]
        }
        switch field.type {
        case .scalar(.string), .scalar(.bytes):
            return value.bytes.map { [.string(Array($0))] } ?? []
        case .scalar(let scalar):
            return try numbers(in: value, like: scalar, file: file).map { scalar.optionValue($0) }
        case .enumeration(let name):
            let values = schema.enums[name]?.element.values ?? []
            return try numbers(in: value, like: .int32, file: file).compactMap { raw in
                values.first { $0.number == Int32(truncatingIfNeeded: raw) }.map { .identifier($0.name) }
            }
        case .message, .group, .named:
            return []
        }
    }

    /// One number, or a packed list of them.
    private func numbers(in value: ProtoWireReader.Value, like scalar: ProtoScalar, file: String) throws(SchemaError) -> [UInt64] {
        guard let packed = value.bytes else { return value.integer.map { [$0] } ?? [] }
        var result: [UInt64] = []
        var rest = packed
        while !rest.isEmpty {
            // A tag before each makes the one reader do for both forms.
            let (tag, width): (UInt8, Int) =
                switch scalar {
                case .double, .fixed64, .sfixed64: (0x09, 8)
                case .float, .fixed32, .sfixed32: (0x0D, 4)
                default: (0x08, (rest.firstIndex { $0 < 0x80 } ?? rest.endIndex - 1) - rest.startIndex + 1)
                }
            var reader = ProtoWireReader([tag] + rest.prefix(width), file: file)
            if let number = try reader.next()?.value.integer { result.append(number) }
            rest = rest.dropFirst(width)
        }
        return result
    }
}

extension ProtoScalar {
    /// What the raw number on the wire stands for.
    fileprivate func optionValue(_ raw: UInt64) -> ProtoOptionValue {
        switch self {
        case .double: return .float(Double(bitPattern: raw))
        case .float: return .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: raw))))
        case .bool: return .identifier(raw == 0 ? "false" : "true")
        case .uint32, .fixed32, .uint64, .fixed64: return .integer(raw)
        case .sint32, .sint64: return .signed(Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1))
        case .sfixed32: return .signed(Int64(Int32(truncatingIfNeeded: raw)))
        case .int32, .int64, .sfixed64: return .signed(Int64(bitPattern: raw))
        case .string, .bytes: return .integer(raw)
        }
    }
}

extension ProtoOptionValue {
    static func signed(_ value: Int64) -> ProtoOptionValue {
        value < 0 ? .negative(value.magnitude) : .integer(UInt64(value))
    }
}
