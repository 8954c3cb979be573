import KafkaWire
import OrderedCollections
import Storage

@testable import Broker

/// A group's machine with a clock, tickets and a store that a test drives by hand, and everything that was answered.
struct GroupBench {
    var group: ConsumerGroup
    var now = Moment(uptime: 1_000_000, date: 1_700_000_000_000)
    var joins: [RequestTicket: JoinAnswer] = [:]
    var syncs: [RequestTicket: SyncAnswer] = [:]
    /// Stores that wait for `finishStore`, oldest first; empty where `storesAtOnce`.
    var stores: [(record: GroupRecord, purpose: StorePurpose)] = []
    var storesAtOnce = true
    /// The last record that was made durable.
    var stored: GroupRecord?
    /// Requests without an answer.
    var waiting: Set<RequestTicket> = []
    private var lastTicket: UInt64 = 0
    private var lastMember = 0

    static let unhurried = ConsumerGroupRules(initialRebalanceDelay: 0)

    init(rules: ConsumerGroupRules = unhurried) {
        group = ConsumerGroup(id: "health.stats", rules: rules, at: now)
    }

    // MARK: Events

    @discardableResult
    mutating func join(_ request: JoinRequest) -> RequestTicket {
        lastTicket += 1
        if request.memberID.isEmpty { lastMember += 1 }
        let ticket = RequestTicket(rawValue: lastTicket)
        waiting.insert(ticket)
        take(group.joinRequested(request, ticket: ticket, freshMemberID: "member-\(lastMember)", at: now))
        return ticket
    }

    @discardableResult
    mutating func sync(_ request: SyncRequest) -> RequestTicket {
        lastTicket += 1
        let ticket = RequestTicket(rawValue: lastTicket)
        waiting.insert(ticket)
        take(group.syncRequested(request, ticket: ticket, at: now))
        return ticket
    }

    mutating func heartbeat(_ memberID: String, generation: Int32? = nil, instance: String? = nil) -> GroupRefusal? {
        group.heartbeatReceived(
            from: MemberClaim(memberID: memberID, instance: instance), generation: generation ?? group.generation, at: now)
    }

    mutating func commit(_ memberID: String, generation: Int32? = nil, instance: String? = nil) -> GroupRefusal? {
        group.commitRequested(
            by: MemberClaim(memberID: memberID, instance: instance), generation: generation ?? group.generation, at: now)
    }

    mutating func leave(_ claims: MemberClaim...) -> [GroupRefusal?] {
        let (verdicts, actions) = group.leaveRequested(claims, at: now)
        take(actions)
        return verdicts
    }

    mutating func abandon(_ ticket: RequestTicket) {
        take(group.requestAbandoned(ticket, at: now))
        waiting.remove(ticket)
    }

    /// Lets time pass in the steps at which the machine asked to be woken, as a shard would.
    mutating func pass(_ milliseconds: Int64) {
        let end = now.uptime + milliseconds
        var steps = 0
        while group.wakeUpAt <= end {
            steps += 1
            precondition(steps < 100_000, "the machine wakes itself for ever")
            advance(to: max(group.wakeUpAt, now.uptime))
            take(group.timePassed(at: now))
        }
        advance(to: end)
    }

    mutating func finishStore(succeeded: Bool = true) {
        let (record, purpose) = stores.removeFirst()
        if succeeded { stored = record }
        take(group.recordStored(purpose, succeeded: succeeded, at: now))
    }

    private mutating func advance(to uptime: Int64) {
        now.date += uptime - now.uptime
        now.uptime = uptime
    }

    private mutating func take(_ actions: [ConsumerGroupAction]) {
        for action in actions {
            switch action {
            case .answerJoin(let ticket, let answer):
                precondition(waiting.remove(ticket) != nil, "join \(ticket.rawValue) was answered twice")
                joins[ticket] = answer
            case .answerSync(let ticket, let answer):
                precondition(waiting.remove(ticket) != nil, "sync \(ticket.rawValue) was answered twice")
                syncs[ticket] = answer
            case .store(let record, let purpose):
                stores.append((record, purpose))
            }
        }
        while storesAtOnce, !stores.isEmpty { finishStore() }
    }

    // MARK: Shortcuts

    /// A stable group of so many members: `member-1` leads.
    static func stable(
        members count: Int = 2, instances: [String?] = [], rules: ConsumerGroupRules = unhurried, topics: [String] = ["t"]
    ) -> GroupBench {
        var bench = GroupBench(rules: rules)
        for number in 0..<count {
            let instance = number < instances.count ? instances[number] : nil
            bench.join(.new(instance: instance, topics: topics))
            // Those who were in join again, so that the newcomer need not wait for the time-out.
            for member in bench.group.members.values where member.waitingJoin == nil {
                bench.join(.known(member.id, instance: member.instance, topics: topics))
            }
        }
        bench.syncAll()
        precondition(bench.group.isStable, "the bench did not become stable: \(bench.group.stateName)")
        return bench
    }

    /// Every member asks for its assignment; the leader gives each its own id as one.
    mutating func syncAll() {
        for member in group.members.values where member.waitingSync == nil {
            sync(syncRequest(of: member.id))
        }
    }

    func syncRequest(of memberID: String) -> SyncRequest {
        let assignments: [String: [UInt8]] =
            memberID == group.leader
            ? Dictionary(uniqueKeysWithValues: group.members.keys.map { ($0, Array($0.utf8)) }) : [:]
        return SyncRequest(
            memberID: memberID, instance: group.members[memberID]?.instance, generation: group.generation,
            protocolType: nil, protocolName: nil, assignments: assignments)
    }

    mutating func joinRefusal(_ request: JoinRequest) -> GroupRefusal? {
        let ticket = join(request)
        return refusal(ticket)
    }

    mutating func joinedAtOnce(_ request: JoinRequest) -> JoinAnswer.Joined? {
        let ticket = join(request)
        return joined(ticket)
    }

    mutating func syncRefusal(_ request: SyncRequest) -> GroupRefusal? {
        let ticket = sync(request)
        return refusal(ticket)
    }

    mutating func assignedAtOnce(_ request: SyncRequest) -> [UInt8]? {
        let ticket = sync(request)
        return assignment(ticket)
    }

    func joined(_ ticket: RequestTicket) -> JoinAnswer.Joined? {
        guard case .joined(let joined)? = joins[ticket] else { return nil }
        return joined
    }

    func refusal(_ ticket: RequestTicket) -> GroupRefusal? {
        if case .refused(let refusal, _)? = joins[ticket] { return refusal }
        if case .refused(let refusal)? = syncs[ticket] { return refusal }
        return nil
    }

    func assignment(_ ticket: RequestTicket) -> [UInt8]? {
        guard case .assigned(let assignment, _, _)? = syncs[ticket] else { return nil }
        return assignment
    }
}

extension JoinRequest {
    /// A dynamic member of an old client, which joins without an id.
    static func new(
        instance: String? = nil, protocols: [String] = ["range"], topics: [String] = ["t"], sessionTimeout: Int64 = 10_000,
        rebalanceTimeout: Int64 = 60_000, needsKnownMemberID: Bool = false, canSkipAssignment: Bool = true
    ) -> JoinRequest {
        JoinRequest(
            memberID: "", instance: instance, clientID: "client", clientHost: "/127.0.0.1",
            principal: "User:health/registry/n1", sessionTimeout: sessionTimeout, rebalanceTimeout: rebalanceTimeout,
            protocolType: "consumer",
            protocols: protocols.map { GroupMember.AssignmentProtocol(name: $0, metadata: subscription(to: topics)) },
            needsKnownMemberID: needsKnownMemberID, canSkipAssignment: canSkipAssignment)
    }

    static func known(
        _ memberID: String, instance: String? = nil, protocols: [String] = ["range"], topics: [String] = ["t"]
    ) -> JoinRequest {
        var request = new(instance: instance, protocols: protocols, topics: topics)
        request.memberID = memberID
        return request
    }

    static func subscription(to topics: [String], ownedGeneration: Int32 = -1) -> [UInt8] {
        var subscription = ConsumerProtocolSubscription()
        subscription.topics = topics
        subscription.generationID = ownedGeneration
        return subscription.encodedBlob(version: 2)
    }
}
