import NIOCore
import Testing

@testable import KafkaWire

private func batch(_ codec: Codec = .none, records: Int = 3, change: (inout RecordBatchBuilder) -> Void = { _ in }) -> ByteBuffer {
    var builder = RecordBatchBuilder(codec: codec)
    change(&builder)
    for index in 0..<records {
        builder.append(
            key: index == 1 ? nil : ByteBuffer(string: "key-\(index)"),
            value: index == 2 ? nil : ByteBuffer(string: String(repeating: "value-\(index) ", count: 10)),
            headers: index == 0 ? [.init(key: "trace", value: ByteBuffer(bytes: [1, 2])), .init(key: "empty", value: nil)] : [],
            timestamp: 1_700_000_000_000 + Int64(index) * 7)
    }
    return builder.build()
}

/// The batch with one header field overwritten and the checksum made right again.
private func changed<Value: FixedWidthInteger>(_ batch: ByteBuffer, at position: Int, to value: Value) -> ByteBuffer {
    var batch = batch
    batch.setInteger(value, at: position)
    batch.sealChecksum()
    return batch
}

private func violation(_ batch: ByteBuffer, limits: RecordLimits = RecordLimits()) -> RecordBatchViolation? {
    do {
        _ = try RecordBatchValidator(limits: limits).validate(batch)
        return nil
    } catch {
        return error
    }
}

@Suite struct RecordBatchTests {
    @Test("a batch of one record has exactly the bytes that the format says")
    func knownBytes() {
        var builder = RecordBatchBuilder()
        builder.append(
            key: ByteBuffer(string: "k"), value: ByteBuffer(string: "v"),
            headers: [.init(key: "h", value: ByteBuffer(string: "w"))], timestamp: 0x0102)
        let expected = Fixture.hex(
            """
            0000000000000000 0000003e ffffffff 02 CRCCRC00 0000 00000000 0000000000000102 0000000000000102
            ffffffffffffffff ffff ffffffff 00000001
            18 00 00 00 02 6b 02 76 02 02 68 02 77
            """.replacing("CRCCRC00", with: "00000000"))
        var built = builder.build()
        built.setInteger(0 as UInt32, at: RecordBatchHeader.Position.crc)
        #expect(Array(built.readableBytesView) == expected)
    }

    @Test("the uncompressed batch of kafka-python, byte for byte")
    func pythonBytes() throws {
        var expected = try Fixture.bytes("python-v2-none")
        // That client leaves the partition leader epoch at 0.
        expected.setInteger(-1 as Int32, at: RecordBatchHeader.Position.partitionLeaderEpoch)
        #expect(batch() == expected)
    }

    @Test("batches of kafka-python in every codec are valid and read as what was written", arguments: Codec.allCases)
    func pythonBatches(codec: Codec) throws {
        let validated = try RecordBatchValidator().validate(Fixture.bytes("python-v2-\(codec)"))
        #expect(validated.header.codec == codec)
        #expect(Array(RecordReader(validated)) == Array(try RecordReader(batch: batch())))
    }

    @Test("our batches in every codec are valid and read back", arguments: Codec.allCases)
    func ourBatches(codec: Codec) throws {
        let built = batch(codec, records: 200) { $0.baseOffset = 40 }
        let validated = try RecordBatchValidator().validate(built)
        #expect(validated.header.recordCount == 200)
        let records = Array(try RecordReader(batch: built))
        #expect(records.count == 200)
        #expect(records[0].headers.map(\.key) == ["trace", "empty"])
        #expect(records[0].headers[1].value == nil)
        #expect(records[1].key == nil)
        #expect(records[2].value == nil)
        #expect(records[199].offset == 239)
        #expect(records[199].timestamp == 1_700_000_000_000 + 199 * 7)
        #expect(RecordBatches.hasValidChecksum(built))
        var count = 0
        validated.forEachRecord { index, timestamp, key, value in
            #expect(timestamp == records[index].timestamp)
            #expect(key.map { Array($0) } == records[index].key.map { Array($0.readableBytesView) })
            #expect(value.map { Array($0) } == records[index].value.map { Array($0.readableBytesView) })
            count += 1
        }
        #expect(count == 200)
    }

    @Test("a fetch response's batches are split, and one that was cut short ends them")
    func splitting() {
        var records = batch()
        records.writeImmutableBuffer(batch(.gzip))
        records.writeImmutableBuffer(batch().getSlice(at: 0, length: 80) ?? ByteBuffer())
        #expect(Array(RecordBatches(records)) == [batch(), batch(.gzip)])
        #expect(Array(RecordBatches(ByteBuffer(repeating: 0xFF, count: 100))).isEmpty)
    }

    @Test("the header reads back as it was written")
    func header() throws {
        let header = RecordBatchHeader(
            baseOffset: 1, batchLength: 49, partitionLeaderEpoch: 3, crc: 4, attributes: 5, lastOffsetDelta: 6,
            baseTimestamp: 7, maxTimestamp: 8, producerID: 9, producerEpoch: 10, baseSequence: 11, recordCount: 12)
        var buffer = ByteBuffer()
        header.encode(into: &buffer)
        #expect(buffer.readableBytes == RecordBatchHeader.sizeBytes)
        #expect(try RecordBatchHeader(peekingAt: buffer) == header)
    }
}

@Suite struct RecordBatchValidatorTests {
    typealias Position = RecordBatchHeader.Position

    @Test("a valid batch passes, idempotent or not")
    func valid() {
        #expect(violation(batch()) == nil)
        #expect(violation(batch { $0.producerID = 7; $0.producerEpoch = 0; $0.baseSequence = 0 }) == nil)
    }

    @Test("each lie of the header is named, with the error that answers it")
    func headerLies() {
        let good = batch()
        let lies: [(ByteBuffer, RecordBatchViolation.Reason, ErrorCode)] = [
            (ByteBuffer(), .empty, .invalidRecord),
            (good.getSlice(at: 0, length: 60)!, .truncatedHeader(bytes: 60), .corruptMessage),
            (changed(good, at: Position.magic, to: 1 as UInt8), .wrongMagic(1), .invalidRecord),
            (changed(good, at: Position.magic, to: 3 as UInt8), .wrongMagic(3), .invalidRecord),
            (changed(good, at: Position.attributes, to: 0x80 as UInt16), .unknownAttributes(0x80), .invalidRecord),
            (changed(good, at: Position.attributes, to: 5 as UInt16), .unknownCodec(5), .unsupportedCompressionType),
            (changed(good, at: Position.attributes, to: 0x20 as UInt16), .controlBatch, .invalidRecord),
            (changed(good, at: Position.attributes, to: 0x10 as UInt16), .transactional, .invalidRecord),
            (changed(good, at: Position.attributes, to: 0x08 as UInt16), .appendTimeFromProducer, .invalidTimestamp),
            (changed(good, at: Position.attributes, to: 0x40 as UInt16), .deleteHorizonFromProducer, .invalidRecord),
            (changed(good, at: Position.recordCount, to: 0 as Int32), .empty, .invalidRecord),
            (
                changed(good, at: Position.recordCount, to: -1 as Int32), .recordCount(declared: -1, lastOffsetDelta: 2),
                .invalidRecord
            ),
            (
                changed(good, at: Position.lastOffsetDelta, to: Int32.max), .recordCount(declared: 3, lastOffsetDelta: .max),
                .invalidRecord
            ),
            (
                changed(good, at: Position.maxTimestamp, to: 1_700_000_000_013 as Int64),
                .maxTimestamp(declared: 1_700_000_000_013, computed: 1_700_000_000_014), .invalidTimestamp
            ),
            (changed(good, at: Position.producerID, to: 5 as Int64), .producerFields, .invalidRecord),
            (changed(good, at: Position.producerID, to: -2 as Int64), .producerFields, .invalidRecord),
        ]
        for (lie, reason, code) in lies {
            #expect(violation(lie)?.reason == reason)
            #expect(violation(lie)?.errorCode == code, "\(reason)")
        }
    }

    @Test("a length other than that of the bytes is refused", arguments: [Int32.min, -12, 0, 48, .max])
    func lengths(length: Int32) {
        #expect(violation(changed(batch(), at: Position.batchLength, to: length))?.errorCode == .corruptMessage)
    }

    @Test("a count that differs from the records is refused, up or down, in every codec", arguments: Codec.allCases)
    func counts(codec: Codec) {
        for (count, reason) in [
            (2, RecordBatchViolation.Reason.bytesAfterRecords(9)), (4, .malformedRecord(field: "length")),
        ] {
            var lie = changed(batch(codec), at: Position.recordCount, to: Int32(count))
            lie = changed(lie, at: Position.lastOffsetDelta, to: Int32(count - 1))
            let found = violation(lie)?.reason
            if count == 2, case .bytesAfterRecords = found { continue }
            #expect(found == reason)
        }
    }

    @Test("a flipped bit in any byte is found")
    func bitFlips() {
        let good = batch()
        for position in 0..<good.readableBytes {
            // Offset and leader epoch are the broker's to set and not covered by the checksum.
            guard !(0..<8).contains(position), !(12..<16).contains(position) else { continue }
            var damaged = good
            damaged.setInteger(good.getInteger(at: position, as: UInt8.self)! ^ 1, at: position)
            #expect(violation(damaged) != nil, "byte \(position)")
        }
    }

    @Test("a truncated batch is refused at every length")
    func truncation() {
        let good = batch(.zstd)
        for length in 0..<good.readableBytes { #expect(violation(good.getSlice(at: 0, length: length)!) != nil) }
    }

    @Test("malformed records are named with their index and field")
    func records() {
        func recordViolation(_ records: [UInt8], count: Int32) -> RecordBatchViolation? {
            var buffer = ByteBuffer()
            RecordBatchHeader(
                baseOffset: 0, batchLength: Int32(49 + records.count), partitionLeaderEpoch: -1, crc: 0, attributes: 0,
                lastOffsetDelta: count - 1, baseTimestamp: 0, maxTimestamp: 0, producerID: -1, producerEpoch: -1,
                baseSequence: -1, recordCount: count
            ).encode(into: &buffer)
            buffer.writeBytes(records)
            buffer.sealChecksum()
            return violation(buffer)
        }
        func malformed(_ field: String, record: Int = 0) -> RecordBatchViolation {
            RecordBatchViolation(.malformedRecord(field: field), recordIndex: record)
        }
        let good: [UInt8] = [12, 0, 0, 0, 1, 1, 0]
        #expect(recordViolation(good, count: 1) == nil)
        #expect(recordViolation([13, 0, 0, 0, 1, 1, 0], count: 1) == malformed("length"))
        #expect(recordViolation([14, 0, 0, 0, 1, 1, 0], count: 1) == malformed("length"))
        #expect(recordViolation([12, 1, 0, 0, 1, 1, 0], count: 1) == malformed("attributes"))
        #expect(recordViolation([12, 0, 0, 2, 1, 1, 0], count: 1)?.reason == .offsetDelta(found: 1, expected: 0))
        #expect(recordViolation([12, 0, 0, 0, 3, 1, 0], count: 1) == malformed("key"))
        #expect(recordViolation([12, 0, 0, 0, 1, 8, 0], count: 1) == malformed("value"))
        #expect(recordViolation([12, 0, 0, 0, 1, 1, 1], count: 1) == malformed("headers"))
        #expect(recordViolation([12, 0, 0, 0, 1, 1, 2], count: 1) == malformed("headers"))
        #expect(recordViolation([16, 0, 0, 0, 1, 1, 2, 1, 1], count: 1) == malformed("headers"))
        #expect(recordViolation([14, 0, 0, 0, 1, 1, 0, 9], count: 1) == malformed("end"))
        #expect(recordViolation(good + good, count: 2)?.reason == .offsetDelta(found: 0, expected: 1))
        #expect(recordViolation(good + [12, 0, 0, 2, 5, 1, 0], count: 2) == malformed("key", record: 1))
        #expect(recordViolation(good + good, count: 1)?.reason == .bytesAfterRecords(7))
        // Varints of eleven bytes, of ten with too much in the last, and without end.
        #expect(recordViolation([UInt8](repeating: 0x80, count: 10) + [0], count: 1) == malformed("length"))
        let ones = [UInt8](repeating: 0xFF, count: 9)
        #expect(recordViolation([UInt8(5 + 10) * 2, 0] + ones + [2, 0, 1, 1, 0], count: 1) == malformed("timestamp"))
        #expect(recordViolation([12, 0, 0x80, 0x80, 0x80, 0x80, 0x80], count: 1) == malformed("timestamp"))
    }

    @Test("each limit holds at its value and not one past it")
    func limits() {
        let bytes = batch()
        let size = bytes.readableBytes
        #expect(violation(bytes, limits: RecordLimits(batchBytesMax: size)) == nil)
        #expect(violation(bytes, limits: RecordLimits(batchBytesMax: size - 1))?.errorCode == .messageTooLarge)
        #expect(violation(bytes, limits: RecordLimits(recordsMax: 3)) == nil)
        #expect(violation(bytes, limits: RecordLimits(recordsMax: 2))?.reason == .tooManyRecords(declared: 3, recordsMax: 2))
        #expect(violation(bytes, limits: RecordLimits(headersMax: 2)) == nil)
        #expect(violation(bytes, limits: RecordLimits(headersMax: 1))?.reason == .malformedRecord(field: "headers"))
        let nameBytes = "trace".utf8.count
        #expect(violation(bytes, limits: RecordLimits(headerNameBytesMax: nameBytes)) == nil)
        #expect(violation(bytes, limits: RecordLimits(headerNameBytesMax: nameBytes - 1))?.reason == .malformedRecord(field: "headers"))
        for codec in Codec.allCases {
            let inflated = size - RecordBatchHeader.sizeBytes
            #expect(violation(batch(codec), limits: RecordLimits(inflatedBytesMax: inflated)) == nil)
            let above = violation(batch(codec), limits: RecordLimits(inflatedBytesMax: inflated - 1))
            #expect(above?.reason == .inflatedTooLarge(bytesMax: inflated - 1))
            #expect(above?.errorCode == .messageTooLarge)
        }
    }

    @Test("a batch whose compressed part is another codec's is corrupt")
    func wrongCodec() {
        for codec in CodecTests.compressing {
            let other: Codec = codec == .gzip ? .zstd : .gzip
            let lie = changed(batch(codec), at: Position.attributes, to: UInt16(other.rawValue))
            #expect(violation(lie)?.reason == .malformedCompression(other))
        }
    }

    @Test("damaged records under a right checksum never crash the walk")
    func mutation() {
        let seed = UInt64.random(in: 0 ... .max)
        print("RecordBatchValidatorTests.mutation seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let good = batch(records: 20)
        for _ in 0..<5000 {
            let position = Int.random(in: RecordBatchHeader.sizeBytes..<good.readableBytes, using: &generator)
            let damaged = changed(good, at: position, to: UInt8.random(in: 0...255, using: &generator))
            if let validated = try? RecordBatchValidator().validate(damaged) { #expect(Array(RecordReader(validated)).count == 20) }
        }
    }
}
