/// Base64 of RFC 4648, section 4, in its one canonical spelling: padded, no line breaks, unused bits zero. One text for one value, so
/// that two spellings of a signature cannot pass for two signatures.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
    private static let padding = UInt8(ascii: "=")

    public static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var held = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            held += 1
            if held == 3 {
                for shift in [18, 12, 6, 0] { text.append(alphabet[Int(group >> UInt32(shift) & 63)]) }
                group = 0
                held = 0
            }
        }
        guard held > 0 else { return text }
        group <<= held == 1 ? 16 : 8
        text.append(alphabet[Int(group >> 18 & 63)])
        text.append(alphabet[Int(group >> 12 & 63)])
        text.append(held == 2 ? alphabet[Int(group >> 6 & 63)] : padding)
        text.append(padding)
        return text
    }

    public static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: encode(bytes), as: UTF8.self) }

    /// - Returns: nil unless `text` is the canonical spelling of some bytes.
    public static func decode(_ text: some RandomAccessCollection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let characters = text.count - text.suffix(2).reversed().prefix { $0 == padding }.count
        guard text.count - characters <= 2, text.isEmpty == (characters == 0) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters * 3 / 4)
        var group: UInt32 = 0
        var bits = 0
        for character in text.prefix(characters) {
            let value = values[Int(character)]
            guard value != 0xFF else { return nil }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
                group &= (1 << UInt32(bits)) - 1
            }
        }
        guard group == 0, bits < 6 else { return nil }
        return bytes
    }
}
