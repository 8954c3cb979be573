import AccessPolicy
import NIOCore
import Storage

/// What one session is given, told to the ledger in pieces: one stream a partition. A Kafka connection has one; over HTTPS the pages of one
/// connection share one. Confined to its event loop.
///
/// Before an answer: ``cover(_:_:)``, which on a strict topic says how much of it may be sent yet. With the answer: ``deliver(_:)``.
/// At the end: ``close()``.
final class DeliveryAccount {
    /// How much of what was read may be sent.
    enum Cover {
        case all
        /// So many batches from the first on.
        case batches(Int)
        /// Nothing yet: whoever waits is called when it may.
        case waits
        /// Nothing behind what is covered, until that is handed over.
        case later
        /// The ledger is full: nothing before it has room, and whoever waits for data is called then.
        case noRoom
        case refused(StorageError)
    }

    /// A fetch that waits for a window.
    protocol Waiter: AnyObject {
        func coverCame()
    }

    private let book: DeliveryBook
    private let identity: NodeIdentity
    private let session: DeliverySession
    private var streams: [DeliveryStream.Key: DeliveryStream] = [:]
    private var waiters: [ObjectIdentifier: any Waiter] = [:]
    /// Told with the next entry.
    private var items: [DeliveryEvent.Item] = []
    private var auditItems: [DeliveryEvent.Item] = []
    private var closes: [UInt64] = []
    private var ended: [DeliveryEvent.Ending] = []
    private var isClosed = false
    var lastUsed: NIODeadline
    /// Pages over HTTPS that are read, or made of what was read, and not told yet.
    private var pageCount = 0

    /// A partition that was read since then keeps what is reserved for it.
    private static let rest = TimeAmount.seconds(1)
    private static let closesPerEntryMax = 1_000
    private static let endingsPerEntryMax = 200

    init(_ peer: Peer, _ interface: DeliverySession.Interface, in book: DeliveryBook) {
        self.book = book
        identity = peer.identity
        session = DeliverySession(
            id: book.ledger.newSessionName(), node: peer.identity.path, certificate: peer.certificateFingerprint.hex,
            address: peer.remoteAddress.cut(to: AuditEntry.textBytesMax), interface: interface.rawValue)
        lastUsed = book.now
    }

    // MARK: Before

    /// On a strict topic asks for a window where none covers the first batch.
    /// - Parameter isBehindOthers: batches before these are covered and not handed over yet: their window stays.
    func cover(_ source: DeliverySource, _ batches: [StoredBatch], isBehindOthers: Bool = false) -> Cover {
        guard let first = batches.first else { return .all }
        // A reader that was forgotten for others: the next page begins anew.
        guard !isClosed else { return .refused(.overloaded) }
        switch book.ledger.room {
        case .open: break
        case .full: return .noRoom
        case .refusing(let error): return .refused(error)
        }
        guard source.topic.reservesDeliveries else { return .all }
        guard let stream = stream(of: source) else { return .noRoom }
        let covered = batches.prefix { stream.isCovered($0.baseOffset.rawValue...$0.lastOffset.rawValue) }.count
        guard covered == 0 else { return covered == batches.count ? .all : .batches(covered) }
        guard !isBehindOthers else { return .later }
        let needed = first.baseOffset.rawValue...first.lastOffset.rawValue
        if let refusal = stream.refusal, refusal.until > book.now { return .refused(refusal.error) }
        if !stream.awaits(needed) {
            // Where the client went elsewhere, what was reserved there is given back.
            giveUpWindows(of: stream)
            reserve(stream.window(covering: needed), for: stream)
        }
        // At once, where the disk refused before.
        if let refusal = stream.refusal, refusal.until > book.now { return .refused(refusal.error) }
        return .waits
    }

    private func reserve(_ offsets: Range<Int64>, for stream: DeliveryStream) {
        let id = book.ledger.newWindow()
        stream.open(id, offsets, now: book.now)
        let grounds = stream.grounds
        let fields = grounds.forms.compactMap(\.fields).flatMap { $0 }
        var entry = DeliveryEntry(kind: .reserved, time: book.clock.now(), session: session)
        entry.items = [
            DeliveryEvent.Item(
                stream, grounds, citation: grounds.forms.map(\.citation).joined(separator: " "), fields: fields.isEmpty ? nil : fields,
                offsets: OffsetRuns(offsets.lowerBound...offsets.upperBound - 1), window: DeliveryEntry.windowName(id, book.ledger.run))
        ]
        entry.opens = [id]
        let bound = NIOLoopBound(self, eventLoop: book.eventLoop)
        book.ledger.reserve(entry, on: book.eventLoop) { [key = stream.key] error in
            bound.value.reserved(id, key, error)
        }
        book.isDue(self)
    }

    private func reserved(_ id: UInt64, _ key: DeliveryStream.Key, _ error: StorageError?) {
        if let error {
            streams[key]?.wasRefused(id, error, now: book.now)
        } else if isClosed || streams[key]?.becameDurable(id, now: book.now) != true {
            // Given up before it was there.
            closes.append(id)
            if isClosed { tell(final: true) } else { book.isDue(self) }
        }
        for waiter in Array(waiters.values) { waiter.coverCame() }
    }

    func add(_ waiter: any Waiter) { waiters[ObjectIdentifier(waiter)] = waiter }
    func remove(_ waiter: any Waiter) { waiters[ObjectIdentifier(waiter)] = nil }

    // MARK: Pages

    /// Whether something stands on it that was read and is not handed over: it is not silent, and what is reserved for it stays.
    var hasPages: Bool { pageCount > 0 }

    /// The least of it is who was silent longest; who awaits a page comes behind all who do not.
    var silence: (Int, NIODeadline) { (hasPages ? 1 : 0, lastUsed) }

    func pageBegan() { pageCount += 1 }

    func pageEnded() {
        pageCount -= 1
        lastUsed = book.now
    }

    // MARK: With the answer

    /// Whether what was covered still is: a change of policy meanwhile gives windows up.
    func isCovered(_ source: DeliverySource, _ passed: ClosedRange<Int64>) -> Bool {
        guard source.topic.reservesDeliveries else { return true }
        guard let stream = streams[DeliveryStream.Key(source)], stream.isStrict, stream.grounds.says(source.grounds) else { return false }
        return stream.isCovered(passed)
    }

    /// What is about to be handed to the connection, and is covered.
    func deliver(_ delivery: Delivery) {
        precondition(isCovered(delivery.source, delivery.passed), "records of a strict topic were about to be sent before an entry covers them")
        lastUsed = book.now
        guard !isClosed, let stream = stream(of: delivery.source) else {
            // No room to coalesce it.
            let stream = DeliveryStream(delivery.source, now: book.now)
            stream.add(delivery, at: book.clock.now(), now: book.now)
            settle(stream)
            return tell(final: true)
        }
        stream.add(delivery, at: book.clock.now(), now: book.now)
        let position = delivery.passed.upperBound + 1
        closes += stream.passed(position, now: book.now)
        if let ahead = stream.windowAhead(of: position) { reserve(ahead, for: stream) }
        if stream.isFull { tell(final: false) }
        book.isDue(self)
    }

    private func stream(of source: DeliverySource) -> DeliveryStream? {
        let key = DeliveryStream.Key(source)
        if let known = streams[key] {
            if known.isStrict != source.topic.reservesDeliveries {
                retire(known)
            } else {
                if !known.grounds.says(source.grounds) {
                    settle(known)
                    known.stand(on: source.grounds)
                }
                return known
            }
        }
        guard makeRoom() else { return nil }
        let stream = DeliveryStream(source, now: book.now)
        streams[key] = stream
        return stream
    }

    /// Room for one more stream.
    private func makeRoom() -> Bool {
        if streams.count < DeliveryLimits.streamsPerConnectionMax, book.budget.take() { return true }
        retireResting()
        if streams.count < DeliveryLimits.streamsPerConnectionMax, book.budget.take() { return true }
        book.ledger.wantStreams(now: book.now)
        return false
    }

    /// Gives up the streams that were not used just now; what they hold is told.
    func retireResting() {
        tell(final: true)
        for stream in Array(streams.values) where stream.isIdle || book.now - stream.lastUsed > Self.rest { retire(stream) }
        book.isDue(self)
    }

    // MARK: Telling

    /// Moves what a stream holds to what is told next.
    private func settle(_ stream: DeliveryStream) {
        if stream.isAudit { auditItems += stream.takeItems() } else { items += stream.takeItems() }
        giveUpWindows(of: stream)
    }

    private func giveUpWindows(of stream: DeliveryStream) { closes += stream.giveUpWindows() }

    private func retire(_ stream: DeliveryStream) {
        settle(stream)
        guard streams.removeValue(forKey: stream.key) != nil else { return }
        book.budget.give(1)
    }

    /// Looks again at every access: those that have ended are told with the last offset that was handed over.
    func review(_ policy: PolicySnapshot, at now: Int64) {
        for stream in Array(streams.values) {
            guard case .refused(let refusal) = policy.decide(stream.grounds.question, for: identity, at: now).outcome else { continue }
            end(stream, because: refusal.auditWord)
        }
    }

    private func end(_ stream: DeliveryStream, because reason: String) {
        retire(stream)
        book.isDue(self)
        // Of reads of the audit the entries themselves tell.
        guard stream.lastOffset >= 0, !stream.isAudit else { return }
        ended.append(
            DeliveryEvent.Ending(
                topic: stream.topic.name, partition: stream.partition.partition, lastOffset: stream.lastOffset,
                reason: reason.cut(to: AuditEntry.textBytesMax)))
    }

    /// The session is over: everything is told.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        let waiting = Array(waiters.values)
        waiters = [:]
        for stream in Array(streams.values) { end(stream, because: "session-closed") }
        tell(final: true)
        book.closed(self)
        for waiter in waiting { waiter.coverCame() }
    }

    /// What has come since it last was told, and what time closes.
    /// - Returns: whether there is more to come without a further delivery.
    func timePassed() -> Bool {
        for stream in streams.values where !hasPages && !stream.windows.isEmpty && !stream.hasPendingWindow {
            if book.now - stream.lastUsed >= .milliseconds(DeliveryLimits.windowIdleMilliseconds) { giveUpWindows(of: stream) }
        }
        tell(final: false)
        return streams.values.contains { !$0.isIdle } || !auditItems.isEmpty
    }

    /// - Parameter final: reads of the audit too, whose minute is not over.
    func tell(final: Bool) {
        let time = book.clock.now()
        for stream in streams.values {
            guard let since = stream.since else { continue }
            if !stream.isAudit {
                items += stream.takeItems()
            } else if final || time - since >= DeliveryLimits.auditCoalescedMilliseconds || time < since {
                auditItems += stream.takeItems()
            }
        }
        guard !items.isEmpty || !auditItems.isEmpty || !closes.isEmpty || !ended.isEmpty else { return }
        var entries = entries(of: items, at: time)
        // Behind what they end.
        while !closes.isEmpty || !ended.isEmpty {
            var ending = DeliveryEntry(kind: .delivered, time: time, session: session)
            if entries.count == 1, entries[0].ended.isEmpty { ending = entries.removeLast() }
            ending.closes = Array(closes.prefix(Self.closesPerEntryMax))
            ending.ended = Array(ended.prefix(Self.endingsPerEntryMax))
            closes.removeFirst(ending.closes.count)
            ended.removeFirst(ending.ended.count)
            entries.append(ending)
        }
        var quiet = self.entries(of: auditItems, at: time)
        for place in quiet.indices { quiet[place].isQuiet = true }
        items = []
        auditItems = []
        book.ledger.note(entries + quiet, on: book.eventLoop)
    }

    private func entries(of items: [DeliveryEvent.Item], at time: Int64) -> [DeliveryEntry] {
        var entries: [DeliveryEntry] = []
        for item in items {
            if entries.isEmpty || entries[entries.count - 1].bytes > DeliveryLimits.entryBytesSoftMax {
                entries.append(DeliveryEntry(kind: .delivered, time: time, session: session))
            }
            entries[entries.count - 1].items.append(item)
        }
        return entries
    }
}
