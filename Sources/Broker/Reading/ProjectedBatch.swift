import KafkaWire
import NIOCore
import Storage

/// What a restriction shows of one stored batch.
struct ProjectedBatch: Sendable {
    enum Content: Sendable {
        case nothing
        /// Every record, as it was published.
        case asStored
        case rewritten(ByteBuffer)
    }

    let content: Content
    let baseOffset: Offset
    let lastOffset: Offset
    let leaderEpoch: Int32
    /// What was shown, by view, in the order of the views; empty for nothing.
    let shown: [ShownRecords]
    /// What looking at it came to: its records, uncompressed.
    let inflatedBytes: Int

    /// The offset of the last record that is shown.
    var lastShown: Int64? { shown.compactMap(\.runs.last?.upperBound).max() }

    /// As it is sent.
    func sent(of stored: StoredBatch) -> StoredBatch? {
        let bytes: ByteBuffer
        switch content {
        case .nothing: return nil
        case .asStored: bytes = stored.bytes
        case .rewritten(let rewritten): bytes = rewritten
        }
        return StoredBatch(
            bytes: bytes, baseOffset: stored.baseOffset, lastOffset: stored.lastOffset, appendTime: stored.appendTime, writer: stored.writer,
            schemaIDs: .none)
    }

    /// What keeping it costs.
    var keptBytes: Int {
        let runs = shown.reduce(0) { $0 + 64 + $1.runs.count * MemoryLayout<ClosedRange<Int64>>.stride }
        guard case .rewritten(let bytes) = content else { return 160 + runs }
        return 160 + runs + bytes.storageCapacity
    }
}

/// The records that were shown under one view.
struct ShownRecords: Hashable, Sendable {
    /// The index of the view.
    let view: Int
    /// Their offsets, ascending.
    private(set) var runs: [ClosedRange<Int64>] = []
    /// Of the values, as the subscriber meets them; distinct.
    private(set) var schemaIDs: [Int32] = []

    init(view: Int) { self.view = view }

    var count: Int { runs.reduce(0) { $0 + $1.count } }

    mutating func add(_ offset: Int64, schemaID: Int32?) {
        if let last = runs.last, last.upperBound + 1 == offset {
            runs[runs.count - 1] = last.lowerBound...offset
        } else {
            runs.append(offset...offset)
        }
        if let schemaID, schemaIDs.last != schemaID, !schemaIDs.contains(schemaID) { schemaIDs.append(schemaID) }
    }

    mutating func append(_ next: ShownRecords) {
        precondition(view == next.view, "records of one view go together")
        var rest = next.runs[...]
        if let last = runs.last, let first = rest.first, last.upperBound + 1 == first.lowerBound {
            runs[runs.count - 1] = last.lowerBound...first.upperBound
            rest = rest.dropFirst()
        }
        runs += rest
        for id in next.schemaIDs where !schemaIDs.contains(id) { schemaIDs.append(id) }
    }
}

/// A record that could not be masked: nobody under the restriction gets it.
struct WithheldRecord: Sendable {
    let offset: Int64
    /// ms since 1970, -1 for none.
    let timestamp: Int64
    /// A word or a sentence; never of the payload.
    let reason: String
    /// Which rule would have shown it: `DSA-1#0`; nil where it came to none.
    let citation: String?
    /// Not its schema's and the agreement's, which do not fit: it belongs into the quarantine.
    let isItsFault: Bool
    /// What it was, for the quarantine; nil where there is none, and where too much is held for it.
    var content: Content?

    struct Content: Sendable {
        let key: ByteBuffer?
        let value: ByteBuffer?
        let headers: [Record.Header]

        var bytes: Int {
            headers.reduce((key?.readableBytes ?? 0) + (value?.readableBytes ?? 0)) { $0 + $1.key.utf8.count + ($1.value?.readableBytes ?? 0) }
        }
    }
}
