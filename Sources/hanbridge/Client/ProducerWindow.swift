import DequeModule

/// The batches of one partition that an idempotent producer has made and that are not acknowledged, oldest first (KIP-98). Pure.
///
/// The broker takes batches by sequence and remembers the last five: so at most five are in flight, and after a failure the
/// first that is not acknowledged and all after it are sent again, in order and with the sequences they had, once nothing is
/// in flight any more. That neither loses nor duplicates a record, whatever became of the first try.
///
/// Of a batch that is refused for single records the rest takes its place, and its sequence; what was in flight behind it came out of
/// order, and follows with sequences of its new place.
struct ProducerWindow<Batch: Sendable> {
    struct Item: Sendable {
        let number: UInt64
        let batch: Batch
        let baseSequence: Int32
    }

    enum FailureAction: Equatable {
        /// Will be sent again after a while.
        case retry
        /// Will be sent again, as soon as what came back before it is: nothing is wrong with it.
        case follow
        /// Nothing later may be sent either: a gap would follow.
        case giveUp
    }

    static var inFlightMax: Int { 5 }

    private struct Entry {
        let number: UInt64
        var batch: Batch
        var recordCount: Int32
        var baseSequence: Int32
        var isInFlight = false
        var isAcknowledged = false
        /// It is in flight with this sequence, which it no longer has.
        var outdatedSequence: Int32?
    }

    private var entries = Deque<Entry>()
    private var nextSequence: Int32 = 0
    private var nextNumber: UInt64 = 0
    private var inFlightCount = 0
    /// A batch failed: what is in flight comes back first, then everything is sent from the first one on.
    private var isRewinding = false

    init() {}

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    var hasInFlight: Bool { inFlightCount > 0 }

    /// Adds a batch. Its sequence is told when it is sent.
    mutating func batchMade(_ batch: Batch, recordCount: Int32) {
        entries.append(Entry(number: nextNumber, batch: batch, recordCount: recordCount, baseSequence: nextSequence))
        nextSequence = Self.sequence(after: nextSequence, recordCount)
        nextNumber += 1
    }

    /// Sequences wrap to 0 after 2^31 - 1 (Kafka: DefaultRecordBatch.incrementSequence).
    private static func sequence(after sequence: Int32, _ recordCount: Int32) -> Int32 {
        sequence > Int32.max - recordCount ? recordCount - (Int32.max - sequence) - 1 : sequence + recordCount
    }

    /// The next batch to send now, marked as in flight.
    mutating func nextToSend() -> Item? {
        if isRewinding {
            guard inFlightCount == 0 else { return nil }
            isRewinding = false
        }
        guard inFlightCount < Self.inFlightMax, let index = entries.firstIndex(where: { !$0.isInFlight && !$0.isAcknowledged })
        else { return nil }
        // The window of the broker begins at the first batch that is not acknowledged.
        guard index < Self.inFlightMax else { return nil }
        entries[index].isInFlight = true
        entries[index].outdatedSequence = nil
        inFlightCount += 1
        let entry = entries[index]
        return Item(number: entry.number, batch: entry.batch, baseSequence: entry.baseSequence)
    }

    /// The batch is durable.
    mutating func acknowledged(_ number: UInt64) {
        guard let index = cameBack(number) else { return }
        entries[index].isAcknowledged = true
        if let sequence = entries[index].outdatedSequence {
            // The broker did not see the gap before it, as when it did not know the producer: the others follow where it stands.
            entries[index].baseSequence = sequence
            renumber(from: 0, Self.sequence(after: sequence, entries[index].recordCount))
        }
        dropAcknowledged()
    }

    private mutating func dropAcknowledged() {
        while entries.first?.isAcknowledged == true { entries.removeFirst() }
    }

    /// - Parameter isOutOfOrder: the broker saw a gap before it. Behind a batch that came back itself this is the natural
    ///   consequence and repaired by sending again at once; at the front it is real.
    mutating func failed(_ number: UInt64, isRetriable: Bool, isOutOfOrder: Bool) -> FailureAction {
        guard let index = cameBack(number) else { return .retry }
        guard isRetriable || (isOutOfOrder && (index > 0 || entries[index].outdatedSequence != nil)) else { return .giveUp }
        let isConsequence = isOutOfOrder && isRewinding
        isRewinding = true
        return isConsequence ? .follow : .retry
    }

    /// The batch was refused for some of its records, and nothing of it was stored.
    /// - Parameter rest: what is left of it; nil where nothing is.
    mutating func refused(_ number: UInt64, rest: (batch: Batch, recordCount: Int32)?) {
        guard let index = cameBack(number) else { return }
        isRewinding = true
        var (first, sequence) = (index, entries[index].baseSequence)
        if let stored = entries.dropFirst(index + 1).last(where: \.isAcknowledged) {
            // The broker did not see the gap that this leaves: what is left follows where it stands.
            (first, sequence) = (0, Self.sequence(after: stored.baseSequence, stored.recordCount))
        }
        if let rest {
            entries[index].batch = rest.batch
            entries[index].recordCount = rest.recordCount
        } else {
            entries.remove(at: index)
        }
        renumber(from: first, sequence)
        dropAcknowledged()
    }

    private mutating func renumber(from first: Int, _ sequence: Int32) {
        var sequence = sequence
        for place in first..<entries.count where !entries[place].isAcknowledged {
            if entries[place].isInFlight, entries[place].outdatedSequence == nil { entries[place].outdatedSequence = entries[place].baseSequence }
            entries[place].baseSequence = sequence
            sequence = Self.sequence(after: sequence, entries[place].recordCount)
        }
        nextSequence = sequence
    }

    private mutating func cameBack(_ number: UInt64) -> Int? {
        guard let index = entries.firstIndex(where: { $0.number == number }) else { return nil }
        if entries[index].isInFlight { inFlightCount -= 1 }
        entries[index].isInFlight = false
        return index
    }
}
