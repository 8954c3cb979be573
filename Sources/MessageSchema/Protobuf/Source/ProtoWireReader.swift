/// Reads the fields of one message from bytes, for descriptors and their options. Payloads have a walker of their own.
struct ProtoWireReader {
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>
    private let file: String

    init(_ bytes: ArraySlice<UInt8>, file: String) {
        rest = bytes
        self.file = file
    }

    /// - Returns: nil at the end.
    mutating func next() throws(SchemaError) -> (number: Int32, value: Value)? {
        guard !rest.isEmpty else { return nil }
        let tag = try varint()
        guard let number = Int32(exactly: tag >> 3), number >= 1, number <= ProtoLimits.fieldNumberMax else { throw damaged }
        switch tag & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .fixed64(try fixed(8)))
        case 2:
            let length = try varint()
            guard length <= UInt64(rest.count) else { throw damaged }
            defer { rest = rest.dropFirst(Int(length)) }
            return (number, .bytes(rest.prefix(Int(length))))
        case 3:
            return (number, .bytes(try group(number, depth: 1)))
        case 5: return (number, .fixed32(UInt32(try fixed(4))))
        default: throw damaged
        }
    }

    /// What stands between a group's start, already read, and its end.
    private mutating func group(_ number: Int32, depth: Int) throws(SchemaError) -> ArraySlice<UInt8> {
        guard depth <= ProtoParser.nestingMax else { throw damaged }
        let whole = rest
        let start = rest.startIndex
        while true {
            let before = rest.startIndex
            var look = self
            let tag = try look.varint()
            if tag & 7 == 4 {
                guard tag >> 3 == UInt64(number) else { throw damaged }
                let content = whole[start..<before]
                rest = look.rest
                return content
            }
            if tag & 7 == 3 {
                rest = look.rest
                _ = try group(Int32(truncatingIfNeeded: tag >> 3), depth: depth + 1)
            } else if try next() == nil {
                throw damaged
            }
        }
    }

    private mutating func varint() throws(SchemaError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw damaged }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw damaged
    }

    private mutating func fixed(_ count: Int) throws(SchemaError) -> UInt64 {
        guard rest.count >= count else { throw damaged }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private var damaged: SchemaError {
        SchemaError(at: file, "this is neither a .proto text nor a whole FileDescriptorProto in base64")
    }
}

extension ProtoWireReader.Value {
    var integer: UInt64? {
        switch self {
        case .varint(let value), .fixed64(let value): value
        case .fixed32(let value): UInt64(value)
        case .bytes: nil
        }
    }

    var bytes: ArraySlice<UInt8>? {
        if case .bytes(let bytes) = self { return bytes }
        return nil
    }
}
