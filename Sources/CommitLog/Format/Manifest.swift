import KafkaWire
import Storage

/// What a partition's directory says of itself, in one small file that is replaced whole: which segments there are, how far
/// they are known to be synced, where the log begins, and what recovery would otherwise have to read every frame for.
///
/// Everything below the end of its last segment is synced in the segments themselves: recovery verifies from there on, and
/// never cuts anything below.
struct Manifest: Hashable, Sendable {
    static let fileName = "manifest"
    static let magic: UInt32 = 0x4842_4D31  // "HBM1"
    static let version: UInt32 = 1

    var partition: PartitionID
    /// Counts the replacements, so that a late writer never puts an older one in place of a newer.
    var revision: UInt64 = 0
    var logStart: Int64 = 0
    var segments: [SegmentFacts] = []
    var epochs: [EpochStart] = []
    var producers = ProducerStates()

    /// Where the log ends for a manifest without segments: an emptied log goes on at its old end.
    var emptyEnd = LogEnd()

    var end: LogEnd {
        guard let last = segments.last else { return emptyEnd }
        return LogEnd(offset: last.endOffset, checksum: last.lastChecksum, appendTime: last.lastAppendTime)
    }
}

/// What the next frame has to follow.
struct LogEnd: Hashable, Sendable {
    var offset: Int64 = 0
    /// Of the last frame; 0 where there is none.
    var checksum: UInt32 = 0
    var appendTime: Int64 = 0
}

/// KIP-101: a leader epoch and its first offset.
struct EpochStart: Hashable, Sendable {
    var epoch: Int32
    var offset: Int64
}

/// A segment from its begin to an end that is synced.
struct SegmentFacts: Hashable, Sendable {
    var baseOffset: Int64
    var generation: UInt64
    /// Of the last frame of the segment before.
    var previousChecksum: UInt32
    var endOffset: Int64
    var endPosition: Int64
    var lastChecksum: UInt32
    /// 0 where there is no frame.
    var firstAppendTime: Int64
    var lastAppendTime: Int64
    /// The largest record timestamp and the base offset of the first batch that has it; -1 and -1 where there is none.
    var maxTimestamp: Int64 = -1
    var maxTimestampOffset: Int64 = -1

    var isEmpty: Bool { endOffset == baseOffset }

    mutating func add(_ header: FrameHeader, maxTimestamp timestamp: Int64) {
        if isEmpty { firstAppendTime = header.appendTime }
        lastAppendTime = header.appendTime
        if timestamp > maxTimestamp {
            maxTimestamp = timestamp
            maxTimestampOffset = header.baseOffset
        }
        endOffset = header.nextOffset
        endPosition += Int64(header.frameBytes)
        lastChecksum = header.checksum
    }
}

extension Manifest {
    func encoded() -> [UInt8] {
        var sink = ByteSink()
        sink.append(Self.magic)
        sink.append(Self.version)
        sink.append(partition.topic.high)
        sink.append(partition.topic.low)
        sink.append(partition.partition)
        sink.append(revision)
        sink.append(logStart)
        sink.append(emptyEnd.offset)
        sink.append(emptyEnd.checksum)
        sink.append(emptyEnd.appendTime)
        sink.append(UInt32(segments.count))
        for segment in segments { segment.encode(to: &sink) }
        sink.append(UInt32(epochs.count))
        for epoch in epochs {
            sink.append(epoch.epoch)
            sink.append(epoch.offset)
        }
        sink.append(UInt32(producers.entries.count))
        for (id, entry) in producers.entries { entry.encode(id: id, to: &sink) }
        sink.append(Checksum.of(sink.bytes))
        return sink.bytes
    }

    enum Reading {
        case manifest(Manifest)
        case damaged
        case newerVersion(Int)
    }

    static func read(_ bytes: [UInt8], partition: PartitionID) -> Reading {
        guard bytes.count > 8 else { return .damaged }
        let body = Array(bytes.dropLast(4))
        guard bytes.suffix(4).reduce(0 as UInt32, { $0 << 8 | UInt32($1) }) == Checksum.of(body) else { return .damaged }
        var source = ByteSource(body)
        guard source.integer(as: UInt32.self) == magic else { return .damaged }
        let version: UInt32 = source.integer()
        guard version == Self.version else { return .newerVersion(Int(version)) }
        let stored = PartitionID(
            topic: UUID128(high: source.integer(), low: source.integer()), partition: source.integer())
        guard stored == partition else { return .damaged }
        var manifest = Manifest(partition: partition)
        manifest.revision = source.integer()
        manifest.logStart = source.integer()
        manifest.emptyEnd = LogEnd(offset: source.integer(), checksum: source.integer(), appendTime: source.integer())
        for _ in 0..<source.integer(as: UInt32.self) where !source.isExhausted {
            manifest.segments.append(SegmentFacts(&source))
        }
        for _ in 0..<source.integer(as: UInt32.self) where !source.isExhausted {
            manifest.epochs.append(EpochStart(epoch: source.integer(), offset: source.integer()))
        }
        for _ in 0..<source.integer(as: UInt32.self) where !source.isExhausted {
            let (id, entry) = ProducerStates.Entry.decode(&source)
            manifest.producers.load(id, entry)
        }
        guard !source.isExhausted, source.remaining == 0 else { return .damaged }
        return .manifest(manifest)
    }
}

extension SegmentFacts {
    fileprivate func encode(to sink: inout ByteSink) {
        sink.append(baseOffset)
        sink.append(generation)
        sink.append(previousChecksum)
        sink.append(endOffset)
        sink.append(endPosition)
        sink.append(lastChecksum)
        sink.append(firstAppendTime)
        sink.append(lastAppendTime)
        sink.append(maxTimestamp)
        sink.append(maxTimestampOffset)
    }

    fileprivate init(_ source: inout ByteSource) {
        self.init(
            baseOffset: source.integer(), generation: source.integer(), previousChecksum: source.integer(),
            endOffset: source.integer(), endPosition: source.integer(), lastChecksum: source.integer(),
            firstAppendTime: source.integer(), lastAppendTime: source.integer(), maxTimestamp: source.integer(),
            maxTimestampOffset: source.integer())
    }
}

extension ProducerStates.Entry {
    fileprivate func encode(id: Int64, to sink: inout ByteSink) {
        sink.append(id)
        sink.append(epoch)
        sink.append(UInt8(batches.count))
        for batch in batches {
            sink.append(batch.firstSequence)
            sink.append(batch.lastSequence)
            sink.append(batch.baseOffset)
            sink.append(batch.appendTime)
        }
    }

    fileprivate static func decode(_ source: inout ByteSource) -> (id: Int64, entry: ProducerStates.Entry) {
        let id: Int64 = source.integer()
        let epoch: Int16 = source.integer()
        let batches = (0..<source.integer(as: UInt8.self)).map { _ in
            ProducerStates.Batch(
                firstSequence: source.integer(), lastSequence: source.integer(), baseOffset: source.integer(),
                appendTime: source.integer())
        }
        return (id, ProducerStates.Entry(epoch: epoch, batches: batches))
    }
}
