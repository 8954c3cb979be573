import NIOCore
import Testing

@testable import KafkaWire

@Suite("Rewriting a batch") struct RecordBatchRewriterTests {
    private static let time: Int64 = 1_700_000_000_000

    /// Four records, the last one the earliest, of an idempotent producer, as a log would have stored them.
    private func stored(_ codec: Codec = .none, hasAppendTime: Bool = false) -> ByteBuffer {
        var builder = RecordBatchBuilder(codec: codec)
        (builder.producerID, builder.producerEpoch, builder.baseSequence) = (77, 3, 1200)
        (builder.baseOffset, builder.partitionLeaderEpoch) = (500, 9)
        for index in 0..<4 {
            builder.append(
                key: ByteBuffer(string: "key-\(index)"), value: index == 2 ? nil : ByteBuffer(string: String(repeating: "value-\(index) ", count: 40)),
                headers: [.init(key: "trace", value: ByteBuffer(string: "\(index)")), .init(key: "empty", value: nil)],
                timestamp: Self.time + Int64(index == 3 ? -50 : index * 10))
        }
        var batch = builder.build()
        if hasAppendTime {
            let attributes = batch.getInteger(at: RecordBatchHeader.Position.attributes, as: UInt16.self) ?? 0
            batch.setInteger(attributes | 0b1000, at: RecordBatchHeader.Position.attributes)
            batch.sealChecksum()
        }
        return batch
    }

    private func rewritten(_ batch: ByteBuffer, keeping kept: Set<Int>, headers: Bool = true) throws -> ByteBuffer {
        let header = try RecordBatchHeader(peekingAt: batch)
        var records = batch
        records.moveReaderIndex(forwardBy: RecordBatchHeader.sizeBytes)
        if let codec = header.codec, codec != .none { records = try codec.inflated(records, inflatedBytesMax: 1 << 20) }
        var rewriter = RecordBatchRewriter(of: header)
        records.withUnsafeReadableBytes { bytes in
            var cursor = RecordCursor(bytes, headersMax: .max)
            for index in 0..<Int(header.recordCount) {
                guard let span = try? cursor.next(), kept.contains(index) else { continue }
                rewriter.append(
                    span, key: span.key.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }, value: span.value.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) },
                    headers: headers
                        ? .encoded(UnsafeRawBufferPointer(rebasing: bytes[span.headers]), count: span.headerCount)
                        : .listed([.init(key: "mine", value: ByteBuffer(string: "x")), .init(key: "none", value: nil)]))
            }
        }
        return rewriter.build()
    }

    @Test("Records keep their offsets and times, the batch its ends, epoch and codec; the producer is gone, and the checksum is right", arguments: Codec.allCases)
    func gaps(codec: Codec) throws {
        let before = try RecordBatchHeader(peekingAt: stored(codec))
        let batch = try rewritten(stored(codec), keeping: [1, 3])
        #expect(RecordBatches.hasValidChecksum(batch))
        let after = try RecordBatchHeader(peekingAt: batch)
        #expect(after.baseOffset == 500 && after.lastOffsetDelta == before.lastOffsetDelta && after.partitionLeaderEpoch == 9)
        #expect(after.codec == codec && after.attributes == before.attributes)
        #expect((after.producerID, after.producerEpoch, after.baseSequence) == (-1, -1, -1))
        #expect(after.baseTimestamp == before.baseTimestamp && after.maxTimestamp == Self.time + 10)
        let (original, records) = (Array(try RecordReader(batch: stored(codec))), Array(try RecordReader(batch: batch)))
        #expect(records == [original[1], original[3]])
        #expect(records.map(\.offset) == [501, 503])
    }

    @Test("Of the broker's own timestamps every record keeps the batch's, whichever are left out")
    func appendTime() throws {
        let batch = try rewritten(stored(hasAppendTime: true), keeping: [0])
        let header = try RecordBatchHeader(peekingAt: batch)
        #expect(header.hasAppendTime && header.maxTimestamp == Self.time + 20)
        #expect(Array(try RecordReader(batch: batch)).map(\.timestamp) == [Self.time + 20])
    }

    @Test("With every record it holds what it held; other headers take the place of its own")
    func whole() throws {
        let all = try rewritten(stored(), keeping: [0, 1, 2, 3])
        #expect(Array(try RecordReader(batch: all)) == Array(try RecordReader(batch: stored())))
        let other = Array(try RecordReader(batch: rewritten(stored(), keeping: [2], headers: false)))
        #expect(other.map(\.headers) == [[.init(key: "mine", value: ByteBuffer(string: "x")), .init(key: "none", value: nil)]])
        #expect(other[0].value == nil)
    }

    @Test("A gap is closed by a control batch of nobody's that ends where the gap does", arguments: [false, true])
    func closing(hasMarker: Bool) throws {
        let batch = GapBatch.closing(1_000...101_999, leaderEpoch: 4, hasMarker: hasMarker)
        #expect(RecordBatches.hasValidChecksum(batch))
        let header = try RecordBatchHeader(peekingAt: batch)
        #expect(header.isControl && !header.isTransactional && header.codec == Codec.none)
        #expect(header.baseOffset == 1_000 && header.lastOffsetDelta == 100_999 && header.partitionLeaderEpoch == 4)
        #expect((header.producerID, header.producerEpoch, header.baseSequence) == (-1, -1, -1))
        let records = Array(try RecordReader(batch: batch))
        #expect(records.map(\.offset) == (hasMarker ? [101_999] : []))
        // KIP-98: version 0, type 1 is a commit.
        if hasMarker { #expect(records[0].key == ByteBuffer(bytes: [0, 0, 0, 1])) }
        #expect(batch.readableBytes == (hasMarker ? 61 + 19 : 61))
    }

    @Test("A gap longer than a batch can be is closed at its end, and one of a single offset too")
    func lengths() throws {
        let long = try RecordBatchHeader(peekingAt: GapBatch.closing(0...5_000_000_000, leaderEpoch: 0, hasMarker: false))
        #expect(long.baseOffset + Int64(long.lastOffsetDelta) == 5_000_000_000 && long.lastOffsetDelta == .max - 1)
        let one = try RecordBatchHeader(peekingAt: GapBatch.closing(7...7, leaderEpoch: 0, hasMarker: true))
        #expect(one.baseOffset == 7 && one.lastOffsetDelta == 0)
    }
}
