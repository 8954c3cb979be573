import KafkaWire
import NIOCore

/// Record batches as producers make them.
enum Batches {
    static let timestamp: Int64 = 1_795_372_799_000

    static func batch(
        _ values: [String] = ["one"], codec: Codec = .none, timestamp: Int64 = Batches.timestamp,
        producerID: Int64 = -1, epoch: Int16 = -1, sequence: Int32 = -1
    ) -> ByteBuffer {
        var builder = RecordBatchBuilder(codec: codec)
        builder.producerID = producerID
        builder.producerEpoch = epoch
        builder.baseSequence = sequence
        for value in values { builder.append(key: nil, value: ByteBuffer(string: value), timestamp: timestamp) }
        return builder.build()
    }

    /// A batch of exactly so many bytes.
    static func batch(ofBytes bytes: Int) -> ByteBuffer {
        var length = bytes - batch([""]).readableBytes
        var made = batch([String(repeating: "x", count: max(0, length))])
        // The lengths before the value grow with it.
        while made.readableBytes > bytes {
            length -= 1
            made = batch([String(repeating: "x", count: length)])
        }
        precondition(made.readableBytes == bytes, "no batch has exactly \(bytes) bytes")
        return made
    }

    /// With a changed header and a right checksum.
    static func edited(_ batch: ByteBuffer, _ change: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var batch = batch
        change(&batch)
        batch.sealChecksum()
        return batch
    }

    /// A message set of format 0 or 1 with these values, uncompressed.
    static func messageSet(_ values: [String], magic: UInt8, timestamp: Int64 = Batches.timestamp) -> ByteBuffer {
        var set = ByteBuffer()
        for (offset, value) in values.enumerated() {
            var body = ByteBuffer()
            body.writeInteger(magic)
            body.writeInteger(0 as UInt8)
            if magic == 1 { body.writeInteger(timestamp) }
            body.writeInteger(-1 as Int32)
            body.writeInteger(Int32(value.utf8.count))
            body.writeString(value)
            set.writeInteger(Int64(offset))
            set.writeInteger(Int32(body.readableBytes + 4))
            set.writeInteger(crc32(body.readableBytesView))
            set.writeImmutableBuffer(body)
        }
        return set
    }

    /// CRC-32 of IEEE 802.3, bit by bit.
    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }

    /// The values of a stored or fetched batch.
    static func values(_ records: ByteBuffer?) throws -> [String] {
        guard let records else { return [] }
        var values: [String] = []
        for batch in RecordBatches(records) {
            try RecordBatchValidator(limits: RecordLimits(batchBytesMax: 64 << 20)).validate(batch).forEachRecord { _, _, _, value in
                values.append(value.map { String(decoding: $0, as: UTF8.self) } ?? "null")
            }
        }
        return values
    }
}

extension ProduceRequest {
    /// One batch for each partition named.
    init(
        to topic: String = BrokerFixture.topic, batches: [(Int32, ByteBuffer?)], acks: Int16 = 1, timeout: Int32 = 1000
    ) {
        self.init()
        self.acks = acks
        timeoutMilliseconds = timeout
        topicData = [
            .init {
                $0.name = topic
                $0.partitionData = batches.map { partition, batch in
                    .init {
                        $0.index = partition
                        $0.records = batch
                    }
                }
            }
        ]
    }
}
