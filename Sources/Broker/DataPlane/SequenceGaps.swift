import KafkaWire
import Storage

/// The gaps that refused batches leave in producers' sequences, remembered by the connection that they came on.
///
/// A refused batch never reaches the log, and the log lets a producer that it does not know begin at any sequence (KIP-360). Batches
/// that were in flight behind a refused one would then be stored, while the client, told of the refusal, raises its epoch and
/// sends those same batches again from sequence 0: they would be there twice. So what follows a refused batch in its epoch is out of
/// order until the gap is filled or the epoch rises.
struct SequenceGaps {
    private struct Producer: Hashable {
        let partition: PartitionID
        let id: Int64
    }
    private struct Gap {
        let epoch: Int16
        /// The first sequence that is missing.
        let sequence: Int32
    }

    private var gaps: [Producer: Gap] = [:]

    var count: Int { gaps.count }

    /// A batch was refused for its content.
    mutating func refused(_ header: RecordBatchHeader, in partition: PartitionID) {
        guard header.producerID >= 0 else { return }
        let producer = Producer(partition: partition, id: header.producerID)
        if let known = gaps[producer], known.epoch >= header.producerEpoch { return }
        // A connection has one producer, or a few: beyond the limit it misuses them, and may get what Kafka would give it.
        guard gaps.count < Limits.sequenceGapsPerConnectionMax else { return }
        gaps[producer] = Gap(epoch: header.producerEpoch, sequence: header.baseSequence)
    }

    /// Whether a batch comes after a gap. One that fills the gap, or of a later epoch, closes it; one from before it is for the log to
    /// judge: it may be a repeat.
    mutating func follows(_ header: RecordBatchHeader, in partition: PartitionID) -> Bool {
        guard header.producerID >= 0 else { return false }
        guard !gaps.isEmpty else { return false }
        let producer = Producer(partition: partition, id: header.producerID)
        guard let gap = gaps[producer], header.producerEpoch >= gap.epoch else { return false }
        guard header.producerEpoch == gap.epoch, header.baseSequence != gap.sequence else {
            gaps[producer] = nil
            return false
        }
        // Sequences wrap from Int32.max to 0: what is less than half the circle ahead comes after.
        return Int32(bitPattern: UInt32(bitPattern: header.baseSequence) &- UInt32(bitPattern: gap.sequence)) & Int32.max < 1 << 30
    }
}
