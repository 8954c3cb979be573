/// Fixed-width big-endian integers in raw memory: all integers of the store are big-endian, as in Kafka and EVIDENCE.md.
extension UnsafeRawBufferPointer {
    func integer<T: FixedWidthInteger>(at offset: Int, as type: T.Type = T.self) -> T {
        T(bigEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}

extension UnsafeMutableRawBufferPointer {
    func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
    }
}

/// Reads values one behind the other and remembers whether the bytes sufficed, so that a reader of a whole structure checks
/// once, at its end.
struct ByteSource {
    private let bytes: [UInt8]
    private var position = 0
    private(set) var isExhausted = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    mutating func integer<T: FixedWidthInteger>(as type: T.Type = T.self) -> T {
        let size = MemoryLayout<T>.size
        guard remaining >= size else {
            isExhausted = true
            position = bytes.count
            return 0
        }
        defer { position += size }
        return bytes.withUnsafeBytes { $0.integer(at: position) }
    }
}

struct ByteSink {
    private(set) var bytes: [UInt8] = []

    mutating func append<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
