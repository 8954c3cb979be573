import OrderedCollections
import Storage

/// One classic consumer group as a pure state machine: no clock, no effects, no protocol bytes.
///
/// Inputs are things that happened (`joinRequested`, `heartbeatReceived`, `timePassed` …) with the moment at which they
/// happened; outputs are ``ConsumerGroupAction``s for the shard to carry out. A request that has to wait is remembered by its
/// ``RequestTicket`` and answered by a later action, exactly once.
///
/// The states and what moves between them are Kafka's (KIP-62, KIP-134 initial delay, KIP-345 static members, KIP-394 member
/// ids, KIP-814 skipped assignment):
///
///     empty ──join──▶ preparingRebalance ──all joined, or time-out──▶ completingRebalance ──leader's sync stored──▶ stable
///       ▲                  ▲  │ no member left                              │ join, leave, expiry                    │
///       └──────────────────┼──┘                                             │                                        │
///                          └────────────────────────────────────────────────┴────────────────────────────────────────┘
///
/// `dead` is a group that is being deleted. Start reading at `ConsumerGroup+Join.swift`, then `+Rebalance`, `+Sync`.
struct ConsumerGroup: Sendable {
    /// The group's phase, with what exists in that phase only.
    enum State: Hashable, Sendable {
        case empty
        case preparingRebalance(JoinPhase)
        case completingRebalance(SyncPhase)
        case stable(SyncPhase)
        case dead
    }

    /// Members are being waited for.
    struct JoinPhase: Hashable, Sendable {
        /// When the phase ends with whoever has joined.
        var deadline: Int64
        /// Set while the first rebalance of an empty group is held back for more members (KIP-134).
        var initialDelay: InitialDelay?
    }

    struct InitialDelay: Hashable, Sendable {
        /// How much longer it may be extended, in ms.
        var remaining: Int64
        /// A member came since the delay was last extended.
        var memberAdded: Bool
    }

    /// A generation has been handed out.
    struct SyncPhase: Hashable, Sendable {
        /// Members of the generation that have not asked for their assignment yet.
        var unsynced: Set<String>
        /// When those members are given up.
        var deadline: Int64
        /// The leader's assignment is being made durable.
        var isStoring: Bool
    }

    let id: String
    let rules: ConsumerGroupRules
    var state: State = .empty
    /// Rises by one with each rebalance; 0 before the first, 1 again after the last that can be counted.
    var generation: Int32 = 0
    /// "consumer", "connect" …: of the first member, kept while the group is empty. Empty where only offsets were committed.
    var protocolType = ""
    /// Chosen by vote at each generation; nil while the group is empty.
    var protocolName: String?
    var leader: String?
    /// In the order in which they joined: leader election and votes must not depend on hashing.
    var members: OrderedDictionary<String, GroupMember> = [:]
    /// Member id by `group.instance.id`.
    var staticMembers: [String: String] = [:]
    /// Ids handed out with MEMBER_ID_REQUIRED, and until when each may be used (KIP-394).
    var pendingMembers: [String: Int64] = [:]
    /// ms since 1970: when the group last changed between empty and not (KIP-211).
    var stateChangedAt: Int64
    /// Not later than the earliest deadline; exact after `timePassed`. `Int64.max`: nothing to wait for.
    var wakeUpAt = Int64.max
    /// Bytes of metadata, assignments and ids of all members.
    var memberBytes = 0
    /// What it costs to remember its members and the ids that were handed out, roughly.
    var byteCount: Int { memberBytes + pendingMembers.count * Self.pendingMemberBytes }

    /// An id that was handed out, with its place in the table.
    static let pendingMemberBytes = 1024

    init(id: String, rules: ConsumerGroupRules, at now: Moment) {
        self.id = id
        self.rules = rules
        stateChangedAt = now.date
    }
}

/// One reading of both clocks. Deadlines follow the steady one, so that setting the machine's clock expires nobody; the
/// calendar date is for what is stored.
struct Moment: Hashable, Sendable {
    /// ms on a clock that only rises
    var uptime: Int64
    /// ms since 1970
    var date: Int64
}

/// The settings that the machine needs. Durations in ms.
struct ConsumerGroupRules: Hashable, Sendable {
    var sessionTimeouts: ClosedRange<Int64> = 6000...1_800_000
    /// A longer rebalance time-out is shortened to it: every wait has an end.
    var rebalanceTimeoutMax: Int64 = 3_600_000
    var initialRebalanceDelay: Int64 = 3000
    /// How long a join of a member that was never in a generation may wait (5 min in Kafka): such a member has no id to
    /// send heartbeats with, so nothing else would end it.
    var newMemberTimeout: Int64 = 300_000
    var membersMax = 1000
    /// Protocol names and metadata of one member.
    var memberMetadataBytesMax = 1 << 18
    /// One member's assignment.
    var assignmentBytesMax = 1 << 20
    var protocolsPerMemberMax = 32
}

extension ConsumerGroup {
    var isDead: Bool {
        switch state {
        case .dead: true
        case .empty, .preparingRebalance, .completingRebalance, .stable: false
        }
    }

    var isEmpty: Bool {
        switch state {
        case .empty: true
        case .dead, .preparingRebalance, .completingRebalance, .stable: false
        }
    }

    var isStable: Bool {
        switch state {
        case .stable: true
        case .dead, .preparingRebalance, .completingRebalance, .empty: false
        }
    }

    /// The name that DescribeGroups and ListGroups show.
    var stateName: String {
        switch state {
        case .empty: "Empty"
        case .preparingRebalance: "PreparingRebalance"
        case .completingRebalance: "CompletingRebalance"
        case .stable: "Stable"
        case .dead: "Dead"
        }
    }

    var membersWaitingToJoin: Int { members.values.count { $0.waitingJoin != nil } }

    /// KIP-62: the slowest member decides how long all wait.
    var rebalanceTimeout: Int64 { members.values.lazy.map(\.rebalanceTimeout).max() ?? 0 }

    /// Lowers the wake-up to `deadline`. Deadlines that move later need nothing: the wake-up finds nothing due and is set anew.
    mutating func wakeUp(by deadline: Int64) {
        wakeUpAt = min(wakeUpAt, deadline)
    }

    mutating func restartSession(of memberID: String, at now: Moment) {
        guard let timeout = members[memberID]?.sessionTimeout else { return }
        members[memberID]?.sessionDeadline = now.uptime + timeout
        wakeUp(by: now.uptime + timeout)
    }

    /// Whether a request may speak for a member: KIP-345 fences the older of two processes with one instance id.
    func refusal(ofMember memberID: String, instance: String?) -> GroupRefusal? {
        if let instance {
            guard let current = staticMembers[instance] else { return .unknownMember }
            return current == memberID ? nil : .fencedInstance
        }
        return members[memberID] == nil ? .unknownMember : nil
    }
}
