import KafkaWire

/// Which partition a record goes to: by its key as Kafka's Java client does it (murmur2, so that a key's records meet in one
/// partition whoever sends them), records without a key in turn, a batch at a time (KIP-480). Pure.
struct Partitioner: Sendable {
    private let partitionCount: Int32
    private var sticky: Int32

    init(partitionCount: Int32, first: Int32 = 0) {
        precondition(partitionCount > 0, "A topic has at least one partition.")
        self.partitionCount = partitionCount
        sticky = first % partitionCount
    }

    func partition(forKey key: [UInt8]?) -> Int32 {
        guard let key else { return sticky }
        return Murmur2.partition(forKey: key, count: partitionCount)
    }

    /// The next partition for records without a key.
    mutating func batchEnded() { sticky = (sticky + 1) % partitionCount }
}
