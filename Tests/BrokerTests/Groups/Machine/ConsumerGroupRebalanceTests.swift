import OrderedCollections
import Storage
import Testing

@testable import Broker

@Suite("A consumer group rebalances")
struct ConsumerGroupRebalanceTests {
    @Test("The first rebalance waits for the initial delay")
    func initialDelay() {
        var bench = GroupBench(rules: ConsumerGroupRules(initialRebalanceDelay: 3000))
        let ticket = bench.join(.new())
        bench.pass(2999)
        #expect(bench.waiting == [ticket])
        bench.pass(1)
        #expect(bench.joined(ticket)?.generation == 1)
    }

    @Test("Members that keep arriving extend the initial delay, up to the rebalance time-out")
    func initialDelayIsExtended() {
        var bench = GroupBench(rules: ConsumerGroupRules(initialRebalanceDelay: 3000))
        let first = bench.join(.new(rebalanceTimeout: 10_000))
        for _ in 0..<4 {
            bench.pass(2000)
            bench.join(.new(rebalanceTimeout: 10_000))
        }
        #expect(bench.joined(first) == nil)
        bench.pass(1999)
        #expect(bench.joined(first) == nil)
        bench.pass(1)
        #expect(bench.joined(first)?.members.count == 5)
        #expect(bench.group.generation == 1)
    }

    @Test("A later rebalance ends as soon as all have joined")
    func endsWhenAllJoined() {
        var bench = GroupBench.stable(members: 2)
        bench.join(.new())
        bench.join(.known("member-1"))
        #expect(bench.group.generation == 2)
        let last = bench.join(.known("member-2"))
        #expect(bench.joined(last)?.generation == 3)
    }

    @Test("Who does not join within the rebalance time-out is out; the others go on", arguments: [(59_999, false), (60_000, true)])
    func timeout(after: Int64, hasEnded: Bool) {
        var bench = GroupBench.stable(members: 2)
        let joining = bench.join(.new())
        // Both keep their sessions alive, and neither joins.
        for _ in 0..<(after / 5000) {
            bench.pass(5000)
            _ = bench.heartbeat("member-1")
            _ = bench.heartbeat("member-2")
        }
        bench.pass(after % 5000)
        #expect((bench.joined(joining) != nil) == hasEnded)
        if hasEnded { #expect(bench.group.members.count == 1) }
    }

    @Test("The slowest member's rebalance time-out counts, and one beyond the limit is shortened")
    func longestTimeout() {
        var bench = GroupBench()
        bench.join(.new(rebalanceTimeout: 1000))
        #expect(bench.group.rebalanceTimeout == 1000)
        bench.join(.new(rebalanceTimeout: Int64(Int32.max)))
        #expect(bench.group.rebalanceTimeout == 3_600_000)
    }

    @Test("A rebalance time-out at the limit is kept, one millisecond past it is shortened to it", arguments: [0, 1])
    func timeoutLimit(excess: Int64) {
        var bench = GroupBench()
        bench.join(.new(rebalanceTimeout: 3_600_000 + excess))
        #expect(bench.group.rebalanceTimeout == 3_600_000)
        var below = GroupBench()
        below.join(.new(rebalanceTimeout: 3_600_000 - 1))
        #expect(below.group.rebalanceTimeout == 3_600_000 - 1)
    }

    @Test("When the leader is gone the first of those who joined leads")
    func leaderIsReplaced() {
        var bench = GroupBench.stable(members: 3)
        #expect(bench.leave(MemberClaim(memberID: "member-1")) == [nil])
        let others = bench.group.members.keys.map { bench.join(.known($0)) }
        #expect(bench.joined(others[0])?.leader == bench.group.members.keys.first)
        #expect(bench.joined(others[0])?.members.count == 2)
    }

    @Test("A newcomer in the middle of a handed-out generation refuses the syncs that wait")
    func newcomerWhileCompleting() {
        var bench = GroupBench.stable(members: 2)
        bench.join(.known("member-1"))
        bench.join(.known("member-2"))
        let waiting = bench.sync(bench.syncRequest(of: "member-2"))
        bench.join(.new())
        #expect(bench.refusal(waiting) == .rebalanceInProgress)
        #expect(bench.group.stateName == "PreparingRebalance")
    }

    @Test("An absent static member keeps its place past the rebalance time-out, until its session ends")
    func absentStaticMember() throws {
        var bench = GroupBench.stable(members: 2, instances: [nil, "desk-7"])
        let staticID = try #require(bench.group.staticMembers["desk-7"])
        var request = JoinRequest.known("member-1")
        request.rebalanceTimeout = 2000
        bench.group.members[staticID]?.rebalanceTimeout = 2000
        let ticket = bench.join(request)
        bench.pass(2000)
        #expect(bench.joined(ticket)?.members.count == 2)
        #expect(bench.group.staticMembers["desk-7"] == staticID)
    }

    @Test("Where only absent static members are left nobody leads, until their sessions end")
    func onlyAbsentStaticMembers() {
        var bench = GroupBench.stable(members: 1, instances: ["desk-7"])
        let waiting = bench.join(.known("member-1", instance: "desk-7"))
        #expect(bench.joined(waiting) != nil)
        bench.join(.known("member-1", instance: "desk-7", topics: ["u"]))
        bench.syncAll()
        // A dynamic newcomer makes it rebalance and goes away again.
        let newcomer = bench.join(.new())
        bench.abandon(newcomer)
        #expect(bench.group.members.count == 1)
        bench.pass(10_000)
        #expect(bench.group.isEmpty)
        #expect(bench.stored?.members == [])
    }

    @Test("When the last member leaves the group is empty, in a new generation, and that is stored")
    func becomesEmpty() {
        var bench = GroupBench.stable(members: 1)
        bench.pass(5000)
        #expect(bench.leave(MemberClaim(memberID: "member-1")) == [nil])
        #expect(bench.group.isEmpty)
        #expect(bench.group.generation == 2)
        #expect(bench.group.protocolName == nil)
        #expect(bench.group.protocolType == "consumer")
        #expect(bench.group.stateChangedAt == bench.now.date)
        #expect(bench.stored?.members == [])
        #expect(bench.stored?.generation == 2)
    }

    @Test("The lone newcomer's initial delay starts anew in a group that became empty")
    func emptyGroupDelaysAgain() {
        var bench = GroupBench.stable(members: 1, rules: ConsumerGroupRules(initialRebalanceDelay: 0))
        _ = bench.leave(MemberClaim(memberID: "member-1"))
        let ticket = bench.join(.new())
        #expect(bench.joined(ticket)?.generation == 3)
    }

    @Test("A join never waits longer than the rebalance time-out, whatever the others do", arguments: [0, 1000, 60_000])
    func joinAlwaysEnds(timeout: Int64) {
        var bench = GroupBench.stable(members: 2)
        for id in Array(bench.group.members.keys) { bench.group.members[id]?.rebalanceTimeout = timeout }
        let ticket = bench.join(.new(rebalanceTimeout: timeout))
        bench.pass(timeout)
        #expect(!bench.waiting.contains(ticket))
    }

    @Test("A member that was never in a generation waits at most the time-out for new ones")
    func newMemberTimeout() {
        var rules = ConsumerGroupRules(initialRebalanceDelay: 0)
        rules.newMemberTimeout = 20_000
        var bench = GroupBench.stable(members: 1, rules: rules)
        let ticket = bench.join(.new())
        for _ in 0..<4 {
            #expect(bench.waiting.contains(ticket))
            bench.pass(4999)
            _ = bench.heartbeat("member-1")
        }
        bench.pass(4)
        #expect(bench.refusal(ticket) == .unknownMember)
        #expect(bench.group.members.count == 1)
    }

    @Test("A group that has counted all generations goes on with the first")
    func generationsNeverEnd() {
        var bench = GroupBench.stable(members: 1)
        bench.group.generation = Int32.max
        let ticket = bench.join(.known("member-1"))
        #expect(bench.joined(ticket)?.generation == 1)
    }
}
