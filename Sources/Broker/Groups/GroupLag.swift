public import Storage

/// How far a group is behind in one partition.
public struct PartitionLag: Hashable, Sendable {
    public let partition: PartitionName
    public let committedOffset: Int64
    /// One past the last record: the high watermark.
    public let endOffset: Int64
    /// Records not read yet; those that retention has deleted do not count.
    public let records: Int64
    /// How long the first of them has been waiting, in ms since its append; 0 when there is none, nil when finding out would
    /// have taken more reads than allowed or the log could not be read.
    public let milliseconds: Int64?
}

public struct GroupLag: Hashable, Sendable {
    public let group: String
    /// Sorted by topic and partition.
    public let partitions: [PartitionLag]

    public var records: Int64 { partitions.reduce(0) { $0 + $1.records } }
    /// Of the partition that waits longest; nil when none is known.
    public var milliseconds: Int64? { partitions.compactMap(\.milliseconds).max() }
}
