public import KafkaWire

extension UUID128 {
    /// As Kafka's tools print ids: URL-safe base64 without padding, 22 characters (org.apache.kafka.common.Uuid).
    public var kafkaText: String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        // 128 bits and four bits of zero make 22 digits of six bits each.
        return String((0..<22).map { digit -> Character in
            var value: UInt64 = 0
            for bit in digit * 6..<digit * 6 + 6 {
                let isSet = bit < 64 ? high >> UInt64(63 - bit) & 1 : bit < 128 ? low >> UInt64(127 - bit) & 1 : 0
                value = value << 1 | isSet
            }
            return alphabet[Int(value)]
        })
    }
}
