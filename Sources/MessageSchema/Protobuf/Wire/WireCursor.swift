/// Reading the wire's smallest parts. Nothing is ever read at `end` or behind it.
enum WireCursor {
    typealias Cursor = UnsafeRawPointer

    /// - Returns: nil where the varint does not end in time, or in the first ten bytes, or is beyond 64 bits; `cursor` is then anywhere.
    @inline(__always)
    static func varint(_ cursor: inout Cursor, _ end: Cursor) -> UInt64? {
        if cursor < end {
            let byte = cursor.load(as: UInt8.self)
            if byte < 0x80 {
                cursor += 1
                return UInt64(byte)
            }
        }
        return longVarint(&cursor, end)
    }

    @inline(never)
    private static func longVarint(_ cursor: inout Cursor, _ end: Cursor) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while cursor < end {
            let byte = cursor.load(as: UInt8.self)
            cursor += 1
            if shift == 63, byte > 1 { return nil }
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    /// A field number and a wire type, which fit 32 bits.
    @inline(__always)
    static func tag(_ cursor: inout Cursor, _ end: Cursor) -> UInt32? {
        let start = cursor
        guard let value = varint(&cursor, end), value <= UInt64(UInt32.max), cursor - start <= 5 else { return nil }
        return UInt32(truncatingIfNeeded: value)
    }

    /// Passes over a value.
    /// - Returns: false where it is not whole or not well-formed.
    static func skip(_ cursor: inout Cursor, _ end: Cursor, tag: UInt32, depth: Int) -> Bool {
        switch UInt8(truncatingIfNeeded: tag & 7) {
        case WireType.varint:
            return varint(&cursor, end) != nil
        case WireType.fixed64:
            return advance(&cursor, end, 8)
        case WireType.fixed32:
            return advance(&cursor, end, 4)
        case WireType.lengthDelimited:
            guard let length = varint(&cursor, end) else { return false }
            return advance(&cursor, end, length)
        case WireType.startGroup:
            return passGroup(&cursor, end, tag: tag, depth: depth) != nil
        default:
            return false
        }
    }

    /// Passes over a group and its end tag, which may be longer than it must.
    /// - Returns: where the end tag begins; nil where the group is not whole or not well-formed.
    static func passGroup(_ cursor: inout Cursor, _ end: Cursor, tag: UInt32, depth: Int) -> Cursor? {
        guard depth < ProtoLimits.payloadDepthMax else { return nil }
        while true {
            let tagStart = cursor
            guard let inner = self.tag(&cursor, end), inner >> 3 != 0 else { return nil }
            if inner & 7 == UInt32(WireType.endGroup) { return inner >> 3 == tag >> 3 ? tagStart : nil }
            guard skip(&cursor, end, tag: inner, depth: depth + 1) else { return nil }
        }
    }

    @inline(__always)
    static func advance(_ cursor: inout Cursor, _ end: Cursor, _ count: UInt64) -> Bool {
        guard count <= UInt64(end - cursor) else { return false }
        cursor += Int(count)
        return true
    }
}
