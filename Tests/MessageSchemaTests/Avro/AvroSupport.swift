import MessageSchema

func avro(_ text: String, references: [(String, String)] = [], codes: [String: [String]] = [:]) throws(SchemaError) -> CompiledSchema {
    let source = SchemaSource(
        format: .avro, text: text, references: references.map { SchemaSource.Reference(name: $0.0, text: $0.1) })
    return try CompiledSchema(compiling: source) { name in codes[name.description].map { CodeList(codes: Set($0)) } }
}

extension CompiledSchema {
    /// "path rule" of each violation.
    func faults(_ payload: [UInt8], violationsMax: Int = 20) -> [String] {
        payload.withUnsafeBytes { violations(in: $0, violationsMax: violationsMax) }.map { "\($0.path) \($0.rule)" }
    }

    func accepts(_ payload: [UInt8]) -> Bool { payload.withUnsafeBytes { violations(in: $0, violationsMax: 1).isEmpty } }

    /// "path RULE" of what keeps this schema from reading what was written under `writer`.
    func obstacles(reading writer: CompiledSchema) -> [String] {
        incompatibilities(with: [writer], at: .backward).map { "\($0.path) \($0.rule)" }
    }
}

/// Avro's binary encoding, written from the specification and not from the code that is tested.
enum AvroBytes {
    static func long(_ value: Int64) -> [UInt8] {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func string(_ text: String) -> [UInt8] { bytes(Array(text.utf8)) }
    static func bytes(_ value: [UInt8]) -> [UInt8] { long(Int64(value.count)) + value }
    static func double(_ value: Double) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) } }
    static func float(_ value: Float) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) } }
}
