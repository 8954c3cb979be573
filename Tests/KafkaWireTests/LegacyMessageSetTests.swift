import NIOCore
import Testing

@testable import KafkaWire

@Suite struct LegacyMessageSetTests {
    /// What the fixtures' builder was given.
    private func expected(magic: Int) -> [Record] {
        (0..<3).map { index in
            Record(
                offset: Int64(index), timestamp: magic == 0 ? -1 : 1_700_000_000_000 + Int64(index) * 7,
                key: index == 1 ? nil : ByteBuffer(string: "key-\(index)"),
                value: index == 2 ? nil : ByteBuffer(string: String(repeating: "value-\(index) ", count: 10)))
        }
    }

    @Test(
        "message sets of kafka-python become one valid batch with the same records and codec",
        arguments: [0, 1], [Codec.none, .gzip, .snappy, .lz4])
    func conversion(magic: Int, codec: Codec) throws {
        let messages = try Fixture.bytes("python-v\(magic)-\(codec)")
        #expect(LegacyMessageSet.isLegacy(messages))
        let batch = try LegacyMessageSet().convert(messages)
        #expect(!LegacyMessageSet.isLegacy(batch))
        let validated = try RecordBatchValidator().validate(batch)
        #expect(validated.header.codec == codec)
        #expect(Array(RecordReader(validated)) == expected(magic: magic))
    }

    @Test("format 1 is held to the right lz4 header checksum; format 0 is not (KIP-57)")
    func lz4HeaderChecksum() throws {
        // The last bytes of the key-less wrapper are the frame; its header checksum is the seventh byte.
        for (magic, isAllowed) in [(0, true), (1, false)] {
            var messages = try Fixture.bytes("python-v\(magic)-lz4")
            let frame = 12 + 4 + 2 + (magic == 1 ? 8 : 0) + 4 + 4
            #expect(messages.getInteger(at: frame, endianness: .little, as: UInt32.self) == 0x184D_2204)
            let flags = messages.getInteger(at: frame + 4, as: UInt8.self) ?? 0
            let checksumAt = frame + 6 + (flags & 8 != 0 ? 8 : 0)
            messages.setInteger((messages.getInteger(at: checksumAt, as: UInt8.self) ?? 0) ^ 0x55, at: checksumAt)
            seal(&messages)
            #expect(((try? LegacyMessageSet().convert(messages)) != nil) == isAllowed)
        }
    }

    /// Makes the CRC-32 of the first and only message right again, with the plain bitwise algorithm.
    private func seal(_ messages: inout ByteBuffer) {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in messages.readableBytesView.dropFirst(16) {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        messages.setInteger(~crc, at: 12)
    }

    @Test("a flipped bit in any byte but the offsets is found", arguments: [0, 1])
    func bitFlips(magic: Int) throws {
        let good = try Fixture.bytes("python-v\(magic)-gzip")
        for position in 8..<good.readableBytes {
            var damaged = good
            damaged.setInteger((good.getInteger(at: position, as: UInt8.self) ?? 0) ^ 1, at: position)
            #expect(throws: RecordBatchViolation.self, "byte \(position)") { try LegacyMessageSet().convert(damaged) }
        }
    }

    @Test("a message set cut at any byte but between messages is refused", arguments: [0, 1])
    func truncation(magic: Int) throws {
        let good = try Fixture.bytes("python-v\(magic)-none")
        var boundaries: [Int] = []
        var position = 0
        while position < good.readableBytes {
            position += 12 + Int(good.getInteger(at: position + 8, as: Int32.self) ?? 0)
            boundaries.append(position)
        }
        #expect(boundaries.count == 3)
        for length in 0..<good.readableBytes where !boundaries.contains(length) {
            let cut = good.getSlice(at: 0, length: length) ?? ByteBuffer()
            #expect(throws: RecordBatchViolation.self, "\(length) bytes") { try LegacyMessageSet().convert(cut) }
        }
    }

    @Test("a wrong checksum is a corrupt message, a bomb is too large, and too many messages are too many")
    func refusals() throws {
        var damaged = try Fixture.bytes("python-v1-none")
        damaged.setInteger(0 as UInt32, at: 12)
        func code(_ messages: ByteBuffer, _ limits: RecordLimits) -> ErrorCode? {
            do {
                _ = try LegacyMessageSet(limits: limits).convert(messages)
                return nil
            } catch {
                return error.errorCode
            }
        }
        #expect(code(damaged, RecordLimits()) == .corruptMessage)
        let good = try Fixture.bytes("python-v1-gzip")
        let inflated = try Fixture.bytes("python-v1-none").readableBytes
        #expect(code(good, RecordLimits(inflatedBytesMax: inflated)) == nil)
        #expect(code(good, RecordLimits(inflatedBytesMax: inflated - 1)) == .messageTooLarge)
        #expect(code(good, RecordLimits(recordsMax: 3)) == nil)
        #expect(code(good, RecordLimits(recordsMax: 2)) == .messageTooLarge)
        #expect(code(ByteBuffer(), RecordLimits()) == .invalidRecord)
    }

    @Test("a compressed message inside a compressed message is refused")
    func nesting() throws {
        let inner = try Fixture.bytes("python-v1-gzip")
        var compressed = ByteBuffer()
        Codec.gzip.deflate(inner, into: &compressed)
        var outer = ByteBuffer()
        outer.writeInteger(0 as Int64)
        outer.writeInteger(Int32(4 + 1 + 1 + 8 + 4 + 4 + compressed.readableBytes))
        outer.writeInteger(0 as UInt32)
        outer.writeBytes([1, 1])
        outer.writeInteger(5 as Int64)
        outer.writeInteger(-1 as Int32)
        outer.writeInteger(Int32(compressed.readableBytes))
        outer.writeImmutableBuffer(compressed)
        seal(&outer)
        let error = #expect(throws: RecordBatchViolation.self) { try LegacyMessageSet().convert(outer) }
        #expect(error?.reason == .nestedCompression)
    }
}
