import KafkaWire
import NIOCore
import Storage

/// One fetch from its request to its answer: it reads its partitions one after the other, and where there is less than it
/// asked for it waits, reads again when something rose, and answers at its deadline with what there is.
///
///     reading ──► answered
///        │ ▲
///        ▼ │ a high watermark rose, the policy or the catalogue changed, room came back, or the time is up
///     waiting                                     every state may go to ended, when the connection does
///
/// Before it reads it takes room for what it may find (``AnswerRoom``), and keeps it until its answer is the listener's. Where there
/// is less room it answers with less; where there is none it waits as for data.
///
/// What it found goes to the ledger before it goes to the client (``DeliveryAccount``): on a strict topic it waits until an entry that
/// covers it is durable, and decides and reads again then.
///
/// What a restricted reading is shown is found in Reading/FetchInFlight+Scan.swift.
///
/// Confined to its connection's event loop.
final class FetchInFlight: FetchWaiter, DeliveryAccount.Waiter {
    enum Phase { case reading, waiting, ended }

    let connection: KafkaSession
    let terms: FetchTerms
    let context: FetchContext
    /// Called once.
    private let answer: (FetchAnswer) -> Void

    private(set) var phase = Phase.reading
    /// In the order of `context.items`.
    var findings: [FetchFinding] = []
    var foundBytes = 0
    private var foundError = false
    /// Room taken for the batches in `findings`.
    private var roomTaken = 0
    /// Room taken for the read that is under way.
    private var roomOfRead = 0
    /// What there was no room for: the smallest answer with data.
    private var roomMissed: Int?
    /// There was less room than the fetch could have used.
    private var isCutShort = false
    /// There are batches that a reservation will cover.
    private var awaitsCover = false
    /// How many items have been read; the next one is `start + cursor`, around the end.
    private var cursor = 0
    /// What was read of that item, where there is more to read.
    var partial: FetchFinding?
    var isReadUnderWay = false
    private(set) var moment: RequestMoment
    /// What was looked at for restricted readings.
    var scan: Scan
    /// The last topic looked up: the partitions of a topic follow each other.
    private var lastLookUp: (topic: TopicReference, verdict: TopicAccess.Verdict)?
    private var timer: Scheduled<Void>?
    private var isTimeUp: Bool
    private(set) var partitionsAwaited: [PartitionID] = []

    init(
        _ terms: FetchTerms, _ context: FetchContext, on connection: KafkaSession,
        answer: @escaping (FetchAnswer) -> Void
    ) {
        self.terms = terms
        self.context = context
        self.connection = connection
        self.answer = answer
        isTimeUp = !terms.mayWait
        scan = Scan(until: terms.deadline, now: connection.eventLoop.now)
        moment = RequestMoment(of: connection.services)
    }

    func begin() { readAll() }

    // MARK: Reading

    func readAll() {
        phase = .reading
        moment = RequestMoment(of: connection.services)
        connection.access.refresh(at: moment)
        lastLookUp = nil
        findings = Array(repeating: .nothing, count: context.items.count)
        foundBytes = 0
        foundError = false
        roomMissed = nil
        isCutShort = false
        awaitsCover = false
        cursor = 0
        partial = nil
        scan.begin()
        readOn()
    }

    /// Reads until an item's data must be waited for; `readEnded` then goes on from there.
    func readOn() {
        while cursor < context.items.count {
            let item = context.items[place]
            switch look(at: item) {
            case .settled(let finding):
                // Reading on can but add to what was found.
                settle(partial ?? finding)
            case .read(let log, let request, let source):
                start(log, request, source)
                // Recent data comes inline, and the loop goes on without growing the stack.
                if isReadUnderWay { return }
            }
        }
        readsEnded()
    }

    var place: Int {
        let place = context.start + cursor
        return place < context.items.count ? place : place - context.items.count
    }

    private(set) var isStartingRead = false

    private func start(_ log: any PartitionLog, _ request: LogReadRequest, _ source: DeliverySource) {
        let bound = NIOLoopBound(self, eventLoop: connection.eventLoop)
        let eventLoop = connection.eventLoop
        isStartingRead = true
        isReadUnderWay = true
        log.read(request) { result in
            if eventLoop.inEventLoop {
                bound.value.readEnded(log, source, result)
            } else {
                eventLoop.execute { bound.value.readEnded(log, source, result) }
            }
        }
        isStartingRead = false
    }

    private func readEnded(_ log: any PartitionLog, _ source: DeliverySource, _ result: Result<LogSlice, StorageError>) {
        isReadUnderWay = false
        if !isStartingRead { scan.beginTurn() }
        guard phase == .reading else { return giveBackRoomOfRead(butFor: 0) }
        switch result {
        case .success(let slice):
            switch cover(slice, of: log, from: source) {
            case .batches(let covered, let mayGoOn):
                if let restriction = source.reading.restriction { return project(covered, of: log, from: source, restriction) }
                giveBackRoomOfRead(butFor: slice.memoryBytes)
                foundBytes += covered.sizeBytes
                let finding = FetchFinding(partial, covered, of: log, from: source)
                if mayGoOn { partial = finding } else { settle(finding) }
            case .nothing(let finding):
                giveBackRoomOfRead(butFor: 0)
                settle(finding)
            }
        case .failure(let error):
            giveBackRoomOfRead(butFor: 0)
            // What was read before it is served; the next fetch meets the error first.
            settle(partial ?? FetchFinding(ErrorCode(error)))
        }
        if !isStartingRead { readOn() }
    }

    func settle(_ finding: FetchFinding) {
        partial = nil
        if finding.errorCode.isError { foundError = true }
        findings[place] = finding
        cursor += 1
    }

    private enum Covered {
        /// These may be sent; reading on may bring more that may.
        case batches(LogSlice, mayGoOn: Bool)
        /// What the item is settled with.
        case nothing(FetchFinding)
    }

    /// What may be sent of what was read, before anything of it is masked.
    private func cover(_ slice: LogSlice, of log: any PartitionLog, from source: DeliverySource) -> Covered {
        guard !slice.batches.isEmpty else { return .nothing(nothingMore(slice.bounds, of: log, from: source)) }
        switch connection.deliveries.cover(source, slice.batches, isBehindOthers: partial?.batches.isEmpty == false) {
        case .all: return .batches(slice, mayGoOn: slice.hasMore)
        case .batches(let count):
            let first = LogSlice(batches: Array(slice.batches.prefix(count)), bounds: slice.bounds, memoryBytes: slice.memoryBytes)
            return .batches(first, mayGoOn: false)
        case .waits:
            awaitsCover = true
            return .nothing(nothingMore(slice.bounds, of: log, from: source))
        case .later, .noRoom: return .nothing(nothingMore(slice.bounds, of: log, from: source))
        case .refused(let error): return .nothing(partial ?? FetchFinding(ErrorCode(error)))
        }
    }

    /// What is known of the item without what was read last.
    private func nothingMore(_ bounds: LogBounds, of log: any PartitionLog, from source: DeliverySource) -> FetchFinding {
        if let partial { return partial }
        var finding = FetchFinding(bounds, of: log, from: source)
        finding.scanned = source.reading.restriction.map { scan.hidden(at: place, from: Offset(context.items[place].offset), under: $0) }
        return finding
    }

    private enum Look {
        case settled(FetchFinding)
        case read(any PartitionLog, LogReadRequest, DeliverySource)
    }

    /// Everything that is decided before a byte is read.
    private func look(at item: FetchItem) -> Look {
        let (topic, reading): (Topic, Reading)
        switch lookUp(item.key.topic) {
        case .success(let found): (topic, reading) = found
        case .failure(let refusal): return .settled(FetchFinding(refusal.errorCode))
        }
        guard let log = topic.partition(item.key.partition) else { return .settled(FetchFinding(.unknownTopicOrPartition)) }
        let bounds = log.bounds
        if case .offline = bounds.state { return .settled(FetchFinding(.kafkaStorageError)) }
        // KIP-320: a client that knows an older epoch must look again; one that knows a newer one knows more than we do.
        if item.currentLeaderEpoch >= 0, item.currentLeaderEpoch != bounds.leaderEpoch {
            let isFenced = item.currentLeaderEpoch < bounds.leaderEpoch
            return .settled(FetchFinding(isFenced ? .fencedLeaderEpoch : .unknownLeaderEpoch))
        }
        let offset = partial?.nextOffset ?? Offset(item.offset)
        guard offset >= bounds.logStart, offset <= bounds.highWatermark else {
            return .settled(FetchFinding(.offsetOutOfRange))
        }
        let source = DeliverySource(topic: topic, partition: log.id, reading: reading)
        if let restriction = reading.restriction { return look(at: item, from: offset, bounds, log, source, restriction) }
        let bytesLeft = bytesLeft(of: item)
        guard !terms.readsNothing, offset < bounds.highWatermark, bytesLeft > 0 || foundBytes == 0, takeRoom(for: bytesLeft, of: bounds) else {
            return .settled(FetchFinding(bounds, of: log, from: source))
        }
        let bytesMax = min(max(0, bytesLeft), roomOfRead)
        return .read(log, LogReadRequest(from: offset, bytesMax: bytesMax, firstBatchWhole: foundBytes == 0, reader: connection.reader), source)
    }

    func bytesLeft(of item: FetchItem) -> Int { min(item.bytesMax - (partial?.sizeBytes ?? 0), terms.bytesMax - foundBytes) }

    /// Of a restricted reading: what was found hidden before is not read again, and the bytes asked for are those that are shown.
    private func look(
        at item: FetchItem, from offset: Offset, _ bounds: LogBounds, _ log: any PartitionLog, _ source: DeliverySource, _ restriction: Restriction
    ) -> Look {
        let known = partial == nil ? scan.hidden(at: place, from: offset, under: restriction) : Scanned(to: offset)
        let begin = known.to
        var settled = FetchFinding(bounds, of: log, from: source)
        settled.scanned = restriction.showsNothing ? Scanned(to: bounds.highWatermark, leaderEpoch: bounds.leaderEpoch) : known
        guard !restriction.showsNothing, !terms.readsNothing, begin < bounds.highWatermark, bytesLeft(of: item) > 0 || foundBytes == 0 else { return .settled(settled) }
        guard scan.mayGoOn(at: connection.eventLoop.now), takeRoom(for: ReadingLimits.stretchBytes, of: bounds) else { return .settled(settled) }
        return .read(log, LogReadRequest(from: begin, bytesMax: roomOfRead, firstBatchWhole: true, reader: connection.reader), source)
    }

    // MARK: Room

    /// Takes room for a read: the first one needs as much as the largest batch, which it may have to bring whole (KIP-74).
    private func takeRoom(for bytes: Int, of bounds: LogBounds) -> Bool {
        guard roomMissed == nil else { return false }
        let stored = max(1, Int(clamping: bounds.sizeBytes))
        let least = foundBytes == 0 ? min(connection.services.settings.messageBytesMax, stored) : 1
        let most = max(least, min(bytes, stored))
        roomOfRead = connection.answerRoom.take(atLeast: least, upTo: most)
        if roomOfRead < most { isCutShort = true }
        guard roomOfRead == 0 else { return true }
        if foundBytes == 0 { roomMissed = least }
        return false
    }

    func giveBackRoomOfRead(butFor bytes: Int) {
        if bytes > roomOfRead {
            connection.answerRoom.charge(bytes - roomOfRead)
        } else if bytes < roomOfRead {
            connection.answerRoom.giveBack(roomOfRead - bytes)
        }
        roomTaken += bytes
        roomOfRead = 0
    }

    func giveBackRoom() {
        if roomTaken > 0 { connection.answerRoom.giveBack(roomTaken) }
        roomTaken = 0
    }

    func answerRoomCameBack() {
        if phase == .waiting, roomMissed != nil { readAgain() }
    }

    private func lookUp(_ reference: TopicReference) -> Result<(Topic, Reading), RequestRefusal> {
        guard !terms.isOfReplica else { return .failure(.init(.topicAuthorizationFailed)) }
        if let rules = terms.otherRules {
            return rules.holds(at: moment) ? .success((rules.topic, rules.reading)) : .failure(.init(.topicAuthorizationFailed))
        }
        let verdict: TopicAccess.Verdict
        if let lastLookUp, lastLookUp.topic == reference {
            verdict = lastLookUp.verdict
        } else {
            verdict = decide(reference)
            lastLookUp = (reference, verdict)
        }
        switch (verdict, reference) {
        case (.reading(let topic, let reading), _): return .success((topic, reading))
        case (.open, _): preconditionFailure("a right to read was asked for, and one to publish found")
        case (.unknown, .name): return .failure(.init(.unknownTopicOrPartition))
        case (.unknown, .id): return .failure(.init(.unknownTopicID))
        case (.refused(mayDescribe: false), .id): return .failure(.init(.unknownTopicID))
        case (.refused, _): return .failure(.init(.topicAuthorizationFailed))
        }
    }

    private func decide(_ reference: TopicReference) -> TopicAccess.Verdict {
        let (peer, audit) = (connection.peer, connection.services.audit)
        switch reference {
        case .name(let name):
            return connection.access.topic(named: name, for: .read(terms.purpose), by: peer, at: moment, audit: audit)
        case .id(let id):
            return connection.access.topic(withID: id, for: terms.purpose, by: peer, at: moment, audit: audit)
        }
    }

    // MARK: Waiting

    private func readsEnded() {
        if roomMissed != nil, !terms.waitsForRoom {
            findings = findings.map { $0.errorCode.isError ? $0 : FetchFinding(.throttlingQuotaExceeded) }
            return end()
        }
        let isAll = foundBytes >= terms.bytesMin || isCutShort && foundBytes > 0
        let isEnough = isAll || foundError || scan.isCut || context.items.isEmpty
        // An answer without what is there, and about to be covered, would say that there is nothing.
        let isAboutToBeCovered = awaitsCover && foundBytes == 0 && !foundError
        if (isEnough || isTimeUp) && !isAboutToBeCovered { return end() }
        wait()
    }

    private func wait() {
        phase = .waiting
        scan.remember(findings)
        // What was read is let go: it would pin memory, and is read again.
        for place in findings.indices { findings[place].batches = [] }
        giveBackRoom()
        if let roomMissed { connection.answerRoom.tellWhenThereIsRoom(for: roomMissed) }
        partitionsAwaited = findings.compactMap { $0.log?.id }
        connection.plane.fetchWaiters.add(self)
        if awaitsCover { connection.deliveries.add(self) }
        if timer == nil, !isTimeUp {
            let bound = NIOLoopBound(self, eventLoop: connection.eventLoop)
            timer = connection.eventLoop.scheduleTask(deadline: terms.deadline) { bound.value.timeIsUp() }
        }
        // What rose between reading and being counted as a waiter was announced to nobody here.
        highWatermarkRose()
    }

    func highWatermarkRose() {
        if phase == .waiting, mayBeEnough { readAgain() }
    }

    func coverCame() {
        if phase == .waiting { readAgain() }
    }

    func conditionsChanged() {
        if phase == .waiting { readAgain() }
    }

    private func timeIsUp() {
        isTimeUp = true
        if phase == .waiting { readAgain() }
    }

    private func readAgain() {
        connection.plane.fetchWaiters.remove(self)
        if awaitsCover { connection.deliveries.remove(self) }
        readAll()
    }

    /// Whether reading again is worth it: by how much the logs grew since they were read. So a fetch that waits for a
    /// megabyte is not read again for each kilobyte.
    private var mayBeEnough: Bool {
        var bytes = foundBytes
        var rose = false
        for finding in findings {
            guard let log = finding.log else { continue }
            let bounds = log.bounds
            if case .offline = bounds.state { return true }
            guard bounds.highWatermark.rawValue != finding.highWatermark else { continue }
            rose = true
            bytes += max(1, Int(bounds.sizeBytes - finding.logSizeBytes))
        }
        return rose && bytes >= terms.bytesMin
    }

    // MARK: The end

    func connectionEnded() {
        leave()
        scan.stretch?.cancel()
        giveBackRoom()
    }

    private func leave() {
        if phase == .waiting {
            connection.plane.fetchWaiters.remove(self)
            if awaitsCover { connection.deliveries.remove(self) }
        }
        phase = .ended
        timer?.cancel()
        timer = nil
        connection.fetches[ObjectIdentifier(self)] = nil
    }

    private func end() {
        guard connection.services.deliveries.measured({ tellLedger() }) else {
            giveBackRoom()
            return readAll()
        }
        leave()
        let delivery = findings.first?.delivery
        let hiddenBytes = findings.reduce(0) { $0 + $1.hiddenBytes }
        closeGaps()
        let (response, named) = makeResponse()
        findings = []
        answer(FetchAnswer(response: response, bodyBytes: foundBytes + 96 * named + 64, hiddenBytes: hiddenBytes, delivery: delivery))
        // Not before: the answer counts from now on.
        giveBackRoom()
    }

    /// Notes what the answer hands over, before it does. What may not be sent any more is left out: an access ended while the fetch was
    /// reading, or telling of one partition used up the reservation that another one of the request stood on.
    /// - Returns: false where nothing is left of what was found.
    private func tellLedger() -> Bool {
        var (isSomethingLeft, isSomethingLeftOut) = (false, false)
        for place in findings.indices {
            guard let delivery = findings[place].delivery else { continue }
            guard connection.deliveries.isCovered(delivery.source, delivery.passed) else {
                findings[place].leaveOut()
                isSomethingLeftOut = true
                continue
            }
            isSomethingLeft = true
            if terms.tellsLedger { connection.deliveries.deliver(delivery) }
        }
        return isSomethingLeft || !isSomethingLeftOut
    }

    private func makeResponse() -> (FetchResponse, partitions: Int) {
        var response = FetchResponse()
        response.sessionID = context.session?.id ?? 0
        var places: [TopicReference: Int] = [:]
        var named = 0
        var errors = 0
        for (item, finding) in zip(context.items, findings) where context.mustName(item, finding) {
            let place: Int
            if let known = places[item.key.topic] {
                place = known
            } else {
                place = response.responses.count
                places[item.key.topic] = place
                response.responses.append(.init(item.key.topic))
            }
            response.responses[place].partitions.append(.init(item.key.partition, finding, terms))
            named += 1
            if finding.errorCode.isError { errors += 1 }
            tell(item, finding)
        }
        connection.services.requestMetrics.partitionErrors(.fetch, count: errors)
        return (response, named)
    }

    private func tell(_ item: FetchItem, _ finding: FetchFinding) {
        guard let session = context.session else { return }
        if item.toldHighWatermark != finding.highWatermark || item.toldLogStart != finding.logStart {
            session.told(item.key, highWatermark: finding.highWatermark, logStart: finding.logStart)
        }
        if !finding.batches.isEmpty { session.begin(behind: item.key) }
    }
}
