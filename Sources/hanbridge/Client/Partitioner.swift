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
        return Int32(bitPattern: Self.murmur2(key) & 0x7FFF_FFFF) % partitionCount
    }

    /// The next partition for records without a key.
    mutating func batchEnded() { sticky = (sticky + 1) % partitionCount }

    /// MurmurHash2 with Kafka's seed (org.apache.kafka.common.utils.Utils).
    static func murmur2(_ bytes: [UInt8]) -> UInt32 {
        let multiplier: UInt32 = 0x5bd1_e995
        var hash: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
        var index = 0
        while index + 4 <= bytes.count {
            var word = UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16 | UInt32(bytes[index + 3]) << 24
            word = word &* multiplier
            word ^= word >> 24
            word = word &* multiplier
            hash = hash &* multiplier
            hash ^= word
            index += 4
        }
        let rest = bytes.count - index
        if rest >= 3 { hash ^= UInt32(bytes[index + 2]) << 16 }
        if rest >= 2 { hash ^= UInt32(bytes[index + 1]) << 8 }
        if rest >= 1 {
            hash ^= UInt32(bytes[index])
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        hash ^= hash >> 15
        return hash
    }
}
