import KafkaWire
import Storage

/// What stands at a place in a segment.
enum FrameReading {
    case frame(FrameView)
    /// The frame, or its header, is longer than the bytes at hand.
    case incomplete(bytesNeeded: Int)
    /// Zeros: nothing was ever written here.
    case nothing
    case damaged(FrameDamage)
}

/// Why bytes are not a frame.
enum FrameDamage: String, Hashable, Sendable {
    case headerChecksum = "the header's checksum does not hold"
    case unknownLayout = "the header says what this version does not know"
    case restChecksum = "the checksum of salts, schema ids and batch header does not hold"
    case batchLayout = "the batch's length, offset or count contradicts the frame"
    case batchChecksum = "the batch's checksum does not hold"
    case endMark = "its end mark is missing"
    case brokenChain = "it does not follow the frame before it"
}

/// A frame in memory, verified: header, variable part and batch.
struct FrameView {
    let header: FrameHeader
    /// From the frame on; at depth `headers` possibly only up to the batch header.
    let bytes: UnsafeRawBufferPointer

    var variablePart: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.sizeBytes..<header.batchStart]) }
    var batch: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[header.batchStart..<header.batchEnd]) }
    /// The largest timestamp of the batch's records, as its header claims.
    var maxTimestamp: Int64 { bytes.integer(at: header.batchStart + BatchLayout.maxTimestamp) }

    enum Depth {
        /// Header, variable part and batch header: enough to walk a segment and to index it.
        case headers
        /// The payload too.
        case everything
    }

    /// Reads the frame at `position` of a segment. `bytes` begin there and may end anywhere. Pure.
    static func read(
        _ bytes: UnsafeRawBufferPointer, at position: Int64, of segment: SegmentIdentity, depth: Depth
    ) -> FrameReading {
        guard bytes.count >= FrameHeader.sizeBytes else {
            return .incomplete(bytesNeeded: FrameHeader.sizeBytes)
        }
        let headerBytes = UnsafeRawBufferPointer(rebasing: bytes[..<FrameHeader.sizeBytes])
        guard headerBytes.integer(at: 4) == FrameHeader.magic,
            headerBytes.integer(at: 0)
                == segment.checksum(of: UnsafeRawBufferPointer(rebasing: headerBytes[4...]), at: position)
        else { return headerBytes.allSatisfy { $0 == 0 } ? .nothing : .damaged(.headerChecksum) }
        guard let header = FrameHeader(verified: headerBytes) else { return .damaged(.unknownLayout) }
        let needed =
            switch depth {
            case .headers: header.batchStart + RecordBatchHeader.sizeBytes
            case .everything: header.frameBytes
            }
        guard bytes.count >= needed else { return .incomplete(bytesNeeded: needed) }

        let rest = UnsafeRawBufferPointer(
            rebasing: bytes[FrameHeader.sizeBytes..<header.batchStart + RecordBatchHeader.sizeBytes])
        guard Checksum.of(rest) == header.restChecksum else { return .damaged(.restChecksum) }
        let batchHeader = UnsafeRawBufferPointer(rebasing: bytes[header.batchStart..<header.batchStart + RecordBatchHeader.sizeBytes])
        guard BatchLayout.agrees(batchHeader, with: header) else { return .damaged(.batchLayout) }
        switch depth {
        case .headers: break
        case .everything:
            let covered = bytes[header.batchStart + BatchLayout.attributes..<header.batchEnd]
            guard Checksum.of(UnsafeRawBufferPointer(rebasing: covered)) == batchHeader.integer(at: BatchLayout.crc) else {
                return .damaged(.batchChecksum)
            }
            guard bytes.integer(at: header.batchEnd) == FrameHeader.endMark else { return .damaged(.endMark) }
        }
        return .frame(FrameView(header: header, bytes: bytes))
    }
}

/// Where the fields of a record batch of magic 2 stand that the log reads or sets (Kafka documentation, "Record Batch").
enum BatchLayout {
    static let baseOffset = 0
    static let batchLength = 8
    static let partitionLeaderEpoch = 12
    static let crc = 17
    /// The CRC covers everything from here on.
    static let attributes = 21
    static let lastOffsetDelta = 23
    static let maxTimestamp = 35
    static let recordCount = 57
    /// Bit 3 of the attributes: the timestamps are the broker's (LogAppendTime).
    static let timestampTypeBit: UInt16 = 1 << 3

    static func agrees(_ batch: UnsafeRawBufferPointer, with header: FrameHeader) -> Bool {
        batch.integer(at: baseOffset) == header.baseOffset
            && Int(batch.integer(at: batchLength, as: Int32.self)) + 12 == header.batchBytes
            && batch.integer(at: partitionLeaderEpoch) == header.leaderEpoch
            && batch.integer(at: recordCount) == header.recordCount
            && batch.integer(at: lastOffsetDelta, as: Int32.self) == header.recordCount - 1
    }
}
