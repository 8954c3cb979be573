import OrderedCollections
import Storage

extension GroupShard {
    /// Takes over what was stored. Before that every request is told to try again.
    func load(_ records: [GroupRecord], offsets: [String: [CommittedOffset]], ringsAlone: Bool) {
        let now = clock.now()
        for record in records {
            groups[record.group] = GroupEntry(group: ConsumerGroup(record, rules: settings.rules, at: now), isStored: true)
        }
        for (id, committed) in offsets where !committed.isEmpty {
            let entry = groups[id] ?? GroupEntry(group: ConsumerGroup(id: id, rules: settings.rules, at: now))
            groups[id] = entry
            entry.offsets = Dictionary(committed.map { ($0.partition, $0) }) { $1 }
        }
        memberBytes = groups.values.reduce(0) { $0 + $1.group.byteCount }
        offsetCount = groups.values.reduce(0) { $0 + $1.offsets.count }
        phase = .serving(ringsAlone: ringsAlone)
        for (id, entry) in groups { deadlines.set(entry.group.wakeUpAt, for: id) }
        armAlarm()
    }

    /// Ends every wait. Nothing is stored any more.
    func shutDown() {
        phase = .shutDown
        alarm?.cancel()
        alarm = nil
        for waiting in waitingJoins.values { waiting.resume(returning: .refused(.notAvailable, memberID: "")) }
        for waiting in waitingSyncs.values { waiting.resume(returning: .refused(.notAvailable)) }
        waitingJoins = [:]
        waitingSyncs = [:]
    }

    /// Wakes the groups whose time has come.
    func timePassed() {
        let now = clock.now()
        for id in deadlines.popDue(at: now.uptime) {
            guard let entry = groups[id] else { continue }
            perform(on: entry) { $0.timePassed(at: now) }
        }
        armAlarm()
    }

    func armAlarm() {
        guard case .serving(ringsAlone: true) = phase, let earliest = deadlines.earliest(), earliest < alarmAt else { return }
        alarm?.cancel()
        alarmAt = earliest
        let wait = max(1, earliest - clock.now().uptime)
        alarm = Task { [weak self] in
            try? await Task.sleep(for: .milliseconds(wait))
            if !Task.isCancelled { await self?.alarmRang() }
        }
    }

    private func alarmRang() {
        alarmAt = Int64.max
        timePassed()
    }

    /// Removes offsets that have expired, and groups of which nothing is left.
    func removeExpired() async {
        let expiry = OffsetExpiry(retention: settings.offsetRetention)
        for id in groups.keys.sorted() {
            // A commit that is on its way must not be followed by a deletion that was decided without it.
            guard let entry = groups[id], entry.writes.isIdle, !entry.group.isDead else { continue }
            let topics = catalogue.value
            let expired = expiry.expired(entry.offsets.values, of: entry.group, at: clock.now().date) {
                topics[$0.partition.topic]?.id == $0.topicID
            }
            if !expired.isEmpty { _ = await writeAndWait(.deleteOffsets(expired), for: entry) }
            guard groups[id] === entry, entry.group.isEmpty, entry.offsets.isEmpty, entry.group.pendingMembers.isEmpty else {
                continue
            }
            _ = await delete(group: id)
        }
    }

    /// - Returns: nil when the group and its offsets are gone, durably.
    func delete(group id: String) async -> GroupRefusal? {
        if let refusal { return refusal }
        guard let entry = groups[id] else { return .groupNotFound }
        let bytesBefore = entry.group.byteCount
        if let refusal = entry.group.deletionRequested() { return refusal }
        memberBytes += entry.group.byteCount - bytesBefore
        guard await writeAndWait(.deleteGroup, for: entry) != nil else { return nil }
        entry.group.deletionFailed()
        return .notAvailable
    }

    /// What operators see of a group; nil when there is none.
    func describe(group id: String) -> GroupDescription? {
        groups[id].map { GroupDescription($0.group, offsetCount: $0.offsets.count) }
    }

    /// What an answer that lists the groups takes at most.
    var listedBytes: Int {
        groups.values.reduce(0) { $0 + $1.group.id.utf8.count + $1.group.protocolType.utf8.count + 64 }
    }

    /// What an answer that describes a group takes at most.
    func describedBytes(group id: String) -> Int {
        guard let group = groups[id]?.group else { return 64 }
        return 128 + id.utf8.count + group.protocolType.utf8.count + group.byteCount + 64 * group.members.count
    }

    func describeAll() -> [GroupDescription] {
        groups.values.map { GroupDescription($0.group, offsetCount: $0.offsets.count) }
    }
}
