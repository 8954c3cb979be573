import Storage

/// One coordinator shard: owns its groups, runs their state machines and carries out what these ask for.
///
/// Everything that mutates a group goes through `perform`, so that actions, deadlines and counts cannot fall out of step. A
/// request that has to wait is a continuation here under its ticket, resumed exactly once: by the machine's answer, by
/// `abandon` when its connection goes away, or by `shutDown`.
///
/// `GroupShard+Requests.swift` has the requests of members, `+Offsets` commits and fetches, `+Writes` the way to the store,
/// `+Upkeep` time, expiry and start.
actor GroupShard {
    let store: any MetadataStore
    let catalogue: SnapshotBox<TopicCatalogue>
    let settings: GroupSettings
    let clock: any GroupClock

    var groups: [String: GroupEntry] = [:]
    var deadlines = GroupDeadlines()
    var waitingJoins: [RequestTicket: CheckedContinuation<JoinAnswer, Never>] = [:]
    var waitingSyncs: [RequestTicket: CheckedContinuation<SyncAnswer, Never>] = [:]
    /// Sums over `groups`, for the limits.
    var memberBytes = 0
    var offsetCount = 0
    /// The one timer, set to the earliest deadline.
    var alarm: Task<Void, Never>?
    /// Uptime in ms at which the alarm rings.
    var alarmAt = Int64.max
    var phase = Phase.loading

    enum Phase {
        /// Members are told to try again.
        case loading
        /// `ringsAlone`: a timer of its own drives the deadlines; tests drive them by hand.
        case serving(ringsAlone: Bool)
        case shutDown
    }

    private var lastTicket: UInt64 = 0

    init(store: any MetadataStore, catalogue: SnapshotBox<TopicCatalogue>, settings: GroupSettings, clock: any GroupClock) {
        self.store = store
        self.catalogue = catalogue
        self.settings = settings
        self.clock = clock
    }

    /// Why no request can be served now; nil while serving.
    var refusal: GroupRefusal? {
        switch phase {
        case .loading: .groupBeingLoaded
        case .serving: nil
        case .shutDown: .notAvailable
        }
    }

    func takeTicket() -> RequestTicket {
        lastTicket += 1
        return RequestTicket(rawValue: lastTicket)
    }

    /// Tells a group's machine of an event and carries out what it answers.
    func perform(on entry: GroupEntry, _ event: (inout ConsumerGroup) -> [ConsumerGroupAction]) {
        let bytesBefore = entry.group.byteCount
        let actions = event(&entry.group)
        memberBytes += entry.group.byteCount - bytesBefore
        for action in actions {
            switch action {
            case .answerJoin(let ticket, let answer):
                waitingJoins.removeValue(forKey: ticket)?.resume(returning: answer)
            case .answerSync(let ticket, let answer):
                waitingSyncs.removeValue(forKey: ticket)?.resume(returning: answer)
            case .store(let record, let purpose):
                write(.putGroup(record), .machine(purpose), for: entry)
            }
        }
        settle(entry)
    }

    /// After any change: the group is woken in time, and forgotten when nothing is left of it that was ever stored.
    func settle(_ entry: GroupEntry) {
        guard groups[entry.group.id] === entry else { return }
        if entry.isTrivial, !entry.isStored {
            groups[entry.group.id] = nil
            deadlines.set(Int64.max, for: entry.group.id)
            return
        }
        deadlines.set(entry.group.wakeUpAt, for: entry.group.id)
        armAlarm()
    }

    /// The group of that id, made when there is none; nil when there are too many.
    func entry(makingGroup id: String) -> GroupEntry? {
        if let entry = groups[id] { return entry }
        guard groups.count < settings.share(of: settings.groupsMax) else { return nil }
        let entry = GroupEntry(group: ConsumerGroup(id: id, rules: settings.rules, at: clock.now()))
        groups[id] = entry
        return entry
    }
}
