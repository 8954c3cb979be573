import DequeModule

/// The batches of one partition that an idempotent producer has made and that are not acknowledged, oldest first (KIP-98). Pure.
///
/// The broker takes batches by sequence and remembers the last five: so at most five are in flight, and after a failure the
/// first that is not acknowledged and all after it are sent again, in order and with the sequences they had, once nothing is
/// in flight any more. That neither loses nor duplicates a record, whatever became of the first try.
struct ProducerWindow<Batch: Sendable> {
    struct Item: Sendable {
        let number: UInt64
        let batch: Batch
        let baseSequence: Int32
    }

    enum FailureAction: Equatable {
        /// Will be sent again.
        case retry
        /// Nothing later may be sent either: a gap would follow.
        case giveUp
    }

    static var inFlightMax: Int { 5 }

    private struct Entry {
        let item: Item
        var isInFlight = false
        var isAcknowledged = false
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

    /// Adds a batch; `make` is told its sequence.
    mutating func batchMade(recordCount: Int32, _ make: (_ baseSequence: Int32) -> Batch) {
        let sequence = nextSequence
        // Sequences wrap to 0 after 2^31 - 1 (Kafka: DefaultRecordBatch.incrementSequence).
        nextSequence = sequence > Int32.max - recordCount ? recordCount - (Int32.max - sequence) - 1 : sequence + recordCount
        entries.append(Entry(item: Item(number: nextNumber, batch: make(sequence), baseSequence: sequence)))
        nextNumber += 1
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
        inFlightCount += 1
        return entries[index].item
    }

    /// The batch is durable.
    mutating func acknowledged(_ number: UInt64) {
        guard let index = entries.firstIndex(where: { $0.item.number == number }) else { return }
        if entries[index].isInFlight { inFlightCount -= 1 }
        entries[index].isInFlight = false
        entries[index].isAcknowledged = true
        while entries.first?.isAcknowledged == true { entries.removeFirst() }
    }

    /// - Parameter isOutOfOrder: the broker saw a gap before it. Behind a batch that failed itself this is the natural
    ///   consequence and repaired by sending again; at the front it is real.
    mutating func failed(_ number: UInt64, isRetriable: Bool, isOutOfOrder: Bool) -> FailureAction {
        guard let index = entries.firstIndex(where: { $0.item.number == number }) else { return .retry }
        if entries[index].isInFlight { inFlightCount -= 1 }
        entries[index].isInFlight = false
        guard isRetriable || (isOutOfOrder && index > 0) else { return .giveUp }
        isRewinding = true
        return .retry
    }
}
