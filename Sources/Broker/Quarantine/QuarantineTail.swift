import KafkaWire
import Logging
import NIOCore
import Storage

/// The end of a quarantine, read backwards from the newest record, a block of each partition in turn: what makes the records known that
/// were kept before a restart.
struct QuarantineTail {
    struct Kept {
        let digest: Digest256
        let entry: QuarantineEntry
    }

    /// About as many bytes is a block, as large as its partition's records are in the mean. Within it the log is read forwards, as much
    /// at a time: what the tail needs of memory.
    static let blockBytes = 1 << 20

    private struct Cursor {
        let log: any PartitionLog
        /// Everything from here on was read.
        var begin: Int64
    }

    private let topic: Topic
    private let log: Logger
    private let recordsMax: Int
    private let bytesMax: Int
    private let blockBytes: Int
    private var cursors: [Cursor]
    private var records = 0
    private var bytes = 0
    /// The newest first.
    private var kept: [Kept] = []

    /// - Returns: the oldest first.
    static func read(
        _ topic: Topic, log: Logger, recordsMax: Int = Limits.quarantineReadRecordsMax, bytesMax: Int = Limits.quarantineReadBytesMax,
        blockBytes: Int = blockBytes
    ) async -> [Kept] {
        var tail = QuarantineTail(topic, log, recordsMax, bytesMax, blockBytes: blockBytes)
        while await tail.readRound() {}
        return tail.kept.reversed()
    }

    private init(_ topic: Topic, _ log: Logger, _ recordsMax: Int, _ bytesMax: Int, blockBytes: Int) {
        self.topic = topic
        self.log = log
        self.recordsMax = recordsMax
        self.bytesMax = bytesMax
        self.blockBytes = blockBytes
        cursors = topic.partitions.map { Cursor(log: $0, begin: $0.bounds.highWatermark.rawValue) }
    }

    /// A block of each partition.
    /// - Returns: whether there is more to read.
    private mutating func readRound() async -> Bool {
        for place in cursors.indices {
            guard records < recordsMax, bytes < bytesMax else { return false }
            let (log, end) = (cursors[place].log, cursors[place].begin)
            let bounds = log.bounds
            let begin = max(bounds.logStart.rawValue, end - min(records(ofBlock: bounds), Int64(recordsMax - records)))
            cursors[place].begin = begin
            guard begin < end else { continue }
            records += Int(end - begin)
            kept += await readBlock(begin..<end, of: log, place).reversed()
        }
        cursors.removeAll { $0.begin <= $0.log.bounds.logStart.rawValue }
        return !cursors.isEmpty
    }

    private func records(ofBlock bounds: LogBounds) -> Int64 {
        let all = max(1, bounds.highWatermark.rawValue - bounds.logStart.rawValue)
        return max(1, Int64(blockBytes) / max(1, bounds.sizeBytes / all))
    }

    private mutating func readBlock(_ block: Range<Int64>, of log: any PartitionLog, _ place: Int) async -> [Kept] {
        var found: [Kept] = []
        var next = block.lowerBound
        while next < block.upperBound {
            switch await read(from: Offset(next), of: log) {
            case .success(let slice):
                guard let last = slice.batches.last else { return found }
                for batch in slice.batches where batch.baseOffset.rawValue < block.upperBound {
                    bytes += batch.bytes.readableBytes
                    note(batch, within: block, of: log.id, in: &found)
                }
                next = last.lastOffset.rawValue + 1
            case .failure(.offsetOutOfRange):
                // Its head was cut off meanwhile.
                return found
            case .failure(let error):
                self.log.warning("quarantine \(topic.name)/\(log.id.partition) cannot be read: what it holds may be kept in it again: \(error)")
                cursors[place].begin = .min
                return found
            }
        }
        return found
    }

    /// Publishers, who say there what became of a record, choose their keys; the broker's own batches have the digests for keys.
    private func note(_ batch: StoredBatch, within block: Range<Int64>, of partition: PartitionID, in found: inout [Kept]) {
        guard batch.writer == .zero, let records = try? RecordReader(batch: batch.bytes) else { return }
        for record in records where block.contains(record.offset) {
            guard let key = record.key, let digest = Digest256(hex: key.readableBytesView) else { continue }
            let entry = QuarantineEntry(topic: topic.name, topicID: topic.id, partition: partition.partition, offset: record.offset)
            found.append(Kept(digest: digest, entry: entry))
        }
    }

    private func read(from offset: Offset, of log: any PartitionLog) async -> Result<LogSlice, StorageError> {
        await withCheckedContinuation { continuation in
            log.read(LogReadRequest(from: offset, bytesMax: blockBytes, firstBatchWhole: true)) { continuation.resume(returning: $0) }
        }
    }
}

extension Digest256 {
    /// - Returns: nil unless there are 64 lower-case hexadecimal digits.
    init?(hex: some Collection<UInt8>) {
        guard hex.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in hex {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        self.init(bytes: bytes)
    }
}
