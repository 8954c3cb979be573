import KafkaWire
import NIOCore

/// A produce request made once and sent many times: only its correlation id changes.
struct ProduceFrame: Sendable {
    /// The whole frame, its length in front.
    let bytes: ByteBuffer
    let records: Int
    /// Of records, as they travel: compressed where they are.
    let payloadBytes: Int

    /// Produce 3 to 8 has one shape and no tagged fields: nothing follows the records.
    static let version: Int16 = 7

    /// - Parameter partitions: each gets a batch of its own.
    init(topic: String, partitions: [Int32], acks: Int16, batch: (Int) -> (bytes: ByteBuffer, records: Int)) {
        var records = 0
        var payload = 0
        let request = ProduceRequest {
            $0.acks = acks
            $0.timeoutMilliseconds = 30_000
            $0.topicData = [
                .init {
                    $0.name = topic
                    $0.partitionData = partitions.enumerated().map { number, partition in
                        let made = batch(number)
                        records += made.records
                        payload += made.bytes.readableBytes
                        return .init {
                            $0.index = partition
                            $0.records = made.bytes
                        }
                    }
                }
            ]
        }
        var frame = ByteBuffer()
        frame.writeInteger(0 as Int32)
        RequestHeader(apiKey: ApiKey.produce.rawValue, apiVersion: Self.version, correlationID: 0, clientID: "hanbridge-bench").encode(into: &frame)
        request.encode(into: &frame, version: Self.version)
        frame.setInteger(Int32(frame.readableBytes - 4), at: 0)
        bytes = frame
        self.records = records
        payloadBytes = payload
    }
}
