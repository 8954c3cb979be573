/// All integers of EVIDENCE.md are big-endian.
extension UnsafeMutableRawBufferPointer {
    func store(bigEndian value: some FixedWidthInteger, at offset: Int) {
        withUnsafeBytes(of: value.bigEndian) { source in
            UnsafeMutableRawBufferPointer(rebasing: self[offset..<offset + source.count]).copyMemory(from: source)
        }
    }
}

extension UnsafeRawBufferPointer {
    func integer<T: FixedWidthInteger>(at offset: Int, as type: T.Type = T.self) -> T {
        T(bigEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }
}

extension Array where Element == UInt8 {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
