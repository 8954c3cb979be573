import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Storage

@testable import Broker

/// A partition store without a disk. Appends become durable at once, or, with `holdsCommits`, when the test calls `commit`;
/// reads answer inline, or, with `holdsReads`, when the test calls `releaseReads`.
final class InMemoryPartitionStore: PartitionStore {
    struct Contents: Sendable {
        var partitions: [PartitionID: InMemoryPartition] = [:]
        var observer: (any HighWatermarkObserver)?
        var createError: StorageError?
        var createErrors: [PartitionID: StorageError] = [:]
        var deleted: [PartitionID] = []
        var isShutDown = false
    }

    private let contents = NIOLockedValueBox(Contents())
    let behaviour = NIOLockedValueBox(Behaviour())
    let runEpoch: Int32

    struct Behaviour: Sendable {
        var holdsCommits = false
        var holdsReads = false
    }

    init(runEpoch: Int32 = 3) { self.runEpoch = runEpoch }

    var snapshot: Contents { contents.withLockedValue { $0 } }
    func failCreation(with error: StorageError?) { contents.withLockedValue { $0.createError = error } }
    func failCreation(with error: StorageError?, of id: PartitionID) { contents.withLockedValue { $0.createErrors[id] = error } }

    @discardableResult
    func open(_ id: PartitionID, settings: PartitionSettings = PartitionSettings()) -> InMemoryPartition {
        contents.withLockedValue { contents in
            if let known = contents.partitions[id] { return known }
            let made = InMemoryPartition(id, in: self)
            contents.partitions[id] = made
            return made
        }
    }

    /// One commit group: everything that waits in all partitions becomes durable, and each queue is told once.
    func commit() {
        var told: [(queue: any AppendCompletionQueue, outcomes: [(ticket: AppendTicket, outcome: AppendOutcome)])] = []
        var rose: [PartitionID] = []
        for partition in snapshot.partitions.values.sorted(by: { $0.id.description < $1.id.description }) {
            let (outcomes, hasRisen) = partition.commitQueued()
            if hasRisen { rose.append(partition.id) }
            for (queue, ticket, outcome) in outcomes {
                guard let queue else { continue }
                if let place = told.firstIndex(where: { $0.queue === queue }) {
                    told[place].outcomes.append((ticket, outcome))
                } else {
                    told.append((queue, [(ticket, outcome)]))
                }
            }
        }
        for (queue, outcomes) in told { queue.complete(outcomes) }
        if !rose.isEmpty { snapshot.observer?.highWatermarkRose(rose) }
    }

    func releaseReads() {
        behaviour.withLockedValue { $0.holdsReads = false }
        for partition in snapshot.partitions.values { partition.releaseReads() }
    }

    // MARK: PartitionStore

    /// Trees that a test says have grown.
    let grownTrees = NIOLockedValueBox<[GrownTree]>([])
    func takeGrownTrees() -> [GrownTree] {
        grownTrees.withLockedValue { grown in
            defer { grown = [] }
            return grown
        }
    }

    func partition(_ id: PartitionID) -> (any PartitionLog)? { snapshot.partitions[id] }

    func create(_ id: PartitionID, settings: PartitionSettings) async throws(StorageError) -> any PartitionLog {
        if let error = snapshot.createError ?? snapshot.createErrors[id] { throw error }
        return open(id, settings: settings)
    }

    func delete(_ id: PartitionID) async throws(StorageError) {
        contents.withLockedValue { contents in
            contents.partitions[id] = nil
            contents.deleted.append(id)
        }
    }

    func partitions() -> [PartitionID] { Array(snapshot.partitions.keys) }
    func observe(_ observer: any HighWatermarkObserver) { contents.withLockedValue { $0.observer = observer } }
    func statistics() -> StoreStatistics { StoreStatistics() }
    func maintain() async {}
    func shutDown() async { contents.withLockedValue { $0.isShutDown = true } }
}

final class InMemoryPartition: PartitionLog {
    struct Queued: Sendable {
        let batch: AdmittedBatch
        let ticket: AppendTicket
        let queue: (any AppendCompletionQueue)?
    }
    struct Producer: Sendable {
        var epoch: Int16
        var recent: [(sequence: Int32, nextSequence: Int32, base: Int64)]
    }
    struct State: Sendable {
        var stored: [StoredBatch] = []
        var admitted: [AdmittedBatch] = []
        var queued: [Queued] = []
        var logStart: Int64 = 0
        var highWatermark: Int64 = 0
        var sizeBytes: Int64 = 0
        var offline: String?
        var evidence: (any PartitionEvidence)?
        var readOnly: String?
        var appendError: StorageError?
        var readError: StorageError?
        /// A read ends after as many, as it would at the end of a segment.
        var batchesPerReadMax = Int.max
        var producers: [Int64: Producer] = [:]
        var reads = 0
        var heldReads: [@Sendable () -> Void] = []
    }
    typealias Outcome = (queue: (any AppendCompletionQueue)?, ticket: AppendTicket, outcome: AppendOutcome)

    let id: PartitionID
    /// Kept: a timer of an event loop may write when the test is over.
    private let store: InMemoryPartitionStore
    private let state = NIOLockedValueBox(State())
    /// Every append's time.
    static let appendTime: Int64 = 1_795_372_800_000

    init(_ id: PartitionID, in store: InMemoryPartitionStore) {
        self.id = id
        self.store = store
    }

    var snapshot: State { state.withLockedValue { $0 } }
    func change(_ body: (inout State) -> Void) { state.withLockedValue { body(&$0) } }

    var evidence: (any PartitionEvidence)? { state.withLockedValue { $0.evidence } }

    var bounds: LogBounds {
        state.withLockedValue { state in
            LogBounds(
                logStart: Offset(state.logStart), highWatermark: Offset(state.highWatermark), leaderEpoch: store.runEpoch,
                sizeBytes: state.sizeBytes, state: state.offline.map { .offline($0) } ?? state.readOnly.map { .readOnly($0) } ?? .online)
        }
    }

    func append(_ batch: AdmittedBatch, ticket: AppendTicket, completions: (any AppendCompletionQueue)?) {
        state.withLockedValue { $0.queued.append(Queued(batch: batch, ticket: ticket, queue: completions)) }
        if !store.behaviour.withLockedValue({ $0.holdsCommits }) { store.commit() }
    }

    func commitQueued() -> (outcomes: [Outcome], hasRisen: Bool) {
        state.withLockedValue { state in
            let before = state.highWatermark
            let queued = state.queued
            state.queued = []
            let outcomes = queued.map { ($0.queue, $0.ticket, Self.commit($0.batch, epoch: store.runEpoch, &state)) }
            return (outcomes, state.highWatermark > before)
        }
    }

    private static func commit(_ batch: AdmittedBatch, epoch: Int32, _ state: inout State) -> AppendOutcome {
        if let error = state.appendError { return .failed(error) }
        let header = batch.header
        let logStart = Offset(state.logStart)
        if header.producerID >= 0 {
            let producer = state.producers[header.producerID] ?? Producer(epoch: header.producerEpoch, recent: [])
            guard header.producerEpoch >= producer.epoch else { return .staleProducerEpoch }
            if let repeated = producer.recent.first(where: { $0.sequence == header.baseSequence }) {
                return .duplicate(base: Offset(repeated.base), appendTime: appendTime, logStart: logStart)
            }
            guard header.baseSequence == producer.recent.last?.nextSequence ?? 0 else { return .outOfOrderSequence }
            var next = producer
            next.recent.append((header.baseSequence, header.baseSequence + header.recordCount, state.highWatermark))
            state.producers[header.producerID] = next
        }
        var bytes = batch.bytes
        bytes.setInteger(state.highWatermark, at: bytes.readerIndex)
        bytes.setInteger(epoch, at: bytes.readerIndex + 12)
        let base = Offset(state.highWatermark)
        state.highWatermark += Int64(header.recordCount)
        state.sizeBytes += Int64(bytes.readableBytes)
        state.admitted.append(batch)
        state.stored.append(
            StoredBatch(
                bytes: bytes, baseOffset: base, lastOffset: Offset(state.highWatermark - 1), appendTime: appendTime,
                writer: batch.writer, schemaIDs: batch.schemaIDs))
        return .appended(base: base, appendTime: appendTime, logStart: logStart)
    }

    func read(_ request: LogReadRequest, completion: @escaping @Sendable (Result<LogSlice, StorageError>) -> Void) {
        let answer: @Sendable () -> Void = { [self] in completion(readNow(request)) }
        guard store.behaviour.withLockedValue({ $0.holdsReads }) else { return answer() }
        state.withLockedValue { $0.heldReads.append(answer) }
    }

    func releaseReads() {
        let held = state.withLockedValue { state in
            defer { state.heldReads = [] }
            return state.heldReads
        }
        for read in held { read() }
    }

    private func readNow(_ request: LogReadRequest) -> Result<LogSlice, StorageError> {
        let bounds = bounds
        return state.withLockedValue { state in
            state.reads += 1
            if let error = state.readError { return .failure(error) }
            guard request.from >= bounds.logStart, request.from <= bounds.highWatermark else {
                return .failure(.offsetOutOfRange(bounds))
            }
            var batches: [StoredBatch] = []
            var bytes = 0
            for batch in state.stored where batch.lastOffset >= request.from {
                bytes += batch.bytes.readableBytes
                guard bytes <= request.bytesMax || batches.isEmpty && request.firstBatchWhole else { break }
                guard batches.count < state.batchesPerReadMax else {
                    return .success(LogSlice(batches: batches, bounds: bounds, hasMore: true))
                }
                batches.append(batch)
            }
            return .success(LogSlice(batches: batches, bounds: bounds))
        }
    }

    func lookUp(_ query: OffsetQuery) async throws(StorageError) -> TimestampedOffset? {
        let state = snapshot
        if let error = state.readError { throw error }
        switch query {
        case .recordTime(let time):
            return state.stored.first { Self.header($0).maxTimestamp >= time }.map(Self.found)
        case .largestRecordTime:
            return state.stored.max { Self.header($0).maxTimestamp < Self.header($1).maxTimestamp }.map(Self.found)
        case .appendTime:
            return state.stored.first.map(Self.found)
        }
    }

    private static func header(_ batch: StoredBatch) -> RecordBatchHeader {
        guard let header = try? RecordBatchHeader(peekingAt: batch.bytes) else { preconditionFailure("a stored batch has a header") }
        return header
    }

    private static func found(_ batch: StoredBatch) -> TimestampedOffset {
        let header = header(batch)
        return TimestampedOffset(offset: batch.baseOffset, timestamp: header.maxTimestamp, leaderEpoch: header.partitionLeaderEpoch)
    }

    func endOffset(ofEpoch epoch: Int32) -> (epoch: Int32, endOffset: Offset)? {
        epoch < store.runEpoch ? nil : (store.runEpoch, bounds.highWatermark)
    }

    func truncateHead(before offset: Offset) async throws(StorageError) -> Offset {
        state.withLockedValue { $0.logStart = max($0.logStart, offset.rawValue) }
        return bounds.logStart
    }

    func apply(_ settings: PartitionSettings) async throws(StorageError) {}
}
