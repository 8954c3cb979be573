import MessageSchema

/// Schemas and payloads as the tests of this folder write them.
enum Protobuf {
    static func compile(
        _ text: String, references: [(String, String)] = [], unknownFields: SchemaOptions.UnknownFields = .refused,
        codes: [String: Set<String>] = [:]
    ) throws(SchemaError) -> CompiledSchema {
        var options = SchemaOptions()
        options.unknownFields = unknownFields
        let source = SchemaSource(
            format: .protobuf, text: text, references: references.map { SchemaSource.Reference(name: $0.0, text: $0.1) })
        return try CompiledSchema(compiling: source, options: options) { name in codes[name.description].map { CodeList(codes: $0) } }
    }

    /// Why a text is refused, nil where it is not.
    static func refusal(_ text: String, references: [(String, String)] = []) -> String? {
        do {
            _ = try compile(text, references: references)
            return nil
        } catch {
            return error.description
        }
    }

    /// The payload's violations as `path rule`.
    static func verdict(
        _ payload: [UInt8], under schema: CompiledSchema, framing: PayloadFraming = .plain, violationsMax: Int = SchemaLimits.violationsMax
    ) -> [String] {
        payload.withUnsafeBytes { schema.violations(in: $0, framing: framing, violationsMax: violationsMax).map { "\($0.path) \($0.rule)" } }
    }

    static func bytes(_ hex: String) -> [UInt8] {
        var digits = hex.utf8.filter { $0 != 0x20 }[...]
        var result: [UInt8] = []
        while let high = digits.popFirst(), let low = digits.popFirst() {
            result.append(UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16) ?? 0)
        }
        return result
    }

    static func varint(_ value: UInt64) -> [UInt8] {
        var value = value
        var result: [UInt8] = []
        while value >= 0x80 {
            result.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        return result + [UInt8(value)]
    }

    static func field(_ number: UInt64, bytes: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }
}
