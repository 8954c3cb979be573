/// One record in the tree, 104 bytes (EVIDENCE.md, "The leaf: one record, leaf index = Kafka offset"). It never holds the payload,
/// only a salted commitment to it: it can be shown to those who may not read the content, and outlives the content.
///
/// ```
///   0  u8   version = 1
///   1  u8   flags: bit 0 value is null, bit 1 control record, bit 2 transactional; others 0
///   2  u16  commitment type = 1 (whole record); 2 is reserved for per-field commitments
///   4  u64  offset
///  12  i64  append time, ms: the broker's clock, never decreasing within a partition
///  20  i64  create time, ms: what the producer claims
///  28  i32  leader epoch
///  32  i32  schema id, -1 for none
///  36  u32  content length, FFFFFFFF where the topic hides lengths
///  40  32B  writer: H(DER SubjectPublicKeyInfo of the publisher's certificate), zeros for the broker itself
///  72  32B  commitment
/// ```
public struct Entry: Hashable, Sendable {
    public static let sizeBytes = 104
    static let version: UInt8 = 1
    static let wholeRecord: UInt16 = 1
    /// Instead of a length, where the topic hides them.
    public static let hiddenLength: UInt32 = .max

    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let nullValue = Flags(rawValue: 1 << 0)
        public static let controlRecord = Flags(rawValue: 1 << 1)
        public static let transactional = Flags(rawValue: 1 << 2)
        static let known: Flags = [.nullValue, .controlRecord, .transactional]
    }

    public var facts: Facts
    public var commitment: TreeHash

    /// All of an entry but the commitment: what is known of a record besides its content.
    public struct Facts: Hashable, Sendable {
        public var flags: Flags
        public var offset: Int64
        /// ms since 1970, by the broker's clock.
        public var appendTime: Int64
        /// ms since 1970, as the producer says.
        public var createTime: Int64
        public var leaderEpoch: Int32
        /// -1 for none.
        public var schemaID: Int32
        /// Bytes of `content`, or `hiddenLength`.
        public var contentLength: UInt32
        /// H(DER SubjectPublicKeyInfo); zero for the broker itself.
        public var writer: TreeHash

        public init(
            flags: Flags, offset: Int64, appendTime: Int64, createTime: Int64, leaderEpoch: Int32, schemaID: Int32,
            contentLength: UInt32, writer: TreeHash
        ) {
            self.flags = flags
            self.offset = offset
            self.appendTime = appendTime
            self.createTime = createTime
            self.leaderEpoch = leaderEpoch
            self.schemaID = schemaID
            self.contentLength = contentLength
            self.writer = writer
        }
    }

    public init(facts: Facts, commitment: TreeHash) {
        self.facts = facts
        self.commitment = commitment
    }
}

extension Entry {
    /// Reads 104 bytes.
    /// - Throws: where they are not, or say what this version does not know: such an entry is refused, never half understood.
    public init(_ bytes: UnsafeRawBufferPointer) throws(FormatFault) {
        guard bytes.count >= Self.sizeBytes else { throw FormatFault(.tooShort, at: bytes.count) }
        guard bytes.count == Self.sizeBytes else { throw FormatFault(.trailingBytes, at: Self.sizeBytes) }
        guard bytes[0] == Self.version else { throw FormatFault(.unknownVersion, at: 0) }
        let flags = Flags(rawValue: bytes[1])
        guard flags.isSubset(of: .known) else { throw FormatFault(.unknownFlags, at: 1) }
        guard bytes.integer(at: 2) == Self.wholeRecord else { throw FormatFault(.unknownCommitment, at: 2) }
        let offset: Int64 = bytes.integer(at: 4)
        guard offset >= 0 else { throw FormatFault(.malformedNumber, at: 4) }
        self.init(
            facts: Facts(
                flags: flags, offset: offset, appendTime: bytes.integer(at: 12), createTime: bytes.integer(at: 20),
                leaderEpoch: bytes.integer(at: 28), schemaID: bytes.integer(at: 32), contentLength: bytes.integer(at: 36),
                writer: TreeHash(reading: bytes.part(40..<72))),
            commitment: TreeHash(reading: bytes.part(72..<104)))
    }

    public init(_ bytes: [UInt8]) throws(FormatFault) {
        self = try bytes.withUnsafeBytes { raw in Result { () throws(FormatFault) in try Entry(raw) } }.get()
    }

    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.sizeBytes) { buffer, initialized in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            facts.write(to: raw)
            commitment.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: raw[72..<104]).copyMemory(from: $0) }
            initialized = Self.sizeBytes
        }
    }

    public var leaf: TreeHash { TreeHashing.leaf(of: bytes) }

    /// Of one of the entries that stand one behind the other.
    static func appendTime(of entries: UnsafeRawBufferPointer, at place: Int) -> Int64 { entries.integer(at: place * sizeBytes + 12) }
}

extension Entry.Facts {
    /// Writes the first 72 bytes of the entry.
    func write(to bytes: UnsafeMutableRawBufferPointer) {
        bytes[0] = Entry.version
        bytes[1] = flags.rawValue
        bytes.store(bigEndian: Entry.wholeRecord, at: 2)
        bytes.store(bigEndian: offset, at: 4)
        bytes.store(bigEndian: appendTime, at: 12)
        bytes.store(bigEndian: createTime, at: 20)
        bytes.store(bigEndian: leaderEpoch, at: 28)
        bytes.store(bigEndian: schemaID, at: 32)
        bytes.store(bigEndian: contentLength, at: 36)
        writer.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[40..<72]).copyMemory(from: $0) }
    }
}
