extension ProtoOptionCoding {
    func encode(_ fields: [ProtoOptionField], as message: String) -> ProtoWireWriter {
        var writer = ProtoWireWriter()
        for entry in fields {
            let known = entry.isExtension
                ? schema.extensions[entry.name]?.element : schema.messages[message]?.element.fields.first { $0.name == entry.name }
            if let known { add(entry.value, of: known, to: &writer) }
        }
        return writer
    }

    private func add(_ value: ProtoOptionValue, of field: ProtoField, to writer: inout ProtoWireWriter) {
        switch (field.type, value) {
        case (.message(let name), .message(let fields)):
            writer.field(field.number, encode(fields, as: name))
        case (.group(let name), .message(let fields)):
            writer.tag(field.number, WireType.startGroup)
            writer.raw(encode(fields, as: name).bytes)
            writer.tag(field.number, WireType.endGroup)
        case (.enumeration(let name), .identifier(let word)):
            let number = schema.enums[name]?.element.values.first { $0.name == word }?.number ?? 0
            writer.field(field.number, Int(number))
        case (.scalar, .string(let bytes)):
            writer.field(field.number, bytes)
        case (.scalar(let scalar), _):
            add(value, as: scalar, number: field.number, to: &writer)
        case (.message, _), (.group, _), (.enumeration, _), (.named, _):
            break  // The interpreter lets no such value through.
        }
    }

    private func add(_ value: ProtoOptionValue, as scalar: ProtoScalar, number: Int32, to writer: inout ProtoWireWriter) {
        let bits: UInt64
        switch value {
        case .identifier(let word): bits = word == "true" ? 1 : 0
        case .integer(let number): bits = number
        case .negative(let number): bits = 0 &- number
        case .float(let number): bits = scalar == .float ? UInt64(Float(number).bitPattern) : number.bitPattern
        case .string, .message, .list: return
        }
        switch scalar {
        case .double, .fixed64, .sfixed64:
            writer.tag(number, WireType.fixed64)
            writer.fixed(bits, byteCount: 8)
        case .float, .fixed32, .sfixed32:
            writer.tag(number, WireType.fixed32)
            writer.fixed(bits, byteCount: 4)
        case .sint32, .sint64:
            writer.tag(number, WireType.varint)
            writer.varint(bits << 1 ^ (0 &- bits >> 63))
        case .int64, .uint64, .int32, .uint32, .bool, .string, .bytes:
            writer.tag(number, WireType.varint)
            writer.varint(bits)
        }
    }
}
