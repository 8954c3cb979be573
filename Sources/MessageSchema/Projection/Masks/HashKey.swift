/// The secret of the mask `hash`: HMAC-SHA-256 (RFC 2104) with the key's two blocks taken in beforehand. The key itself is not kept.
///
/// Under one key equal values have equal hashes, in whatever field, topic or format they stand (the integer 123 and the text "123" too).
/// Two subscribers that must not join their data need two keys.
public struct HashKey: Sendable {
    /// What is shorter could be guessed.
    public static let bytesMin = 16

    private let inner: SHA256.State
    private let outer: SHA256.State

    /// - Returns: nil for fewer than `bytesMin` bytes.
    public init?(_ bytes: some Sequence<UInt8>) {
        var key = Array(bytes)
        guard key.count >= Self.bytesMin else { return nil }
        if key.count > SHA256.blockBytes {
            let digest = key.withUnsafeBytes { SHA256.finish(SHA256.initial, before: 0, $0) }
            key = (0..<8).flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: digest[word] >> UInt32(24 - 8 * $0)) } }
        }
        key += [UInt8](repeating: 0, count: SHA256.blockBytes - key.count)
        inner = Self.state(after: key.map { $0 ^ 0x36 })
        outer = Self.state(after: key.map { $0 ^ 0x5C })
    }

    private static func state(after block: [UInt8]) -> SHA256.State {
        var state = SHA256.initial
        block.withUnsafeBytes { SHA256.compress(&state, $0) }
        return state
    }

    func code(of message: UnsafeRawBufferPointer) -> MessageCode {
        let digest = MessageCode(words: SHA256.finish(inner, before: SHA256.blockBytes, message))
        return digest.withBytes { MessageCode(words: SHA256.finish(outer, before: SHA256.blockBytes, $0)) }
    }

    func code(of integer: Int64) -> MessageCode { DecimalText.with(integer.magnitude, isNegative: integer < 0) { code(of: $0) } }

    func code(of unsigned: UInt64) -> MessageCode { DecimalText.with(unsigned, isNegative: false) { code(of: $0) } }
}

/// Integers as people write them, without an allocation.
enum DecimalText {
    static func with<Result>(_ magnitude: UInt64, isNegative: Bool, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: 24, alignment: 1) { digits in
            var first = 24
            var rest = magnitude
            repeat {
                first -= 1
                digits[first] = 0x30 + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if isNegative {
                first -= 1
                digits[first] = 0x2D
            }
            return body(UnsafeRawBufferPointer(rebasing: digits[first...]))
        }
    }
}

/// 32 bytes that stand for a value, in the forms that a field can have.
struct MessageCode {
    /// The first byte is the highest of the first word.
    let words: SHA256.State

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: SHA256.digestBytes, alignment: 4) { bytes in
            for word in 0..<8 { bytes.storeBytes(of: words[word].bigEndian, toByteOffset: 4 * word, as: UInt32.self) }
            return body(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Integers up to here are exact in every reader, JavaScript's too.
    var integer53: Int64 { Int64((UInt64(words[0]) << 32 | UInt64(words[1])) >> 11) }

    /// Its first bytes.
    func write(_ count: Int, into out: inout ProjectionBuffer) {
        out.reserve(count)
        for index in 0..<count { out.append(byte(index)) }
    }

    /// 32 hexadecimal digits: 128 bits, past any chance of two values with one hash.
    func writeText(into out: inout ProjectionBuffer) {
        out.reserve(32)
        for index in 0..<16 { writeHexadecimal(byte(index), into: &out) }
    }

    /// The same bits as a UUID of version 8 (RFC 9562: the meaning is the writer's own).
    func writeUUID(into out: inout ProjectionBuffer) {
        out.reserve(36)
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 { out.append(0x2D) }
            writeHexadecimal(uuidByte(index), into: &out)
        }
    }

    func writeUUIDBytes(into out: inout ProjectionBuffer) {
        for index in 0..<16 { out.append(uuidByte(index)) }
    }

    private func uuidByte(_ index: Int) -> UInt8 {
        switch index {
        case 6: byte(index) & 0x0F | 0x80
        case 8: byte(index) & 0x3F | 0x80
        default: byte(index)
        }
    }

    private func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: words[index >> 2] >> UInt32(24 - 8 * (index & 3))) }

    @inline(__always) private func writeHexadecimal(_ byte: UInt8, into out: inout ProjectionBuffer) {
        out.append(Self.digit(byte >> 4))
        out.append(Self.digit(byte & 15))
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
