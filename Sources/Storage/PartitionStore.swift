public import NIOCore

/// The seam to the engine that keeps records. Narrow and asynchronous, so that a replicated engine can stand behind it: no
/// file path, no file position and no lock of the engine's shows through.
public protocol PartitionStore: Sendable {
    /// The open partition, or nil. Costs no wait.
    func partition(_ id: PartitionID) -> (any PartitionLog)?

    /// Makes a partition durable and opens it. Creating one that exists opens it and applies the settings.
    func create(_ id: PartitionID, settings: PartitionSettings) async throws(StorageError) -> any PartitionLog

    /// Removes a partition and all that it kept. Removing one that does not exist is not an error.
    func delete(_ id: PartitionID) async throws(StorageError)

    /// Every partition that the store holds: the composition root deletes those that the metadata does not know.
    func partitions() -> [PartitionID]

    /// Called after each commit group with the partitions whose high watermark rose: on the log thread, so it must be brief.
    /// Set once, before the first append.
    func observe(_ observer: any HighWatermarkObserver)

    func statistics() -> StoreStatistics

    /// The trees that grew since the last call, each once, as they are now. A partition that was deleted meanwhile may be among them.
    func takeGrownTrees() -> [GrownTree]

    /// Runs retention, recycling and checkpoints of the store once. The control plane calls it on its timer.
    func maintain() async

    /// Finishes the group in flight, marks a clean shutdown and closes every file.
    func shutDown() async
}

/// One partition's log. Appends are ordered by the call; all properties are read without waiting.
public protocol PartitionLog: AnyObject, Sendable {
    var id: PartitionID { get }
    var bounds: LogBounds { get }

    /// Queues a batch. Batches of one caller are appended in the order of the calls. The outcome arrives through `completions`
    /// once the batch is durable or refused; with nil (`acks=0`) nobody is told.
    func append(_ batch: AdmittedBatch, ticket: AppendTicket, completions: (any AppendCompletionQueue)?)

    /// Reads whole batches. The completion runs inline when nothing had to be waited for (recent or cached data, or a
    /// refusal), else on a reader thread.
    func read(_ request: LogReadRequest, completion: @escaping @Sendable (Result<LogSlice, StorageError>) -> Void)

    /// Kafka's ListOffsets by time: the first record at or after the time. nil where there is none.
    func lookUp(_ query: OffsetQuery) async throws(StorageError) -> TimestampedOffset?

    /// KIP-101: the end offset of the largest epoch not above the one asked for; nil when all epochs are later.
    func endOffset(ofEpoch epoch: Int32) -> (epoch: Int32, endOffset: Offset)?

    /// `DeleteRecords` and retention by hand: raises the log start durably. Never lowers it.
    /// - Throws: `.offsetOutOfRange` when `offset` lies above the high watermark.
    func truncateHead(before offset: Offset) async throws(StorageError) -> Offset

    func apply(_ settings: PartitionSettings) async throws(StorageError)

    /// The partition's tree; nil where records are no leaves (`PartitionSettings.recordsLeaves`).
    var evidence: (any PartitionEvidence)? { get }
}

/// Names an append for its caller. Opaque to the store.
public struct AppendTicket: Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Receives all outcomes of one commit group for one event loop in one call, so that a group costs one wake-up a loop however
/// many requests it answers. Called on the log thread (or inline from `append` when a batch is refused at once): the
/// implementation hops to its event loop and returns.
public protocol AppendCompletionQueue: AnyObject, Sendable {
    func complete(_ outcomes: [(ticket: AppendTicket, outcome: AppendOutcome)])
}

public enum AppendOutcome: Sendable {
    /// Durable. `appendTime` in ms since 1970.
    case appended(base: Offset, appendTime: Int64, logStart: Offset)
    /// The same producer, epoch and sequence was appended before, at `base`, and is durable.
    case duplicate(base: Offset, appendTime: Int64, logStart: Offset)
    /// KIP-98: the sequence neither follows the last one nor repeats one of the last five batches.
    case outOfOrderSequence
    /// KIP-360: the producer's epoch is older than the one the log knows.
    case staleProducerEpoch
    case failed(StorageError)
}

public protocol HighWatermarkObserver: AnyObject, Sendable {
    func highWatermarkRose(_ partitions: [PartitionID])
}

/// Where a partition begins and ends, read in one piece.
public struct LogBounds: Hashable, Sendable {
    public let logStart: Offset
    /// One past the last durable record; nothing above it is served.
    public let highWatermark: Offset
    public let leaderEpoch: Int32
    /// Bytes on disk, our frame headers included.
    public let sizeBytes: Int64
    public let state: State

    public enum State: Hashable, Sendable {
        case online
        /// Takes no records, because the disk refused a write or a sync; what is durable is served. The sentence says why.
        case readOnly(String)
        /// Taken out of service; the sentence says why and what to do.
        case offline(String)
    }

    public init(logStart: Offset, highWatermark: Offset, leaderEpoch: Int32, sizeBytes: Int64, state: State) {
        self.logStart = logStart
        self.highWatermark = highWatermark
        self.leaderEpoch = leaderEpoch
        self.sizeBytes = sizeBytes
        self.state = state
    }
}

public struct LogReadRequest: Hashable, Sendable {
    public let from: Offset
    /// Whole batches up to this many bytes.
    public let bytesMax: Int
    /// KIP-74: the first batch is returned even when it alone is larger than `bytesMax`.
    public let firstBatchWhole: Bool
    /// For whom it reads: reads that wait for the disk take turns between readers. 0 for the broker itself.
    public let reader: UInt64

    public init(from: Offset, bytesMax: Int, firstBatchWhole: Bool, reader: UInt64 = 0) {
        self.reader = reader
        self.from = from
        self.bytesMax = bytesMax
        self.firstBatchWhole = firstBatchWhole
    }
}

/// Batches as they were stored, ready to be sent: the first may begin before the offset asked for, as in Kafka.
public struct LogSlice: Sendable {
    public let batches: [StoredBatch]
    public let bounds: LogBounds
    /// The read ended before its bytes did, and not at the end of the log: reading on behind the last batch may bring more.
    public let hasMore: Bool
    /// What the batches hold of memory, which may be more than they are long.
    public let memoryBytes: Int

    /// - Parameter memoryBytes: nil for as much as the batches are long.
    public init(batches: [StoredBatch], bounds: LogBounds, hasMore: Bool = false, memoryBytes: Int? = nil) {
        self.batches = batches
        self.bounds = bounds
        self.hasMore = hasMore
        self.memoryBytes = memoryBytes ?? batches.reduce(0) { $0 + $1.bytes.readableBytes }
    }

    public var sizeBytes: Int { batches.reduce(0) { $0 + $1.bytes.readableBytes } }
}

/// A verified batch of the log with the facts of its frame.
public struct StoredBatch: Sendable {
    /// The record batch with its final base offset and leader epoch.
    public let bytes: ByteBuffer
    public let baseOffset: Offset
    public let lastOffset: Offset
    /// ms since 1970, the broker's clock, never decreasing within a partition.
    public let appendTime: Int64
    public let writer: Digest256
    public let schemaIDs: SchemaIDs

    public init(
        bytes: ByteBuffer, baseOffset: Offset, lastOffset: Offset, appendTime: Int64, writer: Digest256, schemaIDs: SchemaIDs
    ) {
        self.bytes = bytes
        self.baseOffset = baseOffset
        self.lastOffset = lastOffset
        self.appendTime = appendTime
        self.writer = writer
        self.schemaIDs = schemaIDs
    }
}

public enum OffsetQuery: Hashable, Sendable {
    /// The first record whose own timestamp is at or after this, ms since 1970 (ListOffsets).
    case recordTime(atLeast: Int64)
    /// The record with the largest timestamp (KIP-734).
    case largestRecordTime
    /// The first record appended at or after this, ms since 1970 (replay, audits, retention).
    case appendTime(atLeast: Int64)
}

public struct TimestampedOffset: Hashable, Sendable {
    public let offset: Offset
    public let timestamp: Int64
    public let leaderEpoch: Int32

    public init(offset: Offset, timestamp: Int64, leaderEpoch: Int32) {
        self.offset = offset
        self.timestamp = timestamp
        self.leaderEpoch = leaderEpoch
    }
}

/// What the log needs to know of a topic's configuration. Durations in ms, sizes in bytes, -1 for "no limit".
public struct PartitionSettings: Hashable, Sendable {
    public var retentionMilliseconds: Int64
    public var retentionBytes: Int64
    public var segmentBytes: Int64
    public var segmentMilliseconds: Int64
    /// The broker's own topics may fill the disk's reserve (DESIGN.md, promise 3).
    public var mayUseReserve: Bool
    /// `hanbridge.evidence=record`: the partition's records become leaves of a tree. Chosen when a topic is made, and never changed.
    public var recordsLeaves: Bool

    public init(
        retentionMilliseconds: Int64 = -1, retentionBytes: Int64 = -1, segmentBytes: Int64 = 1 << 30,
        segmentMilliseconds: Int64 = 7 * 24 * 3600 * 1000, mayUseReserve: Bool = false, recordsLeaves: Bool = false
    ) {
        self.retentionMilliseconds = retentionMilliseconds
        self.retentionBytes = retentionBytes
        self.segmentBytes = segmentBytes
        self.segmentMilliseconds = segmentMilliseconds
        self.mayUseReserve = mayUseReserve
        self.recordsLeaves = recordsLeaves
    }
}

/// What the store counts, for `/metrics` and `doctor`. Totals since start.
public struct StoreStatistics: Sendable {
    public var commitGroups: UInt64 = 0
    public var appendedBatches: UInt64 = 0
    public var appendedBytes: UInt64 = 0
    public var syncNanoseconds: UInt64 = 0
    public var diskFreeBytes: UInt64 = 0
    public var diskTotalBytes: UInt64 = 0
    public var storedBytes: UInt64 = 0
    public var offlinePartitions: [(id: PartitionID, why: String)] = []
    /// Records are refused for want of space, or would be.
    public var isFull = false
    /// The file system refused the last write, and has taken none since.
    public var isReadOnly = false
    /// Idempotent producers remembered, over all partitions.
    public var producers = 0

    public init() {}
}
