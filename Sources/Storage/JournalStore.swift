public import KafkaWire

/// The node's journal of checkpoints as a log of its own (EVIDENCE.md, "Witnesses and time"): leaf = a partition's signed note, as it was
/// signed. What is time-stamped is the journal's own signed note, so one token covers every partition.
public protocol JournalStore: Sendable {
    /// Where it stands. Made, with a new id, at the first call.
    func journal() async throws(StorageError) -> JournalHead
    /// Gives it another id; what it holds stays.
    func reopenJournal(as id: UUID128) async throws(StorageError)
    /// All of it or nothing, durable on return.
    func append(_ growth: JournalGrowth) async throws(StorageError)
    /// Hashes of a tile level, 32 bytes each; nil where the journal has not got so far.
    func journalHashes(level: Int, _ range: Range<Int64>) async throws(StorageError) -> [UInt8]?
    /// The checkpoints that are these leaves, with whatever cosignatures came since; nil where the journal has not got so far.
    func journalEntries(_ range: Range<Int64>) async throws(StorageError) -> [StoredCheckpoint]?
    /// Keeps what an authority answered over the journal's note of this size.
    func putTimestamp(_ token: [UInt8], ofJournal size: Int64, at time: Int64) async throws(StorageError)
    /// The smallest time-stamped checkpoint of the partition that has `size` leaves at least, and the first token that covers it.
    func timestamp(of partition: PartitionID, atLeast size: Int64) async throws(StorageError) -> StoredTimestamp?
}

public struct JournalHead: Hashable, Sendable {
    public let id: UUID128
    /// Leaves.
    public let size: Int64
    /// The signed note of that size; nil while there is none.
    public let note: [UInt8]?
    /// The largest size that has a token.
    public let stampedSize: Int64
    /// ms since 1970: when the oldest note without a token was made.
    public let waitingSince: Int64?
    /// The largest checkpoint of each partition that is a leaf.
    public let journalled: [PartitionID: Int64]

    public init(
        id: UUID128, size: Int64 = 0, note: [UInt8]? = nil, stampedSize: Int64 = 0, waitingSince: Int64? = nil, journalled: [PartitionID: Int64] = [:]
    ) {
        self.id = id
        self.size = size
        self.note = note
        self.stampedSize = stampedSize
        self.waitingSince = waitingSince
        self.journalled = journalled
    }
}

/// What one turn adds to the journal.
public struct JournalGrowth: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let partition: PartitionID
        /// Of the partition's checkpoint.
        public let size: Int64

        public init(partition: PartitionID, size: Int64) {
            self.partition = partition
            self.size = size
        }
    }

    /// Hashes that a tile level gets, 32 bytes each.
    public struct Level: Hashable, Sendable {
        public let level: Int
        /// How many it had.
        public let start: Int64
        public let hashes: [UInt8]

        public init(level: Int, start: Int64, hashes: [UInt8]) {
            self.level = level
            self.start = start
            self.hashes = hashes
        }
    }

    /// Leaves before them.
    public let start: Int64
    public let entries: [Entry]
    public let levels: [Level]
    /// The journal's signed note with them.
    public let note: [UInt8]
    /// ms since 1970
    public let madeAt: Int64

    public init(start: Int64, entries: [Entry], levels: [Level], note: [UInt8], madeAt: Int64) {
        self.start = start
        self.entries = entries
        self.levels = levels
        self.note = note
        self.madeAt = madeAt
    }
}

/// A time-stamped checkpoint of a partition.
public struct StoredTimestamp: Hashable, Sendable {
    public let checkpoint: StoredCheckpoint
    /// Its leaf.
    public let index: Int64
    public let journalSize: Int64
    /// What is stamped.
    public let journalNote: [UInt8]
    public let token: [UInt8]

    public init(checkpoint: StoredCheckpoint, index: Int64, journalSize: Int64, journalNote: [UInt8], token: [UInt8]) {
        self.checkpoint = checkpoint
        self.index = index
        self.journalSize = journalSize
        self.journalNote = journalNote
        self.token = token
    }
}
