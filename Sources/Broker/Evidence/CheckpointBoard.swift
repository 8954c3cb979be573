import KafkaWire
import NIOConcurrencyHelpers
public import Storage

/// The newest signed checkpoint of each partition, and who waits for the next one. What is here is durable in the journal of
/// checkpoints: it may be shown.
public final class CheckpointBoard: Sendable {
    private struct State {
        var newest: [PartitionID: StoredCheckpoint] = [:]
        var waiting: [PartitionID: [(size: Int64, done: @Sendable (_ isOut: Bool) -> Void)]] = [:]
    }

    private let state = NIOLockedValueBox(State())

    public init() {}

    public func newest(of partition: PartitionID) -> StoredCheckpoint? { state.withLockedValue { $0.newest[partition] } }

    /// Smaller ones than are known change nothing.
    public func publish(_ checkpoints: [StoredCheckpoint]) {
        let done = state.withLockedValue { state -> [@Sendable (Bool) -> Void] in
            var done: [@Sendable (Bool) -> Void] = []
            for checkpoint in checkpoints where checkpoint.size > state.newest[checkpoint.partition]?.size ?? -1 {
                state.newest[checkpoint.partition] = checkpoint
                guard let waiting = state.waiting[checkpoint.partition] else { continue }
                done += waiting.filter { $0.size <= checkpoint.size }.map(\.done)
                let rest = waiting.filter { $0.size > checkpoint.size }
                state.waiting[checkpoint.partition] = rest.isEmpty ? nil : rest
            }
            return done
        }
        for one in done { one(true) }
    }

    /// Calls once a checkpoint of so many leaves is out; at once where it is; with false where the partition is gone. Bounded by the requests in flight, which wait no longer
    /// than their time-out, whether or not it comes.
    func whenCheckpointed(_ partition: PartitionID, size: Int64, _ done: @escaping @Sendable (_ isOut: Bool) -> Void) {
        let isOut = state.withLockedValue { state in
            if state.newest[partition]?.size ?? -1 >= size { return true }
            state.waiting[partition, default: []].append((size, done))
            return false
        }
        if isOut { done(true) }
    }

    /// Partitions that are gone.
    func keepOnly(_ isThere: (PartitionID) -> Bool) {
        let done = state.withLockedValue { state -> [@Sendable (Bool) -> Void] in
            state.newest = state.newest.filter { isThere($0.key) }
            let gone = state.waiting.filter { !isThere($0.key) }
            for id in gone.keys { state.waiting[id] = nil }
            return gone.values.flatMap { $0.map(\.done) }
        }
        for one in done { one(false) }
    }
}

/// Holds an append's outcome back until a signed checkpoint covers its records: `hanbridge.ack=checkpointed`.
final class CheckpointedAppend: AppendCompletionQueue {
    private let board: CheckpointBoard
    private let partition: PartitionID
    private let recordCount: Int64
    private let completions: any AppendCompletionQueue

    /// - Returns: where the outcome of the batch goes to: through here only where its topic asks for it.
    static func queue(
        for batch: AdmittedBatch, in partition: PartitionID, _ board: CheckpointBoard, _ completions: any AppendCompletionQueue
    ) -> any AppendCompletionQueue {
        batch.awaitsCheckpoint ? CheckpointedAppend(batch, partition, board, completions) : completions
    }

    private init(
        _ batch: AdmittedBatch, _ partition: PartitionID, _ board: CheckpointBoard, _ completions: any AppendCompletionQueue
    ) {
        self.board = board
        self.partition = partition
        self.recordCount = Int64(batch.header.recordCount)
        self.completions = completions
    }

    func complete(_ outcomes: [(ticket: AppendTicket, outcome: AppendOutcome)]) {
        for (ticket, outcome) in outcomes {
            switch outcome {
            case .appended(let base, _, _), .duplicate(let base, _, _):
                board.whenCheckpointed(partition, size: base.rawValue + recordCount) { [completions, partition] isOut in
                    completions.complete([(ticket, isOut ? outcome : .failed(.unknownPartition(partition)))])
                }
            case .outOfOrderSequence, .staleProducerEpoch, .failed: completions.complete([(ticket, outcome)])
            }
        }
    }
}
