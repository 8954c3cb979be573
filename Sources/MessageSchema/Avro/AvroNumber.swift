/// The variable-length numbers of Avro: seven bits a byte, lowest first, the sign in the lowest bit (zigzag).
enum AvroNumber {
    /// - Returns: the number before its sign is taken out; nil, with `place` where it began, where there is none.
    @inline(__always) static func long(_ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UInt64? {
        guard place < end else { return nil }
        let byte = place.pointee
        if byte < 0x80 {
            place += 1
            return UInt64(byte)
        }
        return more(&place, end, bytesMax: 10)
    }

    /// The same in at most 5 bytes, which can be more than 32 bits.
    @inline(__always) static func int(_ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UInt64? {
        guard place < end else { return nil }
        let byte = place.pointee
        if byte < 0x80 {
            place += 1
            return UInt64(byte)
        }
        return more(&place, end, bytesMax: 5)
    }

    @inline(__always) private static func more(_ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, bytesMax: Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        let limit = min(bytesMax, end - place)
        for index in 0..<limit {
            let byte = place[index]
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 {
                // The tenth byte has one bit left.
                guard index < 9 || byte <= 1 else { return nil }
                place += index + 1
                return value
            }
            shift += 7
        }
        return nil
    }

    /// Why there is no number at `place`.
    static func fault(_ place: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> AvroFault {
        (0..<min(10, end - place)).contains { place[$0] < 0x80 } || end - place >= 10 ? .number : .truncated
    }

    @inline(__always) static func signed(_ raw: UInt64) -> Int64 { Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1) }

    /// A length in bytes that the payload has.
    /// - Returns: nil, with `place` where the length began, where it is none or reaches past the end.
    @inline(__always) static func length(_ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int? {
        var next = place
        guard let raw = long(&next, end), raw & 1 == 0, raw >> 1 <= UInt64(bitPattern: Int64(end - next)) else { return nil }
        place = next
        return Int(raw >> 1)
    }

    static func lengthFault(_ place: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> AvroFault {
        var next = place
        guard let raw = long(&next, end) else { return fault(place, end) }
        return raw & 1 == 1 ? .length : .truncated
    }
}
