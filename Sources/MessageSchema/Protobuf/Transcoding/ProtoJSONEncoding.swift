/// Writes a document of the JSON mapping as a payload. Names are read as JSON has them and as the `.proto` file has them; a field that the
/// message does not have is refused: it is a typing error more often than not.
struct ProtoJSONEncoding {
    private let tables: ProtoJSONTables
    private var schema: ProtoSchema { tables.schema }
    private var path: [String] = []
    private var valuesLeft = SchemaLimits.transcodedValuesMax

    static func payload(of document: AvroJSON, as message: String, _ tables: ProtoJSONTables) throws(Violation) -> [UInt8] {
        var encoding = ProtoJSONEncoding(tables: tables)
        return try encoding.message(document, message).bytes
    }

    private init(tables: ProtoJSONTables) { self.tables = tables }

    private func refusal(_ rule: String, _ message: String) -> Violation { .transcoding(rule, message, at: path) }

    private mutating func message(_ json: AvroJSON, _ name: String) throws(Violation) -> ProtoWireWriter {
        valuesLeft -= 1
        guard valuesLeft > 0 else { throw refusal("steps", "the document takes more than \(SchemaLimits.transcodedValuesMax) steps to write") }
        guard path.count <= ProtoLimits.payloadDepthMax else { throw refusal("depth", "messages nest at most \(ProtoLimits.payloadDepthMax) deep") }
        if let known = try wellKnown(json, name) { return known }
        guard case .object(let members) = json else { throw refusal("type", "an object is expected, a message \(name)") }
        guard let message = tables.messages[name] else { throw ProtoJSONDecoding.unreadable }
        var writer = ProtoWireWriter()
        var written: Set<Int32> = []
        var oneofs: Set<Int> = []
        for (name, value) in members {
            path.append(name)
            guard let field = message.field(named: name) ?? self.extension(named: name) else {
                throw refusal("unknown-field", "the message has no field of this name")
            }
            guard written.insert(field.number).inserted else { throw refusal("duplicate-key", "the field stands twice, under both its names") }
            if !Self.isAbsent(value, field) {
                if let oneof = field.oneof, !oneofs.insert(oneof).inserted { throw refusal("oneof", "at most one field of a oneof is set") }
                try self.field(value, field, &writer)
            }
            path.removeLast()
        }
        return writer
    }

    private func `extension`(named name: String) -> ProtoField? {
        guard name.hasPrefix("["), name.hasSuffix("]") else { return nil }
        return schema.extensions[String(name.dropFirst().dropLast())]?.element
    }

    /// Null is no value, but where it is one.
    private static func isAbsent(_ json: AvroJSON, _ field: ProtoField) -> Bool {
        guard case .null = json else { return false }
        return field.label == .repeated || ![.message("google.protobuf.Value"), .enumeration("google.protobuf.NullValue")].contains(field.type)
    }

    private mutating func field(_ json: AvroJSON, _ field: ProtoField, _ writer: inout ProtoWireWriter) throws(Violation) {
        if let (key, value) = schema.mapEntry(of: field) { return try map(json, field, key, value, &writer) }
        guard field.label == .repeated else { return try self.value(json, field, &writer) }
        guard case .array(let items) = json else { throw refusal("type", "an array is expected") }
        for (index, item) in items.enumerated() {
            path.append(String(index))
            try value(item, field, &writer)
            path.removeLast()
        }
    }

    private mutating func map(
        _ json: AvroJSON, _ field: ProtoField, _ key: ProtoField, _ value: ProtoField, _ writer: inout ProtoWireWriter
    ) throws(Violation) {
        guard case .object(let members) = json else { throw refusal("type", "an object is expected, a map") }
        for member in members {
            path.append(member.name)
            var entry = ProtoWireWriter()
            // Keys are strings in JSON, whatever they are here.
            try self.value(.string(member.name), key, &entry, isKey: true)
            try self.value(member.value, value, &entry)
            writer.field(field.number, entry)
            path.removeLast()
        }
    }

    private mutating func value(
        _ json: AvroJSON, _ field: ProtoField, _ writer: inout ProtoWireWriter, isKey: Bool = false
    ) throws(Violation) {
        switch field.type {
        case .message(let name): writer.field(field.number, try message(json, name))
        case .group(let name):
            writer.tag(field.number, WireType.startGroup)
            writer.raw(try message(json, name).bytes)
            writer.tag(field.number, WireType.endGroup)
        case .enumeration(let name):
            writer.tag(field.number, WireType.varint)
            writer.varint(UInt64(bitPattern: Int64(try enumeration(json, name))))
        case .scalar(let scalar): try self.scalar(json, scalar, field.number, &writer, isKey: isKey)
        case .named: throw ProtoJSONDecoding.unreadable
        }
    }

    private func enumeration(_ json: AvroJSON, _ name: String) throws(Violation) -> Int32 {
        switch json {
        case .null where name == "google.protobuf.NullValue": return 0
        case .string(let text):
            if let number = tables.enumerations[name]?.number(named: text) { return number }
        case .number(let text):
            if let number = ProtoNumber(text)?.bits(from: Int64(Int32.min), through: UInt64(Int32.max)) { return Int32(truncatingIfNeeded: number) }
        case .null, .boolean, .array, .object: break
        }
        throw refusal("enum", "a value of the enum \(name) is expected, by its name")
    }

    private func scalar(
        _ json: AvroJSON, _ scalar: ProtoScalar, _ number: Int32, _ writer: inout ProtoWireWriter, isKey: Bool
    ) throws(Violation) {
        switch (scalar, json) {
        case (.string, .string(let text)): writer.field(number, text)
        case (.bytes, .string(let text)):
            let standard = text.replacing("-", with: "+").replacing("_", with: "/")
            let padding = standard.hasSuffix("=") ? "" : String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
            guard let bytes = text.isEmpty ? [] : ProtoBase64.decode(standard + padding) else { throw refusal("base64", "bytes are written in base64") }
            writer.field(number, bytes)
        case (.bool, .boolean(let flag)): bool(flag, number, &writer)
        case (.bool, .string(let text)) where isKey && (text == "true" || text == "false"): bool(text == "true", number, &writer)
        case (.double, .number(let text)), (.double, .string(let text)):
            guard let value = Double(mapped: text) else { throw refusal("type", "a number is expected") }
            writer.tag(number, WireType.fixed64)
            writer.fixed(value.bitPattern, byteCount: 8)
        case (.float, .number(let text)), (.float, .string(let text)):
            guard let value = Float(mapped: text) else { throw refusal("type", "a number is expected") }
            writer.tag(number, WireType.fixed32)
            writer.fixed(UInt64(value.bitPattern), byteCount: 4)
        case (_, .number(let text)), (_, .string(let text)):
            guard let range = scalar.integerRange else { throw refusal("type", "\(scalar.word) is expected") }
            try integer(text, scalar, range, number, &writer)
        // Any other two do not go together.
        default: throw refusal("type", "\(scalar.word) is expected")
        }
    }

    private func bool(_ flag: Bool, _ number: Int32, _ writer: inout ProtoWireWriter) {
        writer.tag(number, WireType.varint)
        writer.varint(flag ? 1 : 0)
    }

    private func integer(
        _ text: String, _ scalar: ProtoScalar, _ range: (low: Int64, high: UInt64), _ number: Int32, _ writer: inout ProtoWireWriter
    ) throws(Violation) {
        guard let bits = ProtoNumber(text)?.bits(from: range.low, through: range.high) else {
            throw refusal("range", "a whole number from \(range.low) to \(range.high) is expected")
        }
        switch scalar {
        case .fixed32, .sfixed32:
            writer.tag(number, WireType.fixed32)
            writer.fixed(bits, byteCount: 4)
        case .fixed64, .sfixed64:
            writer.tag(number, WireType.fixed64)
            writer.fixed(bits, byteCount: 8)
        case .sint32, .sint64:
            let value = Int64(bitPattern: bits)
            writer.tag(number, WireType.varint)
            writer.varint(UInt64(bitPattern: value << 1 ^ value >> 63))
        case .int32, .int64, .uint32, .uint64, .bool, .string, .bytes, .double, .float:
            writer.tag(number, WireType.varint)
            writer.varint(bits)
        }
    }

    // MARK: Well-known types

    /// - Returns: nil for a message like any other.
    private mutating func wellKnown(_ json: AvroJSON, _ name: String) throws(Violation) -> ProtoWireWriter? {
        guard name.hasPrefix("google.protobuf.") else { return nil }
        var writer = ProtoWireWriter()
        switch name {
        case "google.protobuf.Timestamp":
            guard case .string(let text) = json, let time = ProtoTime.timestamp(text) else {
                throw refusal("format", "a time is expected as RFC 3339 has it, such as 2026-11-23T08:15:00+07:00")
            }
            writer.moment(time)
        case "google.protobuf.Duration":
            guard case .string(let text) = json, let time = ProtoTime.duration(text) else { throw refusal("format", "a duration is expected, such as 1.5s") }
            writer.moment(time)
        case "google.protobuf.FieldMask":
            guard case .string(let text) = json else { throw refusal("type", "names of fields are expected, joined by commas") }
            for part in text.split(separator: ",") { writer.field(1, Self.snakeCase(part)) }
        case "google.protobuf.Struct", "google.protobuf.ListValue":
            guard let field = schema.messages[name]?.element.fields.first else { return nil }
            try self.field(json, field, &writer)
        case "google.protobuf.Value":
            guard let field = schema.messages[name]?.element.fields.first(where: { $0.name == Self.member(for: json) }) else { return nil }
            try self.field(json, field, &writer)
        default:
            guard let scalar = ProtoJSON.wrapped[name] else { return nil }
            try self.scalar(json, scalar, 1, &writer, isKey: false)
        }
        return writer
    }

    /// Of `google.protobuf.Value`.
    private static func member(for json: AvroJSON) -> String {
        switch json {
        case .null: "null_value"
        case .boolean: "bool_value"
        case .number: "number_value"
        case .string: "string_value"
        case .array: "list_value"
        case .object: "struct_value"
        }
    }

    private static func snakeCase(_ name: Substring) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
    }
}

extension ProtoWireWriter {
    /// The seconds and nanoseconds of a timestamp or a duration.
    fileprivate mutating func moment(_ time: (seconds: Int64, nanos: Int64)) {
        if time.seconds != 0 { field(1, Int(time.seconds)) }
        if time.nanos != 0 { field(2, Int(time.nanos)) }
    }
}

extension BinaryFloatingPoint where Self: LosslessStringConvertible {
    /// A number, or one of the three words for what JSON has no number for.
    fileprivate init?(mapped text: String) {
        switch text {
        case "NaN": self = .nan
        case "Infinity": self = .infinity
        case "-Infinity": self = -.infinity
        default:
            guard ProtoNumber(text) != nil, let value = Self(text), value.isFinite else { return nil }
            self = value
        }
    }
}
