import Storage

/// What the log remembers of idempotent producers, to answer a repeated batch with its first offset and to refuse a gap
/// (KIP-98, KIP-360). The rules are those of Kafka's `ProducerStateManager` and `ProducerAppendInfo`. Pure; derived from the
/// frames, so recovery builds the same state by the same `record`.
struct ProducerStates: Hashable, Sendable {
    /// KIP-98: a client has at most five requests in flight, so a repeat is one of the last five batches.
    static let batchesKept = 5

    struct Batch: Hashable, Sendable {
        var firstSequence: Int32
        var lastSequence: Int32
        var baseOffset: Int64
        var appendTime: Int64
    }

    struct Entry: Hashable, Sendable {
        var epoch: Int16
        /// Oldest first, at most five; never empty.
        var batches: [Batch]
        var lastAppendTime: Int64 { batches.last?.appendTime ?? 0 }
    }

    enum Verdict: Hashable, Sendable {
        case next
        case duplicate(Batch)
        case outOfOrder
        case staleEpoch
    }

    private(set) var entries: [Int64: Entry] = [:]

    func judge(producerID: Int64, epoch: Int16, firstSequence: Int32, lastSequence: Int32) -> Verdict {
        // Of a request's id there is never any state.
        // Without state any sequence is accepted (KIP-360): the log may have expired what it knew of the producer.
        guard let entry = entries[producerID] else { return .next }
        guard epoch >= entry.epoch else { return .staleEpoch }
        guard epoch == entry.epoch else { return firstSequence == 0 ? .next : .outOfOrder }
        if let known = entry.batches.first(where: { $0.firstSequence == firstSequence && $0.lastSequence == lastSequence }) {
            return .duplicate(known)
        }
        guard let last = entry.batches.last?.lastSequence else { return .next }
        return firstSequence == Self.sequence(last, advancedBy: 1) ? .next : .outOfOrder
    }

    /// - Returns: what was known before, for `restore`.
    @discardableResult
    mutating func record(producerID: Int64, epoch: Int16, batch: Batch) -> Entry? {
        guard !ProducerIDRange.isOfRequest(producerID) else { return nil }
        guard let index = entries.index(forKey: producerID) else {
            entries[producerID] = Entry(epoch: epoch, batches: [batch])
            return nil
        }
        let before = entries.values[index]
        if before.epoch != epoch {
            entries.values[index] = Entry(epoch: epoch, batches: [batch])
        } else {
            if before.batches.count == Self.batchesKept { entries.values[index].batches.removeFirst() }
            entries.values[index].batches.append(batch)
        }
        return before
    }

    /// Takes back one `record`.
    mutating func restore(producerID: Int64, to entry: Entry?) {
        entries[producerID] = entry
    }

    /// Forgets who has not appended since `time`.
    mutating func expire(before time: Int64) {
        entries = entries.filter { $0.value.lastAppendTime >= time }
    }

    /// Keeps the count bounded: beyond `countMax` the sixteenth that was silent longest is forgotten.
    mutating func trim(countMax: Int) {
        guard entries.count > countMax else { return }
        let times = entries.values.map(\.lastAppendTime).sorted()
        let boundary = times[entries.count - countMax + countMax / 16]
        expire(before: boundary)
        // Many with the same time: any of them.
        for id in entries.keys.prefix(max(0, entries.count - countMax)) { entries[id] = nil }
    }

    /// Forgets up to so many of those that appended last at exactly this time.
    /// - Returns: how many.
    mutating func forget(_ countMax: Int, lastSeenAt time: Int64) -> Int {
        let ids = entries.lazy.filter { $0.value.lastAppendTime == time }.prefix(max(0, countMax)).map(\.key)
        let forgotten = Array(ids)
        for id in forgotten { entries[id] = nil }
        return forgotten.count
    }

    mutating func load(_ id: Int64, _ entry: Entry) { entries[id] = entry }

    /// Sequences wrap from Int32.max to 0.
    static func sequence(_ sequence: Int32, advancedBy count: Int32) -> Int32 {
        Int32(truncatingIfNeeded: (Int64(sequence) + Int64(count)) & 0x7FFF_FFFF)
    }
}
