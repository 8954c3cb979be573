import AccessPolicy
import KafkaWire
import NIOCore
import Storage

// What a restricted reading finds of a partition. The log is read a stretch at a time, each stretch goes through the restriction, and
// reading goes on until enough is found that is shown, the log ends, or the fetch has looked at as much as one may (``Scan``). What
// was looked at and not shown is closed by one empty control batch when the answer is made, so that the subscriber's position
// goes on to where looking ended.
//
//     look ─► read ─► stretch ─► shown batches ─► look …            on the event loop where its turn has time, else on a thread of the crew
//                        ├─► a projection is missing: made in a task, then look again from there; or the fetch ends when that takes too long
//                        └─► records are withheld: the fetch goes on when the audit has them, and stays before them where it has not
//
// A fetch that waits and finds new records that are all hidden goes on waiting, from behind them.

extension FetchInFlight {
    func project(_ slice: LogSlice, of log: any PartitionLog, from source: DeliverySource, _ restriction: Restriction) {
        let item = context.items[place]
        let start = partial?.nextOffset ?? scan.hidden(at: place, from: Offset(item.offset), under: restriction).to
        let stretch = Stretch(
            slice, of: log.id, asked: Offset(item.offset), from: start, under: restriction, bytesMax: max(0, bytesLeft(of: item)),
            firstWhole: foundBytes == 0, inflatedBytesMax: scan.bytesLeft, limits: AdmissionPipeline.limitsOfStored)
        let services = connection.services
        let (batches, withheld, registry) = (services.projections.batches, services.projections.withheld, services.registry.value)
        let bounds = slice.bounds
        let look: @Sendable () -> LookedAt = {
            LookedAt(projected: stretch.project(batches, withheld, registry), bounds: bounds, log: log, source: source)
        }
        guard !scan.hasTime(for: stretch.turnBytes(batches, registry)) else { return looked(at: look()) }
        let bound = NIOLoopBound(self, eventLoop: connection.eventLoop)
        let eventLoop = connection.eventLoop
        isReadUnderWay = true
        scan.stretch = stretch
        let isTaken = services.projections.crew.run {
            let found = look()
            eventLoop.execute { bound.value.projectionEnded(found) }
        }
        if !isTaken {
            isReadUnderWay = false
            scan.stretch = nil
            giveBackRoomOfRead(butFor: 0)
            settle(partial ?? FetchFinding(ErrorCode(StorageError.overloaded)))
            if !isStartingRead { readOn() }
        }
    }

    /// From a thread of the crew.
    private func projectionEnded(_ found: LookedAt) {
        isReadUnderWay = false
        scan.stretch = nil
        scan.beginTurn()
        if isStillWanted(found) { looked(at: found) }
    }

    /// Else nobody passes what was withheld: whoever looks at it next tells of it.
    private func isStillWanted(_ found: LookedAt) -> Bool {
        guard phase == .reading else {
            giveBackRoomOfRead(butFor: 0)
            return false
        }
        guard isStillDecided(found.source.reading) else {
            giveBackRoomOfRead(butFor: 0)
            giveBackRoom()
            readAll()
            return false
        }
        return true
    }

    /// What was found under a policy, a topic or an agreement that is no more is not sent.
    private func isStillDecided(_ reading: Reading) -> Bool {
        let services = connection.services
        return services.policy.value === moment.policy && services.catalogue.value.version == moment.catalogue.version
            && services.clock.now() < reading.grounds.decision.holdsUntil
    }

    private func looked(at found: LookedAt) {
        guard !found.projected.withheld.isEmpty else { return take(found) }
        var found = found
        // Held by the telling alone, which counts what it holds.
        let withheld = found.projected.takeWithheld()
        tell(withheld, of: found)
    }

    // MARK: What was withheld

    private func tell(_ records: [WithheldRecord], of found: LookedAt) {
        let services = connection.services
        let bound = NIOLoopBound(self, eventLoop: connection.eventLoop)
        let eventLoop = connection.eventLoop
        guard let deadline = scan.deadlineOfTelling(services.projections.withheld.waitMilliseconds, now: eventLoop.now) else { return stayBefore() }
        isReadUnderWay = true
        // Kept here alone: what is told of too late holds nothing of what was found.
        let number = scan.beginTelling(of: found)
        let limit = eventLoop.scheduleTask(deadline: deadline) { bound.value.told(number, .failure(.overloaded)) }
        services.tell(
            WithheldRecords.Telling(
                restriction: found.restriction, topic: found.source.topic, partition: found.log.id, records: records,
                completion: { result in
                    eventLoop.execute {
                        limit.cancel()
                        bound.value.told(number, result)
                    }
                }))
    }

    /// - Parameter number: of the telling: one that took too long is not waited for any more.
    private func told(_ number: UInt64, _ result: Result<Void, StorageError>) {
        guard let found = scan.endTelling(number) else { return }
        isReadUnderWay = false
        scan.beginTurn()
        guard isStillWanted(found) else { return }
        switch result {
        case .success: take(found)
        case .failure: stayBefore()
        }
    }

    /// Nothing of the stretch is sent. Whatever the audit had, the same request may succeed later.
    private func stayBefore() {
        giveBackRoomOfRead(butFor: 0)
        settle(partial ?? .nothing, or: .overloaded)
        if !isStartingRead { readOn() }
    }

    // MARK: What was found

    private func take(_ found: LookedAt) {
        let (projected, bounds) = (found.projected, found.bounds)
        for batch in projected.withholding { connection.services.projections.batches.keep(batch, of: found.log.id, under: projected.edition) }
        giveBackRoomOfRead(butFor: projected.memoryBytes)
        foundBytes += projected.sizeBytes
        scan.note(projected)
        let known = partial?.scanned ?? scan.hidden(at: place, from: Offset(context.items[place].offset), under: found.restriction)
        let finding = FetchFinding(partial, projected, behind: known, bounds, of: found.log, from: found.source)
        switch projected.end {
        case .looked:
            if projected.scannedTo < bounds.highWatermark, scan.mayGoOn(at: connection.eventLoop.now) { partial = finding } else { settle(finding) }
        case .full: settle(finding)
        case .failed(let error): settle(finding, or: error)
        case .needs(let part):
            partial = finding
            return make(part, by: found.source.reading)
        }
        if !isStartingRead { readOn() }
    }

    private func make(_ part: RestrictionPart, by reading: Reading) {
        guard let restriction = reading.restriction else { preconditionFailure("only a restriction has parts") }
        let (services, eventLoop) = (connection.services, connection.eventLoop)
        guard let deadline = scan.deadlineOfMaking(services.projections.waitMilliseconds, now: eventLoop.now) else {
            settle(partial ?? .nothing, or: .overloaded)
            if !isStartingRead { readOn() }
            return
        }
        isReadUnderWay = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let making = Projections.Making(restriction: restriction.id, part: part)
        let number = scan.nextMaking()
        let waiter = MakingWaiter { result in
            eventLoop.execute { bound.value.made(number, result, by: reading) }
        }
        scan.making = (
            number,
            eventLoop.scheduleTask(deadline: deadline) {
                services.projections.leave(making, waiter)
                bound.value.made(number, .failure(.overloaded), by: reading)
            }
        )
        services.make(making, of: restriction, for: waiter)
    }

    /// - Parameter number: of the making: one that took too long is not waited for any more.
    private func made(_ number: UInt64, _ result: Result<Void, StorageError>, by reading: Reading) {
        guard scan.endMaking(number) else { return }
        isReadUnderWay = false
        scan.beginTurn()
        guard phase == .reading else { return }
        guard isStillDecided(reading) else {
            giveBackRoom()
            return readAll()
        }
        if case .failure(let error) = result { settle(partial ?? .nothing, or: error) }
        readOn()
    }

    /// What was found before an error is served, and how far looking came; the next fetch meets the error first.
    private func settle(_ finding: FetchFinding, or error: StorageError) {
        let isProgress = !finding.batches.isEmpty || (finding.scanned?.to ?? .zero) > Offset(context.items[place].offset)
        settle(isProgress ? finding : FetchFinding(ErrorCode(error)))
    }

    /// Before the answer is made.
    func closeGaps() {
        for (place, item) in context.items.enumerated() {
            guard let scanned = findings[place].scanned else { continue }
            let next = findings[place].batches.last.map { $0.lastOffset.rawValue + 1 } ?? item.offset
            guard next < scanned.to.rawValue else { continue }
            let gap = next...(scanned.to.rawValue - 1)
            let bytes = GapBatch.closing(gap, leaderEpoch: scanned.leaderEpoch, hasMarker: terms.readsCommitted)
            findings[place].batches.append(
                StoredBatch(
                    bytes: bytes, baseOffset: Offset(gap.lowerBound), lastOffset: Offset(gap.upperBound), appendTime: -1, writer: .zero,
                    schemaIDs: .none))
        }
    }
}

/// A stretch of a partition that was looked at.
fileprivate struct LookedAt: Sendable {
    var projected: Projected
    let bounds: LogBounds
    let log: any PartitionLog
    let source: DeliverySource

    var restriction: Restriction {
        guard let restriction = source.reading.restriction else { preconditionFailure("only a restricted reading looks at stretches") }
        return restriction
    }
}

/// How far a restricted reading looked at its partition, and what of it was shown.
struct Scanned {
    /// Everything before it was looked at.
    var to: Offset
    /// Of the last batch that was.
    var leaderEpoch: Int32 = -1
    /// What was looked at, as it is stored.
    var readBytes = 0
    /// By view.
    var shown: [ShownRecords] = []
}

/// How much one fetch looks at for restricted readings, and what it need not look at again.
struct Scan {
    /// On its way through a restriction.
    var stretch: Stretch?
    /// What goes on when its withheld records are told of.
    private var telling: (number: UInt64, found: LookedAt)?
    private var tellings: UInt64 = 0
    private var deadlineOfTellings: NIODeadline?
    /// The making that is waited for.
    fileprivate var making: (number: UInt64, limit: Scheduled<Void>)?
    private var makings: UInt64 = 0
    private var deadlineOfMakings: NIODeadline?
    /// There is more to look at, and this fetch does not: it answers with what it has.
    private(set) var isCut = false
    private var lookedAtBytes = 0
    private var hasLooked = false
    private var turnBytes = 0
    private let deadline: NIODeadline
    /// By the item's place: what was hidden when the fetch began to wait.
    private var hidden: [Int: (restriction: Restriction, scanned: Scanned)] = [:]

    init(until deadline: NIODeadline, now: NIODeadline) {
        self.deadline = max(deadline, now + .milliseconds(ReadingLimits.scanMilliseconds))
    }

    /// Reading begins, the first time or again.
    mutating func begin() {
        isCut = false
        lookedAtBytes = 0
        hasLooked = false
        deadlineOfTellings = nil
        deadlineOfMakings = nil
        beginTurn()
    }

    /// The event loop was elsewhere meanwhile.
    mutating func beginTurn() { turnBytes = 0 }

    /// Whether the event loop may look at so much more before it turns to others; what it may not is another thread's.
    mutating func hasTime(for bytes: Int) -> Bool {
        guard bytes <= ReadingLimits.turnBytesMax - turnBytes else { return false }
        turnBytes += bytes
        return true
    }

    var bytesLeft: Int { ReadingLimits.scannedBytesMax - lookedAtBytes }

    /// At least one stretch is looked at, whatever the time.
    mutating func mayGoOn(at now: NIODeadline) -> Bool {
        let may = !hasLooked || bytesLeft > 0 && now < deadline
        if !may { isCut = true }
        return may
    }

    mutating func note(_ projected: Projected) {
        // Where nothing was come by yet but what must be made first, the fetch looks again whatever the time.
        if case .needs = projected.end, projected.inflatedBytes == 0 { return }
        hasLooked = true
        lookedAtBytes += projected.inflatedBytes
        if case .full = projected.end, bytesLeft <= 0 { isCut = true }
    }

    /// All partitions of a fetch have the same time.
    /// - Returns: nil where it is up.
    mutating func deadlineOfTelling(_ milliseconds: Int64, now: NIODeadline) -> NIODeadline? {
        let deadline = deadlineOfTellings ?? now + .milliseconds(milliseconds)
        deadlineOfTellings = deadline
        return now < deadline ? deadline : nil
    }

    /// - Returns: the telling's number.
    fileprivate mutating func beginTelling(of found: LookedAt) -> UInt64 {
        tellings += 1
        telling = (tellings, found)
        return tellings
    }

    /// - Returns: what waited for it, where it still does.
    fileprivate mutating func endTelling(_ number: UInt64) -> LookedAt? {
        guard let telling, telling.number == number else { return nil }
        self.telling = nil
        return telling.found
    }

    /// All partitions of a fetch have the same time.
    /// - Returns: nil where it is up.
    mutating func deadlineOfMaking(_ milliseconds: Int64, now: NIODeadline) -> NIODeadline? {
        let deadline = deadlineOfMakings ?? now + .milliseconds(milliseconds)
        deadlineOfMakings = deadline
        return now < deadline ? deadline : nil
    }

    fileprivate mutating func nextMaking() -> UInt64 {
        makings += 1
        return makings
    }

    /// - Returns: whether it is still waited for.
    fileprivate mutating func endMaking(_ number: UInt64) -> Bool {
        guard let making, making.number == number else { return false }
        making.limit.cancel()
        self.making = nil
        return true
    }

    /// Where looking begins: behind what is known to be hidden.
    func hidden(at place: Int, from offset: Offset, under restriction: Restriction) -> Scanned {
        guard let known = hidden[place], known.restriction === restriction, known.scanned.to > offset else { return Scanned(to: offset) }
        return known.scanned
    }

    /// The fetch begins to wait.
    mutating func remember(_ findings: [FetchFinding]) {
        hidden = [:]
        for (place, finding) in findings.enumerated() {
            guard let scanned = finding.scanned, finding.batches.isEmpty, let restriction = finding.source?.reading.restriction else { continue }
            hidden[place] = (restriction, scanned)
        }
    }
}

extension FetchFinding {
    /// With what was found before of the same partition.
    /// - Parameter known: what was looked at before.
    init(
        _ before: FetchFinding?, _ projected: Projected, behind known: Scanned, _ bounds: LogBounds, of log: any PartitionLog,
        from source: DeliverySource
    ) {
        self.init(bounds, of: log, from: source)
        batches = (before?.batches ?? []) + projected.batches
        sizeBytes = (before?.sizeBytes ?? 0) + projected.sizeBytes
        var scanned = known
        scanned.to = projected.scannedTo
        scanned.readBytes += projected.readBytes
        if projected.leaderEpoch >= 0 { scanned.leaderEpoch = projected.leaderEpoch }
        for records in projected.shown {
            if let place = scanned.shown.firstIndex(where: { $0.view == records.view }) {
                scanned.shown[place].append(records)
            } else {
                scanned.shown.append(records)
            }
        }
        self.scanned = scanned
    }
}
