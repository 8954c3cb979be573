import DequeModule
import KafkaWire
import NIOConcurrencyHelpers
import Storage

/// Which records that could not be masked were told of, and what waits to be. A record is told of once under each restriction that
/// withholds it, before anybody passes it: nothing is remembered here before it is durable.
///
/// The tellings of a partition come one after the other, so that two sessions that meet the same record tell of it once.
final class WithheldRecords: Sendable {
    /// What a stretch withheld, on its way to the audit and the quarantine.
    struct Telling: Sendable {
        let restriction: Restriction
        let topic: Topic
        let partition: PartitionID
        var records: [WithheldRecord]
        /// Once, from any thread.
        let completion: @Sendable (Result<Void, StorageError>) -> Void

        fileprivate var contentBytes: Int { records.reduce(0) { $0 + ($1.content?.bytes ?? 0) } }
    }

    /// What becomes of a telling.
    enum Turn {
        /// Its turn is now; the caller sees to it, and to all that come behind it.
        case now(Telling)
        case later
        /// Too many wait.
        case never
    }

    private struct Place: Hashable {
        let restriction: UInt64
        let partition: PartitionID
        let offset: Int64
    }

    private struct State {
        var told: Set<Place> = []
        var order: Deque<Place> = []
        /// What waits for its turn, by partition; a partition is in it while somebody sees to one of its tellings.
        var waiting: [PartitionID: Deque<Telling>] = [:]
        var waitingCount = 0
        var contentBytes = 0
    }

    /// How long a fetch waits for its telling.
    let waitMilliseconds: Int64
    private let state = NIOLockedValueBox(State())
    private let countMax: Int
    private let waitingMax: Int
    private let contentBytesMax: Int

    init(
        countMax: Int = ReadingLimits.withheldMemoryMax, waitingMax: Int = ReadingLimits.withheldWaitingMax,
        contentBytesMax: Int = ReadingLimits.withheldBytesMax, waitMilliseconds: Int64 = ReadingLimits.withheldMilliseconds
    ) {
        self.countMax = countMax
        self.waitingMax = waitingMax
        self.contentBytesMax = contentBytesMax
        self.waitMilliseconds = waitMilliseconds
    }

    /// How many places are remembered.
    var count: Int { state.withLockedValue { $0.told.count } }
    /// What is held for quarantines.
    var contentBytes: Int { state.withLockedValue { $0.contentBytes } }

    /// Those that nobody told of yet.
    func untold(_ records: [WithheldRecord], of partition: PartitionID, under restriction: Restriction) -> [WithheldRecord] {
        guard !records.isEmpty else { return [] }
        return state.withLockedValue { state in
            records.filter { !state.told.contains(Place(restriction: restriction.id, partition: partition, offset: $0.offset)) }
        }
    }

    /// They are in the audit, durably.
    func told(_ records: [WithheldRecord], of partition: PartitionID, under restriction: Restriction) {
        state.withLockedValue { state in
            for record in records {
                let place = Place(restriction: restriction.id, partition: partition, offset: record.offset)
                guard state.told.insert(place).inserted else { continue }
                state.order.append(place)
                while state.order.count > countMax, let oldest = state.order.popFirst() { state.told.remove(oldest) }
            }
        }
    }

    // MARK: Turns

    /// Takes a telling in, without the contents of its records where too much is held already.
    func begin(_ telling: Telling) -> Turn {
        state.withLockedValue { state in
            guard state.waitingCount < waitingMax else { return .never }
            var telling = telling
            if state.contentBytes + telling.contentBytes > contentBytesMax {
                for index in telling.records.indices { telling.records[index].content = nil }
            }
            state.contentBytes += telling.contentBytes
            guard state.waiting[telling.partition] == nil else {
                state.waiting[telling.partition]?.append(telling)
                state.waitingCount += 1
                return .later
            }
            state.waiting[telling.partition] = []
            return .now(telling)
        }
    }

    /// A telling has ended, well or not.
    /// - Returns: the partition's next one.
    func end(_ telling: Telling) -> Telling? {
        state.withLockedValue { state in
            state.contentBytes -= telling.contentBytes
            if let next = state.waiting[telling.partition]?.popFirst() {
                state.waitingCount -= 1
                return next
            }
            state.waiting[telling.partition] = nil
            return nil
        }
    }
}
