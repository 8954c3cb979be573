/// A JSON pointer (RFC 6901) being written. It ends with an ellipsis past `SchemaLimits.pathBytesMax`, for a key may be as long as a payload.
struct JSONPointer {
    private var bytes: [UInt8] = []
    private var isCut = false

    mutating func append(index: Int) {
        append(0x2F)
        for byte in String(index).utf8 { append(byte) }
    }

    mutating func append(key: UnsafeRawBufferPointer) {
        append(0x2F)
        for byte in key {
            if isCut { return }
            switch byte {
            case 0x7E: append(0x7E); append(0x30)
            case 0x2F: append(0x7E); append(0x31)
            default: append(byte)
            }
        }
    }

    mutating func append(key: String) {
        var key = key
        key.withUTF8 { append(key: UnsafeRawBufferPointer($0)) }
    }

    private mutating func append(_ byte: UInt8) {
        guard !isCut else { return }
        if bytes.count == SchemaLimits.pathBytesMax {
            isCut = true
            while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
            if let last = bytes.last, last >= 0x80 { bytes.removeLast() }
            bytes += Array("…".utf8)
        } else {
            bytes.append(byte)
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
