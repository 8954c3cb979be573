import KafkaWire
import NIOCore

extension FetchResponse {
    /// Of all its records, as they go out.
    var recordBytes: Int {
        responses.reduce(0) { bytes, topic in
            topic.partitions.reduce(bytes) { bytes, partition in
                bytes + (partition.records?.readableBytes ?? 0) + partition.recordParts.reduce(0) { $0 + $1.readableBytes }
            }
        }
    }
}
