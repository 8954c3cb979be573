/// Reads a payload and writes it as JSON.
///
/// Numbers, texts, arrays, maps and records are what they are in JSON; bytes are a string of the characters 0 to 255 (Avro 1.12, "JSON
/// Encoding"); decimals are strings of digits, because programs read JSON numbers inexactly. A value of a union of null and one other stands
/// by itself, as people expect it; in any other union it stands in an object with the name of its branch, as in the specification.
struct AvroDecoding {
    private let schema: AvroSchema
    private let end: UnsafePointer<UInt8>
    private var place: UnsafePointer<UInt8>
    private let bytesMax: Int
    private var out: [UInt8] = []

    /// - Parameters:
    ///   - payload: without a fault that makes it unreadable.
    ///   - bytesMax: of the document; a little more is noticed late.
    static func json(
        of payload: UnsafeRawBufferPointer, _ schema: AvroSchema, bytesMax: Int = SchemaLimits.transcodedBytesMax
    ) throws(Violation) -> [UInt8] {
        let result: Result<[UInt8], Violation> = payload.withMemoryRebound(to: UInt8.self) { bytes in
            let start = bytes.baseAddress ?? UnsafePointer(StaticString("-").utf8Start)
            var decoding = AvroDecoding(schema: schema, end: start + bytes.count, place: start, bytesMax: bytesMax)
            do throws(Violation) {
                try decoding.value(schema.root, depth: 0)
                return .success(decoding.out)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init(schema: AvroSchema, end: UnsafePointer<UInt8>, place: UnsafePointer<UInt8>, bytesMax: Int) {
        self.schema = schema
        self.bytesMax = bytesMax
        self.end = end
        self.place = place
    }

    private static let unreadable = Violation.transcoding("syntax", "the payload cannot be read by its schema")

    private mutating func value(_ type: Int, depth: Int) throws(Violation) {
        guard depth <= SchemaLimits.depthMax * 2 else { throw Self.unreadable }
        guard out.count <= bytesMax else { throw .tooLarge }
        switch schema.types[type].kind {
        case .null: write("null")
        case .boolean: write(try bytes(1)[0] == 0 ? "false" : "true")
        case .int, .long: write(String(try long()))
        case .float: write(Float(bitPattern: UInt32(littleEndian: try bytes(4).loadUnaligned(as: UInt32.self))))
        case .double: write(Double(bitPattern: UInt64(littleEndian: try bytes(8).loadUnaligned(as: UInt64.self))))
        case .bytes: try write(binary: try bytes(try length()), schema.types[type].logicalType)
        case .fixed(let size): try write(binary: try bytes(size), schema.types[type].logicalType)
        case .string: JSONEscapes.write(try bytes(try length()), into: &out)
        case .enumeration(let enumeration):
            guard let symbol = Int(exactly: try long()), enumeration.symbols.indices.contains(symbol) else { throw Self.unreadable }
            JSONEscapes.write(enumeration.symbols[symbol], into: &out)
        case .record(let fields): try record(fields, depth: depth)
        case .array(let items): try blocks("[", "]", depth: depth) { decoding, depth throws(Violation) in try decoding.value(items, depth: depth) }
        case .map(let values):
            try blocks("{", "}", depth: depth) { decoding, depth throws(Violation) in
                JSONEscapes.write(try decoding.bytes(try decoding.length()), into: &decoding.out)
                decoding.write(":")
                try decoding.value(values, depth: depth)
            }
        case .union(let branches): try union(branches, depth: depth)
        }
    }

    private mutating func record(_ fields: [AvroField], depth: Int) throws(Violation) {
        write("{")
        for (index, field) in fields.enumerated() {
            if index > 0 { write(",") }
            JSONEscapes.write(field.name, into: &out)
            write(":")
            try value(field.type, depth: depth + 1)
        }
        write("}")
    }

    private mutating func union(_ branches: [Int], depth: Int) throws(Violation) {
        guard let index = Int(exactly: try long()), branches.indices.contains(index) else { throw Self.unreadable }
        let branch = branches[index]
        if case .null = schema.types[branch].kind { return write("null") }
        guard !schema.isOptional(branches) else { return try value(branch, depth: depth + 1) }
        write("{")
        JSONEscapes.write(schema.branchName(branch), into: &out)
        write(":")
        try value(branch, depth: depth + 1)
        write("}")
    }

    private mutating func blocks(
        _ open: String, _ close: String, depth: Int, _ item: (inout AvroDecoding, _ depth: Int) throws(Violation) -> Void
    ) throws(Violation) {
        write(open)
        var isFirst = true
        while true {
            var count = try long()
            if count == 0 { break }
            if count < 0 {
                guard count != .min else { throw Self.unreadable }
                count = -count
                _ = try long()
            }
            // Items may have no bytes, and then a count can be anything: what is written bounds it.
            for _ in 0..<count {
                if !isFirst { write(",") }
                isFirst = false
                try item(&self, depth + 1)
            }
        }
        write(close)
    }

    // MARK: Bytes in

    private mutating func bytes(_ count: Int) throws(Violation) -> UnsafeRawBufferPointer {
        guard count <= end - place else { throw Self.unreadable }
        defer { place += count }
        return UnsafeRawBufferPointer(start: place, count: count)
    }

    private mutating func long() throws(Violation) -> Int64 {
        guard let raw = AvroNumber.long(&place, end) else { throw Self.unreadable }
        return AvroNumber.signed(raw)
    }

    private mutating func length() throws(Violation) -> Int {
        guard let count = Int(exactly: try long()), count >= 0 else { throw Self.unreadable }
        return count
    }

    // MARK: Text out

    private mutating func write(_ text: String) { out += text.utf8 }

    /// JSON has no word for what is no number: Avro's own names stand as strings.
    private mutating func write(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
        if number.isFinite { return write(number.description) }
        write(number.isNaN ? "\"NaN\"" : number < 0 ? "\"-Infinity\"" : "\"Infinity\"")
    }

    private mutating func write(binary bytes: UnsafeRawBufferPointer, _ logicalType: AvroLogicalType?) throws(Violation) {
        if case .decimal(_, let scale)? = logicalType {
            guard let text = AvroDecimal.text(of: Array(bytes), scale: scale) else { throw Self.unreadable }
            return write("\"\(text)\"")
        }
        JSONEscapes.write(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })), into: &out)
    }
}

extension AvroSchema {
    /// Null and one other.
    func isOptional(_ branches: [Int]) -> Bool {
        branches.count == 2 && branches.contains { if case .null = types[$0].kind { true } else { false } }
    }

    /// As JSON names the branch of a union (Avro 1.12, "JSON Encoding").
    func branchName(_ type: Int) -> String { types[type].name?.full ?? types[type].kind.word }
}
