import NIOCore

/// Writes a record's parts into memory of the right size. Numbers are zigzag variable-length integers.
struct RecordWriter {
    private let output: UnsafeMutableRawBufferPointer
    private(set) var position = 0

    init(_ output: UnsafeMutableRawBufferPointer) { self.output = output }

    static func size(_ value: Int64) -> Int {
        let bits = 64 - UInt64(bitPattern: value << 1 ^ value >> 63).leadingZeroBitCount
        return max(1, (bits + 6) / 7)
    }

    static func size(_ field: UnsafeRawBufferPointer?) -> Int {
        guard let field else { return 1 }
        return size(Int64(field.count)) + field.count
    }

    mutating func zigzag(_ value: Int64) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 0x80 {
            output[position] = UInt8(truncatingIfNeeded: rest) | 0x80
            position += 1
            rest >>= 7
        }
        output[position] = UInt8(rest)
        position += 1
    }

    mutating func field(_ field: UnsafeRawBufferPointer?) {
        guard let field else { return zigzag(-1) }
        zigzag(Int64(field.count))
        UnsafeMutableRawBufferPointer(rebasing: output[position...]).copyMemory(from: field)
        position += field.count
    }

    static func size(_ header: Record.Header) -> Int {
        let name = header.key.utf8.count
        let value = header.value.map { size(Int64($0.readableBytes)) + $0.readableBytes } ?? 1
        return size(Int64(name)) + name + value
    }

    mutating func header(_ header: Record.Header) {
        var name = header.key
        name.withUTF8 { field(UnsafeRawBufferPointer($0)) }
        guard let value = header.value else { return field(nil) }
        value.withUnsafeReadableBytes { field($0) }
    }

    mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        UnsafeMutableRawBufferPointer(rebasing: output[position...]).copyMemory(from: bytes)
        position += bytes.count
    }
}
