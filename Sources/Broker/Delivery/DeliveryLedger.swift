import Atomics
import DequeModule
import KafkaWire
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Storage

/// Writes `_audit.delivery`: what was really sent to whom (DESIGN.md, "The way of a record").
///
/// Entries come from event loops and are written in their order, as many at a time as fit a batch, one batch after the other. An entry that
/// the disk refuses waits, and those behind it; what may wait is bounded, and where it is full no more is delivered. A reservation that the
/// disk refuses is refused: nothing is sent by it.
///
/// One lock, held for a moment; nobody waits for the disk here.
public final class DeliveryLedger: Sendable {
    enum Room: Sendable {
        case open
        case full
        /// Full, because the disk takes nothing.
        case refusing(StorageError)
    }

    private struct Item: Sendable {
        let entry: DeliveryEntry
        let bytes: Int
        /// Of a reservation.
        let reserved: (@Sendable (StorageError?) -> Void)?
    }

    private struct Batch: Sendable {
        let items: [Item]
        let number: UInt64
        let openFrom: Int64
    }

    private struct State {
        var waiting = Deque<Item>()
        var isWriting = false
        /// Why the last write failed; nil when it did not.
        var failure: StorageError?
        /// The disk refused: nothing is tried before the next tick.
        var waitsForTick = false
        /// Where the reservation of each window that is not closed durably is, or behind that.
        var openWindows: [UInt64: Int64] = [:]
        var nextEntry: UInt64 = 0
        var isShutDown = false
    }

    private let topic: Topic
    private let partition: any PartitionLog
    private let source: String
    private let log: Logger
    let clock: any BrokerClock
    let budget = DeliveryBudget()
    /// Names this start of the broker.
    let run: String
    private let state = NIOLockedValueBox(State())
    /// Bytes of `waiting`: every fetch reads it.
    private let waitingBytes = ManagedAtomic<Int>(0)
    private let writtenEntries = ManagedAtomic<Int>(0)
    private let spentNanoseconds = ManagedAtomic<UInt64>(0)
    private let streamsWantedAt = ManagedAtomic<UInt64>(0)
    private let nextWindow = ManagedAtomic<UInt64>(1)
    private let nextSession = ManagedAtomic<UInt64>(1)
    /// Set once, before the first fetch.
    private let callbacks = NIOLockedValueBox(Callbacks())

    struct Callbacks: Sendable {
        /// There are entries that its readers should see.
        var wakeReaders: @Sendable () -> Void = {}
        /// There is room again.
        var roomCameBack: @Sendable () -> Void = {}
        /// Sessions are to give up the streams that they do not use now.
        var streamsWanted: @Sendable () -> Void = {}
    }

    /// Bytes of a batch before another one is begun, as estimated.
    private static let batchBytesSoftMax = 256 << 10
    static let openFromHeader = "hanbridge-open-from"

    /// - Parameter topic: `_audit.delivery`, open.
    init(topic: Topic, clusterID: UUID128, clock: any BrokerClock, log: Logger) {
        precondition(topic.name == AuditTopic.delivery, "deliveries are told to \(AuditTopic.delivery)")
        guard let partition = topic.partition(0) else { preconditionFailure("\(topic.name) has no partition 0") }
        self.topic = topic
        self.partition = partition
        self.clock = clock
        self.log = log
        source = "/hanbridge/\(clusterID.kafkaText)"
        run = String(UInt64(clamping: clock.now()), radix: 36) + "-" + String(UInt32.random(in: .min ... .max), radix: 36)
    }

    var partitionID: PartitionID { partition.id }
    func call(_ next: Callbacks) { callbacks.withLockedValue { $0 = next } }

    func newWindow() -> UInt64 { nextWindow.loadThenWrappingIncrement(ordering: .relaxed) }
    func newSessionName() -> String { "\(run)/s\(nextSession.loadThenWrappingIncrement(ordering: .relaxed))" }

    /// Once a second at most.
    func wantStreams(now: NIODeadline) {
        let last = streamsWantedAt.load(ordering: .relaxed)
        guard now.uptimeNanoseconds >= last &+ 1_000_000_000 || now.uptimeNanoseconds < last else { return }
        streamsWantedAt.store(now.uptimeNanoseconds, ordering: .relaxed)
        callbacks.withLockedValue { $0 }.streamsWanted()
    }

    var hasWaiting: Bool { waitingBytes.load(ordering: .relaxed) > 0 }

    var room: Room {
        guard waitingBytes.load(ordering: .relaxed) >= DeliveryLimits.waitingBytesMax else { return .open }
        guard let failure = state.withLockedValue({ $0.failure }) else { return .full }
        return .refusing(failure)
    }

    /// For metrics.
    public struct Statistics: Sendable {
        public let entries: Int
        public let waitingBytes: Int
        /// Processor time, of all threads, that telling deliveries took.
        public let spentSeconds: Double
        /// The disk takes no entries.
        public let isRefused: Bool
    }

    public var statistics: Statistics {
        Statistics(
            entries: writtenEntries.load(ordering: .relaxed), waitingBytes: waitingBytes.load(ordering: .relaxed),
            spentSeconds: Double(spentNanoseconds.load(ordering: .relaxed)) / 1e9, isRefused: state.withLockedValue { $0.failure != nil })
    }

    /// Counts the time of work that does not wait.
    func measured<Value>(_ work: () -> Value) -> Value {
        let began = NIODeadline.now()
        defer { spentNanoseconds.wrappingIncrement(by: UInt64(clamping: (NIODeadline.now() - began).nanoseconds), ordering: .relaxed) }
        return work()
    }

    // MARK: Entries

    /// Takes entries that were not asked for a leave: what they tell has happened.
    func note(_ entries: [DeliveryEntry], on eventLoop: any EventLoop) {
        add(entries.map { Item(entry: $0, bytes: $0.bytes, reserved: nil) })
        write(on: eventLoop)
    }

    /// - Parameter completion: called once, on the event loop, with nil when the reservation is durable.
    func reserve(_ entry: DeliveryEntry, on eventLoop: any EventLoop, completion: @escaping @Sendable (StorageError?) -> Void) {
        let failure = state.withLockedValue { $0.waitsForTick ? $0.failure : nil }
        if let failure { return completion(failure) }
        let told: @Sendable (StorageError?) -> Void = { error in
            if eventLoop.inEventLoop { completion(error) } else { eventLoop.execute { completion(error) } }
        }
        add([Item(entry: entry, bytes: entry.bytes, reserved: told)])
        write(on: eventLoop)
    }

    private func add(_ items: [Item]) {
        guard !items.isEmpty else { return }
        waitingBytes.wrappingIncrement(by: items.reduce(0) { $0 + $1.bytes }, ordering: .relaxed)
        state.withLockedValue { $0.waiting.append(contentsOf: items) }
    }

    /// Lets the disk be tried again.
    func tick(on eventLoop: any EventLoop) {
        state.withLockedValue { $0.waitsForTick = false }
        write(on: eventLoop)
    }

    // MARK: Writing

    private func write(on eventLoop: any EventLoop) {
        guard let batch = take() else { return }
        let completion = LedgerAppend(on: eventLoop) { [self] error in
            measured {
                ended(batch, error)
                write(on: eventLoop)
            }
        }
        partition.append(admitted(batch), ticket: AppendTicket(rawValue: 0), completions: completion)
    }

    /// Writes all that waits, until it is written or the disk refuses; for when no event loop does.
    /// - Throws: why something waits on.
    func flush() async throws(StorageError) {
        let appends = AuditAppends(to: partition)
        state.withLockedValue { $0.waitsForTick = false }
        while hasWaiting {
            guard let batch = take() else {
                if let failure = state.withLockedValue({ $0.waitsForTick ? $0.failure : nil }) { throw failure }
                // An event loop writes.
                try? await Task.sleep(for: .milliseconds(1))
                continue
            }
            do throws(StorageError) {
                try await appends.append(admitted(batch))
                ended(batch, nil)
            } catch {
                ended(batch, error)
                throw error
            }
        }
    }

    private func take() -> Batch? {
        state.withLockedValue { state in
            guard !state.isWriting, !state.waitsForTick, !state.waiting.isEmpty, !state.isShutDown else { return nil }
            state.isWriting = true
            var items: [Item] = []
            var bytes = 0
            while let next = state.waiting.first, items.isEmpty || bytes + next.bytes <= Self.batchBytesSoftMax {
                state.waiting.removeFirst()
                items.append(next)
                bytes += next.bytes
            }
            // Nobody else appends here: this is where the batch goes.
            let base = partition.bounds.highWatermark.rawValue
            for item in items { for window in item.entry.opens { state.openWindows[window] = base } }
            let number = state.nextEntry
            state.nextEntry += UInt64(items.count)
            return Batch(items: items, number: number, openFrom: state.openWindows.values.min() ?? base)
        }
    }

    private func admitted(_ batch: Batch) -> AdmittedBatch {
        let headers = [
            Record.Header(key: "content-type", value: ByteBuffer(string: "application/cloudevents+json")),
            Record.Header(key: Self.openFromHeader, value: ByteBuffer(string: String(batch.openFrom))),
        ]
        var builder = RecordBatchBuilder()
        for (place, item) in batch.items.enumerated() {
            let value = item.entry.encoded(source: source, run: run, number: batch.number + UInt64(place))
            builder.append(key: nil, value: value, headers: headers, timestamp: item.entry.time)
        }
        return AdmissionPipeline.admitOwn(builder.build(), .broker(topic))
    }

    private func ended(_ batch: Batch, _ error: StorageError?) {
        if let error { return failed(batch, error) }
        let bytes = batch.items.reduce(0) { $0 + $1.bytes }
        writtenEntries.wrappingIncrement(by: batch.items.count, ordering: .relaxed)
        let before = waitingBytes.loadThenWrappingDecrement(by: bytes, ordering: .relaxed)
        state.withLockedValue { state in
            state.isWriting = false
            state.failure = nil
            for item in batch.items { for window in item.entry.closes { state.openWindows[window] = nil } }
        }
        for item in batch.items { item.reserved?(nil) }
        let callbacks = callbacks.withLockedValue { $0 }
        if batch.items.contains(where: { !$0.entry.isQuiet }) { callbacks.wakeReaders() }
        if before >= DeliveryLimits.waitingBytesMax, before - bytes < DeliveryLimits.waitingBytesMax { callbacks.roomCameBack() }
    }

    /// What has happened waits on, in front; what was only asked for is refused.
    private func failed(_ batch: Batch, _ error: StorageError) {
        let refused = batch.items.filter { $0.reserved != nil }
        waitingBytes.wrappingDecrement(by: refused.reduce(0) { $0 + $1.bytes }, ordering: .relaxed)
        let isNew = state.withLockedValue { state in
            state.isWriting = false
            state.waitsForTick = true
            state.waiting.prepend(contentsOf: batch.items.filter { $0.reserved == nil })
            for item in refused { for window in item.entry.opens { state.openWindows[window] = nil } }
            defer { state.failure = error }
            return state.failure == nil
        }
        if isNew { log.error("deliveries cannot be told to \(topic.name) and wait; strict topics are not read meanwhile: \(error)") }
        for item in refused { item.reserved?(error) }
    }

    // MARK: Start and stop

    /// Finds out how the run before ended, and begins this one. What cannot be written waits like everything else.
    /// - Parameter end: the high watermark of a partition; nil where there is none any more.
    func begin(endOf end: (_ topicID: String, _ partition: Int32) -> Int64?) async {
        let now = clock.now()
        var entries: [DeliveryEntry] = []
        var started = DeliveryEntry(kind: .started, time: now)
        do {
            let before = try await DeliveryRecovery.read(partition)
            entries = before.possible(endOf: end, at: now)
            if let last = before.cutOffAfter { started.possiblyMissing = min(last, now)...now }
            if before.unreadable > 0 { log.error("\(before.unreadable) records of \(topic.name) cannot be read as its entries") }
        } catch {
            log.error("how the last run of \(topic.name) ended cannot be read: \(error)")
        }
        add((entries + [started]).map { Item(entry: $0, bytes: $0.bytes, reserved: nil) })
        try? await flush()
    }

    /// After the last session.
    func shutDown() async {
        do throws(StorageError) {
            try await flush()
            add([DeliveryEntry(kind: .stopped, time: clock.now())].map { Item(entry: $0, bytes: $0.bytes, reserved: nil) })
            try await flush()
        } catch {
            log.error("not all deliveries could be told before the stop; the next start says so: \(error)")
        }
        state.withLockedValue { $0.isShutDown = true }
    }
}

/// The outcome of one append, on an event loop.
private final class LedgerAppend: AppendCompletionQueue {
    private let eventLoop: any EventLoop
    private let completion: @Sendable (StorageError?) -> Void

    init(on eventLoop: any EventLoop, completion: @escaping @Sendable (StorageError?) -> Void) {
        self.eventLoop = eventLoop
        self.completion = completion
    }

    func complete(_ outcomes: [(ticket: AppendTicket, outcome: AppendOutcome)]) {
        for (_, outcome) in outcomes {
            let error: StorageError?
            switch outcome {
            case .appended: error = nil
            case .failed(let failure): error = failure
            case .duplicate, .outOfOrderSequence, .staleProducerEpoch:
                preconditionFailure("a batch of the ledger has no producer and was taken for one that has")
            }
            eventLoop.execute { [completion] in completion(error) }
        }
    }
}
