import AccessPolicy
import NIOCore
import Storage

/// What one session is given of one partition: what was handed over and is not told yet, and on a strict topic the offsets that
/// may be handed over. Confined to its event loop.
final class DeliveryStream {
    /// One connection may read a partition for several purposes.
    struct Key: Hashable {
        let partition: PartitionID
        let purpose: PurposeDeclaration

        init(_ source: DeliverySource) {
            partition = source.partition
            purpose = source.grounds.question.purpose
        }
    }

    /// Offsets that an entry reserves.
    struct Window {
        enum State { case pending, durable }

        let id: UInt64
        let offsets: Range<Int64>
        var state = State.pending
        /// When it became durable.
        var since: NIODeadline
    }

    private struct Portion {
        var offsets = OffsetRuns()
        var bytes = 0
        var schemaIDs: [Int32] = []
    }

    let key: Key
    let topic: Topic
    let partition: PartitionID
    let isStrict: Bool
    private(set) var grounds: DeliveryGrounds
    /// By form.
    private var portions: [Portion]
    /// When the first delivery that is not told was made, ms since 1970.
    private(set) var since: Int64?
    private(set) var lastOffset: Int64 = -1
    private(set) var lastUsed: NIODeadline
    /// In the order of their offsets: the one in use, and the one after it.
    private(set) var windows: [Window] = []
    /// How large the next window is.
    private var windowOffsets = DeliveryLimits.windowOffsetsMin
    /// Why the ledger does not reserve, and until when it is not asked again.
    private(set) var refusal: (error: StorageError, until: NIODeadline)?

    init(_ source: DeliverySource, now: NIODeadline) {
        key = Key(source)
        topic = source.topic
        partition = source.partition
        grounds = source.grounds
        isStrict = source.topic.reservesDeliveries
        portions = source.grounds.forms.map { _ in Portion() }
        lastUsed = now
    }

    var isAudit: Bool { topic.isBrokerOwned }
    var isIdle: Bool { since == nil && windows.isEmpty }

    // MARK: What was handed over

    /// Another decision: what was handed over under the one before must have been taken.
    func stand(on next: DeliveryGrounds) {
        precondition(since == nil && windows.isEmpty, "a delivery would be told under a decision that it was not made by")
        grounds = next
        portions = next.forms.map { _ in Portion() }
    }

    func add(_ delivery: Delivery, at time: Int64, now: NIODeadline) {
        lastUsed = now
        for portion in delivery.portions where !portion.offsets.isEmpty {
            precondition(portion.form < portions.count, "a record was shown under a rule that the decision does not have")
            portions[portion.form].offsets.append(portion.offsets)
            portions[portion.form].bytes += portion.bytes
            for id in portion.schemaIDs { portions[portion.form].schemaIDs.add(id) }
            lastOffset = max(lastOffset, portion.offsets.last ?? -1)
            if since == nil { since = time }
        }
    }

    /// Whether so much waits that it must be told now.
    var isFull: Bool { portions.contains { $0.offsets.runs.count >= DeliveryLimits.runsMax } }

    func takeItems() -> [DeliveryEvent.Item] {
        guard let begun = since else { return [] }
        since = nil
        var items: [DeliveryEvent.Item] = []
        for place in portions.indices where !portions[place].offsets.isEmpty {
            let (portion, form) = (portions[place], grounds.forms[place])
            for (number, piece) in portion.offsets.pieces(runsMax: 2_048).enumerated() {
                items.append(
                    DeliveryEvent.Item(
                        self, grounds, citation: form.citation, fields: form.fields, offsets: piece, bytes: number == 0 ? portion.bytes : 0,
                        schemaIDs: portion.schemaIDs, since: begun))
            }
            portions[place].offsets.clear()
            portions[place].bytes = 0
            portions[place].schemaIDs.removeAll(keepingCapacity: true)
        }
        return items
    }

    // MARK: What may be handed over

    func isCovered(_ offsets: ClosedRange<Int64>) -> Bool { !isStrict || cover(offsets) { $0.state == .durable } }

    /// Whether they will be once every window is durable.
    func awaits(_ offsets: ClosedRange<Int64>) -> Bool { hasPendingWindow && cover(offsets) { _ in true } }

    private func cover(_ offsets: ClosedRange<Int64>, by counts: (Window) -> Bool) -> Bool {
        var next = offsets.lowerBound
        for window in windows where counts(window) && window.offsets.contains(next) { next = window.offsets.upperBound }
        return next > offsets.upperBound
    }

    var hasPendingWindow: Bool { windows.contains { $0.state == .pending } }

    /// The window that is needed for these offsets, of which the log has them.
    func window(covering offsets: ClosedRange<Int64>) -> Range<Int64> {
        offsets.lowerBound..<max(offsets.upperBound + 1, offsets.lowerBound + windowOffsets)
    }

    /// The window after those that there are, where what is left of them will soon be used.
    func windowAhead(of position: Int64) -> Range<Int64>? {
        let end = windows.last?.offsets.upperBound ?? position
        guard isStrict, !hasPendingWindow, end - position <= windowOffsets / 2 else { return nil }
        return end..<end + windowOffsets
    }

    func open(_ id: UInt64, _ offsets: Range<Int64>, now: NIODeadline) {
        windows.append(Window(id: id, offsets: offsets, since: now))
        lastUsed = now
    }

    /// - Returns: false where the window was given up meanwhile.
    func becameDurable(_ id: UInt64, now: NIODeadline) -> Bool {
        guard let place = windows.firstIndex(where: { $0.id == id }) else { return false }
        windows[place].state = .durable
        windows[place].since = now
        refusal = nil
        return true
    }

    func wasRefused(_ id: UInt64, _ error: StorageError, now: NIODeadline) {
        windows.removeAll { $0.id == id }
        refusal = (error, now + .milliseconds(DeliveryLimits.coalescedMilliseconds))
    }

    /// Closes the windows that lie before an offset, and lets the next ones be as large as this session is fast: about what it reads
    /// in two seconds.
    func passed(_ position: Int64, now: NIODeadline) -> [UInt64] {
        let used = windows.filter { $0.state == .durable && $0.offsets.upperBound <= position }
        guard !used.isEmpty else { return [] }
        for window in used {
            let lasted = now - window.since
            if lasted < .seconds(2) { windowOffsets = min(windowOffsets * 2, DeliveryLimits.windowOffsetsMax) }
            if lasted > .seconds(20) { windowOffsets = max(windowOffsets / 2, DeliveryLimits.windowOffsetsMin) }
        }
        windows.removeAll { window in used.contains { $0.id == window.id } }
        return used.map(\.id)
    }

    /// Closes all windows. One that is not durable yet is closed when it is.
    func giveUpWindows() -> [UInt64] {
        defer { windows = [] }
        return windows.filter { $0.state == .durable }.map(\.id)
    }
}

extension Topic {
    /// Nothing is sent before a durable entry covers it.
    var reservesDeliveries: Bool { !isBrokerOwned && configuration.reservesDeliveries }
}
