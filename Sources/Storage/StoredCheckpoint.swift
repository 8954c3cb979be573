/// A checkpoint as it was signed, in the node's journal of checkpoints.
public struct StoredCheckpoint: Hashable, Sendable {
    public let partition: PartitionID
    /// Leaves.
    public let size: Int64
    /// ms since 1970
    public let madeAt: Int64
    /// The signed note (C2SP tlog-checkpoint), with the cosignatures that came with it.
    public var note: [UInt8]
    /// Whether the witnesses that the policy asks for have cosigned it.
    public var isWitnessed: Bool

    public init(partition: PartitionID, size: Int64, madeAt: Int64, note: [UInt8], isWitnessed: Bool = false) {
        self.partition = partition
        self.size = size
        self.madeAt = madeAt
        self.note = note
        self.isWitnessed = isWitnessed
    }
}
