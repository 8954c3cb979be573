import KafkaWire
import NIOConcurrencyHelpers
public import Storage

/// The newest signed checkpoint of each partition's log, by the log's name (``PartitionLogs``), how far witnesses have cosigned it, and who
/// waits for either. What is here is durable in the journal of checkpoints: it may be shown.
public final class CheckpointBoard: Sendable {
    private struct Waiting {
        let size: Int64
        let acknowledgement: Acknowledgement
        let done: @Sendable (_ isOut: Bool) -> Void
    }

    private struct State {
        var newest: [PartitionID: StoredCheckpoint] = [:]
        /// The largest that enough witnesses cosigned.
        var witnessed: [PartitionID: Int64] = [:]
        var waiting: [PartitionID: [Waiting]] = [:]

        func holds(_ acknowledgement: Acknowledgement, _ partition: PartitionID, _ size: Int64) -> Bool {
            switch acknowledgement {
            case .durable: true
            case .checkpointed: newest[partition]?.size ?? -1 >= size
            case .witnessed: witnessed[partition] ?? -1 >= size
            }
        }

        mutating func noteWitnessed(_ checkpoint: StoredCheckpoint) {
            guard checkpoint.isWitnessed else { return }
            witnessed[checkpoint.partition] = max(witnessed[checkpoint.partition] ?? -1, checkpoint.size)
        }

        /// Who waits no longer, now that something of the partition is out.
        mutating func takeSettled(_ partition: PartitionID) -> [@Sendable (Bool) -> Void] {
            guard let waiting = waiting[partition] else { return [] }
            let settled = waiting.filter { holds($0.acknowledgement, partition, $0.size) }
            guard !settled.isEmpty else { return [] }
            let rest = waiting.filter { !holds($0.acknowledgement, partition, $0.size) }
            self.waiting[partition] = rest.isEmpty ? nil : rest
            return settled.map(\.done)
        }
    }

    private let state = NIOLockedValueBox(State())

    public init() {}

    public func newest(of partition: PartitionID) -> StoredCheckpoint? { state.withLockedValue { $0.newest[partition] } }
    /// Partitions of which something was signed.
    public var partitions: [PartitionID] { state.withLockedValue { Array($0.newest.keys) } }

    /// Smaller ones than are known change nothing.
    public func publish(_ checkpoints: [StoredCheckpoint]) {
        let done = state.withLockedValue { state in
            checkpoints.flatMap { checkpoint -> [@Sendable (Bool) -> Void] in
                guard checkpoint.size > state.newest[checkpoint.partition]?.size ?? -1 else { return [] }
                state.newest[checkpoint.partition] = checkpoint
                state.noteWitnessed(checkpoint)
                return state.takeSettled(checkpoint.partition)
            }
        }
        for one in done { one(true) }
    }

    /// Checkpoints that were out before, with the cosignatures that came since.
    func publish(cosigned checkpoints: [StoredCheckpoint]) {
        let done = state.withLockedValue { state in
            checkpoints.flatMap { checkpoint -> [@Sendable (Bool) -> Void] in
                guard let newest = state.newest[checkpoint.partition] else { return [] }
                if newest.size == checkpoint.size { state.newest[checkpoint.partition] = checkpoint }
                state.noteWitnessed(checkpoint)
                return state.takeSettled(checkpoint.partition)
            }
        }
        for one in done { one(true) }
    }

    /// Calls once so many leaves are acknowledged as is asked for; at once where they are; with false where the partition is gone. Bounded by
    /// the requests in flight, which wait no longer than their time-out, whether or not it comes.
    func whenAcknowledged(
        _ partition: PartitionID, size: Int64, as acknowledgement: Acknowledgement, _ done: @escaping @Sendable (_ isOut: Bool) -> Void
    ) {
        let isOut = state.withLockedValue { state in
            if state.holds(acknowledgement, partition, size) { return true }
            state.waiting[partition, default: []].append(Waiting(size: size, acknowledgement: acknowledgement, done: done))
            return false
        }
        if isOut { done(true) }
    }

    /// Partitions that are gone.
    func keepOnly(_ isThere: (PartitionID) -> Bool) {
        let done = state.withLockedValue { state -> [@Sendable (Bool) -> Void] in
            state.newest = state.newest.filter { isThere($0.key) }
            state.witnessed = state.witnessed.filter { isThere($0.key) }
            let gone = state.waiting.filter { !isThere($0.key) }
            for id in gone.keys { state.waiting[id] = nil }
            return gone.values.flatMap { $0.map(\.done) }
        }
        for one in done { one(false) }
    }
}

/// Holds an append's outcome back until what its topic asks for holds: `hanbridge.ack`.
final class CheckpointedAppend: AppendCompletionQueue {
    private let board: CheckpointBoard
    private let partition: PartitionID
    private let acknowledgement: Acknowledgement
    private let recordCount: Int64
    private let completions: any AppendCompletionQueue

    /// - Returns: where the outcome of the batch goes to: through here only where its topic asks for it.
    static func queue(
        for batch: AdmittedBatch, in partition: PartitionID, _ services: BrokerServices, _ completions: any AppendCompletionQueue
    ) -> any AppendCompletionQueue {
        guard batch.acknowledgement != .durable else { return completions }
        let log = services.catalogue.value[partition.topic]?.log(of: partition.partition) ?? partition
        return CheckpointedAppend(batch, log, services.checkpoints, completions)
    }

    private init(
        _ batch: AdmittedBatch, _ partition: PartitionID, _ board: CheckpointBoard, _ completions: any AppendCompletionQueue
    ) {
        self.board = board
        self.partition = partition
        self.acknowledgement = batch.acknowledgement
        self.recordCount = Int64(batch.header.recordCount)
        self.completions = completions
    }

    func complete(_ outcomes: [(ticket: AppendTicket, outcome: AppendOutcome)]) {
        for (ticket, outcome) in outcomes {
            switch outcome {
            case .appended(let base, _, _), .duplicate(let base, _, _):
                board.whenAcknowledged(partition, size: base.rawValue + recordCount, as: acknowledgement) { [completions, partition] isOut in
                    completions.complete([(ticket, isOut ? outcome : .failed(.unknownPartition(partition)))])
                }
            case .outOfOrderSequence, .staleProducerEpoch, .failed: completions.complete([(ticket, outcome)])
            }
        }
    }
}
