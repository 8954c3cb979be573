/// What an operator may set of the store, with its limits. Sizes in bytes, durations in ms.
public struct CommitLogSettings: Hashable, Sendable {
    /// The leader epoch of this run (`MetadataImage.runEpoch`): every frame carries it.
    public var leaderEpoch: Int32 = 0
    /// Kafka's `producer.id.expiration.ms`.
    public var producerExpirationMilliseconds: Int64 = 24 * 3600 * 1000
    /// Idempotent producers remembered per partition, and over all partitions, at some 270 bytes each; beyond either those silent
    /// longest are forgotten, as after `producerExpirationMilliseconds`.
    public var producersPerPartitionMax = 10_000
    public var producersMax = 500_000
    /// What may wait for the log thread. Beyond either, appends are refused with `.overloaded`.
    public var queueBytesMax = 64 << 20
    public var queueCountMax = 65_536
    /// One commit group's bytes; what waits beyond goes into the next.
    public var groupBytesMax = 16 << 20
    /// The space that only partitions with `mayUseReserve` may fill, and other stores on the disk (the metadata). On small
    /// disks at most a sixteenth of the disk.
    public var reserveBytes: Int64 = 64 << 20
    /// The journal's size: `journalStretches` stretches, one in use while the segments behind the others are synced. The larger a
    /// stretch, the fewer syncs of segments for the same records: a thousand of them take half a second. On a disk with little
    /// space it is a quarter of this, or a sixteenth.
    public var journalStretchBytes: Int64 = 256 << 20
    public var journalStretches = 4
    /// Zeros written ahead of a segment that is synced in small pieces: at first, and at most.
    public var writeAheadBytesMin: Int64 = 128 << 10
    public var writeAheadBytesMax: Int64 = 16 << 20
    /// Frames that the journal has made durable wait in memory until a block of so many bytes of their segment's file is whole; over all
    /// segments so much memory at most: for a thousand partitions, and for half as many that are just going over to their next block. 0 writes
    /// each group at once.
    public var gatheredSegmentBytes = 64 << 10
    public var gatheredBytesMax = 96 << 20
    /// Blocks reserved ahead of a segment that takes large commits: measured three times as fast as growing it write by write.
    public var reserveAheadBytes: Int64 = 64 << 20
    /// A synced mark is put down after so many bytes: what a restart after a crash has to read again.
    public var checkpointBytes: Int64 = 64 << 20
    /// The same over all partitions: of a thousand none may get as far as `checkpointBytes`, and a restart would read all that they have.
    public var checkpointBytesInAll: Int64 = 1 << 30
    /// What was written last and is left in the page cache, over all partitions.
    public var recentBytesMax: Int64 = 256 << 20
    /// Open segment files beyond those that wait for a sync.
    public var openFilesMax = 4_096
    /// Threads for reads that have to wait for the device, and how many reads may wait for them.
    public var readerThreads = 2
    public var readsWaitingMax = 4_096
    /// Records of a partition that become leaves before it is the next partition's turn.
    public var treeLeavesPerTurn: Int64 = 1 << 16
    /// How fast the scrubber re-reads what was written, bytes a second; 0 turns it off.
    public var scrubBytesPerSecond: Int64 = 8 << 20
    /// Zeroed files kept for new segments.
    public var spareSegmentsMax = 4
    public var spareSegmentBytesMax: Int64 = 64 << 20

    public init() {}
}
