import KafkaWire
import NIOConcurrencyHelpers
public import Storage

/// The newest signed checkpoint of each partition's log, by the log's name (``PartitionLogs``), how far witnesses have cosigned it, and who
/// waits for either. What is here is durable in the journal of checkpoints: it may be shown.
public final class CheckpointBoard: Sendable {
    /// How a wait ends.
    enum Settlement: Hashable, Sendable {
        case acknowledged
        /// The partition is gone, or its log goes on under another name.
        case gone
        /// Whoever asked waits no longer.
        case late
    }

    private struct Waiting {
        let size: Int64
        let acknowledgement: Acknowledgement
        /// ms since 1970; nil for who waits as long as it takes.
        let deadline: Int64?
        let done: @Sendable (Settlement) -> Void
    }

    private struct State {
        var newest: [PartitionID: StoredCheckpoint] = [:]
        /// The largest that enough witnesses cosigned.
        var witnessed: [PartitionID: Int64] = [:]
        var waiting: [PartitionID: [Waiting]] = [:]

        /// How many leaves are acknowledged so.
        func size(_ acknowledgement: Acknowledgement, _ partition: PartitionID) -> Int64 {
            switch acknowledgement {
            case .durable: .max
            case .checkpointed: newest[partition]?.size ?? -1
            case .witnessed: witnessed[partition] ?? -1
            }
        }

        mutating func noteWitnessed(_ checkpoint: StoredCheckpoint) {
            guard checkpoint.isWitnessed else { return }
            witnessed[checkpoint.partition] = max(witnessed[checkpoint.partition] ?? -1, checkpoint.size)
        }

        /// Who waits no longer, now that something of the partition is out.
        mutating func takeSettled(_ partition: PartitionID) -> [@Sendable (Settlement) -> Void] {
            // Asked before anything changes: a copy of what waits in all partitions, kept for it, would be made with each.
            let (checkpointed, witnessed) = (size(.checkpointed, partition), size(.witnessed, partition))
            return take(partition) { waiting in
                switch waiting.acknowledgement {
                case .durable: true
                case .checkpointed: checkpointed >= waiting.size
                case .witnessed: witnessed >= waiting.size
                }
            }
        }

        mutating func take(_ partition: PartitionID, where isSettled: (Waiting) -> Bool) -> [@Sendable (Settlement) -> Void] {
            guard let waiting = waiting[partition] else { return [] }
            let settled = waiting.filter(isSettled)
            guard !settled.isEmpty else { return [] }
            let rest = waiting.filter { !isSettled($0) }
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
            checkpoints.flatMap { checkpoint -> [@Sendable (Settlement) -> Void] in
                guard checkpoint.size > state.newest[checkpoint.partition]?.size ?? -1 else { return [] }
                state.newest[checkpoint.partition] = checkpoint
                state.noteWitnessed(checkpoint)
                return state.takeSettled(checkpoint.partition)
            }
        }
        for one in done { one(.acknowledged) }
    }

    /// Checkpoints that were out before, with the cosignatures that came since.
    func publish(cosigned checkpoints: [StoredCheckpoint]) {
        let done = state.withLockedValue { state in
            checkpoints.flatMap { checkpoint -> [@Sendable (Settlement) -> Void] in
                guard let newest = state.newest[checkpoint.partition] else { return [] }
                if newest.size == checkpoint.size { state.newest[checkpoint.partition] = checkpoint }
                state.noteWitnessed(checkpoint)
                return state.takeSettled(checkpoint.partition)
            }
        }
        for one in done { one(.acknowledged) }
    }

    /// Calls once so many leaves are acknowledged as is asked for, at once where they are, or when there is nothing to wait for any more.
    /// Bounded by the requests in flight: each is forgotten with its time-out.
    /// - Parameter deadline: ms since 1970.
    func whenAcknowledged(
        _ partition: PartitionID, size: Int64, as acknowledgement: Acknowledgement, until deadline: Int64? = nil,
        _ done: @escaping @Sendable (Settlement) -> Void
    ) {
        let isOut = state.withLockedValue { state in
            if state.size(acknowledgement, partition) >= size { return true }
            state.waiting[partition, default: []].append(Waiting(size: size, acknowledgement: acknowledgement, deadline: deadline, done: done))
            return false
        }
        if isOut { done(.acknowledged) }
    }

    var waitingCount: Int { state.withLockedValue { $0.waiting.values.reduce(0) { $0 + $1.count } } }

    /// Lets go of those whose time is over.
    func expire(at now: Int64) {
        let done = state.withLockedValue { state in
            Array(state.waiting.keys).flatMap { partition in state.take(partition) { $0.deadline.map { $0 <= now } ?? false } }
        }
        for one in done { one(.late) }
    }

    /// Partitions that are gone.
    func keepOnly(_ isThere: (PartitionID) -> Bool) {
        let done = state.withLockedValue { state -> [@Sendable (Settlement) -> Void] in
            state.newest = state.newest.filter { isThere($0.key) }
            state.witnessed = state.witnessed.filter { isThere($0.key) }
            let gone = state.waiting.filter { !isThere($0.key) }
            for id in gone.keys { state.waiting[id] = nil }
            return gone.values.flatMap { $0.map(\.done) }
        }
        for one in done { one(.gone) }
    }
}

/// Holds an append's outcome back until what its topic asks for holds: `hanbridge.ack`.
final class CheckpointedAppend: AppendCompletionQueue {
    private let board: CheckpointBoard
    private let partition: PartitionID
    private let acknowledgement: Acknowledgement
    private let recordCount: Int64
    private let deadline: Int64?
    private let completions: any AppendCompletionQueue

    /// - Parameter deadline: ms since 1970: from then on nobody wants the outcome. nil where it is wanted whenever it comes.
    /// - Returns: where the outcome of the batch goes to: through here only where its topic asks for it.
    static func queue(
        for batch: AdmittedBatch, in partition: PartitionID, _ services: BrokerServices, _ completions: any AppendCompletionQueue,
        until deadline: Int64? = nil
    ) -> any AppendCompletionQueue {
        guard batch.acknowledgement != .durable else { return completions }
        let log = services.catalogue.value[partition.topic]?.log(of: partition.partition) ?? partition
        return CheckpointedAppend(batch, log, services.checkpoints, completions, deadline)
    }

    private init(
        _ batch: AdmittedBatch, _ partition: PartitionID, _ board: CheckpointBoard, _ completions: any AppendCompletionQueue, _ deadline: Int64?
    ) {
        self.deadline = deadline
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
                board.whenAcknowledged(partition, size: base.rawValue + recordCount, as: acknowledgement, until: deadline) { [completions, partition] settled in
                    switch settled {
                    case .acknowledged: completions.complete([(ticket, outcome)])
                    case .gone: completions.complete([(ticket, .failed(.unknownPartition(partition)))])
                    // It was answered by its time-out: this gives its place back.
                    case .late: completions.complete([(ticket, .failed(.overloaded))])
                    }
                }
            case .outOfOrderSequence, .staleProducerEpoch, .failed: completions.complete([(ticket, outcome)])
            }
        }
    }
}
