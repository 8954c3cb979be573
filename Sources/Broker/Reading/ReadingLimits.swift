/// What bounds the work for restricted subscribers.
enum ReadingLimits {
    /// Bytes read from the log and looked at in one go: what one turn of ``ProjectionCrew`` takes.
    static let stretchBytes = 1 << 20
    /// Bytes of records, uncompressed, that one fetch looks at before it answers with what it has.
    static let scannedBytesMax = 32 << 20
    /// How long a fetch looks for records that are shown although it does not wait for any.
    static let scanMilliseconds: Int64 = 100
    /// Bytes of records that a fetch looks at in one turn of its event loop; what is more goes to another thread.
    static let turnBytesMax = 32 << 10
    /// What looking up a batch that was made before counts for.
    static let lookUpBytes = 256
    /// Batches made for restricted subscribers that are kept.
    static let projectedBytesMax = 64 << 20
    /// Threads that mask.
    static let projectionsAtOnce = 2
    /// Stretches that wait for one.
    static let projectionsWaitingMax = 4096
    /// Restrictions that are known at a time: one a topic and set of views that somebody reads under.
    static let restrictionsMax = 10_000
    /// Places of withheld records that are remembered, so that one is told about once.
    static let withheldMemoryMax = 100_000
    /// How long a fetch waits until rules are made into projections, and the audit has the schemas that they write under, in all its partitions
    /// together.
    static let makingMilliseconds: Int64 = 5_000
    /// How long a fetch waits until the audit has what it met and is withheld, in all its partitions together.
    static let withheldMilliseconds: Int64 = 5_000
    /// Stretches whose withheld records wait to be told of behind others of their partition.
    static let withheldWaitingMax = 4096
    /// Withheld records that are held for quarantines.
    static let withheldBytesMax = 64 << 20

    static let rows = [
        Limits.Row(
            name: "bytes of records that one fetch of a restricted subscriber looks at, uncompressed", value: scannedBytesMax,
            meaning: "it answers with what it has; the next goes on behind it"),
        Limits.Row(name: "bytes of batches kept for restricted subscribers", value: projectedBytesMax, meaning: "the oldest is made again"),
        Limits.Row(name: "threads that mask", value: projectionsAtOnce, meaning: "the next stretch waits for its turn"),
        Limits.Row(name: "stretches of records that wait to be masked", value: projectionsWaitingMax, meaning: "KAFKA_STORAGE_ERROR, which clients retry"),
        Limits.Row(name: "restrictions of topics known at a time", value: restrictionsMax, meaning: "all are forgotten and made again"),
        Limits.Row(
            name: "wait of a fetch until its rules are made into a projection and its schema is audited, ms", value: Int(makingMilliseconds),
            meaning: "KAFKA_STORAGE_ERROR, which clients retry; the making goes on"),
        Limits.Row(name: "withheld records remembered", value: withheldMemoryMax, meaning: "the oldest is forgotten; it may be audited again"),
        Limits.Row(
            name: "wait of a fetch for the audit of withheld records, ms", value: Int(withheldMilliseconds),
            meaning: "KAFKA_STORAGE_ERROR, which clients retry; nobody passes them"),
        Limits.Row(
            name: "stretches of withheld records that wait for the audit", value: withheldWaitingMax,
            meaning: "KAFKA_STORAGE_ERROR, which clients retry"),
        Limits.Row(
            name: "bytes of withheld records on their way into quarantines", value: withheldBytesMax,
            meaning: "withheld and audited as `notKept`, and not copied"),
    ]
}
