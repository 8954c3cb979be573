import DequeModule
import KafkaWire
import Logging
import NIOConcurrencyHelpers
import Storage

/// Which refused records are in a quarantine, so that one is kept once however often its publisher tries again.
///
/// A quarantine is read back before anything is kept in it (``QuarantineTail``): at the start of the broker, or when it is first needed,
/// as where a topic names one that it did not name before.
///
/// Shared by all event loops: the lock is short and is taken only where a record was refused.
final class QuarantineMemory: Sendable {
    enum Known: Hashable {
        /// It was not there and is the caller's to keep.
        case reserved
        /// Somebody is keeping it now.
        case pending
        case kept(QuarantineEntry)
    }

    /// How far a quarantine is known.
    fileprivate enum Reading {
        case underWay([@Sendable () -> Void])
        case read
    }

    fileprivate struct State {
        /// nil while it is being kept.
        var entries: [Digest256: QuarantineEntry?] = [:]
        var order: Deque<Digest256> = []
        var readings: [UUID128: Reading] = [:]
    }

    private let state = NIOLockedValueBox(State())
    private let countMax: Int
    private let log: Logger

    init(countMax: Int = Limits.quarantineMemoryMax, log: Logger) {
        self.countMax = countMax
        self.log = log
    }

    var count: Int { state.withLockedValue { $0.entries.count } }

    /// - Parameter isThere: whether an entry can still be found: a quarantine may be deleted, or its head cut off.
    func reserve(_ digest: Digest256, isThere: (QuarantineEntry) -> Bool) -> Known {
        state.withLockedValue { state in
            switch state.entries[digest] {
            case .some(.some(let entry)) where isThere(entry): return .kept(entry)
            case .some(.some): state.entries[digest] = .some(nil)
            case .some(.none): return .pending
            case .none: state.note(digest, nil, countMax: countMax)
            }
            return .reserved
        }
    }

    /// It is durable in the quarantine.
    func kept(_ digest: Digest256, as entry: QuarantineEntry) {
        state.withLockedValue { $0.put(digest, entry, countMax: countMax) }
    }

    /// It could not be kept: the next try is the first again.
    func released(_ digest: Digest256) {
        state.withLockedValue { state in
            if case .some(.none) = state.entries[digest] { state.forget(digest) }
        }
    }

    // MARK: Reading back

    /// Whether everything that is to be known of a quarantine is.
    func hasRead(_ quarantine: Topic) -> Bool {
        state.withLockedValue { state in
            if case .read = state.readings[quarantine.id] { return true }
            return false
        }
    }

    /// Reads the quarantine unless that was done.
    func read(_ quarantine: Topic) async {
        await withCheckedContinuation { continuation in whenRead(quarantine) { continuation.resume() } }
    }

    /// Calls `body` once, from any thread, when the quarantine has been read; has it read where nobody did.
    func whenRead(_ quarantine: Topic, _ body: @escaping @Sendable () -> Void) {
        enum Next { case go, wait, begin }
        let next: Next = state.withLockedValue { state in
            switch state.readings[quarantine.id] {
            case .read: return .go
            case .underWay(let others):
                state.readings[quarantine.id] = .underWay(others + [body])
                return .wait
            case nil:
                state.readings[quarantine.id] = .underWay([body])
                return .begin
            }
        }
        switch next {
        case .go: body()
        case .wait: break
        case .begin:
            Task(priority: .utility) { [self] in
                let kept = await QuarantineTail.read(quarantine, log: log, recordsMax: countMax)
                if !kept.isEmpty { log.notice("\(kept.count) records kept in quarantine \(quarantine.name) are known again") }
                ended(quarantine.id, kept)
            }
        }
    }

    /// How many quarantines are known, or being read.
    var readingCount: Int { state.withLockedValue { $0.readings.count } }

    /// Topics were deleted: how far they were known is nobody's business any more. What is being read is forgotten the next time.
    func forgetReadings(butOf isThere: (UUID128) -> Bool) {
        state.withLockedValue { state in
            guard !state.readings.isEmpty else { return }
            state.readings = state.readings.filter { id, reading in
                if case .underWay = reading { true } else { isThere(id) }
            }
        }
    }

    /// What a quarantine holds, the oldest first.
    func ended(_ quarantine: UUID128, _ kept: [QuarantineTail.Kept]) {
        let waiting: [@Sendable () -> Void] = state.withLockedValue { state in
            for one in kept { state.put(one.digest, one.entry, countMax: countMax) }
            defer { state.readings[quarantine] = .read }
            if case .underWay(let waiting) = state.readings[quarantine] { return waiting }
            return []
        }
        for body in waiting { body() }
    }
}

extension QuarantineMemory.State {
    fileprivate mutating func put(_ digest: Digest256, _ entry: QuarantineEntry, countMax: Int) {
        if entries[digest] != nil { entries[digest] = .some(entry) } else { note(digest, entry, countMax: countMax) }
    }

    fileprivate mutating func note(_ digest: Digest256, _ entry: QuarantineEntry?, countMax: Int) {
        while order.count >= countMax, let oldest = order.popFirst() { entries[oldest] = nil }
        entries[digest] = .some(entry)
        order.append(digest)
    }

    fileprivate mutating func forget(_ digest: Digest256) {
        entries[digest] = nil
        // Mostly it came last. Left in the order it would be forgotten before its time once it is kept after all.
        if let place = order.lastIndex(of: digest) { order.remove(at: place) }
    }
}

/// Where a refused record is kept.
struct QuarantineEntry: Hashable, CustomStringConvertible {
    let topic: String
    let topicID: UUID128
    let partition: Int32
    let offset: Int64

    var description: String { "\(topic)/\(partition)/\(offset)" }
}
