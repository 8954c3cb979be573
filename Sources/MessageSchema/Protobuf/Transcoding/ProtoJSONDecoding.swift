/// Reads a payload and writes it in the JSON mapping.
struct ProtoJSONDecoding {
    private let tables: ProtoJSONTables
    private var schema: ProtoSchema { tables.schema }
    private var out: [UInt8] = []

    /// - Parameter payload: without a fault that makes it unreadable.
    static func json(of payload: ArraySlice<UInt8>, as message: String, _ tables: ProtoJSONTables) throws(Violation) -> [UInt8] {
        var decoding = ProtoJSONDecoding(tables: tables)
        try decoding.message(payload, message, depth: 0)
        return decoding.out
    }

    private init(tables: ProtoJSONTables) { self.tables = tables }

    static let unreadable = Violation.transcoding("syntax", "the payload cannot be read by its schema")
    private static let notUTF8 = Violation.transcoding("utf8", "the string is not UTF-8")

    private static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes { text in
            text.baseAddress.map { WireText.isUTF8($0, $0 + text.count) } ?? true
        }
    }

    /// A value as it stands on the wire.
    private enum Raw {
        case number(UInt64, wireType: UInt8)
        case content(ArraySlice<UInt8>)
    }

    private mutating func write(_ text: String) { out += text.utf8 }

    private mutating func message(_ bytes: ArraySlice<UInt8>, _ name: String, depth: Int) throws(Violation) {
        guard depth <= ProtoLimits.payloadDepthMax else { throw Self.unreadable }
        guard out.count <= SchemaLimits.transcodedBytesMax else { throw .tooLarge }
        let values = try Self.values(bytes)
        if try wellKnown(values, name, depth: depth) { return }
        guard let message = tables.messages[name] else { throw Self.unreadable }
        var isFirst = true
        write("{")
        // Only what is there is looked at: in the order of the text, extensions behind by their numbers.
        let found = values.compactMap { number, value in
            message.index(ofNumber: number).map { (index: $0, field: message.fields[$0], values: value.values, last: value.last) }
        }
        // Of the members of a oneof the last one on the wire counts.
        var lastOfOneof: [Int: Int] = [:]
        for (_, field, _, last) in found {
            if let oneof = field.oneof { lastOfOneof[oneof] = max(last, lastOfOneof[oneof] ?? -1) }
        }
        for (index, field, values, last) in found.sorted(by: { $0.index < $1.index }) {
            if let oneof = field.oneof, lastOfOneof[oneof] != last { continue }
            try member(message.names[index], field, values, &isFirst, depth: depth)
        }
        for number in values.keys.sorted() {
            guard let (extensionName, field) = schema.extension(of: name, number: number), let found = values[number] else { continue }
            try member("[\(extensionName)]", field, found.values, &isFirst, depth: depth)
        }
        write("}")
    }

    private mutating func member(_ name: String, _ field: ProtoField, _ values: [Raw], _ isFirst: inout Bool, depth: Int) throws(Violation) {
        let before = out.count
        if !isFirst { write(",") }
        JSONEscapes.write(name, into: &out)
        write(":")
        if let (key, value) = schema.mapEntry(of: field) {
            try map(values, key, value, depth: depth)
        } else if field.label == .repeated {
            guard try list(values, field, depth: depth) else { return out.removeLast(out.count - before) }
        } else {
            try single(values, field, depth: depth)
        }
        isFirst = false
    }

    private mutating func single(_ values: [Raw], _ field: ProtoField, depth: Int) throws(Violation) {
        switch field.type {
        case .message(let name), .group(let name):
            // What comes in parts is merged, and so are its bytes.
            var merged: [UInt8] = []
            for case .content(let part) in values { merged += part }
            try message(merged[...], name, depth: depth + 1)
        case .scalar, .enumeration, .named:
            guard let last = values.last else { throw Self.unreadable }
            try value(last, field.type, depth: depth)
        }
    }

    /// - Returns: false for a list without items.
    private mutating func list(_ values: [Raw], _ field: ProtoField, depth: Int) throws(Violation) -> Bool {
        write("[")
        var isFirst = true
        for raw in values {
            for item in try Self.unpacked(raw, field.type) {
                if !isFirst { write(",") }
                isFirst = false
                try value(item, field.type, depth: depth)
            }
        }
        write("]")
        return !isFirst
    }

    private mutating func map(_ values: [Raw], _ key: ProtoField, _ valueField: ProtoField, depth: Int) throws(Violation) {
        // The last entry of a key counts; entries stand in the order in which keys came first.
        var order: [[UInt8]] = []
        var entries: [[UInt8]: [Raw]] = [:]
        for case .content(let bytes) in values {
            let entry = try Self.values(bytes)
            var writer = ProtoJSONDecoding(tables: tables)
            if let raw = entry[1]?.values.last { try writer.value(raw, key.type, depth: depth) } else { try writer.nothing(key.type) }
            // Keys are strings in JSON, whatever they are here.
            let text = writer.out.first == 0x22 ? writer.out : [0x22] + writer.out + [0x22]
            if entries.updateValue(entry[2]?.values ?? [], forKey: text) == nil { order.append(text) }
        }
        write("{")
        for (index, text) in order.enumerated() {
            if index > 0 { write(",") }
            out += text
            write(":")
            let found = entries[text] ?? []
            if found.isEmpty { try nothing(valueField.type) } else { try single(found, valueField, depth: depth) }
        }
        write("}")
    }

    /// The default of a type: what is not written is that.
    private mutating func nothing(_ type: ProtoFieldType) throws(Violation) {
        switch type {
        case .scalar(.string), .scalar(.bytes): write("\"\"")
        case .message(let name), .group(let name): try message([], name, depth: 0)
        case .scalar, .enumeration, .named: try value(.number(0, wireType: WireType.varint), type, depth: 0)
        }
    }

    private mutating func value(_ raw: Raw, _ type: ProtoFieldType, depth: Int) throws(Violation) {
        switch (type, raw) {
        case (.message(let name), .content(let bytes)), (.group(let name), .content(let bytes)): try message(bytes, name, depth: depth + 1)
        case (.enumeration(let name), .number(let value, _)): enumeration(Int64(bitPattern: value), name)
        case (.scalar(.string), .content(let bytes)):
            // Under proto2 the wire is not held to it.
            guard Self.isUTF8(bytes) else { throw Self.notUTF8 }
            bytes.withUnsafeBytes { JSONEscapes.write($0, into: &out) }
        case (.scalar(.bytes), .content(let bytes)): write("\"\(ProtoBase64.encode(Array(bytes)))\"")
        case (.scalar(let scalar), .number(let value, _)): number(value, scalar)
        // Any other two do not go together.
        default: throw Self.unreadable
        }
    }

    private mutating func enumeration(_ number: Int64, _ name: String) {
        if name == "google.protobuf.NullValue" { return write("null") }
        guard let word = tables.enumerations[name]?.name(of: number) else { return write(String(number)) }
        JSONEscapes.write(word, into: &out)
    }

    private mutating func number(_ raw: UInt64, _ scalar: ProtoScalar) {
        switch scalar {
        // What is out of its type's range is written as it is.
        case .bool: write(raw == 0 ? "false" : raw == 1 ? "true" : String(raw))
        case .int32: write(String(Int64(bitPattern: raw)))
        case .sfixed32: write(String(Int32(truncatingIfNeeded: raw)))
        case .uint32, .fixed32: write(String(raw))
        case .sint32: write(String(AvroNumber.signed(raw)))
        // 64 bits do not fit the numbers of JSON that programs read.
        case .int64, .sfixed64: write("\"\(Int64(bitPattern: raw))\"")
        case .sint64: write("\"\(AvroNumber.signed(raw))\"")
        case .uint64, .fixed64: write("\"\(raw)\"")
        case .float: write(Float(bitPattern: UInt32(truncatingIfNeeded: raw)))
        case .double: write(Double(bitPattern: raw))
        case .string, .bytes: write("\"\"")
        }
    }

    private mutating func write(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
        if number.isFinite { return write(number.description) }
        write(number.isNaN ? "\"NaN\"" : number < 0 ? "\"-Infinity\"" : "\"Infinity\"")
    }

    // MARK: Well-known types

    /// - Returns: false for a message like any other.
    private mutating func wellKnown(_ values: Values, _ name: String, depth: Int) throws(Violation) -> Bool {
        guard name.hasPrefix("google.protobuf.") else { return false }
        func integer(_ number: Int32) -> Int64 {
            if case .number(let raw, _)? = values[number]?.values.last { Int64(bitPattern: raw) } else { 0 }
        }
        switch name {
        case "google.protobuf.Timestamp":
            guard let text = ProtoTime.timestamp(seconds: integer(1), nanos: integer(2)) else { throw Self.outOfRange }
            write("\"\(text)\"")
        case "google.protobuf.Duration":
            guard let text = ProtoTime.duration(seconds: integer(1), nanos: integer(2)) else { throw Self.outOfRange }
            write("\"\(text)\"")
        case "google.protobuf.FieldMask":
            let paths = (values[1]?.values ?? []).compactMap { raw in
                if case .content(let bytes) = raw { ProtoChecker.jsonName(of: String(decoding: bytes, as: UTF8.self)) } else { nil }
            }
            JSONEscapes.write(paths.joined(separator: ","), into: &out)
        case "google.protobuf.Struct":
            let entry = schema.messages[name]?.element.fields.first.flatMap { schema.mapEntry(of: $0) }
            guard let entry else { return false }
            try map(values[1]?.values ?? [], entry.key, entry.value, depth: depth)
        case "google.protobuf.ListValue":
            guard let field = schema.messages[name]?.element.fields.first else { return false }
            _ = try list(values[1]?.values ?? [], field, depth: depth)
        case "google.protobuf.Value":
            guard let message = schema.messages[name]?.element else { return false }
            let field = message.fields.filter { values[$0.number] != nil }.max { values[$0.number]?.last ?? 0 < values[$1.number]?.last ?? 0 }
            guard let field, let found = values[field.number] else { write("null"); return true }
            try single(found.values, field, depth: depth)
        case let name where ProtoJSON.wrapped[name] != nil:
            guard let scalar = ProtoJSON.wrapped[name] else { return false }
            if let raw = values[1]?.values.last { try value(raw, .scalar(scalar), depth: depth) } else { try nothing(.scalar(scalar)) }
        default: return false
        }
        return true
    }

    private static let outOfRange = Violation.transcoding("range", "a time is from year 1 to 9999, a duration at most 10000 years, and its nanoseconds are below a second")

    // MARK: The wire

    /// By field number: what stands there, and the place of the last one.
    private typealias Values = [Int32: (values: [Raw], last: Int)]

    private static func values(_ bytes: ArraySlice<UInt8>) throws(Violation) -> Values {
        let result: Values? = bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return [:] }
            let end = base + buffer.count
            func slice(_ from: UnsafeRawPointer, _ to: UnsafeRawPointer) -> ArraySlice<UInt8> {
                bytes[(bytes.startIndex + (from - base))..<(bytes.startIndex + (to - base))]
            }
            var cursor = base
            var found: Values = [:]
            var place = 0
            while cursor < end {
                guard let tag = WireCursor.tag(&cursor, end) else { return nil }
                let start = cursor
                guard WireCursor.skip(&cursor, end, tag: tag, depth: 0) else { return nil }
                let raw: Raw
                let wireType = UInt8(truncatingIfNeeded: tag & 7)
                switch wireType {
                case WireType.varint:
                    var inner = start
                    raw = .number(WireCursor.varint(&inner, end) ?? 0, wireType: wireType)
                case WireType.fixed64: raw = .number(UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)), wireType: wireType)
                case WireType.fixed32: raw = .number(UInt64(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self))), wireType: wireType)
                case WireType.lengthDelimited:
                    var inner = start
                    _ = WireCursor.varint(&inner, end)
                    raw = .content(slice(inner, cursor))
                default:
                    var inner = start
                    guard let groupEnd = WireCursor.passGroup(&inner, end, tag: tag, depth: 0) else { return nil }
                    raw = .content(slice(start, groupEnd))
                }
                found[Int32(truncatingIfNeeded: tag >> 3), default: ([], place)].values.append(raw)
                found[Int32(truncatingIfNeeded: tag >> 3)]?.last = place
                place += 1
            }
            return found
        }
        guard let result else { throw unreadable }
        return result
    }

    /// The items of a packed field; any other value is one item.
    private static func unpacked(_ raw: Raw, _ type: ProtoFieldType) throws(Violation) -> [Raw] {
        guard case .content(let bytes) = raw else { return [raw] }
        let width: Int
        switch type {
        case .scalar(.string), .scalar(.bytes), .message, .group: return [raw]
        case .scalar(.double), .scalar(.fixed64), .scalar(.sfixed64): width = 8
        case .scalar(.float), .scalar(.fixed32), .scalar(.sfixed32): width = 4
        case .scalar, .enumeration, .named: width = 0
        }
        let items: [Raw]? = bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return [] }
            var cursor = base
            let end = base + buffer.count
            var items: [Raw] = []
            while cursor < end {
                if width == 0 {
                    guard let value = WireCursor.varint(&cursor, end) else { return nil }
                    items.append(.number(value, wireType: WireType.varint))
                } else {
                    guard end - cursor >= width else { return nil }
                    let value = width == 8 ? UInt64(littleEndian: cursor.loadUnaligned(as: UInt64.self)) : UInt64(UInt32(littleEndian: cursor.loadUnaligned(as: UInt32.self)))
                    items.append(.number(value, wireType: width == 8 ? WireType.fixed64 : WireType.fixed32))
                    cursor += width
                }
            }
            return items
        }
        guard let items else { throw unreadable }
        return items
    }
}
