/// Writes the fields of one message, for descriptors.
struct ProtoWireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    mutating func tag(_ number: Int32, _ wireType: UInt8) {
        varint(UInt64(number) << 3 | UInt64(wireType))
    }

    mutating func field(_ number: Int32, _ value: Int) {
        tag(number, WireType.varint)
        varint(UInt64(bitPattern: Int64(value)))
    }

    mutating func field(_ number: Int32, _ flag: Bool) {
        if flag { field(number, 1) }
    }

    mutating func field(_ number: Int32, _ text: String) {
        field(number, Array(text.utf8))
    }

    mutating func field(_ number: Int32, _ content: [UInt8]) {
        tag(number, WireType.lengthDelimited)
        varint(UInt64(content.count))
        bytes += content
    }

    mutating func field(_ number: Int32, _ inner: ProtoWireWriter) { field(number, inner.bytes) }

    mutating func raw(_ content: [UInt8]) { bytes += content }

    mutating func fixed(_ value: UInt64, byteCount: Int) {
        for place in 0..<byteCount { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * place))) }
    }
}
