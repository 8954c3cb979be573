/// A log's size and root at a moment: the text that is signed and cosigned (C2SP tlog-checkpoint). Ours are exactly three lines;
/// extension lines, which nobody could audit, are refused.
public struct Checkpoint: Hashable, Sendable {
    /// The log's name as it stands in the first line. Any C2SP log's: what of it is ours, `LogOrigin` says.
    public let origin: KeyName
    /// Leaves.
    public let size: Int64
    public let root: TreeHash

    /// - Precondition: the size is not negative.
    public init(origin: KeyName, size: Int64, root: TreeHash) {
        precondition(size >= 0, "a tree of \(size) leaves")
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The note's text.
    public var text: [UInt8] {
        var text = TextBuilder()
        text.line(origin.text)
        text.line(String(size))
        text.line(Base64.encode(root.bytes))
        return text.bytes
    }

    public init(text: [UInt8]) throws(FormatFault) {
        var lines = TextLines(text)
        origin = try KeyName(bytes: try lines.next())
        let sizeLine = try lines.next()
        guard let size = Decimal.decode(sizeLine) else { throw FormatFault(.malformedNumber, at: sizeLine.startIndex) }
        self.size = size
        root = try TreeHash(base64: try lines.next())
        guard lines.isAtEnd else { throw FormatFault(.extensionLines, at: lines.position) }
    }

    /// Whether the root can be one of a tree of that size: the tree of nothing has one root only (RFC 6962, section 2.1).
    public var isPlausible: Bool { size > 0 || root == TreeHashing.emptyRoot }

    public func signed(by key: SigningKey) -> SignedCheckpoint {
        SignedCheckpoint(checkpoint: self, note: SignedNote(text: text, signatures: [key.sign(noteText: text, as: origin)]))
    }
}

/// A checkpoint with the signatures that came with it, of the log and of witnesses, whatever they are worth.
public struct SignedCheckpoint: Hashable, Sendable {
    public let checkpoint: Checkpoint
    public private(set) var note: SignedNote

    /// - Precondition: the note's text is the checkpoint's.
    init(checkpoint: Checkpoint, note: SignedNote) {
        self.checkpoint = checkpoint
        self.note = note
    }

    public init(note: SignedNote) throws(FormatFault) {
        self.checkpoint = try Checkpoint(text: note.text)
        self.note = note
    }

    public init(_ bytes: [UInt8]) throws(FormatFault) { try self.init(note: try SignedNote(bytes)) }

    public var bytes: [UInt8] { note.bytes }

    /// With a witness's cosignature, unless that line is there.
    public func cosigned(_ signature: NoteSignature) -> SignedCheckpoint {
        var copy = self
        if !note.signatures.contains(signature) { copy.note.signatures.append(signature) }
        return copy
    }
}
