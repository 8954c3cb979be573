import CLinux
import KafkaWire
import NIOCore
import Storage

/// A batch on its way to the log: its frame, but for what only the log thread knows. Made on the caller's thread, salts
/// included, so that the log thread copies nothing and draws no random bytes.
///
/// `@unchecked Sendable`: the caller writes it before it is queued and never again; from then on the log thread alone has it.
final class FrameDraft: @unchecked Sendable {
    var header: FrameHeader
    /// Header, variable part and the batch's first 61 bytes; the rest is written from the admitted buffer as it is.
    let prefix: UnsafeMutableRawBufferPointer
    /// What ends the frame; stands behind `prefix` in the same allocation.
    let endMark: UnsafeMutableRawBufferPointer
    let batch: ByteBuffer
    let stampsAppendTime: Bool
    let maxTimestamp: Int64

    /// - Precondition: the admitted batch agrees with its own header; admission has checked that, so all else is a bug.
    init(_ admitted: AdmittedBatch) {
        let count = Int(admitted.header.recordCount)
        precondition(
            admitted.bytes.readableBytes == admitted.header.totalBytes && count > 0
                && count <= FrameHeader.recordCountMax && Int(admitted.header.lastOffsetDelta) == count - 1,
            "an admitted batch contradicts its own header: admission let through what it must check")
        var flags: FrameHeader.Flags = []
        if admitted.evidence.recordsLeaves { flags.insert(.recordsLeaves) }
        if admitted.evidence.hidesLengths { flags.insert(.hidesLengths) }
        if admitted.stampsAppendTime { flags.insert(.stampedAppendTime) }
        var schemaID: Int32 = -1
        switch admitted.schemaIDs {
        case .none: break
        case .uniform(let id): schemaID = id
        case .each(let ids):
            precondition(ids.count == count, "an admitted batch has \(count) records and \(ids.count) schema ids")
            flags.insert(.schemaIDEach)
            schemaID = -2
        }
        let batchStart = FrameHeader.sizeBytes + FrameHeader.variableBytes(flags, recordCount: count)
        let sequenced = admitted.header.producerID >= 0
        header = FrameHeader(
            frameBytes: batchStart + admitted.bytes.readableBytes + FrameHeader.endMarkBytes, batchStart: batchStart,
            commitmentType: admitted.evidence.recordsLeaves ? 1 : 0, flags: flags, recordCount: Int32(count), schemaID: schemaID,
            producerID: admitted.header.producerID, producerEpoch: admitted.header.producerEpoch,
            firstSequence: admitted.header.baseSequence,
            lastSequence: sequenced
                ? ProducerStates.sequence(admitted.header.baseSequence, advancedBy: Int32(count - 1)) : -1,
            writer: admitted.writer)
        let prefixBytes = batchStart + RecordBatchHeader.sizeBytes
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: prefixBytes + FrameHeader.endMarkBytes, alignment: 8)
        prefix = UnsafeMutableRawBufferPointer(rebasing: memory[..<prefixBytes])
        endMark = UnsafeMutableRawBufferPointer(rebasing: memory[prefixBytes...])
        endMark.store(FrameHeader.endMark, at: 0)
        batch = admitted.bytes
        stampsAppendTime = admitted.stampsAppendTime
        maxTimestamp = admitted.header.maxTimestamp
        fillVariablePart(admitted.schemaIDs, count: count)
        batch.withUnsafeReadableBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: prefix[batchStart...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<RecordBatchHeader.sizeBytes]))
        }
    }

    deinit { prefix.deallocate() }

    private func fillVariablePart(_ schemaIDs: SchemaIDs, count: Int) {
        var position = FrameHeader.sizeBytes
        switch schemaIDs {
        case .none, .uniform: break
        case .each(let ids):
            for id in ids {
                prefix.store(id, at: position)
                position += 4
            }
        }
        if header.flags.contains(.recordsLeaves) {
            hb_random_fill(prefix.baseAddress! + position, count * FrameHeader.saltBytes)
        }
    }

    /// The place in the log, known at last. Fills in what depends on it and computes the checksums.
    func place(
        after end: LogEnd, at position: Int64, of segment: SegmentIdentity, appendTime: Int64, leaderEpoch: Int32,
        durableOffset: Int64
    ) {
        header.baseOffset = end.offset
        header.appendTime = appendTime
        header.leaderEpoch = leaderEpoch
        header.durableOffset = durableOffset
        header.previousChecksum = end.checksum
        let batchHeader = UnsafeMutableRawBufferPointer(rebasing: prefix[header.batchStart...])
        batchHeader.store(end.offset, at: BatchLayout.baseOffset)
        batchHeader.store(leaderEpoch, at: BatchLayout.partitionLeaderEpoch)
        if stampsAppendTime { stamp(batchHeader, appendTime) }
        header.restChecksum = Checksum.of(UnsafeRawBufferPointer(rebasing: prefix[FrameHeader.sizeBytes...]))
        header.write(to: prefix)
        header.checksum = segment.checksum(
            of: UnsafeRawBufferPointer(rebasing: prefix[4..<FrameHeader.sizeBytes]), at: position)
        prefix.store(header.checksum, at: 0)
    }

    /// `message.timestamp.type=LogAppendTime`: the type bit and the largest timestamp are ours, so the CRC is too.
    private func stamp(_ batchHeader: UnsafeMutableRawBufferPointer, _ appendTime: Int64) {
        let attributes: UInt16 = UnsafeRawBufferPointer(batchHeader).integer(at: BatchLayout.attributes)
        batchHeader.store(attributes | BatchLayout.timestampTypeBit, at: BatchLayout.attributes)
        batchHeader.store(appendTime, at: BatchLayout.maxTimestamp)
        let covered = Checksum.of(UnsafeRawBufferPointer(rebasing: batchHeader[BatchLayout.attributes...]))
        let crc = batch.withUnsafeReadableBytes { bytes in
            Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.sizeBytes...]), continuing: covered)
        }
        batchHeader.store(crc, at: BatchLayout.crc)
    }

    /// What index and retention know as the batch's largest record timestamp.
    var indexedTimestamp: Int64 { stampsAppendTime ? header.appendTime : maxTimestamp }
}
