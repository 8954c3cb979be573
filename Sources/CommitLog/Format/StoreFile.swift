import KafkaWire

/// `store`: three lines that say what the directory is.
///
/// ```
/// hanbridge store
/// format 1
/// id 0b9e7a52c4d14e6f8a3b5c6d7e8f9a01
/// ```
struct StoreFile: Hashable, Sendable {
    static let fileName = "store"
    /// Raised with every change that an older program would misread.
    static let formatKnown = 1

    var format = StoreFile.formatKnown
    var id: UUID128

    var text: String { "hanbridge store\nformat \(format)\nid \(id.hex)\n" }

    /// nil where the text is something else. The rest of a newer format's text may be anything.
    static func formatNumber(in text: String) -> Int? {
        let lines = text.split(separator: "\n")
        guard lines.count >= 2, lines[0] == "hanbridge store", lines[1].hasPrefix("format ") else { return nil }
        return Int(lines[1].dropFirst("format ".count))
    }

    init(id: UUID128) { self.id = id }

    init?(_ text: String) {
        let lines = text.split(separator: "\n")
        guard let format = Self.formatNumber(in: text), lines.count == 3, lines[2].hasPrefix("id "),
            let id = UUID128(hex: lines[2].dropFirst(3))
        else { return nil }
        self.format = format
        self.id = id
    }
}
