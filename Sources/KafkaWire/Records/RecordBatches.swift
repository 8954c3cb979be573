public import NIOCore

/// The record batches of a fetch response's partition, one after the other. A broker may cut the last one short to fit the
/// size asked for (KIP-74); iteration ends before it.
public struct RecordBatches: Sequence, IteratorProtocol {
    private var rest: ByteBuffer

    public init(_ records: ByteBuffer) { self.rest = records }

    public mutating func next() -> ByteBuffer? {
        guard let length = rest.getInteger(at: rest.readerIndex + RecordBatchHeader.Position.batchLength, as: Int32.self),
            length >= Int32(RecordBatchHeader.sizeBytes - 12)
        else { return nil }
        return rest.readSlice(length: Int(length) + 12)
    }

    /// Whether a batch's CRC matches its bytes.
    public static func hasValidChecksum(_ batch: ByteBuffer) -> Bool {
        guard let header = try? RecordBatchHeader(peekingAt: batch), header.totalBytes == batch.readableBytes else { return false }
        var covered = batch
        covered.moveReaderIndex(forwardBy: RecordBatchHeader.Position.attributes)
        return CRC32C.checksum(of: covered) == header.crc
    }
}
