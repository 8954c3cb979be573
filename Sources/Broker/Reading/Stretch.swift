import Atomics
import KafkaWire
import NIOCore
import Storage

/// A stretch of a partition's batches on its way through a restriction: looked at in order until its bytes are found or it ends.
final class Stretch: Sendable {
    /// What the subscriber asked for: batches all of whose shown records lie before it are as good as hidden.
    private let asked: Offset
    /// Where looking begins.
    private let from: Offset
    private let restriction: Restriction
    private let partition: PartitionID
    private let batches: [StoredBatch]
    /// As many bytes are found at most, but for the first batch where `firstWhole`.
    private let bytesMax: Int
    private let firstWhole: Bool
    private let inflatedBytesMax: Int
    /// What the batches hold of memory.
    private let memoryBytes: Int
    private let limits: RecordLimits
    private let cancelled = ManagedAtomic<Bool>(false)

    init(
        _ slice: LogSlice, of partition: PartitionID, asked: Offset, from: Offset, under restriction: Restriction, bytesMax: Int, firstWhole: Bool,
        inflatedBytesMax: Int, limits: RecordLimits
    ) {
        batches = slice.batches
        memoryBytes = slice.memoryBytes
        self.partition = partition
        self.asked = asked
        self.from = from
        self.restriction = restriction
        self.bytesMax = bytesMax
        self.firstWhole = firstWhole
        self.inflatedBytesMax = inflatedBytesMax
        self.limits = limits
    }

    /// Nobody waits for it any more: it ends at the next batch. From any thread.
    func cancel() { cancelled.store(true, ordering: .relaxed) }

    /// How long looking at it takes, in bytes of records: at least so much, where that is more than a turn has.
    func turnBytes(_ known: ProjectedBatches, _ registry: SchemaRegistry) -> Int {
        let edition = restriction.edition(registry)
        var bytes = 0
        for batch in batches {
            bytes += ReadingLimits.lookUpBytes
            if known.find(batch, of: partition, under: edition) == nil {
                // What is compressed may inflate to a thousand times its size.
                guard let header = try? RecordBatchHeader(peekingAt: batch.bytes), header.codec == Codec.none else { return .max }
                bytes += batch.bytes.readableBytes
            }
            if bytes > ReadingLimits.turnBytesMax { break }
        }
        return bytes
    }

    /// Runs on any thread.
    /// - Parameter told: what need not be told of again.
    func project(_ known: ProjectedBatches, _ told: WithheldRecords, _ registry: SchemaRegistry) -> Projected {
        let edition = restriction.edition(registry)
        var projected = Projected(scannedTo: from, edition)
        var projector = BatchProjector(restriction, registry, limits: limits)
        for stored in batches {
            if cancelled.load(ordering: .relaxed) { return projected }
            if projected.inflatedBytes >= inflatedBytesMax {
                projected.end = .full
                return projected
            }
            let batch: ProjectedBatch
            if let found = known.find(stored, of: partition, under: edition) {
                batch = found
            } else {
                switch projector.project(stored) {
                case .projected(let made, let withheld):
                    batch = made
                    let untold = told.untold(withheld, of: partition, under: restriction)
                    if untold.isEmpty { known.keep(made, of: partition, under: edition) } else { projected.note(made, untold) }
                case .needs(let part):
                    projected.end = .needs(part)
                    return projected
                case .unreadable:
                    projected.end = .failed(.corrupt("batch \(stored.baseOffset) of \(partition) cannot be read"))
                    return projected
                }
            }
            guard projected.take(batch, of: stored, asked: asked, bytesMax: bytesMax, firstWhole: firstWhole, memoryBytes) else {
                projected.end = .full
                return projected
            }
        }
        return projected
    }
}

/// What a stretch came to.
struct Projected: Sendable {
    enum End: Sendable {
        /// The stretch was looked at to its end, or nobody waits for it.
        case looked
        /// There is more of it than the subscriber takes now.
        case full
        /// Another look from here on, once this is made.
        case needs(RestrictionPart)
        case failed(StorageError)
    }

    let edition: Restriction.Edition
    /// Those with records that are shown.
    var batches: [StoredBatch] = []
    /// By view, in their order.
    var shown: [ShownRecords] = []
    var sizeBytes = 0
    /// What they hold of memory.
    private(set) var memoryBytes = 0
    private var holdsRead = false
    /// Everything before it was looked at.
    var scannedTo: Offset
    var leaderEpoch: Int32 = -1
    var inflatedBytes = 0
    /// Of the batches looked at, as they are stored.
    private(set) var readBytes = 0
    /// Nobody told of them yet.
    private(set) var withheld: [WithheldRecord] = []
    /// The batches that they are of: kept for others once it was told of them, so that nobody passes them untold.
    private(set) var withholding: [ProjectedBatch] = []
    var end = End.looked

    init(scannedTo: Offset, _ edition: Restriction.Edition) {
        self.scannedTo = scannedTo
        self.edition = edition
    }

    /// - Returns: whether there was room for it.
    fileprivate mutating func take(
        _ batch: ProjectedBatch, of stored: StoredBatch, asked: Offset, bytesMax: Int, firstWhole: Bool, _ memoryOfRead: Int
    ) -> Bool {
        if let last = batch.lastShown, last >= asked.rawValue, let sent = batch.sent(of: stored) {
            let bytes = sent.bytes.readableBytes
            guard sizeBytes + bytes <= bytesMax || firstWhole && batches.isEmpty else { return false }
            batches.append(sent)
            hold(batch, memoryOfRead)
            sizeBytes += bytes
            note(batch.shown)
        }
        inflatedBytes += batch.inflatedBytes
        readBytes += stored.bytes.readableBytes
        leaderEpoch = batch.leaderEpoch
        scannedTo = Offset(stored.lastOffset.rawValue + 1)
        return true
    }

    mutating func takeWithheld() -> [WithheldRecord] {
        defer { withheld = [] }
        return withheld
    }

    fileprivate mutating func note(_ batch: ProjectedBatch, _ records: [WithheldRecord]) {
        withheld += records
        withholding.append(batch)
    }

    /// One batch as it was stored holds on to all that was read with it.
    private mutating func hold(_ batch: ProjectedBatch, _ memoryOfRead: Int) {
        switch batch.content {
        case .nothing: break
        case .rewritten(let bytes): memoryBytes += bytes.storageCapacity
        case .asStored:
            if !holdsRead { memoryBytes += memoryOfRead }
            holdsRead = true
        }
    }

    private mutating func note(_ next: [ShownRecords]) {
        for records in next {
            if let place = shown.firstIndex(where: { $0.view == records.view }) { shown[place].append(records) } else { shown.append(records) }
        }
    }
}
