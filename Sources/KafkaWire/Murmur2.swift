/// MurmurHash2 with Kafka's seed (org.apache.kafka.common.utils.Utils), and the partition that Kafka's default partitioner makes of it.
public enum Murmur2 {
    /// The partition of a record with this key: the same whoever publishes it.
    /// - Parameter count: of the topic's partitions, from 1.
    public static func partition(forKey key: [UInt8], count: Int32) -> Int32 {
        Int32(bitPattern: hash(key) & 0x7FFF_FFFF) % count
    }

    public static func hash(_ bytes: [UInt8]) -> UInt32 {
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
