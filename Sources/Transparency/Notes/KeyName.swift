/// The name of a key in signature lines: not empty, no Unicode spaces, no plus sign (C2SP signed-note, "Format"), and no control
/// characters, which a note has none of.
public struct KeyName: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Returns: nil where the text is no name, or longer than is accepted.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= TransparencyLimits.nameBytesMax else { return nil }
        for scalar in text.unicodeScalars {
            if scalar == "+" || scalar.value < 0x20 || scalar.value == 0x7F || scalar.properties.isWhitespace { return nil }
        }
        self.text = text
    }

    init(bytes: ArraySlice<UInt8>) throws(FormatFault) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw FormatFault(.notUTF8, at: bytes.startIndex) }
        guard let name = KeyName(text) else { throw FormatFault(.malformedName, at: bytes.startIndex) }
        self = name
    }

    public var description: String { text }

    // Byte by byte: Swift's own comparison takes differently composed characters for the same, a signature does not.
    public static func == (left: KeyName, right: KeyName) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
