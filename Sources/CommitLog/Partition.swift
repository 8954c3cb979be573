import Atomics
import CoreMetrics
import NIOConcurrencyHelpers
import NIOCore
import Storage

/// A partition as its users hold it: what is durable, and the ways into the log thread and the readers.
final class Partition: PartitionLog {
    let id: PartitionID
    let services: StoreServices

    /// What everybody may see, swapped by the log thread after each sync.
    struct View: Sendable {
        var segments: [Segment]
        var logStart: Int64
        var highWatermark: Int64
        var leaderEpoch: Int32
        var epochs: [EpochStart]
        var closedBytes: Int64
        var activeBytes: Int64
        var state: LogBounds.State

        var bounds: LogBounds {
            LogBounds(
                logStart: Offset(logStart), highWatermark: Offset(highWatermark), leaderEpoch: leaderEpoch,
                sizeBytes: closedBytes + activeBytes, state: state)
        }
    }
    let view: NIOLockedValueBox<View>

    /// Whether its records are leaves: set once its topic's settings are known.
    private let areLeaves = ManagedAtomic(false)
    /// Held while the tree is worked on, which may take a while.
    let tree = NIOLockedValueBox(TreeWork())
    /// As far as it is made.
    let treeHead = NIOLockedValueBox(TreeHead.empty)
    /// From where on the tree is kept; -1 while it was not read.
    let treeMinimum = ManagedAtomic<Int64>(-1)
    /// Why it was found to be another log than its name says.
    let contradicting = NIOLockedValueBox<String?>(nil)
    /// It is on the evidence thread's list.
    let isTreeWaiting = ManagedAtomic(false)

    init(id: PartitionID, services: StoreServices, recovered: RecoveredLog) {
        self.id = id
        self.services = services
        view = NIOLockedValueBox(
            View(
                segments: [], logStart: recovered.logStart, highWatermark: recovered.end.offset,
                leaderEpoch: max(services.settings.leaderEpoch, recovered.epochs.last?.epoch ?? 0), epochs: recovered.epochs,
                closedBytes: 0, activeBytes: 0, state: recovered.outOfService.map { .offline($0) } ?? .online))
    }

    var bounds: LogBounds { view.withLockedValue { $0.bounds } }

    func append(_ batch: AdmittedBatch, ticket: AppendTicket, completions: (any AppendCompletionQueue)?) {
        guard batch.bytes.readableBytes <= FrameHeader.frameBytesMax / 2 else {
            completions?.complete([(ticket, .failed(.conflict("a batch of \(batch.bytes.readableBytes) bytes is above the store's limit")))])
            return
        }
        let append = QueuedAppend(partition: id, draft: FrameDraft(batch), ticket: ticket, completions: completions)
        switch services.queue.put(append) {
        case .queued: break
        case .overloaded:
            services.metrics.refusedOverloaded.increment()
            completions?.complete([(ticket, .failed(.overloaded))])
        case .closed: completions?.complete([(ticket, .failed(.shutDown))])
        }
    }

    func endOffset(ofEpoch epoch: Int32) -> (epoch: Int32, endOffset: Offset)? {
        let (epochs, leaderEpoch, highWatermark) = view.withLockedValue { ($0.epochs, $0.leaderEpoch, $0.highWatermark) }
        // The epoch of this run counts before its first record, as Kafka's leader puts it down when it becomes one.
        if epoch >= leaderEpoch { return (leaderEpoch, Offset(highWatermark)) }
        guard let index = epochs.lastIndex(where: { $0.epoch <= epoch }) else { return nil }
        let end = index + 1 < epochs.count ? epochs[index + 1].offset : highWatermark
        return (epochs[index].epoch, Offset(end))
    }

    func truncateHead(before offset: Offset) async throws(StorageError) -> Offset {
        try await services.onUpkeep { [self] in try services.truncateHead(self, before: offset.rawValue) }
    }

    func apply(_ settings: PartitionSettings) async throws(StorageError) {
        try await services.onUpkeep { [self] in try services.apply(settings, to: id) }
    }

    /// nil where the partition is empty, or out of service: then its files stay as they are.
    var lastSegmentOnline: Segment? { view.withLockedValue { $0.state == .online ? $0.segments.last : nil } }

    // MARK: Evidence

    var recordsLeaves: Bool { areLeaves.load(ordering: .acquiring) }

    func settle(_ settings: PartitionSettings) {
        guard settings.recordsLeaves, !areLeaves.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // What a crash has left out of the tree.
        if bounds.highWatermark > .zero { services.evidence.note(self) }
    }

    // MARK: From the log thread

    func publish(_ tail: PartitionTail) {
        view.withLockedValue { view in
            let last = tail.active?.segment ?? tail.closed.last
            let count = tail.closed.count + (tail.active == nil ? 0 : 1)
            if view.segments.count != count || view.segments.last !== last || view.segments.first !== (tail.closed.first ?? last) {
                view.segments = tail.closed + (tail.active.map { [$0.segment] } ?? [])
                view.closedBytes = tail.closed.reduce(0) { $0 + $1.facts.endPosition }
            }
            view.activeBytes = tail.active?.facts.endPosition ?? 0
            view.highWatermark = tail.durableOffset
            view.logStart = tail.logStart
            view.leaderEpoch = tail.leaderEpoch
            if view.epochs.count != tail.epochs.count { view.epochs = tail.epochs }
            if tail.outOfService == nil { view.state = .online }
        }
    }

    func change(to state: LogBounds.State) {
        view.withLockedValue { $0.state = state }
    }
}
