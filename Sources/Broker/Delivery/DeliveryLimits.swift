/// What bounds the ledger. README.md, "Limits", has them.
enum DeliveryLimits {
    /// How long a delivery waits to be told with those after it, in ms; with the write it is durable within a second.
    static let coalescedMilliseconds: Int64 = 900
    /// The same for reads of `_audit.*`.
    static let auditCoalescedMilliseconds: Int64 = 60_000
    /// Partitions whose deliveries one connection keeps apart.
    static let streamsPerConnectionMax = 1_024
    /// Partitions that all connections keep apart.
    static let streamsMax = 200_000
    /// Runs of offsets that wait in one partition of a connection.
    static let runsMax = 4_096
    /// Bytes of the entries that wait for the disk, as estimated.
    static let waitingBytesMax = 16 << 20
    /// Offsets reserved ahead on a strict topic.
    static let windowOffsetsMin: Int64 = 1_024
    static let windowOffsetsMax: Int64 = 1 << 20
    /// A window that nothing is sent from for so long is closed, in ms.
    static let windowIdleMilliseconds: Int64 = 60_000
    /// A reader over HTTPS is forgotten when it was silent for so long, in ms.
    static let readerIdleMilliseconds: Int64 = 60_000
    /// Readers over HTTPS that an event loop remembers.
    static let readersMax = 10_000
    /// About how large an entry gets before another one is begun, in bytes.
    static let entryBytesSoftMax = 64 << 10

    static let rows = [
        Limits.Row(
            name: "partitions whose deliveries are kept apart, a connection", value: streamsPerConnectionMax,
            meaning: "those before are written down at once"),
        Limits.Row(
            name: "partitions whose deliveries are kept apart, in all", value: streamsMax,
            meaning: "those before are written down at once, a fetch waits"),
        Limits.Row(name: "runs of offsets delivered, a partition", value: runsMax, meaning: "written down at once"),
        Limits.Row(
            name: "bytes of delivery entries that wait for the disk", value: waitingBytesMax,
            meaning: "a fetch waits; while the disk refuses, KAFKA_STORAGE_ERROR"),
        Limits.Row(
            name: "offsets reserved ahead on a strict topic", value: Int(windowOffsetsMax),
            meaning: "reserved when they come; never fewer than one batch"),
        Limits.Row(name: "unused reservation, ms", value: Int(windowIdleMilliseconds), meaning: "closed"),
        Limits.Row(name: "readers over HTTPS whose deliveries are coalesced, an event loop", value: readersMax, meaning: "the one silent longest is told and forgotten"),
    ]
}
