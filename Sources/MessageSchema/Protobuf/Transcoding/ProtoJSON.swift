// Payloads in the JSON mapping of Protobuf (https://protobuf.dev/programming-guides/json/): lowerCamelCase names, 64-bit integers as strings,
// bytes in base64, enums by name, and the well-known types as what they mean. Fields that are not set are left out.

extension ProtobufProgram {
    func json(of payload: UnsafeRawBufferPointer, framing: PayloadFraming) throws(Violation) -> [UInt8] {
        if let obstacle = obstacle(in: payload, framing: framing) { throw obstacle }
        var bytes = Array(payload)[...]
        var message = wire.roots.first?.message
        if framing == .confluent {
            (message, bytes) = MessageIndexes.opened(payload, roots: wire.roots)
        }
        guard let message else { throw Self.noMessage }
        return try ProtoJSONDecoding.json(of: bytes, as: wire.messageNames[Int(message)], tables)
    }

    /// Of the file's first message.
    func payload(ofJSON document: [UInt8], framing: PayloadFraming) throws(Violation) -> [UInt8] {
        guard let message = wire.roots.first?.message else { throw Self.noMessage }
        let body = try ProtoJSONEncoding.payload(of: try AvroJSON(parsing: document), as: wire.messageNames[Int(message)], tables)
        return framing == .confluent ? [0] + body : body
    }

    var columns: [String: JSONTypeSet]? {
        guard let message = wire.roots.first?.message, let found = schema.messages[wire.messageNames[Int(message)]]?.element else { return nil }
        let fields = found.fields.flatMap { field in ProtoJSON.names(of: field).map { ($0, ProtoJSON.types(of: field, schema)) } }
        return Dictionary(fields, uniquingKeysWith: { first, _ in first })
    }
}

enum ProtoJSON {
    /// The name in JSON, then the one of the `.proto` file where it is another: both are read.
    static func names(of field: ProtoField) -> [String] {
        let name = field.jsonName ?? ProtoChecker.jsonName(of: field.name)
        return name == field.name ? [name] : [name, field.name]
    }

    static func types(of field: ProtoField, _ schema: ProtoSchema) -> JSONTypeSet {
        if field.label == .repeated { return schema.mapEntry(of: field) == nil ? .array : .object }
        switch field.type {
        case .scalar(.bool): return .boolean
        case .scalar(.string), .scalar(.bytes), .enumeration, .named: return .string
        case .scalar(.double), .scalar(.float): return .number
        case .scalar: return .integer
        case .group: return .object
        case .message(let name):
            switch name {
            case "google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask", "google.protobuf.StringValue",
                "google.protobuf.BytesValue":
                return .string
            case "google.protobuf.BoolValue": return .boolean
            case "google.protobuf.DoubleValue", "google.protobuf.FloatValue": return .number
            case let name where wrapped[name] != nil: return .integer
            case "google.protobuf.ListValue": return .array
            case "google.protobuf.Value": return .all
            default: return .object
            }
        }
    }

    /// The wrappers of scalars, whose value stands by itself.
    static let wrapped: [String: ProtoScalar] = [
        "google.protobuf.DoubleValue": .double, "google.protobuf.FloatValue": .float, "google.protobuf.Int64Value": .int64,
        "google.protobuf.UInt64Value": .uint64, "google.protobuf.Int32Value": .int32, "google.protobuf.UInt32Value": .uint32,
        "google.protobuf.BoolValue": .bool, "google.protobuf.StringValue": .string, "google.protobuf.BytesValue": .bytes,
    ]
}

extension ProtoSchema {
    /// The entry's key and value, where the field is a map.
    func mapEntry(of field: ProtoField) -> (key: ProtoField, value: ProtoField)? {
        guard field.label == .repeated, case .message(let name) = field.type, let entry = messages[name]?.element, entry.isMapEntry,
            let key = entry.fields.first(where: { $0.number == 1 }), let value = entry.fields.first(where: { $0.number == 2 })
        else { return nil }
        return (key, value)
    }
}

extension MessageIndexes {
    /// The message that a payload is, and what follows the indexes.
    static func opened(_ payload: UnsafeRawBufferPointer, roots: [WireProgram.Root]) -> (message: Int32?, body: ArraySlice<UInt8>) {
        guard let base = payload.baseAddress, case .message(let message, let start) = read(payload, roots: roots) else { return (nil, []) }
        return (message, Array(payload[(start - base)...])[...])
    }
}
