import CDigest

/// Makes entries and leaves of records. The contents are gathered in a buffer that fits the processor's cache and hashed together,
/// because many messages at once are hashed faster than one after the other.
///
/// Keep one and use it again: its buffers stay.
public struct LeafBatch: ~Copyable {
    /// The entries so far, one behind the other. Complete after `finish`.
    public private(set) var entries: [UInt8] = []
    public private(set) var leaves: [TreeHash] = []

    private let buffer: UnsafeMutableRawBufferPointer
    private var used = 0
    private var messages: [hb_message] = []

    /// Contents hashed together: more gain little, and what was copied would fall out of the cache before it is hashed.
    private static let bufferBytes = 64 << 10
    private static let messagesMax = 256

    public init() {
        buffer = .allocate(byteCount: Self.bufferBytes, alignment: 64)
        messages.reserveCapacity(Self.messagesMax)
    }

    deinit { buffer.deallocate() }

    /// Forgets what it made, and what it was about to make.
    public mutating func begin() {
        messages.removeAll(keepingCapacity: true)
        used = 0
        entries.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
    }

    /// Adds a record. `contentLength` of the facts is set here unless it is hidden.
    /// - Returns: false, with nothing added, where the content cannot be written (`RecordContent.encodedBytes`).
    /// - Precondition: the salt has 16 bytes.
    public mutating func add(_ content: RecordContent, salt: UnsafeRawBufferPointer, facts: Entry.Facts) -> Bool {
        precondition(salt.count == Commitment.saltBytes, "a salt has 16 bytes, not \(salt.count)")
        guard let contentBytes = content.encodedBytes else { return false }
        let bytes = Commitment.prefixBytes + contentBytes
        if used + bytes > buffer.count || messages.count == Self.messagesMax { commit() }
        appendFacts(facts, contentBytes: contentBytes)
        if bytes > buffer.count {
            // A content beyond the buffer is hashed by itself: of long messages many at once are no faster.
            let large = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
            defer { large.deallocate() }
            Self.write(content, salt, to: large)
            messages.append(hb_message(bytes: large.baseAddress, count: bytes))
            commit()
        } else {
            let place = UnsafeMutableRawBufferPointer(rebasing: buffer[used..<used + bytes])
            Self.write(content, salt, to: place)
            messages.append(hb_message(bytes: place.baseAddress, count: bytes))
            used += bytes
        }
        return true
    }

    /// Adds a record whose commitment is known: its entry was kept.
    public mutating func add(_ entry: Entry) {
        commit()
        entries.append(contentsOf: entry.bytes)
    }

    /// Completes entries and leaves of all that was added.
    public mutating func finish() {
        commit()
        let done = leaves.count * Entry.sizeBytes
        leaves += entries.withUnsafeBytes { TreeHashing.leaves(of: $0.part(done..<$0.count)) }
    }

    private mutating func appendFacts(_ facts: Entry.Facts, contentBytes: Int) {
        var facts = facts
        if facts.contentLength != Entry.hiddenLength { facts.contentLength = UInt32(contentBytes) }
        withUnsafeTemporaryAllocation(byteCount: Entry.sizeBytes, alignment: 8) { entry in
            facts.write(to: entry)
            UnsafeMutableRawBufferPointer(rebasing: entry[72...]).initializeMemory(as: UInt8.self, repeating: 0)
            entries.append(contentsOf: entry)
        }
    }

    private static func write(_ content: RecordContent, _ salt: UnsafeRawBufferPointer, to bytes: UnsafeMutableRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: bytes[..<16]).copyBytes(from: Commitment.label)
        UnsafeMutableRawBufferPointer(rebasing: bytes[16..<32]).copyMemory(from: salt)
        content.encode(into: UnsafeMutableRawBufferPointer(rebasing: bytes[Commitment.prefixBytes...]))
    }

    /// Hashes what was gathered into the entries at the end.
    private mutating func commit() {
        guard !messages.isEmpty else { return }
        let commitments = TreeHashing.hashes(of: messages)
        let first = entries.count / Entry.sizeBytes - commitments.count
        entries.withUnsafeMutableBytes { bytes in
            for (index, commitment) in commitments.enumerated() {
                let end = (first + index + 1) * Entry.sizeBytes
                commitment.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[end - 32..<end]).copyMemory(from: $0) }
            }
        }
        messages.removeAll(keepingCapacity: true)
        used = 0
    }
}
