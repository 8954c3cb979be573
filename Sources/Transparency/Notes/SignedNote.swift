/// A line of a note: `— <name> base64(key id || signature)`.
public struct NoteSignature: Hashable, Sendable {
    public let name: KeyName
    public let keyID: UInt32
    public let bytes: [UInt8]

    public init(name: KeyName, keyID: UInt32, bytes: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    /// Whether it says that it is this key's.
    public func isNamed(_ key: VerifierKey) -> Bool { name == key.name && keyID == key.keyID }

    static let dash = Array("— ".utf8)

    /// With its newline.
    public var line: [UInt8] {
        var blob: [UInt8] = []
        blob.append(bigEndian: keyID)
        return Self.dash + Array(name.text.utf8) + [UInt8(ascii: " ")] + Base64.encode(blob + bytes) + [TextLines.newline]
    }

    /// Reads a line without its newline.
    init(line: ArraySlice<UInt8>) throws(FormatFault) {
        guard line.starts(with: Self.dash) else { throw FormatFault(.malformedLine, at: line.startIndex) }
        let rest = line.dropFirst(Self.dash.count)
        guard let space = rest.firstIndex(of: UInt8(ascii: " ")) else { throw FormatFault(.malformedLine, at: line.startIndex) }
        let name = try KeyName(bytes: rest[..<space])
        let encoded = rest[(space + 1)...]
        guard encoded.count <= TransparencyLimits.signatureBytesMax / 3 * 4 + 8 else { throw FormatFault(.tooLong, at: encoded.startIndex) }
        guard let blob = Base64.decode(encoded) else { throw FormatFault(.malformedBase64, at: encoded.startIndex) }
        guard blob.count > 4 else { throw FormatFault(.tooShort, at: encoded.startIndex) }
        guard blob.count - 4 <= TransparencyLimits.signatureBytesMax else { throw FormatFault(.tooLong, at: encoded.startIndex) }
        self.init(name: name, keyID: blob.withUnsafeBytes { $0.integer(at: 0) }, bytes: Array(blob.dropFirst(4)))
    }
}

/// Text signed by one or more keys (C2SP signed-note). Parsing checks the form; what a signature is worth, whoever knows the keys.
public struct SignedNote: Hashable, Sendable {
    /// Ends in a newline.
    public let text: [UInt8]
    public var signatures: [NoteSignature]

    /// - Precondition: the text is one that a note can have.
    public init(text: [UInt8], signatures: [NoteSignature]) {
        precondition(text.last == TextLines.newline, "a note's text ends in a newline")
        self.text = text
        self.signatures = signatures
    }

    public var bytes: [UInt8] { signatures.reduce(into: text + [TextLines.newline]) { $0 += $1.line } }

    public init(_ bytes: [UInt8]) throws(FormatFault) {
        guard bytes.count <= TransparencyLimits.noteBytesMax else { throw FormatFault(.tooLong, at: TransparencyLimits.noteBytesMax) }
        guard bytes.last == TextLines.newline else { throw FormatFault(.missingNewline, at: bytes.count) }
        if let control = bytes.firstIndex(where: { $0 < 0x20 && $0 != TextLines.newline }) {
            throw FormatFault(.controlCharacter, at: control)
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw FormatFault(.notUTF8, at: 0) }
        let blank = Self.lastBlankLine(of: bytes)
        guard let blank else { throw FormatFault(.missingBlankLine, at: bytes.count) }
        text = Array(bytes[..<blank])
        signatures = try Self.signatures(in: bytes, from: blank + 1)
        guard !signatures.isEmpty else { throw FormatFault(.tooShort, at: bytes.count) }
    }

    /// "the text is separated from the signatures by the last empty line in the note"
    private static func lastBlankLine(of bytes: [UInt8]) -> Int? {
        var position = bytes.count - 1
        while position > 0 {
            if bytes[position] == TextLines.newline, bytes[position - 1] == TextLines.newline { return position }
            position -= 1
        }
        return nil
    }

    /// Signature lines up to the end: a note's, or the body of a witness's answer.
    public static func signatures(in bytes: [UInt8], from position: Int = 0) throws(FormatFault) -> [NoteSignature] {
        guard bytes.count <= TransparencyLimits.noteBytesMax else { throw FormatFault(.tooLong, at: TransparencyLimits.noteBytesMax) }
        var lines = TextLines(bytes, from: position)
        var signatures: [NoteSignature] = []
        while !lines.isAtEnd {
            let line = try lines.next()
            guard signatures.count < TransparencyLimits.signaturesMax else { throw FormatFault(.tooMany, at: line.startIndex) }
            signatures.append(try NoteSignature(line: line))
        }
        return signatures
    }

    /// What the signatures of a key are worth.
    public enum Verification: Hashable, Sendable {
        case signed
        /// None of its signatures is there.
        case unsigned
        /// A line has its name and id and does not verify: the note is to be refused whole.
        case forged
    }

    public func verification(by key: VerifierKey) -> Verification {
        let own = signatures.filter { $0.isNamed(key) }
        guard !own.isEmpty else { return .unsigned }
        return own.allSatisfy { key.signed(text, $0.bytes) } ? .signed : .forged
    }
}
