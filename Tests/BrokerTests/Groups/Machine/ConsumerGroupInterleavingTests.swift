import OrderedCollections
import Storage
import Testing

@testable import Broker

@Suite("Whatever order things happen in")
struct ConsumerGroupInterleavingTests {
    /// Seeds are fixed so that a failure is the same twice; the seed is in the failing argument.
    @Test("generations only rise, one member leads, assignments fit their generation and no request is forgotten", arguments: 0..<200)
    func interleavings(seed: UInt64) {
        var world = GroupWorld(seed: seed)
        for _ in 0..<400 {
            world.step()
            world.check()
        }
        world.settle()
        world.check()
        #expect(world.bench.group.isStable || world.bench.group.isEmpty, "seed \(seed): \(world.bench.group.stateName)")
        #expect(world.bench.waiting.isEmpty, "seed \(seed)")
        #expect(world.answeredSyncs > 0, "seed \(seed): nothing was ever assigned, so nothing was tested")
    }
}

/// Clients that join, sync, send heartbeats, leave, crash and come back at random around one group.
private struct GroupWorld {
    struct Client {
        var instance: String?
        var memberID = ""
        var generation: Int32 = -1
        var leads = false
        var protocols: [String]
        var waitingJoin: RequestTicket?
        var waitingSync: RequestTicket?
        var joinBegan: Int64 = 0
        var syncGeneration: Int32 = -1
        var mustJoin = true
    }

    static let rebalanceTimeout: Int64 = 20_000
    let seed: UInt64
    var random: SplitMix64
    var bench: GroupBench
    var clients: [Client]
    var highestGeneration: Int32 = 0
    var leaders: [Int32: String] = [:]
    var answeredSyncs = 0

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(state: seed)
        var rules = ConsumerGroupRules(initialRebalanceDelay: seed.isMultiple(of: 2) ? 0 : 1000)
        rules.membersMax = seed.isMultiple(of: 3) ? 4 : 100
        bench = GroupBench(rules: rules)
        bench.storesAtOnce = false
        clients = (0..<6).map { number in
            Client(
                instance: number.isMultiple(of: 3) ? "desk-\(number)" : nil,
                protocols: number == 1 ? ["range", "sticky"] : ["sticky", "range"])
        }
    }

    mutating func step() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<13: act(Int.random(in: clients.indices, using: &random))
        case 13: crash(Int.random(in: clients.indices, using: &random))
        case 14: leave(Int.random(in: clients.indices, using: &random))
        case 15: if !bench.stores.isEmpty { bench.finishStore(succeeded: Bool.random(using: &random)) }
        case 16, 17: if !bench.stores.isEmpty { bench.finishStore() }
        default: pass(Int64.random(in: 0...4000, using: &random))
        }
        readAnswers()
    }

    /// Faults end, clients go on until all are content.
    mutating func settle() {
        for _ in 0..<400 {
            for index in clients.indices { act(index) }
            readAnswers()
            pass(500)
            readAnswers()
        }
    }

    private mutating func pass(_ milliseconds: Int64) {
        // A store takes less long than any time-out.
        while !bench.stores.isEmpty { bench.finishStore() }
        bench.pass(milliseconds)
        for client in clients where client.waitingJoin.map(bench.waiting.contains) ?? false {
            let waited = bench.now.uptime - client.joinBegan
            #expect(waited <= Self.rebalanceTimeout, "seed \(seed): a join waited \(waited) ms")
        }
    }

    private mutating func act(_ index: Int) {
        guard clients[index].waitingJoin == nil, clients[index].waitingSync == nil else { return }
        if clients[index].mustJoin { return join(index) }
        let client = clients[index]
        if client.syncGeneration != client.generation { return sync(index) }
        let refusal =
            Bool.random(using: &random)
            ? bench.heartbeat(client.memberID, generation: client.generation, instance: client.instance)
            : bench.commit(client.memberID, generation: client.generation, instance: client.instance)
        if let refusal { recover(index, from: refusal) }
    }

    private mutating func join(_ index: Int) {
        let client = clients[index]
        var request = JoinRequest.new(
            instance: client.instance, protocols: client.protocols, rebalanceTimeout: Self.rebalanceTimeout,
            needsKnownMemberID: index != 2, canSkipAssignment: index != 3)
        request.memberID = client.memberID
        clients[index].joinBegan = bench.now.uptime
        clients[index].waitingJoin = bench.join(request)
    }

    private mutating func sync(_ index: Int) {
        let client = clients[index]
        var assignments: [String: [UInt8]] = [:]
        if client.leads {
            for memberID in bench.group.members.keys { assignments[memberID] = Array("\(client.generation)".utf8) }
        }
        clients[index].syncGeneration = client.generation
        clients[index].waitingSync = bench.sync(
            SyncRequest(
                memberID: client.memberID, instance: client.instance, generation: client.generation, protocolType: "consumer",
                protocolName: nil, assignments: assignments))
    }

    private mutating func leave(_ index: Int) {
        guard !clients[index].memberID.isEmpty, clients[index].waitingJoin == nil, clients[index].waitingSync == nil else { return }
        _ = bench.leave(MemberClaim(memberID: clients[index].memberID, instance: clients[index].instance))
        clients[index].memberID = ""
        clients[index].mustJoin = true
    }

    /// The process dies: its connection goes away, and it comes back knowing nothing but its instance id.
    private mutating func crash(_ index: Int) {
        for ticket in [clients[index].waitingJoin, clients[index].waitingSync].compactMap(\.self) where bench.waiting.contains(ticket) {
            bench.abandon(ticket)
        }
        clients[index].waitingJoin = nil
        clients[index].waitingSync = nil
        clients[index].memberID = ""
        clients[index].leads = false
        clients[index].mustJoin = true
    }

    private mutating func recover(_ index: Int, from refusal: GroupRefusal) {
        clients[index].mustJoin = true
        switch refusal {
        case .unknownMember, .illegalGeneration, .fencedInstance, .groupFull: clients[index].memberID = ""
        default: break
        }
    }

    private mutating func readAnswers() {
        for index in clients.indices {
            if let ticket = clients[index].waitingJoin, let answer = bench.joins[ticket] {
                clients[index].waitingJoin = nil
                joined(index, answer)
            }
            if let ticket = clients[index].waitingSync, let answer = bench.syncs[ticket] {
                clients[index].waitingSync = nil
                synced(index, answer)
            }
        }
    }

    private mutating func joined(_ index: Int, _ answer: JoinAnswer) {
        switch answer {
        case .refused(.memberIDRequired, let memberID):
            clients[index].memberID = memberID
        case .refused(let refusal, _):
            recover(index, from: refusal)
        case .joined(let joined):
            clients[index].memberID = joined.memberID
            clients[index].generation = joined.generation
            clients[index].syncGeneration = -1
            clients[index].mustJoin = false
            clients[index].leads = joined.leader == joined.memberID && !joined.skipsAssignment
            #expect(joined.generation <= bench.group.generation, "seed \(seed)")
            #expect(joined.members.isEmpty == (joined.leader != joined.memberID), "seed \(seed)")
            if clients[index].leads {
                let leader = leaders[joined.generation, default: joined.memberID]
                #expect(leader == joined.memberID, "seed \(seed): generation \(joined.generation) has two leaders")
                leaders[joined.generation] = joined.memberID
            }
        }
    }

    private mutating func synced(_ index: Int, _ answer: SyncAnswer) {
        switch answer {
        case .refused(let refusal):
            recover(index, from: refusal)
        case .assigned(let assignment, _, _):
            answeredSyncs += 1
            let text = String(decoding: assignment, as: UTF8.self)
            #expect(text == "\(clients[index].generation)", "seed \(seed): “\(text)” in generation \(clients[index].generation)")
        }
    }

    mutating func check() {
        let group = bench.group
        #expect(group.generation >= highestGeneration, "seed \(seed)")
        highestGeneration = group.generation
        let held = Set(group.members.values.flatMap { [$0.waitingJoin, $0.waitingSync].compactMap(\.self) })
        #expect(held == bench.waiting, "seed \(seed): a request is forgotten, or remembered for ever")
        #expect(group.leader.map { group.members[$0] != nil } ?? group.members.isEmpty, "seed \(seed): the leader is no member")
        #expect(group.memberBytes == group.members.values.reduce(0) { $0 + $1.byteCount }, "seed \(seed)")
        for (instance, memberID) in group.staticMembers {
            #expect(group.members[memberID]?.instance == instance, "seed \(seed)")
        }
        #expect(group.isEmpty == group.members.isEmpty || group.stateName == "PreparingRebalance", "seed \(seed)")
        var earliest = group
        _ = earliest.timePassed(at: Moment(uptime: bench.now.uptime, date: bench.now.date))
        #expect(group.wakeUpAt <= max(earliest.wakeUpAt, bench.now.uptime + 1), "seed \(seed): it would sleep too long")
    }
}

/// Sebastiano Vigna's SplitMix64: small, and the same everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
